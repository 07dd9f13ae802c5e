"""`checkpoint`: memory for time. What a function computes on the way is computed again in the reverse pass, not kept.

Found as ``torch.utils.checkpoint.checkpoint``, too. Chen et al. 2016, arXiv:1604.06174.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import nullcontext
from typing import Any

from autograd import graph
from autograd.backward import grad
from autograd.changes import changes
from autograd.function import Function
from autograd.generator import default_generator
from autograd.graph import Node
from autograd.tensor import Tensor

__all__ = ["checkpoint", "checkpoint_sequential"]


def checkpoint(
    function: Callable[..., Any],
    *args: Any,
    use_reentrant: bool | None = None,
    preserve_rng_state: bool = True,
    **kwargs: Any,
) -> Any:
    """``function(*args, **kwargs)``, of which only the arguments and the result are kept.

    In the reverse pass the function is run again, with the random numbers of the first time (unless not
    ``preserve_rng_state``). The result is a Tensor or a tuple of Tensors. ``use_reentrant`` chooses between PyTorch's
    two ways; this is the one that ``False`` means: gradients reach whatever the function used.

    >>> x = Tensor([1.0, 2.0], requires_grad=True)
    >>> y = checkpoint(lambda x: x.exp().sin(), x)
    >>> y.sum().backward()
    >>> x.grad
    tensor([-2.4784,  3.3129])
    """
    if not graph.is_recording():
        return function(*args, **kwargs)
    state = default_generator.get_state() if preserve_rng_state else None
    when = next(changes.clock)
    result = function(*args, **kwargs)
    outputs = result if isinstance(result, tuple) else (result,)
    used = used_before(when, outputs)
    if not used or not all(isinstance(x, Tensor) for x in outputs):
        return result

    def again() -> tuple[Any, ...]:
        now = default_generator.get_state()
        if state is not None:
            default_generator.set_state(state)
        try:
            with graph.enable_grad():
                result = function(*args, **kwargs)
        finally:
            if state is not None:
                default_generator.set_state(now)
        return result if isinstance(result, tuple) else (result,)

    found = Recomputed.apply(again, tuple(x.detach() for x in outputs), *used)
    return found if isinstance(result, tuple) else found[0]


def used_before(when: int, outputs: Iterable[Any]) -> list[Tensor]:
    """The tensors from before ``when`` that require a gradient and that ``outputs`` were computed from."""
    found: dict[Tensor, None] = {}
    seen: set[Node] = set()
    left = [x for x in outputs if isinstance(x, Tensor) and x.requires_grad]
    while left:
        node = left.pop()
        if node in seen:
            continue
        seen.add(node)
        if node.op is None or node._recorded < when:
            found[node] = None
        else:
            left += [x for x in node.operands if isinstance(x, Tensor) and x.requires_grad]
    return list(found)


class Recomputed(Function):
    """What the function gave, as a result of all that it used."""

    @staticmethod
    def forward(ctx: Any, again: Any, outputs: Any, *used: Tensor) -> Any:
        ctx.again, ctx.used = again, used
        return outputs

    @staticmethod
    def backward(ctx: Any, *upstream: Any) -> Any:
        create_graph = graph.is_recording()
        with nullcontext() if create_graph else graph.enable_grad():
            pairs = [(x, g) for x, g in zip(ctx.again(), upstream, strict=True) if x.requires_grad]
        outputs, gradients = zip(*pairs, strict=True)
        return None, None, *grad(outputs, ctx.used, gradients, create_graph=create_graph, allow_unused=True)


def checkpoint_sequential(
    functions: Any, segments: int, input: Any, use_reentrant: bool | None = None, preserve_rng_state: bool = True
) -> Any:
    """The ``functions``, one after the other, in so many segments, each a `checkpoint`; the last as it is."""
    functions = list(functions)
    if not 1 <= segments <= len(functions):
        raise ValueError(
            f"checkpoint_sequential: {segments} segments of {len(functions)} functions; give from 1 to that many"
        )
    size = len(functions) // segments

    def run(part: list[Any]) -> Callable[[Any], Any]:
        def of(x: Any) -> Any:
            for function in part:
                x = function(x)
            return x

        return of

    last = size * (segments - 1)
    for start in range(0, last, size):
        part = run(functions[start : start + size])
        input = checkpoint(part, input, use_reentrant=use_reentrant, preserve_rng_state=preserve_rng_state)
    return run(functions[last:])(input)
