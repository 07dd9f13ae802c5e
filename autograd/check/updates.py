"""The check of an optimizer: its steps with the graph's gradients against its steps with those of differences."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from copy import deepcopy
from functools import partial
from typing import Any

import numpy as np

from autograd.backward import grad
from autograd.check import culprits
from autograd.check.differences import extrapolated
from autograd.check.jacobian import Settings, check
from autograd.check.report import Report
from autograd.check.subject import Subject, put
from autograd.errors import GraphError
from autograd.tensor import Tensor

Array = np.ndarray[Any, Any]


class _Parameters:
    """The parameters of an optimizer under the names they have in a module, or numbered."""

    def __init__(self, optimizer: Any, module: Any) -> None:
        named = [] if module is None or not hasattr(module, "named_parameters") else module.named_parameters()
        paths = {id(p): path for path, p in named}
        everything = [p for group in optimizer.param_groups for p in group["params"]]
        self.by_name = {paths.get(id(p), f"parameter {k}"): p for k, p in enumerate(everything)}
        self.modules = getattr(module, "modules", lambda: iter(()))

    def named_parameters(self) -> Iterator[tuple[str, Any]]:
        return iter(self.by_name.items())

    def parameters(self) -> Iterator[Any]:
        return iter(self.by_name.values())


def check_updates(
    optimizer: Any, loss: Callable[[], Any], settings: Settings, steps: int = 3, module: Any = None
) -> Report:
    """Whether the parameters after each of ``steps`` steps are the same with gradients from the graph and, from the
    same start, with gradients from differences of ``loss()``, which takes no arguments.

    The step must leave the gradients as they are, and the first step of an optimizer without weight decay must go
    down (up, if it maximizes): a rule with the wrong sign is consistent with itself. A parameter whose gradient is
    zero is VACUOUS. Afterwards parameters, gradients and the optimizer's state are as before.
    """
    if not callable(loss):
        raise GraphError("gradcheck: give the optimizer and a function without arguments that computes the loss")
    parameters = _Parameters(optimizer, module)
    with Subject("gradcheck", loss, (), parameters, True) as subject:
        report = check(subject, settings)
        report.inputs = subject.names
        with _kept(optimizer, subject.nodes):
            ours = list(_trajectory(subject, optimizer, partial(_by_the_graph, subject, settings), steps, report))
        with _kept(optimizer, subject.nodes):
            theirs = list(_trajectory(subject, optimizer, partial(_by_differences, subject, settings), steps, None))
        _compare(subject, ours, theirs, settings, report)
        if report.mismatches:
            report.culprits = culprits.wrong(subject, partial(check, settings=settings._replace(allow_zero=True)))
    return report


def _trajectory(subject: Subject, optimizer: Any, gradients: Any, steps: int, report: Report | None) -> Iterator[Any]:
    """The parameters after each step; the first steps and the gradients are looked at if there is a report."""
    arrays = [base.copy() for base in subject.bases]
    for k in range(steps):
        grads = gradients(arrays)
        for node, array, g in zip(subject.nodes, arrays, grads, strict=True):
            put(node, array.copy())
            node.grad = Tensor.of(g.copy()) if isinstance(node, Tensor) else float(g)
        optimizer.step()
        after = [np.array(node.raw, np.float64) for node in subject.nodes]
        if report is not None:
            for name, node, g in zip(subject.names, subject.nodes, grads, strict=True):
                if not np.array_equal(np.asarray(getattr(node.grad, "raw", node.grad)), g, equal_nan=True):
                    report.failures.append(
                        f"step {k + 1} changed the gradient of {name}; update() must leave it as it is"
                    )
            if k == 0:
                _check_direction(subject, optimizer, arrays, after, grads, report)
        arrays = after
        yield arrays


def _check_direction(subject: Subject, optimizer: Any, before: Any, after: Any, grads: Any, report: Report) -> None:
    groups = optimizer.param_groups
    upwards = any(group.get("maximize") for group in groups)
    decays = any(group.get("weight_decay") for group in groups)
    for name, x, y, g in zip(subject.names, before, after, grads, strict=True):
        if np.any(g) and np.array_equal(x, y):
            report.failures.append(f"VACUOUS: {name} has a gradient, but the first step does not move it; is lr 0?")
        elif not decays and (-1.0 if upwards else 1.0) * np.vdot(g, y - x) > 0:
            report.failures.append(
                f"the first step moves {name} so that the loss {'falls' if upwards else 'grows'}: "
                f"{type(optimizer).__name__}.update has a wrong sign"
            )


def _by_the_graph(subject: Subject, settings: Settings, arrays: list[Array]) -> list[Array]:
    outputs, leaves = subject.record(arrays)
    slopes = grad([out for _, out in outputs], leaves, allow_unused=True)
    return [
        np.zeros_like(array) if slope is None else _settled(slope.raw, settings)
        for slope, array in zip(slopes, arrays, strict=True)
    ]


def _by_differences(subject: Subject, settings: Settings, arrays: list[Array]) -> list[Array]:
    def at(j: int, index: Any, x: float) -> Any:
        moved = [array.copy() for array in arrays]
        moved[j][index] = x
        return subject.vector(moved).sum()

    found = [np.empty_like(array) for array in arrays]
    for j, array in enumerate(arrays):
        for index, x in np.ndenumerate(array):
            found[j][index] = extrapolated(partial(at, j, index), float(x), settings.step(float(x)))[0]
    return [_settled(gradient, settings) for gradient in found]


def _settled(gradient: Any, settings: Settings) -> Array:
    """With 0 for what is 0 but for rounding, of which some rules (sign, g / sqrt(g^2)) make 1."""
    return np.where(np.abs(gradient) <= settings.atol, 0.0, gradient)


def _compare(subject: Subject, ours: list[Any], theirs: list[Any], settings: Settings, report: Report) -> None:
    """Note the first step after which the parameters differ."""
    for k, (step, expected) in enumerate(zip(ours, theirs, strict=True), 1):
        report.checked += sum(array.size for array in step)
        for name, x, y in zip(subject.names, step, expected, strict=True):
            apart = np.abs(x - y)
            if not (apart <= settings.atol + settings.rtol * np.maximum(np.abs(y), 1.0)).all():
                at = np.unravel_index(np.argmax(apart), apart.shape)
                report.failures.append(
                    f"after step {k} {name}{list(map(int, at)) or ''} is {x[at]:.10g}, but {y[at]:.10g} if the "
                    f"gradients are those of differences, relative error {apart[at] / max(abs(x[at]), abs(y[at])):.1e}"
                )
        if report.failures:
            return


@contextmanager
def _kept(optimizer: Any, parameters: list[Any]) -> Iterator[None]:
    """Within this block the optimizer works on a copy of its settings and of its state, this in float64."""
    own = dict(vars(optimizer))
    vars(optimizer).update(deepcopy(own, {id(p): p for p in parameters}))
    for memory in optimizer.state.values():
        memory.update({name: kept.double() for name, kept in memory.items() if isinstance(kept, Tensor)})
    try:
        yield
    finally:
        vars(optimizer).clear()
        vars(optimizer).update(own)
