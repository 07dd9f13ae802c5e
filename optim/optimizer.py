"""What all optimizers share: groups of parameters, what is remembered of them, and the steps.

An algorithm is one function of arrays, ``update``; `optim.block` brings it to `Tensor`s and `Value`s alike. What it
remembers is kept here, not on the parameters: two optimizers over one model do not disturb each other.

PyTorch's flags ``foreach`` and ``fused`` choose among several implementations of one algorithm. Here there is one,
which is both: all small parameters in one pass. They are accepted and change nothing. ``capturable`` (CUDA graphs)
and ``differentiable`` (steps that are recorded) are refused.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from copy import deepcopy
from difflib import get_close_matches
from operator import is_
from typing import Any

import numpy as np

from autograd import ShapeError, Tensor, Value, enable_grad
from autograd.arrays import quietly
from optim.block import COUNTS, Array, Block, State, arranged, put_together
from optim.hooks import StepHooks

Group = dict[str, Any]

__all__ = ["Array", "Group", "Optimizer", "State"]

FLAGS = ("foreach", "fused", "capturable", "differentiable")


class Optimizer(StepHooks):
    """Base of the optimizers. ``params`` is an iterable of parameters, of pairs of a name and a parameter, or of
    groups with settings of their own, such as ``[{"params": [...], "lr": 0.1}, {"params": [...]}]``; ``defaults`` are
    the settings of the others, ``flags`` PyTorch's (see above).

    ``param_groups`` may be changed between steps: ``optimizer.param_groups[0]["lr"] = 0.01``. ``state[p]`` has what
    is remembered of a parameter, by PyTorch's names.

    A subclass defines ``update`` or, for parameters one by one as in PyTorch, a ``step`` of its own.
    """

    elementwise = True  # whether `update` may be given many parameters as one flat array
    decoupled = False  # whether weight decay shrinks the parameter (Loshchilov and Hutter) or enters the gradient
    remembered: tuple[str, ...] | None = None  # the names in `state`, if the algorithm has fixed ones

    def __init__(self, params: Iterable[Any], defaults: Group, flags: Mapping[str, Any] | None = None) -> None:
        self._check_flags(flags or {})
        self.defaults = defaults
        self.param_groups: list[Group] = []
        self.state = defaultdict(dict)
        self._blocks: dict[int, tuple[list[Any], list[Block]]] = {}  # of each group: its parameters and blocks
        if isinstance(params, Tensor | Value):
            raise TypeError(f"{self._name}: params is one {type(params).__name__}; put it in a list")
        if not isinstance(params, Iterable) or isinstance(params, str):
            raise TypeError(f"{self._name}: params is {params!r}; give the parameters, as in model.parameters()")
        given = list(params)
        if not given:
            raise ValueError(
                f"{self._name}: there are no parameters; was model.parameters() used up by an earlier loop?"
            )
        for group in given if isinstance(given[0], dict) else [{"params": given}]:
            self.add_param_group(group)

    @property
    def _name(self) -> str:
        return type(self).__name__

    @property
    def _knows_settings(self) -> bool:
        """Whether `check` is for these settings: to a ``step`` of a program's own they mean what it likes."""
        return type(self).step is Optimizer.step or type(self).check is not Optimizer.check

    def _check_flags(self, flags: Mapping[str, Any]) -> None:
        for flag, wanted in flags.items():
            if flag not in FLAGS:
                raise TypeError(f"{self._name}: there is no argument {flag!r}")
            if flag in ("capturable", "differentiable") and wanted:
                raise ValueError(f"{self._name}: {flag}=True is not possible here: a step changes arrays in place")

    @property
    def state(self) -> defaultdict[Any, dict[str, Any]]:
        """What is remembered, for each parameter a dictionary of names and Tensors."""
        self._shown = True  # from now on somebody else may change it
        return self._state

    @state.setter
    def state(self, state: defaultdict[Any, dict[str, Any]]) -> None:
        self._state, self._shown = state, False

    # Groups ----------------------------------------------------------------------------------------------------

    def add_param_group(self, group: Group) -> None:
        """Optimize more parameters, with settings of their own where ``group`` has them; other keys are kept."""
        if not isinstance(group, dict) or "params" not in group:
            raise ValueError(f"{self._name}: a group must be a dictionary with the key 'params', not {group!r:.60}")
        for key in group.keys() - self.defaults.keys() - {"params"}:
            meant = ["lr"] if key == "learning_rate" else get_close_matches(key, self.defaults, cutoff=0.85)
            if meant:
                raise ValueError(f"{self._name}: a group has the setting {key!r}; is {meant[0]!r} meant?")
        params = group["params"]
        if isinstance(params, set):
            raise TypeError(
                f"{self._name}: a set of parameters has no order that a state could be saved in; give a list"
            )
        params = [params] if isinstance(params, Tensor | Value) else list(params)
        merged = {**self.defaults, **group, "params": params}
        self._check_flags({flag: merged.get(flag) for flag in FLAGS})
        if any(isinstance(given, tuple) for given in params):
            if not all(isinstance(given, tuple) and len(given) == 2 for given in params):
                raise ValueError(f"{self._name}: some parameters come with a name and some without; name all or none")
            merged["param_names"] = [name for name, _ in params]
            params = merged["params"] = [p for _, p in params]
        if len({"param_names" in each for each in (*self.param_groups, merged)}) > 1:
            raise ValueError(f"{self._name}: some groups have names of parameters and some have none; name all or none")
        self._check_params(params)
        try:
            if self._knows_settings:
                self.check(merged)
        except TypeError as error:
            shown = ", ".join(f"{setting}={value!r}" for setting, value in merged.items() if setting in self.defaults)
            raise TypeError(f"{self._name}: cannot take {shown}: {error}; settings are numbers") from None
        if not _of_values(params):
            put_together(params)
        self.param_groups.append(merged)

    def _check_params(self, params: list[Any]) -> None:
        for i, p in enumerate(params):
            if not isinstance(p, Tensor | Value):
                raise TypeError(f"{self._name}: parameter {i} is {p!r}; parameters are Tensors or Values")
            if p.op is not None:
                raise ValueError(
                    f"{self._name}: parameter {i} is the result of {p.op.rule.name}; only leaves can be optimized"
                )
        if len({isinstance(p, Value) for p in params}) > 1:
            raise ValueError(f"{self._name}: the parameters of a group must be all Tensors or all Values")
        seen = {id(p) for g in self.param_groups for p in g["params"]}
        if len({id(p) for p in params} | seen) < len(params) + len(seen):
            raise ValueError(f"{self._name}: a parameter stands there twice; it would be updated twice in each step")

    def check(self, group: Group) -> None:
        """Raise ValueError for settings that make no sense; called for each group."""
        for setting in self.defaults:
            given = group.get(setting)
            if any(isinstance(part, Tensor) for part in (given if isinstance(given, tuple | list) else (given,))):
                raise TypeError(f"{self._name}: {setting} is a Tensor; give a number, as in {setting}.item()")
        for setting in ("lr", "weight_decay", "eps", "momentum"):
            self._check_range(group, setting)
        if not all(0 <= beta < 1 for beta in group.get("betas", ())):
            raise ValueError(f"{self._name}: betas are {group['betas']}; each must lie in [0, 1)")

    def _check_range(self, group: Group, setting: str, largest: float = np.inf) -> None:
        """Refuse a number that is negative, NaN, or larger than ``largest``."""
        if not 0 <= group.get(setting, 0) <= largest:
            wanted = "not be negative" if largest == np.inf else f"lie in [0, {largest:g}]"
            raise ValueError(f"{self._name}: {setting} is {group[setting]}; it must {wanted}")

    # Steps -----------------------------------------------------------------------------------------------------

    def update(self, p: Array, g: Array, state: State, group: Group) -> None:
        """The algorithm: change ``p`` in place, given its gradient ``g``, which must be left as it is.

        What it remembers is in ``state``: arrays like ``p`` (and numbers, such as ``state["step"]``) that start at 0
        and are changed in place. The sign for ``maximize`` and the weight decay are already in ``p`` and ``g``.
        """
        raise TypeError(f"{self._name} does not say how it updates")

    def decayed(self, p: Array, g: Array, group: Group) -> Array:
        """The gradient with the weight decay in it; or the parameter is shrunk, in place."""
        if weight_decay := group.get("weight_decay"):
            if not (self.decoupled or group.get("decoupled_weight_decay")):
                return g + weight_decay * p
            p *= 1 - group["lr"] * weight_decay
        return g

    def shape_of(self, name: str, shape: tuple[int, ...]) -> tuple[int, ...]:
        """The shape of what is remembered under ``name`` of a parameter of ``shape``."""
        return () if name in COUNTS else shape

    def step(self, closure: Callable[[], Any] | None = None) -> Any:
        """Update every parameter that has a gradient; ``closure``, if given, computes the loss and the gradients."""
        loss = None
        if closure is not None:
            with enable_grad():
                loss = closure()
        quietly.run(self._step)
        return loss

    def _step(self) -> None:
        arranged = [(group, self._arranged(i, group)) for i, group in enumerate(self.param_groups)]
        for group, blocks in arranged:  # of which none was refused
            for block in blocks:
                p, g = block.gathered()
                if group.get("maximize"):
                    g = -g
                self.update(p, self.decayed(p, g, group), block.state, group)
                block.written()

    def _arranged(self, i: int, group: Group) -> list[Block]:
        before, blocks = self._blocks.get(i, ([], []))
        if _of_values(group["params"]):
            params = now = list(group["params"])
            same = now == before  # Values are equal to themselves alone
        else:
            params = [p for p in group["params"] if p._grad is not None]
            now = params + [p.raw for p in params]
            same = len(now) == len(before) and all(map(is_, now, before))
        if not same or (self._shown and not all(block.remembers(self._state) for block in blocks)):
            blocks = arranged(self, params, self._state)
            self._blocks[i] = now, blocks
        return blocks

    def zero_grad(self, set_to_none: bool = True) -> None:
        """Forget all gradients, or set them to 0; those of Values become 0 either way."""
        for group in self.param_groups:
            if _of_values(group["params"]):
                for value in group["params"]:
                    value.grad = 0.0
                continue
            for p in group["params"]:
                if set_to_none or p.grad is None:
                    p._grad = None
                else:
                    p.grad = p.grad.detach()  # from a graph, if it was recorded
                    p.grad.zero_()

    # State -----------------------------------------------------------------------------------------------------

    def state_dict(self) -> dict[str, Any]:
        """The settings and what is remembered, in PyTorch's layout: parameters are numbered through the groups.

        The Tensors share their memory with this optimizer; ``copy.deepcopy`` keeps them as they are now.
        """
        params = [p for group in self.param_groups for p in group["params"]]
        number = {id(p): i for i, p in enumerate(params)}
        groups = [{**group, "params": [number[id(p)] for p in group["params"]]} for group in self.param_groups]
        state = {i: dict(self.state[p]) for i, p in enumerate(params) if self.state.get(p)}
        return {"state": state, "param_groups": groups}

    def load_state_dict(self, state_dict: Mapping[str, Any]) -> None:
        """Take over the settings and the state of another optimizer of the same algorithm, which are copied.

        It may be PyTorch's: what `numpy.asarray` accepts is fine. Nothing is changed unless everything fits.
        """
        saved = [dict(group) for group in state_dict["param_groups"]]
        sizes, ours = ([len(group["params"]) for group in groups] for groups in (saved, self.param_groups))
        if sizes != ours:
            raise ValueError(
                f"load_state_dict: its groups have {sizes} parameters, those of this {self._name} have {ours}"
            )
        groups = []
        for group, own in zip(saved, self.param_groups, strict=True):
            settings = {k: v for k, v in group.items() if k not in FLAGS}
            settings["lr"] = getattr(group["lr"], "item", lambda lr=group["lr"]: lr)()  # PyTorch's may be a tensor
            groups.append({**own, **deepcopy({**settings, "params": ()}), "params": own["params"]})
            if self._knows_settings:
                self.check(groups[-1])
        numbers = [i for group in saved for i in group["params"]]
        params = dict(zip(numbers, (p for group in groups for p in group["params"]), strict=True))
        if strangers := state_dict["state"].keys() - params.keys():
            raise ValueError(f"load_state_dict: there is a state of parameters {sorted(strangers)}, and no such ones")
        state = {params[i]: self._loaded(i, params[i], memory) for i, memory in state_dict["state"].items()}
        self.param_groups[:] = groups
        self.state = defaultdict(dict, state)
        self._blocks = {}

    def _loaded(self, i: int, p: Any, memory: Mapping[str, Any]) -> dict[str, Tensor]:
        loaded = {}
        shape, dtype = ((), np.dtype(np.float64)) if isinstance(p, Value) else (p.raw.shape, p.raw.dtype)
        for name, given in memory.items():
            if self.remembered is not None and name not in self.remembered:
                raise ValueError(
                    f"load_state_dict: {name!r} of parameter {i} is nothing that {self._name} remembers; "
                    f"that is {', '.join(self.remembered)}"
                )
            if given is None:
                continue
            array = np.asarray(given).astype(np.float64 if name in COUNTS else dtype)
            if array.shape != self.shape_of(name, shape):
                raise ShapeError(
                    f"load_state_dict: {name!r} of parameter {i} has shape {array.shape}, the parameter {shape}"
                )
            loaded[name] = Tensor.of(array)
        return loaded

    def __getstate__(self) -> dict[str, Any]:
        return {**vars(self), "_blocks": {}, "_hooks": None}  # of views copies and pickles would share no memory

    def __repr__(self) -> str:
        lines = [f"{self._name} ("]
        for i, group in enumerate(self.param_groups):
            lines += [f"Parameter Group {i}", *(f"    {key}: {group[key]}" for key in sorted(group) if key != "params")]
        return "\n".join([*lines, ")"])


def _of_values(params: list[Any]) -> bool:
    """Whether the parameters of a group are Values; otherwise all are Tensors."""
    return bool(params) and isinstance(params[0], Value)
