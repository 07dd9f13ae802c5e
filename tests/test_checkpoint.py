"""A training run that goes on from its checkpoint computes the same bits as one that never stopped."""

import numpy as np
import pytest

import autograd
import nn
import optim
from autograd import Generator, load
from nn import functional as F


class Run:
    """Everything a run has: a model with dropout, an optimizer with moments, a schedule, shuffled data."""

    def __init__(self, seed, make=lambda params: optim.Adam(params, lr=0.01, amsgrad=True)):
        autograd.manual_seed(seed)
        self.model = nn.Sequential(nn.Linear(4, 8), nn.Tanh(), nn.Linear(8, 3))
        self.optimizer = make(self.model.parameters())
        self.scheduler = optim.lr_scheduler.StepLR(self.optimizer, 3, gamma=0.5)
        self.generator = Generator().manual_seed(seed + 1)
        source = np.random.default_rng(0)
        x = autograd.from_numpy(source.normal(size=(12, 4)).astype(np.float32))
        data = nn.data.TensorDataset(x, autograd.from_numpy(source.integers(0, 3, 12)))
        self.loader = nn.data.DataLoader(data, batch_size=5, shuffle=True, generator=self.generator)
        self.step = 0

    def epochs(self, count):
        for _ in range(count):
            for x, y in self.loader:
                hidden = F.dropout(self.model[1](self.model[0](x)), 0.3)
                loss = F.cross_entropy(self.model[2](hidden), y)
                self.optimizer.zero_grad()
                loss.backward()
                self.optimizer.step()
                self.step += 1
            self.scheduler.step()
        return self

    @property
    def parts(self):
        return {
            "model": self.model,
            "optimizer": self.optimizer,
            "scheduler": self.scheduler,
            "generator": self.generator,
        }

    @property
    def bits(self):
        return [p.raw.tobytes() for p in self.model.parameters()] + [autograd.get_rng_state().raw.tobytes()]


@pytest.mark.parametrize(
    "make",
    [
        lambda params: optim.Adam(params, lr=0.01, amsgrad=True),
        lambda params: optim.SGD(params, lr=0.1, momentum=0.9, nesterov=True),
        lambda params: optim.RMSprop(params, lr=0.01, centered=True, momentum=0.5),
    ],
    ids=["Adam", "SGD", "RMSprop"],
)
def test_a_resumed_run_is_bit_identical(tmp_path, make):
    path = tmp_path / "run.safetensors"
    whole = Run(7, make).epochs(3)
    nn.save_checkpoint(path, step=whole.step, **whole.parts)
    expected = whole.epochs(4).bits
    resumed = Run(8, make)
    assert nn.load_checkpoint(path, **resumed.parts) == 9
    assert resumed.epochs(4).bits == expected
    assert resumed.scheduler.get_last_lr() == whole.scheduler.get_last_lr()


def test_a_checkpoint_of_other_parts_changes_nothing(tmp_path):
    path, run = tmp_path / "run.safetensors", Run(1)
    nn.save_checkpoint(path, model=run.model)
    before = run.epochs(1).bits
    with pytest.raises(KeyError, match=r"holds \['model'\], and \['generator', 'model', 'optimizer', 'scheduler'\]"):
        nn.load_checkpoint(path, **run.parts)
    assert run.bits == before


def test_a_plain_state_is_no_checkpoint(tmp_path):
    path, run = tmp_path / "model.safetensors", Run(1)
    autograd.save(run.model.state_dict(), path)
    with pytest.raises(ValueError, match="holds no checkpoint"):
        nn.load_checkpoint(path, model=run.model)
    run.model.load_state_dict(load(path))
