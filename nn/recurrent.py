"""Recurrent networks: over whole sequences, in several layers and in both directions; and their cells, single steps."""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import numpy as np

from autograd import DtypeError, ShapeError, Tensor, cat, stack, zeros
from nn import functional as F
from nn import init
from nn.functional import recurrent
from nn.functional.recurrent import State, through_packed, through_time
from nn.module import Module, Parameter
from nn.utils.rnn import PackedSequence

__all__ = [
    "GRU",
    "LSTM",
    "RNN",
    "GRUCell",
    "LSTMCell",
    "RNNCell",
]


class _Recurrent(Module):
    """What networks and cells have in common: sizes, a step, and the number of its gates and states."""

    gates = 1
    states = 1  # h, or h and c
    step: Callable[..., State]
    hidden_size: int
    proj_size = 0  # of an LSTM's h, if it is another than that of its c

    nonlinearity = "tanh"  # only RNNs have a choice

    def _step(self) -> Callable[..., State]:
        return recurrent.relu_step if self.nonlinearity == "relu" else type(self).step

    def _check_sizes(self, input_size: int, hidden_size: int) -> None:
        if input_size < 1 or hidden_size < 1:
            raise ValueError(f"{type(self).__name__}({input_size}, {hidden_size}): both sizes must be at least 1")
        self.input_size, self.hidden_size = input_size, hidden_size

    def _add(self, suffix: str, inputs: int, bias: bool, device: Any, dtype: Any) -> None:
        """Add the parameters of one layer and direction."""
        rows = self.gates * self.hidden_size
        for name, width in (("weight_ih", inputs), ("weight_hh", self._width)):
            setattr(self, f"{name}{suffix}", Parameter(zeros(rows, width, device=device, dtype=dtype)))
        for name in ("bias_ih", "bias_hh"):
            made = Parameter(zeros(rows, device=device, dtype=dtype)) if bias else None
            setattr(self, f"{name}{suffix}", made)
        if self.proj_size:
            made = Parameter(zeros(self.proj_size, self.hidden_size, device=device, dtype=dtype))
            setattr(self, f"weight_hr{suffix}", made)

    @property
    def _width(self) -> int:
        """Of h."""
        return self.proj_size or self.hidden_size

    def _weights(self, suffix: str) -> tuple[Any, Any, Any, Any]:
        ih, hh, bias_ih, bias_hh = (
            getattr(self, f"{name}{suffix}") for name in ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
        )
        return ih, hh, bias_ih, bias_hh

    @property
    def _flat_weights_names(self) -> list[str]:  # what programs read that start these weights in their own way
        return [name for name, _ in self.named_parameters(recurse=False)]

    def reset_parameters(self) -> None:
        """Start again: uniform within 1 / sqrt(hidden_size)."""
        init.uniform_within(1 / math.sqrt(self.hidden_size), *self.parameters())

    def _state(self, hx: Any, input: Tensor, *sizes: int) -> State:
        """The first state, h of ``(*sizes, width)`` and perhaps c of ``(*sizes, H)``: what was given, or 0."""
        shapes = [(*sizes, width) for width in (self._width, self.hidden_size)[: self.states]]
        if hx is None:
            return tuple(zeros(shape, dtype=input.dtype) for shape in shapes)
        given = (hx,) if self.states == 1 else tuple(hx)
        if [part.shape for part in given] != shapes:
            raise ShapeError(
                f"{type(self).__name__}: input {input.shape} with a first state of {[part.shape for part in given]}: "
                f"it must be {' and '.join(map(str, shapes))}"
            )
        return given

    def _check_input(self, input: Any, ndims: tuple[int, ...], expected: str) -> None:
        name = type(self).__name__
        if not isinstance(input, Tensor):
            raise DtypeError(f"{name}: input is a {type(input).__name__}; it must be a Tensor or a PackedSequence")
        if input.ndim not in ndims or input.shape[-1] != self.input_size or not min(input.shape):
            raise ShapeError(f"{name}: input {input.shape} must be {expected} with input_size={self.input_size}")


class _Network(_Recurrent):
    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        num_layers: int = 1,
        bias: bool = True,
        batch_first: bool = False,
        dropout: float = 0.0,
        bidirectional: bool = False,
        device: Any = None,
        dtype: Any = None,
    ) -> None:
        name = type(self).__name__
        for argument, given in (("bias", bias), ("batch_first", batch_first)):
            if not isinstance(given, bool):
                raise TypeError(f"{name}: {argument}={given!r} must be True or False; name the arguments that follow")
        self._check_sizes(input_size, hidden_size)
        if num_layers < 1:
            raise ValueError(f"{name}: num_layers={num_layers} must be at least 1")
        if not 0 <= dropout <= 1:
            raise ValueError(f"{name}: dropout={dropout} is a probability; it must lie in [0, 1]")
        if dropout and num_layers == 1:
            warnings.warn(
                f"{name}: dropout={dropout} lies between layers, and there is only 1, so nothing is dropped; use more "
                "layers, or nn.Dropout after this one",
                stacklevel=3 if isinstance(self, GRU) else 4,  # which has no constructor of its own
            )
        self.num_layers, self.bias, self.batch_first = num_layers, bias, batch_first
        self.dropout, self.bidirectional = dropout, bidirectional
        for suffix, inputs in self._parts():
            self._add(suffix, inputs, bias, device, dtype)
        self.reset_parameters()

    def _parts(self) -> list[tuple[str, int]]:
        """For each layer and direction the end of its parameters' names, and the width of its input."""
        directions = ("", "_reverse") if self.bidirectional else ("",)
        return [
            (f"_l{layer}{direction}", self._width * len(directions) if layer else self.input_size)
            for layer in range(self.num_layers)
            for direction in directions
        ]

    def forward(self, input: Tensor, hx: Any = None) -> Any:
        """The outputs of the last layer, ``(L, N, directions * H)``, and the last state of each layer and direction.

        ``input`` is ``(L, N, inputs)``, with ``batch_first`` ``(N, L, inputs)``, or ``(L, inputs)`` without a batch.
        ``hx`` and the last state are ``(layers * directions, N, H)``, for an LSTM two of that shape; ``proj_size`` is
        the width of the outputs and of the first of the two. Of a `PackedSequence` the outputs are one, too, and each
        sequence has its own last state.
        """
        if isinstance(input, PackedSequence):
            return self._of_packed(input, hx)
        self._check_input(input, (2, 3), "(N, L, inputs)" if self.batch_first else "(L, N, inputs) or (L, inputs)")
        batched, parts = input.ndim == 3, self._parts()
        x: Any = input if batched else input.unsqueeze(1)
        x = x.transpose(0, 1) if batched and self.batch_first else x
        sizes = (len(parts), x.shape[1]) if batched else (len(parts),)
        first = [part if batched else part.unsqueeze(1) for part in self._state(hx, input, *sizes)]
        x, states = self._through_layers(through_time, x, first)
        if not batched:
            x, states = x.squeeze(1), tuple(part.squeeze(1) for part in states)
        return (x.transpose(0, 1) if batched and self.batch_first else x), states[0] if self.states == 1 else states

    def _of_packed(self, input: PackedSequence, hx: Any) -> Any:
        data, sizes = input.data, np.asarray(input.batch_sizes).tolist()
        self._check_input(data, (2,), "packed from (L, N, inputs)")
        first = self._state(hx, data, len(self._parts()), sizes[0])
        if hx is not None and input.sorted_indices is not None:
            first = tuple(part[:, input.sorted_indices] for part in first)
        x, states = self._through_layers(partial(through_packed, sizes), data, first)
        if input.unsorted_indices is not None:
            states = tuple(part[:, input.unsorted_indices] for part in states)
        return input._replace(data=x), states[0] if self.states == 1 else states

    def _through_layers(self, through: Callable[..., Any], x: Any, first: Sequence[Any]) -> tuple[Any, State]:
        """The outputs of the last layer, and the last states; ``through`` takes one layer through the sequence."""
        parts = self._parts()
        last, outputs = [], []
        for i, (suffix, _) in enumerate(parts):
            backwards = suffix.endswith("_reverse")
            state = tuple(part[i] for part in first)
            out, state = through(self._step_of(suffix), x, state, self._weights(suffix), backwards)
            last.append(state)
            outputs.append(out)
            if backwards or not self.bidirectional:
                x, outputs = outputs[0] if len(outputs) == 1 else cat(outputs, -1), []
                if self.dropout and i < len(parts) - 1:
                    x = F.dropout(x, self.dropout, self.training)
        return x, tuple(stack(part) for part in zip(*last, strict=True))

    def _step_of(self, suffix: str) -> Callable[..., State]:
        return self._step()

    def flatten_parameters(self) -> None:
        """Programs call this for the sake of GPUs; on the CPU there is nothing to do."""

    def extra_repr(self) -> str:
        defaults = {"proj_size": 0, "num_layers": 1, "bias": True, "batch_first": False, "dropout": 0}
        defaults["bidirectional"] = False
        changed = [f"{name}={getattr(self, name)}" for name, value in defaults.items() if getattr(self, name) != value]
        return ", ".join([f"{self.input_size}, {self.hidden_size}", *changed])


class RNN(_Network):
    """h' = tanh(x @ weight_ih.T + bias_ih + h @ weight_hh.T + bias_hh) at each step; or relu, as ``nonlinearity``."""

    step = staticmethod(recurrent.rnn_step)

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        num_layers: int = 1,
        nonlinearity: str = "tanh",
        bias: bool = True,
        batch_first: bool = False,
        dropout: float = 0.0,
        bidirectional: bool = False,
        device: Any = None,
        dtype: Any = None,
    ) -> None:
        self.nonlinearity = _checked("RNN", nonlinearity)
        super().__init__(input_size, hidden_size, num_layers, bias, batch_first, dropout, bidirectional, device, dtype)


class GRU(_Network):
    """Gates r and z decide how much of h goes into its next value, and how much of it stays; see `gru_step`."""

    gates, step = 3, staticmethod(recurrent.gru_step)


class LSTM(_Network):
    """Gates i, f and o decide what a memory c takes in, keeps and shows as h; see `lstm_step`. States are (h, c).

    With ``proj_size`` h is mapped linearly, by ``weight_hr``, to so many numbers; Sak et al. 2014, arXiv:1402.1128.
    """

    gates, states, step = 4, 2, staticmethod(recurrent.lstm_step)

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        num_layers: int = 1,
        bias: bool = True,
        batch_first: bool = False,
        dropout: float = 0.0,
        bidirectional: bool = False,
        proj_size: int = 0,
        device: Any = None,
        dtype: Any = None,
    ) -> None:
        if not 0 <= proj_size < max(hidden_size, 1):
            raise ValueError(f"LSTM: proj_size={proj_size} must be smaller than hidden_size={hidden_size}; 0 is none")
        self.proj_size = proj_size
        super().__init__(input_size, hidden_size, num_layers, bias, batch_first, dropout, bidirectional, device, dtype)

    def _step_of(self, suffix: str) -> Callable[..., State]:
        return recurrent.projected(self.step, getattr(self, f"weight_hr{suffix}")) if self.proj_size else self.step


class _Cell(_Recurrent):
    def __init__(
        self, input_size: int, hidden_size: int, bias: bool = True, device: Any = None, dtype: Any = None
    ) -> None:
        self._check_sizes(input_size, hidden_size)
        self.bias = bias
        self._add("", input_size, bias, device, dtype)
        self.reset_parameters()

    def forward(self, input: Tensor, hx: Any = None) -> Any:
        """The next state: ``(N, H)`` or ``(H,)`` for an input ``(N, inputs)`` or ``(inputs,)`` and the state ``hx``."""
        self._check_input(input, (1, 2), "(N, inputs) or (inputs,)")
        state = self._state(hx, input, *input.shape[:-1])
        of_input, of_state, bias_input, bias_state = self._weights("")
        out = self._step()(F.linear(input, of_input, bias_input), state, of_state, bias_state)
        return out[0] if self.states == 1 else out

    def extra_repr(self) -> str:
        return f"{self.input_size}, {self.hidden_size}" + (", bias=False" if not self.bias else "")


class RNNCell(_Cell):
    """One step of an `RNN`."""

    step = staticmethod(recurrent.rnn_step)

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        bias: bool = True,
        nonlinearity: str = "tanh",
        device: Any = None,
        dtype: Any = None,
    ) -> None:
        self.nonlinearity = _checked("RNNCell", nonlinearity)
        super().__init__(input_size, hidden_size, bias, device, dtype)

    def extra_repr(self) -> str:
        return super().extra_repr() + (f", nonlinearity={self.nonlinearity}" if self.nonlinearity != "tanh" else "")


class GRUCell(_Cell):
    """One step of a `GRU`."""

    gates, step = 3, staticmethod(recurrent.gru_step)


class LSTMCell(_Cell):
    """One step of an `LSTM`; the state is (h, c)."""

    gates, states, step = 4, 2, staticmethod(recurrent.lstm_step)


def _checked(name: str, nonlinearity: str) -> str:
    if nonlinearity not in ("tanh", "relu"):
        raise ValueError(f"{name}: nonlinearity is {nonlinearity!r}; it must be 'tanh' or 'relu'")
    return nonlinearity
