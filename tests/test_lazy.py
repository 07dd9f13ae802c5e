"""Layers that learn the size of their input from the first one, beside PyTorch's."""

import numpy as np
import pytest

import nn
import optim
from autograd import ShapeError, Tensor
from tests.comparing import assert_close

LAYERS = [
    ("LazyLinear", (4,), {}, (2, 5, 3)),
    ("LazyLinear", (4,), {"bias": False}, (3,)),
    ("LazyConv1d", (4, 3), {"padding": 1}, (2, 6, 7)),
    ("LazyConv2d", (4, 3), {"groups": 2, "stride": 2}, (2, 6, 7, 7)),
    ("LazyConv2d", (4,), {"kernel_size": (1, 3), "bias": False}, (6, 7, 7)),
    ("LazyConv3d", (2, 2), {}, (1, 3, 4, 4, 4)),
    ("LazyConvTranspose1d", (4, 3), {}, (2, 6, 7)),
    ("LazyConvTranspose2d", (4, 3), {"stride": 2, "output_padding": 1, "groups": 2}, (2, 6, 3, 3)),
    ("LazyConvTranspose3d", (2, 2), {}, (1, 3, 2, 2, 2)),
    ("LazyBatchNorm1d", (), {}, (5, 3)),
    ("LazyBatchNorm2d", (), {"affine": False}, (4, 3, 2, 2)),
    ("LazyBatchNorm3d", (), {"momentum": 0.3}, (4, 3, 2, 2, 2)),
    ("LazyInstanceNorm1d", (), {}, (4, 3, 5)),
    ("LazyInstanceNorm2d", (), {"track_running_stats": False}, (4, 3, 2, 2)),
    ("LazyInstanceNorm3d", (), {}, (4, 3, 2, 2, 2)),
]


@pytest.mark.filterwarnings("ignore:Lazy modules")
@pytest.mark.parametrize(("name", "args", "settings", "shape"), LAYERS)
def test_the_first_input_sets_the_size(torch, name, args, settings, shape):
    x = np.random.default_rng(0).normal(size=shape)
    ours, theirs = (getattr(library, name)(*args, **settings).double() for library in (nn, torch.nn))
    assert type(ours).__name__ == type(theirs).__name__ == name
    theirs(torch.tensor(x))
    ours(Tensor(x))
    assert type(ours).__name__ == type(theirs).__name__ == name.removeprefix("Lazy")
    assert repr(ours).replace(", bias=True, track", ", track") == repr(theirs).replace(", bias=True, track", ", track")
    state = theirs.state_dict()
    assert {k: v.shape for k, v in ours.state_dict().items()} == {k: tuple(v.shape) for k, v in state.items()}
    assert all(np.any(p.numpy()) for p in ours.parameters() if p.ndim > 1)
    ours.load_state_dict({k: v.numpy() for k, v in state.items()})
    out, expected = ours(Tensor(x)), theirs(torch.tensor(x))
    assert_close(out.detach().numpy(), expected.detach().numpy())


def test_an_optimizer_made_before_trains_what_comes_of_it():
    model = nn.Sequential(nn.LazyLinear(8), nn.ReLU(), nn.LazyLinear(1))
    optimizer = optim.SGD(model.parameters(), lr=0.05)
    held = list(model.parameters())
    assert model[0].has_uninitialized_params()
    x, losses = Tensor(np.random.default_rng(0).normal(size=(16, 3)).astype(np.float32)), []
    for _ in range(20):
        optimizer.zero_grad()
        loss = (model(x).squeeze(1) - x.sum(1)).square().mean()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    assert losses[-1] < losses[0] / 2
    assert all(p is q for p, q in zip(held, model.parameters(), strict=True))
    assert [type(p) for p in held] == [nn.Parameter] * 4


def test_what_has_no_size_yet_is_not_filled():
    layer = nn.LazyLinear(3)
    with pytest.raises(ShapeError, match="no size yet"):
        nn.init.normal_(layer.weight)
    with pytest.raises(ShapeError, match="dimensions"):
        nn.LazyConv2d(2, 3)(Tensor(np.zeros((2, 2))))
    with pytest.raises(ShapeError, match="multiple of groups"):
        nn.LazyConv2d(2, 1, groups=2)(Tensor(np.zeros((1, 3, 2, 2))))
    assert layer.has_uninitialized_params()
