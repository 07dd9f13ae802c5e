"""L-BFGS (Nocedal 1980, Mathematics of Computation 35; Liu and Nocedal 1989, Mathematical Programming 45)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import Any

import numpy as np

from autograd import Tensor, Value, enable_grad, no_grad
from optim.line_search import Point, strong_wolfe
from optim.optimizer import Array, Group, Optimizer

CURVED = 1e-10  # the least product of two differences that says something of the curvature


class LBFGS(Optimizer):
    """Newton's method with an inverse Hessian guessed from the last ``history_size`` differences of gradients.

    Each ``step(closure)`` makes up to ``max_iter`` iterations, in which ``closure``, which computes the loss and the
    gradients anew, is called up to ``max_eval`` times (a quarter more, if None). ``lr`` is the length of a step or,
    with ``line_search_fn="strong_wolfe"``, the first that is tried. It ends early where no component of the gradient
    is larger than ``tolerance_grad``, or the loss or the parameters change by less than ``tolerance_change``.

    It takes one group of parameters. Raises TypeError if ``step`` is called without a closure.

    >>> import optim
    >>> x = Tensor([3.0, -2.0], requires_grad=True)
    >>> optimizer = optim.LBFGS([x], line_search_fn="strong_wolfe")
    >>> def closure():
    ...     optimizer.zero_grad()
    ...     loss = ((x - 1) ** 4).sum()
    ...     loss.backward()
    ...     return loss
    >>> optimizer.step(closure)  # the loss at the start
    tensor(97., grad_fn=<sum>)
    >>> closure().item() < 1e-6
    True
    """

    remembered = (
        *("func_evals", "n_iter", "d", "t", "old_dirs", "old_stps", "ro", "H_diag"),
        *("prev_flat_grad", "prev_loss", "al"),
    )

    def __init__(
        self,
        params: Iterable[Any],
        lr: float = 1.0,
        max_iter: int = 20,
        max_eval: int | None = None,
        tolerance_grad: float = 1e-7,
        tolerance_change: float = 1e-9,
        history_size: int = 100,
        line_search_fn: str | None = None,
    ) -> None:
        defaults = {
            "lr": lr,
            "max_iter": max_iter,
            "max_eval": max_iter * 5 // 4 if max_eval is None else max_eval,
            "tolerance_grad": tolerance_grad,
            "tolerance_change": tolerance_change,
            "history_size": history_size,
            "line_search_fn": line_search_fn,
        }
        super().__init__(params, defaults)

    def add_param_group(self, group: Group) -> None:
        if self.param_groups:
            raise ValueError("LBFGS: takes one group of parameters; give all of them the same settings")
        super().add_param_group(group)

    def check(self, group: Group) -> None:
        super().check(group)
        for setting in ("tolerance_grad", "tolerance_change", "max_iter", "max_eval"):
            self._check_range(group, setting)
        if group["history_size"] < 1:
            raise ValueError(f"LBFGS: history_size is {group['history_size']}; it must be at least 1")
        if group["line_search_fn"] not in (None, "strong_wolfe"):
            raise ValueError(f"LBFGS: line_search_fn is {group['line_search_fn']!r}; it is None or 'strong_wolfe'")

    @no_grad
    def step(self, closure: Callable[[], Any] | None = None) -> Any:
        """Iterate; ``closure`` computes the loss and the gradients. The result is the loss at the start."""
        if closure is None:
            raise TypeError(
                "LBFGS: step needs a function that computes the loss and the gradients, since it looks at several "
                "points; as in step(closure)"
            )
        group, memory = self.param_groups[0], self._memory()
        with enable_grad():
            first = closure()
        x, loss, g = self._point(), _number(first), self._gradient()
        memory["func_evals"] += 1
        evaluations = 1
        for iteration in range(1, group["max_iter"] + 1):
            if np.abs(g).max() <= group["tolerance_grad"]:
                break
            memory["n_iter"] += 1
            d = self._direction(g, memory, group["history_size"])
            memory["prev_flat_grad"], memory["prev_loss"], memory["d"] = g, loss, d
            t = group["lr"] * (min(1.0, 1 / float(np.abs(g).sum())) if memory["n_iter"] == 1 else 1)
            start = Point(0.0, loss, g, float(g.dot(d)))
            memory["t"] = t
            if start.slope > -group["tolerance_change"]:
                break
            here, tries, at = start, 0, partial(self._at, closure, x, d)
            if group["line_search_fn"]:
                here, tries = strong_wolfe(at, start, t, float(np.abs(d).max()), group["max_eval"] - evaluations)
            elif iteration < group["max_iter"]:  # after the last the next step's first call computes it
                here, tries = at(t), 1
            t = memory["t"] = here.t if tries else t
            x = x + t * d
            self._move(x)
            loss, g = here.loss, here.gradient
            evaluations += tries
            memory["func_evals"] += tries
            small = group["tolerance_change"]
            if evaluations >= group["max_eval"] or np.abs(t * d).max() <= small:
                break
            if abs(loss - start.loss) < small:
                break
        self._keep(memory)
        return first

    def _at(self, closure: Callable[[], Any], x: Array, d: Array, t: float) -> Point:
        """The point at ``x + t d``, where the parameters are left."""
        self._move(x + t * d)
        try:
            with enable_grad():
                loss = _number(closure())
            g = self._gradient()
        except BaseException:
            self._move(x)  # nothing half-done: the last point that was settled on
            raise
        return Point(t, loss, g, float(g.dot(d)))

    def _direction(self, g: Array, memory: dict[str, Any], size: int) -> Array:
        """Against the gradient, times the guess of the inverse Hessian: the recursion in two loops."""
        if memory["n_iter"] == 1:
            memory.update(old_dirs=[], old_stps=[], ro=[], H_diag=1.0)
            return -g
        y, s = g - memory["prev_flat_grad"], memory["t"] * memory["d"]
        ys, dirs, steps, ro = float(y.dot(s)), memory["old_dirs"], memory["old_stps"], memory["ro"]
        if ys > CURVED:
            for history, new in ((dirs, y), (steps, s), (ro, 1 / ys)):
                history.append(new)
                del history[:-size]
            memory["H_diag"] = ys / float(y.dot(y))
        q, shares = -g, []
        for y, s, r in zip(reversed(dirs), reversed(steps), reversed(ro), strict=True):
            shares.append(float(s.dot(q)) * r)
            q -= shares[-1] * y
        q *= memory["H_diag"]
        for y, s, r, share in zip(dirs, steps, ro, reversed(shares), strict=True):
            q += (share - float(y.dot(q)) * r) * s
        return q

    # The parameters as one array --------------------------------------------------------------------------------

    def _point(self) -> Array:
        return np.concatenate([np.ravel(p.raw) for p in self.param_groups[0]["params"]])

    def _gradient(self) -> Array:
        params = self.param_groups[0]["params"]
        return np.concatenate([np.ravel(np.zeros_like(p.raw) if p.grad is None else _raw(p.grad)) for p in params])

    def _move(self, x: Array) -> None:
        start = 0
        for p in self.param_groups[0]["params"]:
            if isinstance(p, Value):
                p.data = float(x[start])
            else:
                p.raw[...] = x[start : start + p.raw.size].reshape(p.raw.shape)
                p.mark_changed()
            start += np.size(p.raw)

    # State: with the first parameter, as PyTorch has it ------------------------------------------------------------

    def _memory(self) -> dict[str, Any]:
        kept = self.state[self.param_groups[0]["params"][0]]
        return {"func_evals": 0, "n_iter": 0, **{name: _with(_raw, entry) for name, entry in kept.items()}}

    def _keep(self, memory: dict[str, Any]) -> None:
        kept = {name: _with(_tensor, entry) for name, entry in memory.items()}
        self.state[self.param_groups[0]["params"][0]] = kept

    def _loaded(self, i: int, p: Any, memory: Mapping[str, Any]) -> dict[str, Any]:
        if strangers := memory.keys() - set(self.remembered):
            raise ValueError(f"load_state_dict: LBFGS remembers nothing called {', '.join(sorted(strangers))}")
        size = self._point().size
        loaded = {name: _with(_copied, entry) for name, entry in memory.items() if name != "al"}
        for name in ("d", "prev_flat_grad"):
            if name in loaded and loaded[name].shape != (size,):
                raise ValueError(
                    f"load_state_dict: {name!r} has shape {loaded[name].shape}, but {size} numbers are optimized"
                )
        return loaded


def _with(function: Callable[[Any], Any], entry: Any) -> Any:
    return [function(x) for x in entry] if isinstance(entry, list) else function(entry)


def _raw(x: Any) -> Any:
    return x.raw if isinstance(x, Tensor | Value) else x


def _number(loss: Any) -> float:
    return float(np.asarray(_raw(loss)).item())


def _tensor(x: Any) -> Any:
    return Tensor.of(x) if isinstance(x, np.ndarray) else x


def _copied(x: Any) -> Any:
    """A number or an array, which may be PyTorch's, as a number or a Tensor."""
    array = np.asarray(x).copy()
    return Tensor.of(array) if array.ndim else array.item()
