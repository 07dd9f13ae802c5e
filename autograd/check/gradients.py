"""`gradcheck` and `gradgradcheck`: the derivatives of the graph against differences of values."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

import numpy as np

from autograd.backward import grad
from autograd.check import culprits
from autograd.check.differences import STEP
from autograd.check.jacobian import Settings, check, weights
from autograd.check.report import Report
from autograd.check.subject import Called, Subject, leaf_like
from autograd.check.updates import check_updates
from autograd.errors import GradcheckError, GraphError
from autograd.graph import enable_grad

Array = np.ndarray[Any, Any]


def gradcheck(
    function: Any,
    inputs: Any = (),
    *,
    eps: float = STEP,
    atol: float = 1e-8,
    rtol: float = 1e-6,
    raise_exception: bool = False,
    upcast: bool = True,
    allow_zero: bool | Sequence[str] = False,
    module: Any = None,
    steps: int = 3,
) -> Report:
    """Whether every derivative that the graph gives is that of central differences. The report is true if all are.

    ``function`` takes the inputs (a node, or a list of nodes and whatever else) and gives a `Value` or a `Tensor` of
    any shape, or several. Checked are the inputs that require a gradient; if none does, all that could. Of an
    ``nn.Module``, given as the function or as ``module``, the parameters are checked too, by name; it is left as it
    was, running statistics included. Random numbers are the same in every call, and also left as they were.

    Numbers agree if they differ by less than ``atol + rtol * abs(expected)``, plus what rounding leaves of the output.
    The steps are ``eps`` * max(1, abs(x)) and half of that, extrapolated (Richardson); where the two sides disagree,
    smaller ones are tried, and the one whose approximations lie closest counts. All is computed in float64: narrower
    inputs are converted, or refused if not ``upcast``. A ``float32`` result is refused.

    Where a whole Jacobian is zero on both sides nothing was checked: the report says VACUOUS and is not true, unless
    ``allow_zero`` has that input's name, or is True.

    Where the sides disagree the report names the operation of the graph whose own derivative is wrong, and its line.

    An optimizer is checked with ``function`` the optimizer and ``inputs`` a function without arguments that gives the
    loss: see `check_updates`; ``steps`` is for it.

    >>> from autograd import Tensor
    >>> x = Tensor([0.5, -1.0], requires_grad=True)
    >>> gradcheck(lambda x: (x * x.detach()).sum(), x)  # doctest: +ELLIPSIS
    gradcheck: WRONG: 2 derivatives d output / d x
    d output / d x[0]: the graph says 0.5, differences say 1, relative error 5.0e-01 (2 of 2 elements disagree)
    Where the graph is left:
      mul, ...
        its operand y is a constant to the graph, but it changed when x did: it was computed from it outside the graph
        (.data, .detach(), .item(), NumPy, Tensor(...) of a result, no_grad)
    note: x: narrower than float64, checked in float64
    """
    settings = Settings(eps, atol, rtol, allow_zero)
    if hasattr(function, "param_groups"):
        return _told(check_updates(function, inputs, settings, steps, module), raise_exception)
    with Subject("gradcheck", function, inputs, module, upcast) as subject:
        report = check(subject, settings)
        if report.mismatches or report.failures:
            report.culprits = culprits.wrong(subject, partial(first_of_one, settings))
            report.leaks = culprits.leaks(subject, report.worst, settings)
    return _told(report, raise_exception)


def gradgradcheck(
    function: Any,
    inputs: Any = (),
    grad_outputs: Any = None,
    *,
    eps: float = STEP,
    atol: float = 1e-8,
    rtol: float = 1e-6,
    raise_exception: bool = False,
    upcast: bool = True,
    allow_zero: bool | Sequence[str] = False,
    module: Any = None,
) -> Report:
    """Whether the derivatives of ``function``'s gradients (``create_graph=True``) are those of differences of them.

    Checked are the derivatives of all gradients together, for each input and for the upstream gradient:
    ``grad_outputs``, by default fixed numbers, one array for each output. Everything else is as in `gradcheck`. An
    input that no gradient depends on (``function`` is linear in it) is VACUOUS; ``allow_zero`` says it is meant.
    """
    settings = Settings(eps, atol, rtol, allow_zero)
    with Subject("gradgradcheck", function, inputs, module, upcast) as subject:
        report = check(Gradients(subject, grad_outputs), settings, together=True)
        if report.mismatches or report.failures:
            report.culprits = culprits.wrong(subject, partial(second_of_one, settings))
    return _told(report, raise_exception)


def _told(report: Report, raise_exception: bool) -> Report:
    if raise_exception and not report:
        raise GradcheckError(str(report))
    return report


def first_of_one(settings: Settings, operation: Subject) -> Report:
    """The check of a single operation of a graph."""
    return check(operation, settings._replace(allow_zero=True, contracted=True))


def second_of_one(settings: Settings, operation: Subject) -> Report:
    """The check of the gradients of a single operation of a graph."""
    return check(Gradients(operation), settings._replace(allow_zero=True, contracted=True), together=True)


class Gradients(Subject):
    """The gradients of another subject as functions of its inputs and of the upstream gradients."""

    def __init__(self, given: Subject, grad_outputs: Any = None) -> None:
        outputs, _ = given.record()
        if grad_outputs is None:
            upstream = [leaf_like(out, weights(np.shape(out.raw))) for _, out in outputs]
        else:
            upstream = list(grad_outputs) if isinstance(grad_outputs, list | tuple) else [grad_outputs]
        if len(upstream) != len(outputs):
            raise GraphError(
                f"{given.name}: {len(outputs)} outputs but {len(upstream)} grad_outputs; give one for each"
            )
        self._given = given
        self.name, self.upcast = given.name, given.upcast
        labels = ["upstream"] if len(upstream) == 1 else [f"upstream {k}" for k in range(len(upstream))]
        self.names, self.nodes = [*given.names, *labels], [*given.nodes, *upstream]
        self.bases = [*given.bases, *(np.array(g.raw, np.float64) for g in upstream)]

    @property
    def draws(self) -> bool:
        return self._given.draws

    def _notice_drawing(self) -> None:
        self._given._notice_drawing()

    def _call(self, arrays: Sequence[Array]) -> Called:
        n = len(self._given.bases)
        with enable_grad():
            outputs, leaves = self._given._call(arrays[:n])
            upstream = list(map(leaf_like, self.nodes[n:], arrays[n:]))
            slopes: list[Any] = [None] * n
            pairs = [(out, g) for (_, out), g in zip(outputs, upstream, strict=True) if out.requires_grad]
            if pairs:
                ends, seeds = zip(*pairs, strict=True)
                slopes = list(grad(ends, leaves, seeds, create_graph=True, allow_unused=True))
        for k, slope in enumerate(slopes):
            if slope is None:
                slopes[k] = leaf_like(leaves[k], np.zeros(np.shape(leaves[k].raw)))
        return [(f"grad({name})", s) for name, s in zip(self.names, slopes, strict=False)], [*leaves, *upstream]
