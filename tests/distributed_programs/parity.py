"""Each rank trains alone and with the others; what differs is printed, by rank 0, as JSON. See test_distributed.py."""

import json

import numpy as np

import nn
import optim
from autograd import Tensor, Value, from_numpy, manual_seed
from autograd.distributed import DisagreementError, Ranks, world
from nn import functional as F
from nn.data import DistributedSampler

ranks = world(timeout=20)
STEPS, BATCH = 100, 23
source = np.random.default_rng(0)
X, y = source.normal(size=(200, 6)), source.integers(0, 3, 200)
batches = source.integers(0, 200, (STEPS, BATCH))


def network(width=8, seed=0):
    manual_seed(seed)
    return nn.Sequential(nn.Linear(6, width), nn.Tanh(), nn.Linear(width, 3)).double()


def trained(ranks, shares):
    """All that came of it: losses and norms on the way, and the parameters."""
    model = network()
    optimizer = optim.Distributed(optim.Adam(model.parameters(), lr=0.01), model, ranks)
    found = []
    for batch in batches:
        own = np.split(batch, shares)[ranks.rank]
        optimizer.zero_grad()
        loss = 0.0
        if len(own):
            out = F.cross_entropy(model(from_numpy(X[own])), from_numpy(y[own]))
            out.backward()
            loss = out.item()
        found += optimizer.reduce(len(own), [loss])
        found.append(nn.utils.clip_grad_norm_(model.parameters(), 0.1).item())
        optimizer.step()
    return np.concatenate([found, *(p.raw.ravel() for p in model.parameters())])


def disagreement(make):
    """What ranks are told whose models differ."""
    try:
        optim.Distributed(*make())
    except DisagreementError as error:
        return str(error)


def of_model(model):
    return optim.SGD(model.parameters(), lr=0.1), model


def of_values():
    """A Value, a float32 and a float64 Tensor; only the last rank has a gradient of the latter, none of another."""
    v, a = Value(1.0), Tensor([1.0, 2.0], requires_grad=True)
    b, c = (Tensor(np.ones(2), requires_grad=True) for _ in range(2))
    optimizer = optim.Distributed(optim.SGD([{"params": [v]}, {"params": [a, b, c]}], lr=1.0))
    (v * float(ranks.rank)).backward()
    (a * ranks.rank).sum().backward()
    if ranks.rank == ranks.size - 1:
        (b * 6.0).sum().backward()
    optimizer.step()
    return [v.data, a.tolist(), b.tolist(), c.grad is None]


def after_loading():
    """Rank 0 alone has other weights and a moment; all have them after load_state_dict."""
    model = nn.BatchNorm1d(2)
    optimizer = optim.Distributed(optim.SGD(model.parameters(), lr=0.1, momentum=0.9), model)
    state = optimizer.state_dict()
    if ranks.first:
        model.weight.raw[...] = 5.0
        model.running_mean.raw[...] = 7.0
        state = {**state, "state": {0: {"momentum_buffer": np.full(2, 3.0, np.float32)}}}
    optimizer.load_state_dict(state)
    moment = optimizer.state[model.weight]["momentum_buffer"]
    return [model.weight.tolist(), model.running_mean.tolist(), moment.tolist()]


even = [BATCH * (rank + 1) // ranks.size for rank in range(ranks.size - 1)]
uneven = list(range(1, ranks.size))  # all but the last rank have one example
idle = [BATCH] * (ranks.size - 1)  # all but the first have none
alone = trained(Ranks(), [])
together = [trained(ranks, shares) for shares in (even, uneven, idle)]
told = {
    "keys": disagreement(lambda: of_model(nn.Sequential(nn.Identity(), *network()) if ranks.rank == 1 else network())),
    "shapes": disagreement(lambda: of_model(network(width=8 + (ranks.rank == 1)))),
    "seeds": disagreement(lambda: of_model(network(seed=ranks.rank))),
    "settings": disagreement(lambda: (optim.SGD(network().parameters(), lr=0.1 + ranks.rank),)),
}
manual_seed(0)
found = {
    "differences": [float(np.abs(each - alone).max()) for each in together],
    "told": told,
    "told_to_all": [len(set(ranks.gather(str(each)))) == 1 for each in told.values()],
    "bits_are_the_same": len(set(ranks.gather(together[1].tobytes().hex()))) == 1,
    "of_values": of_values(),
    "after_loading": ranks.gather(str(after_loading())),
    "shares": ranks.gather(str(list(DistributedSampler(range(10), shuffle=False)))),
    "means": ranks.mean([ranks.rank, 1.0], examples=ranks.rank + 1),
}
if ranks.first:
    print(json.dumps(found))
