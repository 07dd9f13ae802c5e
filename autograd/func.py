"""Functions of functions, as in ``torch.func``: gradients, Jacobians, products with vectors, examples one by one.

The arguments that are differentiated are Tensors, or lists, tuples and dictionaries of them; a gradient is arranged as
its argument is. Transformations of transformations work: ``grad(grad(f))``, ``vmap(grad(loss), in_dims=(None, 0))``.
Their cousins in `transforms` take the arguments themselves, as ``torch.autograd.functional`` does, and `Value`s, too.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from autograd import transforms
from autograd.changes import changes
from autograd.errors import ArgumentError, DtypeError, GraphError, ShapeError
from autograd.functions import clone, stack
from autograd.generator import default_generator
from autograd.graph import enable_grad, is_recording
from autograd.recompute import used_before
from autograd.tensor import Tensor
from autograd.trees import leaves, mapped

if TYPE_CHECKING:
    from nn.utils.stateless import functional_call as functional_call
    from nn.utils.stateless import replace_all_batch_norm_modules_ as replace_all_batch_norm_modules_
    from nn.utils.stateless import stack_module_state as stack_module_state

__all__ = ["grad", "grad_and_value", "hessian", "jacfwd", "jacrev", "jvp", "linearize", "vjp", "vmap"]

Function = Callable[..., Any]
Places = int | tuple[int, ...]


class _Call(NamedTuple):
    """A function called with fresh copies of the arguments that are differentiated."""

    inputs: tuple[Any, ...]  # those copies
    output: Any
    aux: Any
    attached: bool  # whether the output depends on more that requires a gradient: then so do its gradients

    def gradients(self, outputs: Sequence[Tensor], upstream: Sequence[Any], keep: bool = False) -> tuple[Any, ...]:
        """Of ``outputs`` with respect to the inputs, each arranged as its input."""
        recorded = (self.attached or keep) and is_recording()
        each = iter(transforms.gradients(outputs, leaves(self.inputs, Tensor), upstream, recorded))
        return mapped(lambda _: next(each), self.inputs, Tensor)

    def let_go(self, result: Any) -> Any:
        """``result`` without the graph of the inputs, which nobody else has, unless it goes on beyond them."""
        return result if self.attached else mapped(Tensor.detach, result, Tensor)


def _called(
    name: str, function: Function, args: Sequence[Any], argnums: Places, has_aux: bool, kwargs: dict[str, Any]
) -> _Call:
    if not callable(function):
        raise TypeError(f"{name}: needs a function, not {function!r}; give the function itself, not its result")
    places, given, recording = _places(name, argnums), list(args), is_recording()
    when = next(changes.clock)
    with enable_grad():
        for k in places:
            if not -len(args) <= k < len(args):
                raise TypeError(f"{name}: argnums {k} asks for an argument that was not given; there are {len(args)}")
            given[k] = mapped(lambda tensor: _fresh(name, tensor, recording), args[k], Tensor)
            if not leaves(given[k], Tensor):
                raise DtypeError(f"{name}: argument {k} is {args[k]!r:.60}; it must be a Tensor, or have Tensors in it")
        result = function(*given, **kwargs)
    if has_aux and not (isinstance(result, tuple) and len(result) == 2):
        raise TypeError(f"{name}: with has_aux=True the function must return a pair, its output and the rest")
    output, aux = result if has_aux else (result, None)
    inputs = tuple(given[k] for k in places)
    own = set(map(id, leaves(inputs, Tensor)))
    attached = recording and any(id(x) not in own for x in used_before(when, leaves(output, Tensor)))
    return _Call(inputs, output, mapped(Tensor.detach, aux, Tensor), attached)


def _places(name: str, argnums: Any) -> tuple[int, ...]:
    places = argnums if isinstance(argnums, tuple | list) else (argnums,)
    if not all(isinstance(k, int) for k in places):
        raise ArgumentError(f"{name}: argnums is {argnums!r}; it must be the place of an argument, or several places")
    if len(set(places)) != len(places) or (not places and name not in ("jvp", "vjp")):
        raise ArgumentError(f"{name}: argnums {argnums} must be places of different arguments, one at least")
    return tuple(places)


def _outputs(name: str, output: Any) -> list[Tensor]:
    """The Tensors that a function gave, which must be nothing else."""
    found = leaves(output, Tensor)
    if not found or not _all_tensors(output):
        raise DtypeError(f"{name}: the function gave {output!r:.60}; it must give Tensors, or have only them in it")
    return found


def _fresh(name: str, tensor: Tensor, attached: bool) -> Tensor:
    """A node of its own, so that the same tensor, where the function has it from elsewhere, is another.

    A gradient reaches the tensor itself if that wants one and is to be ``attached``.
    """
    if tensor.dtype.kind != "f":
        raise DtypeError(
            f"{name}: a tensor of dtype {tensor.dtype} has no gradient; make it a float one, as in .float()"
        )
    return clone(tensor) if attached and tensor.requires_grad else tensor.detach().requires_grad_()


def _number(name: str, output: Any) -> Tensor:
    if not isinstance(output, Tensor) or output.ndim:
        what = f"of shape {output.shape}" if isinstance(output, Tensor) else repr(output)
        raise ShapeError(f"{name}: the function must give a single number, of shape (), not {what}; reduce it first")
    return output


def grad(func: Function, argnums: Places = 0, has_aux: bool = False) -> Function:
    """The function that gives the gradient of ``func``, a single number, with respect to the arguments ``argnums``.

    A tuple of gradients for a tuple of places. With ``has_aux``, ``func`` gives a pair, and this the gradient of its
    first half, and the second.

    >>> from autograd import tensor
    >>> grad(grad(lambda x: x**3))(tensor(2.0))
    tensor(12.)
    """

    def gradient(*args: Any, **kwargs: Any) -> Any:
        found, value = grad_and_value(func, argnums, has_aux)(*args, **kwargs)
        return (found, value[1]) if has_aux else found

    return gradient


def grad_and_value(func: Function, argnums: Places = 0, has_aux: bool = False) -> Function:
    """As `grad`, but a pair: the gradient, and the value of ``func`` (with ``has_aux``, all that it gave)."""

    def both(*args: Any, **kwargs: Any) -> Any:
        call = _called("grad", func, args, argnums, has_aux, kwargs)
        found = call.gradients([_number("grad", call.output)], [None])
        value = call.let_go(call.output)
        return found[0] if isinstance(argnums, int) else found, (value, call.aux) if has_aux else value

    return both


def vjp(func: Function, *primals: Any, has_aux: bool = False) -> Any:
    """``func(*primals)``, and the function that takes an upstream gradient to those of ``primals``, a tuple of them.

    The upstream gradient is arranged as the output is. With ``has_aux`` the rest of what ``func`` gave comes last.
    """
    call = _called("vjp", func, primals, tuple(range(len(primals))), has_aux, {})
    outputs = _outputs("vjp", call.output)

    def pull(cotangents: Any) -> tuple[Any, ...]:
        upstream = leaves(cotangents, Tensor)
        if [x.shape for x in outputs] != [x.shape for x in upstream]:
            raise ShapeError(
                f"vjp: the outputs have shapes {[x.shape for x in outputs]}, the upstream gradients "
                f"{[x.shape for x in upstream]}; they must agree"
            )
        return call.gradients(outputs, upstream, any(x.requires_grad for x in upstream))

    return (call.let_go(call.output), pull, *((call.aux,) if has_aux else ()))


def jvp(func: Function, primals: Any, tangents: Any, *, strict: bool = False, has_aux: bool = False) -> Any:
    """``func(*primals)`` and its derivative in the direction of ``tangents``, arranged as the primals are.

    Taken by two reverse passes, as `transforms.jvp` is. ``strict``: refuse an output that does not depend on the
    primals, whose derivative is 0 otherwise.
    """
    call = _called("jvp", func, primals, tuple(range(len(primals))), has_aux, {})
    found = _pushed("jvp", call, tangents, strict)
    return (call.let_go(call.output), found, *((call.aux,) if has_aux else ()))


def _pushed(name: str, call: _Call, tangents: Sequence[Any], strict: bool = False) -> Any:
    """The derivative of what the function gave in the direction of ``tangents``."""
    _outputs(name, call.output)
    inputs, directions = leaves(call.inputs, Tensor), leaves(tuple(tangents), Tensor)
    if [x.shape for x in inputs] != [x.shape for x in directions]:
        raise ShapeError(
            f"{name}: the primals have shapes {[x.shape for x in inputs]}, the tangents "
            f"{[x.shape for x in directions]}; they must agree"
        )
    recorded = call.attached or (is_recording() and any(d.requires_grad for d in directions))

    def pushed(output: Tensor) -> Tensor:
        if strict and not output.requires_grad:
            raise GraphError(f"{name}: an output does not depend on the primals; without strict=True that gives 0")
        return transforms.pushed(output, inputs, directions, recorded)

    return mapped(pushed, call.output, Tensor)


def linearize(func: Function, *primals: Any) -> tuple[Any, Function]:
    """``func(*primals)``, and the function that takes tangents, arranged as the primals, to the derivative in their
    direction, as `jvp` does; ``func`` is not called again.

    >>> from autograd import tensor
    >>> value, push = linearize(lambda x: x**2, tensor([1.0, 3.0]))
    >>> push(tensor([1.0, 10.0]))
    tensor([ 2., 60.])
    """
    call = _called("linearize", func, primals, tuple(range(len(primals))), False, {})
    _outputs("linearize", call.output)
    return call.let_go(call.output), lambda *tangents: _pushed("linearize", call, tangents)


def jacrev(func: Function, argnums: Places = 0, *, has_aux: bool = False, chunk_size: int | None = None) -> Function:
    """The function that gives the Jacobian of ``func``: for each output and input, ``output.shape + input.shape``.

    Taken a row at a time, so that ``chunk_size``, how many PyTorch takes at once, changes nothing.
    """
    _check_chunks("jacrev", chunk_size)

    def jacobian(*args: Any, **kwargs: Any) -> Any:
        call = _called("jacrev", func, args, argnums, has_aux, kwargs)
        _outputs("jacrev", call.output)
        found = mapped(lambda output: _rows(call, output, isinstance(argnums, int)), call.output, Tensor)
        return (found, call.aux) if has_aux else found

    return jacobian


def _rows(call: _Call, output: Tensor, alone: bool) -> Any:
    """The Jacobian of one output: arranged as the inputs, or as the only one."""
    rows = [leaves(call.gradients([element], [None]), Tensor) for element in transforms.elements(output)]
    columns = iter(zip(*rows, strict=True) if rows else [()] * len(leaves(call.inputs, Tensor)))
    found = mapped(lambda x: transforms.block(output, x, next(columns)), call.inputs, Tensor)
    return found[0] if alone else found


def jacfwd(func: Function, argnums: Places = 0, has_aux: bool = False, *, randomness: str = "error") -> Function:
    """`jacrev`: the same numbers. ``func`` is called once, so that there is no question of its ``randomness``."""
    _check_randomness("jacfwd", randomness)
    return jacrev(func, argnums, has_aux=has_aux)


def hessian(func: Function, argnums: Places = 0) -> Function:
    """The function that gives the second derivatives of ``func``, a single number: ``input.shape + input.shape``.

    >>> from autograd import tensor
    >>> hessian(lambda x: x.prod())(tensor([2.0, 3.0]))
    tensor([[0., 1.],
            [1., 0.]])
    """
    return jacrev(jacrev(func, argnums), argnums)


# Examples one by one ------------------------------------------------------------------------------------------------


def vmap(
    func: Function, in_dims: Any = 0, out_dims: Any = 0, randomness: str = "error", *, chunk_size: int | None = None
) -> Function:
    """The function that calls ``func`` for each example of its arguments, and stacks what it gives.

    ``in_dims`` says along which dimension an argument has its examples (None: it is the same for all), for all
    arguments, for each, or for the Tensors in one, arranged as it is; ``out_dims``, where they go in the results.
    Arguments by keyword are the same for all.
    Examples are computed one after the other, so that ``chunk_size``, how many PyTorch takes at once, changes nothing.
    ``randomness``: "different" numbers for each example, the "same" for all, or an "error" if any are drawn.
    What is the same for all examples may have None in ``out_dims``: it comes once, and need not be a Tensor.

    >>> from autograd import tensor
    >>> vmap(lambda x, y: x @ y, in_dims=(0, None))(tensor([[1.0, 2.0], [3.0, 4.0]]), tensor([1.0, 10.0]))
    tensor([21., 43.])
    """
    _check_randomness("vmap", randomness)
    _check_chunks("vmap", chunk_size)

    def of_examples(*args: Any, **kwargs: Any) -> Any:
        given = list(zip(leaves(args, Tensor), _dims(in_dims, args, "in_dims"), strict=True))
        count = _count(given)

        def example(i: int) -> Any:
            parts = iter([x if dim is None else x.select(dim, i) for x, dim in given])
            return func(*mapped(lambda _: next(parts), args, Tensor), **kwargs)

        results = [_drawing(randomness, example, i, i == count - 1) for i in range(count)]
        first = results[0]
        alone = isinstance(first, Tensor) and isinstance(out_dims, tuple | list) and len(out_dims) == 1
        places = iter(_dims(out_dims[0] if alone else out_dims, first, "out_dims", None))
        columns = iter(zip(*(leaves(result, None) for result in results), strict=True))
        return mapped(lambda _: _joined(next(places), next(columns)), first, None)

    return of_examples


def _joined(dim: int | None, column: Sequence[Any]) -> Any:
    """What the examples gave at one place, along a dimension, or once."""
    first = column[0]
    if dim is None:
        if not all(_same(first, x) for x in column[1:]):
            raise ValueError(
                "vmap: out_dims is None for a result that is another for each example; say where they go, as in 0"
            )
        return first
    if not isinstance(first, Tensor):
        raise DtypeError(
            f"vmap: the function gave {first!r:.60}; it must give Tensors, or have only them in it, unless out_dims is "
            "None there"
        )
    return stack(column, dim)


def _same(x: Any, y: Any) -> bool:
    if isinstance(x, Tensor) and isinstance(y, Tensor):
        return x is y or np.array_equal(x.raw, y.raw, equal_nan=x.dtype.kind == "f")
    return bool(x is y or x == y)


def _dims(dims: Any, tree: Any, name: str, kind: type | None = Tensor) -> list[int | None]:
    """The dimension for each ``kind`` in ``tree``; ``dims`` is one for all, or arranged as that is."""
    if dims is None or isinstance(dims, int):
        return [dims for _ in leaves(tree, kind)]
    if isinstance(tree, dict) and isinstance(dims, dict) and dims.keys() == tree.keys():
        pairs = [(dims[key], part) for key, part in tree.items()]
    elif isinstance(tree, list | tuple) and isinstance(dims, list | tuple) and len(dims) == len(tree):
        pairs = list(zip(dims, tree, strict=True))
    else:
        raise ValueError(
            f"vmap: {name}={dims!r} does not fit; give one dimension, or one for each Tensor, arranged as they are"
        )
    return [dim for some, part in pairs for dim in _dims(some, part, name, kind)]


def _all_tensors(tree: Any) -> bool:
    parts = tuple(tree.values()) if isinstance(tree, dict) else tree
    return all(map(_all_tensors, parts)) if isinstance(parts, list | tuple) else isinstance(tree, Tensor)


def _count(given: list[tuple[Tensor, int | None]]) -> int:
    """How many examples there are."""
    for x, dim in given:
        if dim is not None and not -x.ndim <= dim < x.ndim:
            raise ShapeError(f"vmap: an argument of shape {x.shape} has no dimension {dim} of examples; see in_dims")
    counts = sorted({x.shape[dim] for x, dim in given if dim is not None})
    if len(counts) != 1 or not counts[0]:
        raise ShapeError(f"vmap: the arguments have {counts or 'no'} examples; all must have as many, one at least")
    return counts[0]


def _check_chunks(name: str, chunk_size: int | None) -> None:
    if chunk_size is not None and chunk_size < 1:
        raise ValueError(f"{name}: chunk_size={chunk_size}; it must be 1 or more, or None")


def _check_randomness(name: str, randomness: str) -> None:
    if randomness not in ("error", "different", "same"):
        raise ValueError(f"{name}: randomness is {randomness!r}; it must be 'error', 'different' or 'same'")


def _drawing(randomness: str, example: Callable[[int], Any], i: int, last: bool) -> Any:
    """``example(i)``; the random numbers it draws are drawn again for the next, unless this is the ``last``."""
    if randomness == "different":
        return example(i)
    before = default_generator.get_state()
    result = example(i)
    after = default_generator.get_state()
    if randomness == "error" and not np.array_equal(before.raw, after.raw):
        raise GraphError(
            "vmap: the function draws random numbers; say whether randomness='different' for each example or the 'same'"
        )
    if not last:
        default_generator.set_state(before)
    return result


_ABOUT_MODULES = ("functional_call", "replace_all_batch_norm_modules_", "stack_module_state")  # PyTorch has them here


def __getattr__(name: str) -> Any:
    if name in _ABOUT_MODULES:
        return getattr(importlib.import_module("nn.utils.stateless"), name)
    raise AttributeError(f"module 'autograd.func' has no attribute {name!r}")
