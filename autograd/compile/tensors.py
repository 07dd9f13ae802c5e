"""A function of `Tensor`s recorded once and replayed into the arrays of its first run.

The operations of the recording (`watch.py`, `traced.py`) become lines that write into kept arrays (`emit.py`): one
program forward and, for each output whose gradient is asked for, one backward, from the same texts of the table.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from autograd.arrays import ARRAYS
from autograd.backward import _without_leaks as without_leaks
from autograd.compile.emit import Emitter, Ref
from autograd.compile.traced import Asked, Source, Traced
from autograd.rule import Rule

Array = np.ndarray[Any, Any]


class AnotherBranch(Exception):  # noqa: N818
    """A question was answered otherwise than when recording."""


class Forward:
    """The lines that compute the ``outputs`` and ask the questions, and the array of each Source."""

    def __init__(
        self,
        operations: Sequence[Traced],
        questions: Sequence[Asked],
        buffers: Sequence[Array],
        arrays: dict[int, Array],
        outputs: Sequence[Source],
    ) -> None:
        """``arrays``: those of the leaves, by id of the leaf."""
        self.operations = operations
        self.asking = True  # not in the run that follows the recording: that the function answered just now
        self.emitter = Emitter()
        self.refs: dict[Any, Ref] = {}
        self._buffers, self._arrays = buffers, arrays
        self.needed = _needed(operations, [*outputs, *(source for asked in questions for source in asked.operands)])
        waiting = list(reversed(questions))
        for n in self.needed:
            while waiting and waiting[-1].before <= n:
                self._ask(waiting.pop())
            operation = operations[n]
            out = self.emitter.row(*self.read(n, operation.rule.value))
            if not isinstance(out, Ref):  # computed from constants alone
                out = self.emitter.ref(np.asarray(out))
            if out.value.dtype != operation.dtype:
                out = self.emitter.call(ARRAYS["to"], out, operation.dtype, word="to")
            out.spare = False
            self.refs["operation", n] = out
        while waiting:
            self._ask(waiting.pop())
        self.run = self.emitter.function()

    def _ask(self, asked: Asked) -> None:
        def question(*arrays: Array) -> None:
            if self.asking and bool(asked.condition(*arrays)) is not asked.answer:
                raise AnotherBranch

        question.__qualname__ = "question"
        refs = ", ".join(self.ref(source).name for source in asked.operands)
        self.emitter.lines.append(f"{self.emitter.known(question)}({refs})")

    def ref(self, source: Source) -> Ref:
        """The array of a Source."""
        kind, which = source
        key = (kind, which if kind in ("argument", "operation") else id(which))
        if key not in self.refs:
            if kind == "leaf":
                which = self._arrays[id(which)]
            self.refs[key] = self.emitter.ref(self._buffers[which] if kind == "argument" else which)
        return self.refs[key]

    def environment(self, operation: Traced) -> dict[str, Any]:
        """What the words of the row's text mean for this operation."""
        rule = operation.rule
        operands = tuple(self.ref(x) if isinstance(x, Source) else x for x in operation.operands)
        names: dict[str, Any] = {rule.operands[0]: operands} if rule.variadic else {}
        names = names or dict(zip(rule.operands, operands, strict=True))
        return {**names, **dict(zip(rule.parameters, map(self._parameter, operation.parameters), strict=True))}

    def read(self, n: int, text: str) -> tuple[Rule, str, dict[str, Any]]:
        """The row of an operation, its ``text`` and what the words mean there; what is ``kept`` is a word, too."""
        rule, names = self.operations[n].rule, self.environment(self.operations[n])
        if not rule.kept:
            return rule, text, names
        if ("kept", n) not in self.refs:
            self.refs["kept", n] = self.emitter.row(rule, rule.kept, names)
        return rule, text.replace(rule.kept, "kept"), {**names, "kept": self.refs["kept", n]}

    def _parameter(self, parameter: Any) -> Any:
        if isinstance(parameter, Source):
            return self.ref(parameter)
        if isinstance(parameter, tuple | list):
            return type(parameter)(map(self._parameter, parameter))
        return parameter


class Backward:
    """The lines that give the gradients of one output with respect to ``asked``."""

    def __init__(self, forward: Forward, output: Source, asked: Sequence[Source]) -> None:
        self._forward = forward
        self.emitter = Emitter(forward.emitter.names)
        for ref in forward.refs.values():
            if not ref.kept:  # then it still has the numbers of the recording, with which a word may not go at all
                ref.value = self.emitter.names[ref.name]
        value = forward.ref(output).value
        self.seed = self.emitter.ref(np.ones_like(value))
        self._grads: dict[Any, Ref] = {_key(output): self.seed}
        operations = forward.operations
        reached = {_key(source) for source in asked}
        for n in forward.needed:
            if any(_key(x) in reached for x in _passing(operations[n])):
                reached.add(("operation", n))
        masked: set[Any] = set()  # what a `where` selects from, as in backward.reverse
        for n in reversed(forward.needed):
            key = ("operation", n)
            if key not in reached or key not in self._grads:
                continue
            if operations[n].rule.name == "where" or key in masked:
                masked.update(_key(x) for x in operations[n].operands)
            g = self._grads.pop(key)
            g.spare = False
            for i, operand in enumerate(operations[n].operands):
                if operations[n].wanted[i] and _key(operand) in reached:
                    self._add(operand, self._contribution(n, i, g, key in masked))
        self.grads = {_key(source): self._grads.get(_key(source)) for source in asked}
        self.run = self.emitter.function()

    def _contribution(self, n: int, i: int, g: Ref, masked: bool) -> Ref:
        operation, emitter = self._forward.operations[n], self.emitter
        out = self._forward.refs["operation", n]
        rule, text, names = self._forward.read(n, operation.rule.derivative(i))
        for x, name in zip(operation.operands, rule.operands, strict=False):
            if not isinstance(x, Source):
                names[name] = out.value.dtype.type(x)
        if not rule.elementwise:
            given = {"i": i, "g": g, "out": out} if rule.variadic else {"g": g, "out": out}
            contribution = emitter.row(rule, text, {**given, **names})
        elif text == "1":
            contribution = g
        else:
            contribution = emitter.ufunc(np.multiply, g, emitter.row(rule, text, {"out": out, **names}))
        if not isinstance(contribution, Ref):
            contribution = emitter.ref(np.asarray(contribution))
        if masked and rule.elementwise:
            contribution = emitter.call(_kept_from_leaking, g, contribution, word="leaks")
        return self._fitted(contribution, self._forward.ref(operation.operands[i]).value)

    def _fitted(self, contribution: Ref, like: Array) -> Ref:
        """`Tensor.fitted`, as lines."""
        emitter, shape = self.emitter, contribution.value.shape
        if shape != like.shape:
            new = len(shape) - like.ndim
            stretched = (i + new for i, size in enumerate(like.shape) if size == 1 and shape[i + new] != 1)
            contribution = emitter.call(ARRAYS["sum"], contribution, (*range(new), *stretched), True, word="sum")
            contribution = emitter.call(_reshaped, contribution, like.shape, word="reshape")
        if contribution.value.dtype != like.dtype:
            contribution = emitter.call(ARRAYS["to"], contribution, like.dtype, word="to")
        return contribution

    def _add(self, operand: Any, contribution: Ref) -> None:
        key = _key(operand)
        if key not in self._grads:
            self._grads[key] = contribution
            return
        self._grads[key] = self.emitter.ufunc(np.add, self._grads[key], contribution)


def _passing(operation: Traced) -> list[Any]:
    """The operands that a gradient passes to."""
    return [x for x, wanted in zip(operation.operands, operation.wanted, strict=True) if wanted]


def _needed(operations: Sequence[Traced], outputs: Sequence[Source]) -> list[int]:
    """The operations that the outputs are computed from, in order."""
    needed = {source.which for source in outputs if source.kind == "operation"}
    for n in range(len(operations) - 1, -1, -1):
        if n in needed:
            needed.update(_operations_in((operations[n].operands, operations[n].parameters)))
    return sorted(needed)


def _operations_in(x: Any) -> list[int]:
    if isinstance(x, Source):
        return [x.which] if x.kind == "operation" else []
    return [n for part in x for n in _operations_in(part)] if isinstance(x, tuple | list) else []


def _key(source: Any) -> Any:
    if not isinstance(source, Source):
        return None
    return (source.kind, source.which if source.kind in ("argument", "operation") else id(source.which))


def _reshaped(x: Array, shape: tuple[int, ...]) -> Array:
    return x.reshape(shape)


def _kept_from_leaking(g: Array, contribution: Array) -> Array:
    return np.asarray(without_leaks(g, contribution, ARRAYS))
