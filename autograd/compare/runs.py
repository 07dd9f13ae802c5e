"""What `compare` runs in both libraries: a function, a module with its counterpart, or a training run."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Sequence
from copy import deepcopy
from itertools import count
from typing import Any

import numpy as np

from autograd import origins
from autograd.backward import grad
from autograd.captured import exchanged
from autograd.check.jacobian import weights
from autograd.check.subject import State, names_of, to_be_checked
from autograd.compare.divergence import Log, Matched, numbers
from autograd.compare.swap import here, import_torch, in_torch
from autograd.compare.table import RTOL, Comparison, Row
from autograd.errors import GraphError, ShapeError
from autograd.graph import Node, enable_grad
from autograd.tensor import Tensor
from autograd.value import Value


def compared(function: Any, inputs: Sequence[Any], rtol: float | None, steps: int | None) -> Comparison:
    """What `compare` says of its arguments."""
    torch = import_torch()
    if isinstance(function, torch.nn.Module) or (inputs and isinstance(inputs[0], torch.nn.Module)):
        pair = _Modules(function, inputs[0] if inputs else None, rtol)
        state = State(function, dict(function.named_parameters()))
        try:
            return pair.run(inputs[1:])
        finally:
            state.restore()
    call = getattr(function, "forward", function)
    if inspect.isgeneratorfunction(call):
        return _Training(function, rtol).run(inputs, steps)
    return _Function(function, rtol).run(inputs)


def _label(function: Any) -> str:
    return getattr(function, "__name__", type(function).__name__)


def _is_number(x: Any) -> bool:
    return isinstance(x, bool | int | float | np.ndarray | np.generic | Node) or hasattr(x, "detach")


def _flat(x: Any, label: str) -> Iterator[tuple[str, Any]]:
    """Every number or tensor in what was returned, with a name."""
    if isinstance(x, dict):
        for key, part in x.items():
            yield from _flat(part, str(key))
    elif isinstance(x, list | tuple):
        for k, part in enumerate(x):
            yield from _flat(part, f"{label} {k}")
    elif _is_number(x) or _has_state(x):
        yield label, x


def _numbers(x: Any) -> Any:
    """The array of a node, of a tensor of PyTorch, or of a plain number."""
    return np.asarray(x.raw) if isinstance(x, Node) else numbers(x) if hasattr(x, "detach") else np.asarray(x)


class _Kind:
    """What all comparisons do: rows for pairs, and calls of both sides."""

    def __init__(self, name: str, rtol: float | None) -> None:
        self.rtol = rtol
        self.report = Comparison(name)

    def row(self, name: str, ours: Any, theirs: Any) -> Row:
        x, y = _numbers(ours), _numbers(theirs)
        rtol = self.rtol if self.rtol is not None else RTOL.get(x.dtype.name, 0.0)
        return Row(name, x, y, rtol)

    def gradient(self, name: str, ours: Any, theirs: Any) -> Row | None:
        """A row for two gradients; None stands for one of zeros."""
        if ours is None and theirs is None:
            return None
        some = _numbers(theirs if ours is None else ours)
        row = self.row(f"gradient of {name}", some if ours is None else ours, some if theirs is None else theirs)
        row.ours = np.zeros_like(row.ours) if ours is None else row.ours
        row.theirs = np.zeros_like(row.theirs) if theirs is None else row.theirs
        return row

    def there(self, function: Any, call: Callable[[], Any]) -> Any:
        """``call()`` with the names that ``function`` uses being PyTorch's."""
        with exchanged(function, in_torch), import_torch().enable_grad():
            try:
                return call()
            except (TypeError, AttributeError, RuntimeError, ValueError, IndexError) as error:
                error.add_note(f"compare: this is {self.report.name} in PyTorch; here it ran")
                raise


class _Function(_Kind):
    """A function of tensors, or a module of ours and one of theirs."""

    def __init__(self, function: Any, rtol: float | None, theirs: Any = None) -> None:
        super().__init__(f"compare {_label(function)}", rtol)
        self.function, self.other = function, theirs if theirs is not None else function

    def parameters(self) -> dict[str, tuple[Any, Any]]:
        return {}

    def run(self, inputs: Sequence[Any]) -> Comparison:
        report, torch = self.report, import_torch()
        given = [here(Tensor(x) if isinstance(x, np.ndarray) else x) for x in inputs]
        parameters = self.parameters()
        asked = to_be_checked(given, bool(parameters))
        ours = [_leaf(x, k in asked) for k, x in enumerate(given)]
        theirs = [in_torch(x) for x in ours]
        with enable_grad(), origins.recording(), exchanged(self.function, here):
            out = self.function(*ours)
        log = Log()
        with log.watching():
            out_there = self.there(self.other, lambda: self.other(*theirs))
        pairs = self.outputs(out, out_there)
        names = names_of(getattr(self.function, "forward", self.function), given)
        leaves = {names[k]: (ours[k], theirs[k]) for k in asked}
        leaves |= {name: pair for name, pair in parameters.items() if pair[0].requires_grad}
        ends = [(x, y) for _, x, y in pairs if _has_gradient(x) and _has_gradient(y) and x.shape == tuple(y.shape)]
        if not ends:
            report.notes.append("nothing that was returned has a gradient in both, so only values were compared")
            return self.located(Matched(_nodes(pairs), log))
        outputs, outputs_there = [x for x, _ in ends], [y for _, y in ends]
        upstream = [_seed(x) for x in outputs]
        seeds = [in_torch(g).detach() for g in upstream]
        here_leaves, there_leaves = [pair[0] for pair in leaves.values()], [pair[1] for pair in leaves.values()]
        found = grad(outputs, here_leaves, upstream, allow_unused=True)
        wanted = torch.autograd.grad(outputs_there, there_leaves, seeds, retain_graph=True, allow_unused=True)
        verdicts = {}
        for (name, (leaf, _)), x, y in zip(leaves.items(), found, wanted, strict=True):
            row = self.gradient(name, x, y)
            verdicts[leaf] = row is None or row.agrees
            report.rows += [row] if row is not None else []
        self.afterwards()
        matched = Matched(_nodes(pairs), log)
        self.located(matched)
        if report.divergence is None and not all(verdicts.values()):
            report.divergence = matched.first_gradient(outputs, upstream, outputs_there, verdicts)
        return report

    def outputs(self, out: Any, out_there: Any) -> list[tuple[str, Any, Any]]:
        """The rows of the values; what differs in number or name is trouble."""
        ours, theirs = list(_flat(out, "value")), list(_flat(out_there, "value"))
        if [name for name, _ in ours] != [name for name, _ in theirs]:
            self.report.troubles.append(f"returned here: {[n for n, _ in ours]}, in PyTorch: {[n for n, _ in theirs]}")
        pairs = [(name, x, y) for (name, x), (other, y) in zip(ours, theirs, strict=False) if name == other]
        self.report.rows += [self.row(name, x, y) for name, x, y in pairs]
        return pairs

    def located(self, matched: Matched) -> Comparison:
        """Name the first node whose value differs, if one of the returned values does."""
        values = [row for row in self.report.rows if not row.name.startswith("gradient of ")]
        if any(not row.agrees for row in values):
            self.report.divergence = matched.first_value()
        return self.report

    def afterwards(self) -> None:
        """What there is to compare after the gradients."""


def _has_gradient(x: Any) -> bool:
    return bool(getattr(x, "requires_grad", False))


def _nodes(pairs: list[tuple[str, Any, Any]]) -> list[Any]:
    return [x for _, x, _ in pairs if isinstance(x, Node)]


def _leaf(x: Any, asked: bool) -> Any:
    if not asked:
        return x
    return Value(x.data) if isinstance(x, Value) else Tensor(x.raw, requires_grad=True)


def _seed(out: Any) -> Any:
    fixed = weights(np.shape(out.raw))
    return Value(float(fixed)) if isinstance(out, Value) else Tensor(fixed, dtype=out.dtype)


class _Modules(_Function):
    """A module of ours and one of theirs, with the same names in their ``state_dict``."""

    def __init__(self, ours: Any, theirs: Any, rtol: float | None) -> None:
        torch = import_torch()
        if not _has_state(ours) or isinstance(ours, torch.nn.Module) or not isinstance(theirs, torch.nn.Module):
            raise TypeError("compare: give our module, then PyTorch's with the same state_dict, then the inputs")
        self.copy = deepcopy(theirs)
        synchronize(ours, self.copy)
        self.copy.train(ours.training)
        super().__init__(ours, rtol, self.copy)

    def parameters(self) -> dict[str, tuple[Any, Any]]:
        there = dict(self.copy.named_parameters())
        return {name: (p, there[name]) for name, p in self.function.named_parameters()}

    def afterwards(self) -> None:
        """Running statistics and whatever else is in the state."""
        there = self.copy.state_dict()
        parameters = {name for name, _ in self.function.named_parameters()}
        for name, x in self.function.state_dict().items():
            if name not in parameters:
                self.report.rows.append(self.row(f"{name} afterwards", x, there[name]))


def synchronize(ours: Any, theirs: Any) -> None:
    """Put the numbers of our module into PyTorch's, dtypes included."""
    torch = import_torch()
    here_state, there_state = ours.state_dict(), theirs.state_dict()
    if here_state.keys() != there_state.keys():
        mine, other = (sorted(a.keys() - b.keys()) for a, b in ((here_state, there_state), (there_state, here_state)))
        raise GraphError(f"compare: the states of the modules differ: only here {mine}, only in PyTorch {other}")
    misshapen = [
        f"{name}: {x.shape} here, {tuple(there_state[name].shape)} in PyTorch"
        for name, x in here_state.items()
        if tuple(x.shape) != tuple(there_state[name].shape)
    ]
    if misshapen:
        raise ShapeError(f"compare: the two modules have different shapes: {'; '.join(misshapen)}")
    with torch.no_grad():
        for name, tensor in [*theirs.named_parameters(), *theirs.named_buffers()]:
            if name in here_state:
                tensor.data = torch.from_numpy(np.array(here_state[name].raw))


class _Training(_Kind):
    """A generator function, run in both; each yield is a step."""

    def __init__(self, function: Any, rtol: float | None) -> None:
        super().__init__(f"compare {_label(function)}", rtol)
        self.function = function
        self.largest: dict[str, float] = {}  # so far: as losses and gradients vanish, their rounding errors stay

    def run(self, inputs: Sequence[Any], steps: int | None) -> Comparison:
        """Go on until a step differs; the rows are those of that step, or of the last."""
        report, function = self.report, self.function
        given = [here(Tensor(x) if isinstance(x, np.ndarray) else x) for x in inputs]
        ours = [_leaf(x, _has_gradient(x)) for x in given]
        theirs = [in_torch(x) for x in ours]
        with exchanged(function, here):
            run_here = function(*ours)
        run_there = self.there(function, lambda: function(*theirs))
        end = object()
        for step in range(steps) if steps is not None else count():
            report.steps = step + 1
            log = Log()
            with enable_grad(), origins.recording(), exchanged(function, here):
                x = next(run_here, end)
            with log.watching():
                y = self.there(function, lambda: next(run_there, end))
            if x is end or y is end:
                report.steps = step
                if x is not y:
                    report.troubles.append(f"after {step} steps it ends {'here' if x is end else 'in PyTorch'} only")
                break
            report.rows = list(self.rows(x, y, first=not step))
            if not report:
                nodes = [node for _, node in _flat(x, "value") if isinstance(node, Node) and node.op is not None]
                report.divergence = Matched(nodes, log).first_value()
                self.explain()
                break
        return report

    def rows(self, x: Any, y: Any, first: bool) -> Iterator[Row]:
        """Values and gradients of what was yielded; a module gives its state."""
        for (name, ours), (other, theirs) in zip(_flat(x, "value"), _flat(y, "value"), strict=True):
            if name != other:
                raise GraphError(f"{self.report.name}: yielded {name} here, {other} in PyTorch")
            if not _has_state(ours):
                leaf = isinstance(ours, Tensor) and ours.op is None and theirs.is_leaf
                yield from self.with_gradient(name, ours, theirs) if leaf else [self.row(name, ours, theirs)]
                continue
            if first:
                synchronize(ours, theirs)
            there = {**theirs.state_dict(), **dict(theirs.named_parameters())}
            for path, value in {**ours.state_dict(), **dict(ours.named_parameters())}.items():
                yield from self.with_gradient(path, value, there[path])

    def with_gradient(self, name: str, ours: Any, theirs: Any) -> list[Row]:
        slope = self.gradient(name, ours.grad, theirs.grad)
        return [*([slope] if slope is not None else []), self.row(name, ours, theirs)]

    def row(self, name: str, ours: Any, theirs: Any) -> Row:
        row = super().row(name, ours, theirs)
        row.scale = self.largest.get(name, 0.0)
        finite = row.theirs[np.isfinite(row.theirs)]
        self.largest[name] = max(row.scale, float(np.abs(finite).max(initial=0.0)))
        return row

    def explain(self) -> None:
        """Say whether the gradients or the update are to blame."""
        rows = {row.name: row for row in self.report.rows}
        for name, row in rows.items():
            slope = rows.get(f"gradient of {name}")
            if slope is not None and slope.agrees and not row.agrees:
                self.report.troubles.append(f"the gradient of {name} agrees and {name} does not: the update differs")


def _has_state(x: Any) -> bool:
    return hasattr(x, "state_dict") and hasattr(x, "named_parameters")
