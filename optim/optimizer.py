"""What all optimizers share: groups of parameters, their state, and how an update reaches them.

An algorithm is one function of arrays, ``update``. A Tensor hands it its own array. `Value`s are numbers; all
those of a group are gathered into one array for the update and written back, so the formula stands once.
State is kept here, not on the parameters: two optimizers over one model do not disturb each other.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

from autograd import Tensor, Value, enable_grad

Array = np.ndarray[Any, Any]
Group = dict[str, Any]


class Optimizer:
    """Base of the optimizers. ``params`` is an iterable of parameters, or of groups with settings of their own,
    such as ``[{"params": [...], "lr": 0.1}, {"params": [...]}]``; ``defaults`` are the settings of the others.

    ``param_groups`` may be changed between steps: ``optimizer.param_groups[0]["lr"] = 0.01``.
    """

    def __init__(self, params: Iterable[Any], defaults: Group) -> None:
        self.defaults = defaults
        self.param_groups: list[Group] = []
        self._state: dict[int, dict[str, Any]] = {}  # by the id of a Tensor or, for Values, of their group
        if isinstance(params, Tensor | Value):
            raise TypeError(f"{self._name}: params is one {type(params).__name__}; put it in a list")
        if not isinstance(params, Iterable) or isinstance(params, str):
            raise TypeError(f"{self._name}: params is {params!r}; give the parameters, as in model.parameters()")
        given = list(params)
        if not given:
            raise ValueError(
                f"{self._name}: there are no parameters; was model.parameters() used up by an earlier loop?"
            )
        groups = given if isinstance(given[0], dict) else [{"params": given}]
        for group in groups:
            self.add_param_group(group)

    @property
    def _name(self) -> str:
        return type(self).__name__

    def add_param_group(self, group: Group) -> None:
        """Optimize more parameters, with settings of their own where ``group`` has them."""
        unknown = group.keys() - self.defaults.keys() - {"params"}
        if "params" not in group:
            raise ValueError(f"{self._name}: a group of parameters needs the key 'params'; it has {sorted(group)}")
        if unknown:
            raise ValueError(f"{self._name}: unknown settings {sorted(unknown)}; there are {sorted(self.defaults)}")
        params = group["params"]
        params = [params] if isinstance(params, Tensor | Value) else list(params)
        for i, p in enumerate(params):
            if not isinstance(p, Tensor | Value):
                raise TypeError(f"{self._name}: parameter {i} is {p!r}; parameters are Tensors or Values")
            if p.op is not None:
                raise ValueError(
                    f"{self._name}: parameter {i} is the result of {p.op.rule.name}; only leaves can be optimized"
                )
        if not params or len({isinstance(p, Value) for p in params}) > 1:
            raise ValueError(
                f"{self._name}: the parameters of a group must be all Tensors or all Values, and at least one"
            )
        seen = {id(p) for p in (*(q for g in self.param_groups for q in g["params"]),)}
        if len({id(p) for p in params} | seen) < len(params) + len(seen):
            raise ValueError(f"{self._name}: a parameter stands there twice; it would be updated twice in each step")
        merged = {**self.defaults, **group, "params": params}
        try:
            self.check(merged)
        except TypeError as error:
            shown = ", ".join(f"{setting}={value!r}" for setting, value in merged.items() if setting != "params")
            raise TypeError(f"{self._name}: cannot take {shown}: {error}; settings are numbers") from None
        self.param_groups.append(merged)

    def check(self, group: Group) -> None:
        """Raise ValueError for settings that make no sense; called for each group."""
        for setting in ("lr", "weight_decay"):
            if not group.get(setting, 0) >= 0:
                raise ValueError(f"{self._name}: {setting} is {group[setting]}; it must not be negative")

    def update(self, p: Array, g: Array, state: dict[str, Any], group: Group) -> None:
        """The algorithm: change ``p`` in place, given its gradient ``g``; ``state`` starts empty and is kept.

        ``g`` must be left as it is.
        """
        raise TypeError(f"{self._name} does not say how it updates")

    def step(self, closure: Callable[[], Any] | None = None) -> Any:
        """Update every parameter that has a gradient; ``closure``, if given, computes the loss and the gradients."""
        loss = None
        if closure is not None:
            with enable_grad():
                loss = closure()
        for group in self.param_groups:
            if isinstance(group["params"][0], Value):
                self._step_values(group)
                continue
            for p in group["params"]:
                if p.grad is not None:
                    self._update(p.raw, p.grad.raw, id(p), group)
                    p.mark_changed()
        return loss

    def _step_values(self, group: Group) -> None:
        values = group["params"]
        p = np.array([value.data for value in values])
        self._update(p, np.array([value.grad for value in values], np.float64), id(group), group)
        for value, number in zip(values, p.tolist(), strict=True):
            value.data = number

    def _update(self, p: Array, g: Array, key: int, group: Group) -> None:
        if group.get("maximize"):
            g = -g
        self.update(p, g, self._state.setdefault(key, {}), group)

    def zero_grad(self, set_to_none: bool = True) -> None:
        """Forget all gradients, or set them to 0; those of Values become 0 either way."""
        for group in self.param_groups:
            for p in group["params"]:
                if isinstance(p, Value):
                    p.grad = 0.0
                elif set_to_none or p.grad is None:
                    p.grad = None
                else:
                    p.grad.zero_()

    def __repr__(self) -> str:
        lines = [f"{self._name} ("]
        for i, group in enumerate(self.param_groups):
            lines += [f"Parameter Group {i}", *(f"    {key}: {group[key]}" for key in sorted(group) if key != "params")]
        return "\n".join([*lines, ")"])
