"""One step of recurrent networks, and their way through a sequence.

The products with the input, the gates' ``(..., gates * H)``, are computed before, for all steps at once.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from autograd import Tensor, cat, stack
from nn.functional.activations import relu, sigmoid, tanh
from nn.functional.linear import linear

State = tuple[Any, ...]  # h, or h and c: each (N, H)


def rnn_step(given: Tensor, state: State, weight: Tensor, bias: Tensor | None, activation: Any = tanh) -> State:
    """h' = tanh(given + h @ weight.T + bias); Elman 1990."""
    return (activation(given + linear(state[0], weight, bias)),)


def relu_step(given: Tensor, state: State, weight: Tensor, bias: Tensor | None) -> State:
    """h' = relu(given + h @ weight.T + bias)."""
    return rnn_step(given, state, weight, bias, relu)


def gru_step(given: Tensor, state: State, weight: Tensor, bias: Tensor | None) -> State:
    """h' = (1 - z) n + z h, with gates r and z, and n = tanh of the input's part plus r times that of h.

    Cho et al. 2014, arXiv:1406.1078.
    """
    (h,) = state
    width = h.shape[-1]
    kept = linear(h, weight, bias)
    gates = sigmoid(given[..., : 2 * width] + kept[..., : 2 * width])
    r, z = gates[..., :width], gates[..., width:]
    n = tanh(given[..., 2 * width :] + r * kept[..., 2 * width :])
    return (n + z * (h - n),)


def lstm_step(given: Tensor, state: State, weight: Tensor, bias: Tensor | None) -> State:
    """c' = f c + i g and h' = o tanh(c'), with the gates i, f and o, and g = tanh of input and h.

    Hochreiter and Schmidhuber 1997; the forget gate f is of Gers et al. 2000.
    """
    h, c = state
    width = c.shape[-1]
    total = given + linear(h, weight, bias)
    gates = sigmoid(total[..., : 2 * width])  # i, f
    g, o = tanh(total[..., 2 * width : 3 * width]), sigmoid(total[..., 3 * width :])
    c = gates[..., width:] * c + gates[..., :width] * g
    return o * tanh(c), c


def projected(step: Callable[..., State], weight: Tensor) -> Callable[..., State]:
    """``step``, whose h is then mapped linearly by ``weight``, ``(P, H)``."""

    def both(given: Tensor, state: State, of_state: Tensor, bias: Tensor | None) -> State:
        h, *others = step(given, state, of_state, bias)
        return linear(h, weight), *others

    return both


def through_time(
    step: Callable[[Any, State, Tensor, Tensor | None], State],
    input: Tensor,
    state: State,
    weights: tuple[Any, Any, Any, Any],
    backwards: bool = False,
) -> tuple[Any, State]:
    """The outputs ``(L, N, H)`` of all steps over ``input`` ``(L, N, inputs)``, and the last state.

    ``weights``: of the input and of the state, and the two biases. ``backwards``: from the end to the beginning.
    """
    of_input, of_state, bias_input, bias_state = weights
    outputs = []
    given = steps_of(linear(input, of_input, bias_input))
    for step_input in reversed(given) if backwards else given:
        state = step(step_input, state, of_state, bias_state)
        outputs.append(state[0])
    return stack(outputs[::-1] if backwards else outputs), state


def through_packed(
    batch_sizes: list[int],
    step: Callable[[Any, State, Tensor, Tensor | None], State],
    input: Tensor,
    state: State,
    weights: tuple[Any, Any, Any, Any],
    backwards: bool = False,
) -> tuple[Any, State]:
    """`through_time` of a packed batch, ``(sum of batch_sizes, inputs)``: each sequence ends, or begins, in its own."""
    of_input, of_state, bias_input, bias_state = weights
    given = linear(input, of_input, bias_input).split(batch_sizes)
    first, outputs, ended = state, [], []
    if backwards:
        state = tuple(part[: batch_sizes[-1]] for part in first)
    for step_input in reversed(given) if backwards else given:
        before, now = len(state[0]), len(step_input)
        if now > before:
            state = tuple(cat([part, start[before:now]]) for part, start in zip(state, first, strict=True))
        elif now < before:
            ended.append(tuple(part[now:] for part in state))
            state = tuple(part[:now] for part in state)
        state = step(step_input, state, of_state, bias_state)
        outputs.append(state[0])
    last = tuple(map(cat, zip(state, *reversed(ended), strict=True)))
    return cat(outputs[::-1] if backwards else outputs), last


def steps_of(x: Any) -> list[Any]:
    """``x[0], x[1], ...``, cut in halves again and again: the gradient of each single index would be as large as x."""
    if x.shape[0] == 1:
        return [x.squeeze(0)]
    middle = x.shape[0] // 2
    return steps_of(x[:middle]) + steps_of(x[middle:])
