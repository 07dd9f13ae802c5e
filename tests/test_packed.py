"""Packed sequences: made, padded again, and through recurrent networks, beside PyTorch."""

import numpy as np
import pytest

import autograd
import nn
from autograd import DtypeError, ShapeError, Tensor
from nn.utils import rnn
from tests.comparing import assert_close

LENGTHS = [2, 5, 1, 5, 3]


def sequences():
    source = np.random.default_rng(0)
    return [source.normal(size=(n, 3)) for n in LENGTHS]


@pytest.mark.parametrize("batch_first", [False, True])
@pytest.mark.parametrize("enforce_sorted", [False, True])
def test_packing_and_padding_again(torch, batch_first, enforce_sorted):
    arrays = sorted(sequences(), key=len, reverse=True) if enforce_sorted else sequences()
    lengths = list(map(len, arrays))
    padded = rnn.pad_sequence(list(map(Tensor, arrays)), batch_first=batch_first).numpy()
    ours = rnn.pack_padded_sequence(Tensor(padded), lengths, batch_first, enforce_sorted)
    theirs = torch.nn.utils.rnn.pack_padded_sequence(torch.tensor(padded), lengths, batch_first, enforce_sorted)
    for name in ("data", "batch_sizes"):
        assert_close(getattr(ours, name), getattr(theirs, name).numpy(), name)
    assert (ours.sorted_indices is None) == (theirs.sorted_indices is None) == enforce_sorted
    for settings in ({}, {"padding_value": -1.0, "total_length": 7}):
        found = rnn.pad_packed_sequence(ours, batch_first, **settings)
        expected = torch.nn.utils.rnn.pad_packed_sequence(theirs, batch_first, **settings)
        for x, y in zip(found, expected, strict=True):
            assert_close(x, y.numpy(), str(settings))
    for x, array in zip(rnn.unpack_sequence(ours), arrays, strict=True):
        assert_close(x, array)


@pytest.mark.parametrize("bidirectional", [False, True])
@pytest.mark.parametrize("kind", ["RNN", "GRU", "LSTM"])
@pytest.mark.parametrize("with_state", [False, True])
def test_networks_of_packed_sequences(torch, kind, bidirectional, with_state):
    torch.manual_seed(0)
    theirs = getattr(torch.nn, kind)(3, 4, num_layers=2, bidirectional=bidirectional).double()
    ours = getattr(nn, kind)(3, 4, num_layers=2, bidirectional=bidirectional).double()
    ours.load_state_dict({name: value.numpy() for name, value in theirs.state_dict().items()})
    arrays = sequences()
    state = np.random.default_rng(1).normal(size=(4 if bidirectional else 2, len(arrays), 4))

    def run(network, tensor, utils):
        inputs = [tensor(array).requires_grad_() for array in arrays]
        given = (tensor(state),) * 2 if kind == "LSTM" else tensor(state)
        out, last = network(utils.pack_sequence(inputs, enforce_sorted=False), given if with_state else None)
        padded, lengths = utils.pad_packed_sequence(out)
        last = last if kind == "LSTM" else (last,)
        loss = (padded**2).sum() + sum((part**3).sum() for part in last)
        loss.backward()
        return [lengths, padded, *last, *(x.grad for x in inputs), *(p.grad for p in network.parameters())]

    found, expected = run(ours, Tensor, rnn), run(theirs, torch.tensor, torch.nn.utils.rnn)
    for k, (x, y) in enumerate(zip(found, expected, strict=True)):
        assert_close(x.detach().numpy(), y.detach().numpy(), f"number {k}")


def test_what_cannot_be_packed_is_refused():
    x = Tensor(np.zeros((4, 2, 3)))
    with pytest.raises(RuntimeError, match="falling order"):
        rnn.pack_padded_sequence(x, [1, 4])
    with pytest.raises(ShapeError, match="from 1 to 4"):
        rnn.pack_padded_sequence(x, [5, 1])
    with pytest.raises(ShapeError, match="one whole number for each"):
        rnn.pack_padded_sequence(x, [4])
    with pytest.raises(DtypeError, match="takes a PackedSequence"):
        rnn.pad_packed_sequence(x)
    with pytest.raises(ValueError, match="less than the longest"):
        rnn.pad_packed_sequence(rnn.pack_padded_sequence(x, [4, 2]), total_length=3)
    with pytest.raises(ShapeError, match="input_size=5"):
        nn.GRU(5, 2)(rnn.pack_padded_sequence(x, [4, 2]))


def test_conversions(torch):
    def program(lib):
        packed = lib.nn.utils.rnn.pack_sequence([lib.tensor([1.5, 2.5]), lib.tensor([3.5])])
        names = ("double", "float", "long", "int", "short", "char", "byte", "half")
        return [
            (str(made.data.dtype).removeprefix("torch."), made.data.tolist(), made.batch_sizes.tolist())
            for made in (getattr(packed, name)() for name in names)
        ], [packed.to("cpu") is packed, packed.float() is packed, packed.to(lib.float64) is packed]

    assert program(autograd) == program(torch)
