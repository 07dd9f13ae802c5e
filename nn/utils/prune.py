"""Pruning: weights that are held at 0 by a mask.

``weight`` is then computed before each forward, from the parameter ``weight_orig``, which is learned, and the buffer
``weight_mask`` of zeros and ones; so a state has PyTorch's names. A pruned weight can be pruned again: the new method
chooses among what is left.

>>> import nn
>>> from nn.utils import prune
>>> layer = prune.l1_unstructured(nn.Linear(4, 2), "weight", amount=0.5)
>>> int((layer.weight == 0).sum()), list(layer.state_dict())
(4, ['bias', 'weight_orig', 'weight_mask'])
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Mapping
from numbers import Integral, Real
from typing import Any

from autograd import ShapeError, Tensor, cat, no_grad, ones_like, rand, rand_like, split, topk
from autograd.linalg import vector_norm
from nn.module import Module, Parameter

__all__ = [
    "BasePruningMethod",
    "CustomFromMask",
    "Identity",
    "L1Unstructured",
    "LnStructured",
    "PruningContainer",
    "RandomStructured",
    "RandomUnstructured",
    "custom_from_mask",
    "global_unstructured",
    "identity",
    "is_pruned",
    "l1_unstructured",
    "ln_structured",
    "random_structured",
    "random_unstructured",
    "remove",
]

KINDS = ("unstructured", "structured", "global")


class BasePruningMethod(ABC):
    """How a mask is chosen. A subclass defines ``compute_mask`` and ``PRUNING_TYPE``, which says what a method that
    comes after others chooses among: the elements that are left ("unstructured"), the slices along its ``dim`` that
    are left ("structured"), or all of the tensor ("global"). The method is itself the hook that computes the weight."""

    PRUNING_TYPE: str
    _tensor_name: str | None = None

    @abstractmethod
    def compute_mask(self, t: Tensor, default_mask: Tensor) -> Tensor:
        """The mask of a tensor whose elements have the importance ``t``, of the shape of ``default_mask``, which is the
        mask so far and must not be changed."""

    def __call__(self, module: Module, inputs: Any) -> None:
        setattr(module, str(self._tensor_name), self.apply_mask(module))

    def apply_mask(self, module: Module) -> Tensor:
        """The pruned tensor of a module that this was applied to."""
        if self._tensor_name is None:
            raise AssertionError(f"{type(self).__name__}: it prunes no module yet; see apply()")
        mask, original = (getattr(module, f"{self._tensor_name}_{part}") for part in ("mask", "orig"))
        pruned: Tensor = mask.to(dtype=original.dtype) * original
        return pruned

    @classmethod
    def apply(
        cls, module: Module, name: str, *args: Any, importance_scores: Tensor | None = None, **kwargs: Any
    ) -> BasePruningMethod:
        """Prune the parameter ``name`` of ``module`` by ``cls(*args, **kwargs)``, or more of it if it is pruned.

        ``importance_scores``, of its shape, are used in the place of its own numbers. If anything is wrong, nothing
        changes. The result is the method, or the `PruningContainer` of all methods so far.
        """
        method = cls(*args, **kwargs)
        method._tensor_name = name
        tensor = getattr(module, name)
        before = _methods(module).get(name)
        if before is None and not isinstance(tensor, Parameter):
            raise TypeError(f"prune: {name!r} of {type(module).__name__} is {tensor!r:.60}; a Parameter can be pruned")
        scores = _scores(tensor, importance_scores)
        mask = ones_like(tensor).detach() if before is None else getattr(module, f"{name}_mask").detach().clone()
        with no_grad():
            mask = method.compute_mask(scores, mask) if before is None else _combined(method, scores, mask)
        if mask.shape != tensor.shape:
            raise ShapeError(
                f"prune: {cls.__name__} gave a mask {mask.shape} for {name!r} of {type(module).__name__}, which is "
                f"{tensor.shape}; they must agree"
            )
        if before is None:
            delattr(module, name)
            module.register_parameter(f"{name}_orig", tensor)
            found: BasePruningMethod = method
            module.register_forward_pre_hook(method)
        else:
            key, old = before
            found = old if isinstance(old, PruningContainer) else PruningContainer(old)
            found.add_pruning_method(method)
            module._forward_pre_hooks[key] = found
        module.register_buffer(f"{name}_mask", mask)
        found(module, ())
        return found

    def prune(self, t: Tensor, default_mask: Tensor | None = None, importance_scores: Tensor | None = None) -> Tensor:
        """``t`` itself, pruned: no module is concerned."""
        with no_grad():
            scores = _scores(t, importance_scores)
            mask = self.compute_mask(scores, ones_like(t).detach() if default_mask is None else default_mask)
        pruned: Tensor = t * mask
        return pruned

    def remove(self, module: Module) -> None:
        """Let the pruned numbers be a parameter again. The hook stays; `remove`, the function, takes it away."""
        name = self._tensor_name
        if name is None:
            raise AssertionError(f"{type(self).__name__}: it prunes no module, so nothing can be removed")
        original = getattr(module, f"{name}_orig")
        original.data = self.apply_mask(module).detach()
        for gone in (name, f"{name}_orig", f"{name}_mask"):
            delattr(module, gone)
        setattr(module, name, original)


def _scores(tensor: Tensor, given: Tensor | None) -> Tensor:
    if given is not None and given.shape != tensor.shape:
        raise AssertionError(f"prune: importance_scores {given.shape} for a tensor {tensor.shape}; they must agree")
    return (tensor if given is None else given).detach()


def _combined(method: BasePruningMethod, scores: Tensor, mask: Tensor) -> Tensor:
    """``mask`` after ``method`` pruned more, choosing among what is left."""
    if method.PRUNING_TYPE not in KINDS:
        raise AttributeError(f"{type(method).__name__}: PRUNING_TYPE is {method.PRUNING_TYPE!r}; it is one of {KINDS}")
    chosen: Any = slice(None)
    if method.PRUNING_TYPE == "unstructured":
        chosen = mask == 1
    elif method.PRUNING_TYPE == "structured":
        dim = _dim(method.dim, scores)  # type: ignore[attr-defined]
        left = mask.movedim(dim, 0).reshape(mask.shape[dim], -1).sum(1) != 0
        chosen = (*[slice(None)] * dim, left)
    new = mask.clone().to(dtype=scores.dtype)
    new[chosen] = method.compute_mask(scores[chosen], mask[chosen]).to(dtype=scores.dtype)
    return new


def _dim(dim: int, tensor: Tensor) -> int:
    """``dim`` counted from the front, of a tensor that has slices."""
    if tensor.ndim < 2:
        raise ValueError(f"prune: a tensor {tensor.shape} has no slices; structured pruning takes 2 or more dimensions")
    if not -tensor.ndim <= dim < tensor.ndim:
        raise IndexError(f"prune: dim={dim} is none of a tensor {tensor.shape}")
    return dim % tensor.ndim


class PruningContainer(BasePruningMethod):
    """The methods that pruned one tensor, in order."""

    def __init__(self, *args: BasePruningMethod) -> None:
        self._methods: list[BasePruningMethod] = []
        for method in args:
            self._tensor_name = method._tensor_name if self._tensor_name is None else self._tensor_name
            self.add_pruning_method(method)

    def add_pruning_method(self, method: BasePruningMethod) -> None:
        """Add one, of the same tensor."""
        if not isinstance(method, BasePruningMethod):
            raise TypeError(f"PruningContainer: {method!r:.60} is no BasePruningMethod")
        if method._tensor_name != self._tensor_name:
            raise ValueError(f"PruningContainer: it prunes {self._tensor_name!r}, the new one {method._tensor_name!r}")
        self._methods.append(method)

    def compute_mask(self, t: Tensor, default_mask: Tensor) -> Tensor:
        """The mask after the last method, which chooses among what ``default_mask`` leaves."""
        return _combined(self._methods[-1], t, default_mask)

    def __len__(self) -> int:
        return len(self._methods)

    def __iter__(self) -> Iterator[BasePruningMethod]:
        return iter(self._methods)

    def __getitem__(self, index: int) -> BasePruningMethod:
        return self._methods[index]


class Identity(BasePruningMethod):
    """Nothing is pruned."""

    PRUNING_TYPE = "unstructured"

    def compute_mask(self, t: Tensor, default_mask: Tensor) -> Tensor:
        return default_mask


class _Amount(BasePruningMethod):
    """Prunes ``amount`` of what is left: a share between 0 and 1 if it is a float, otherwise a number."""

    def __init__(self, amount: Any) -> None:
        if not isinstance(amount, Real):
            raise TypeError(f"{type(self).__name__}: amount {amount!r}; it is a float or a whole number")
        self.amount = int(amount) if isinstance(amount, Integral) else float(amount)
        if self.amount < 0 or (isinstance(self.amount, float) and self.amount > 1):
            raise ValueError(f"{type(self).__name__}: amount={amount}; give a share from 0 to 1, or a whole number")

    def _count(self, size: int) -> int:
        if isinstance(self.amount, float):
            return round(self.amount * size)
        if self.amount > size:
            raise ValueError(f"{type(self).__name__}: amount={self.amount}, but only {size} are left to prune")
        return self.amount


class _Unstructured(_Amount):
    PRUNING_TYPE = "unstructured"

    def importance(self, t: Tensor) -> Any:
        """What is pruned where it is least, of the shape of ``t``."""
        raise NotImplementedError

    def compute_mask(self, t: Tensor, default_mask: Tensor) -> Tensor:
        mask = default_mask.clone()
        if count := self._count(t.numel()):
            mask.view(-1)[topk(self.importance(t).view(-1), count, largest=False).indices] = 0
        return mask


class RandomUnstructured(_Unstructured):
    """Prunes elements by lot; ``amount``: which share, if it is a float, or how many."""

    def importance(self, t: Tensor) -> Any:
        return rand_like(t)


class L1Unstructured(_Unstructured):
    """Prunes the elements that are smallest without their sign; ``amount``: which share, if it is a float, or how
    many."""

    def importance(self, t: Tensor) -> Any:
        return t.abs()


class _Structured(_Amount):
    PRUNING_TYPE = "structured"

    def __init__(self, amount: Any, dim: int = -1) -> None:
        super().__init__(amount)
        self.dim = dim

    def importance(self, slices: Tensor) -> Any:
        """A number for each row of ``slices``, (n, elements); the rows with the least are pruned."""
        raise NotImplementedError

    def compute_mask(self, t: Tensor, default_mask: Tensor) -> Tensor:
        dim = _dim(self.dim, t)
        count = self._count(t.shape[dim])
        if count == 0:
            return default_mask
        least = topk(self.importance(t.movedim(dim, 0).flatten(1)), count, largest=False).indices
        mask = default_mask.clone()
        mask[(*[slice(None)] * dim, least)] = 0
        return mask


class RandomStructured(_Structured):
    """Prunes slices along ``dim`` by lot; ``amount``: which share, if it is a float, or how many."""

    def importance(self, slices: Tensor) -> Any:
        return rand(len(slices))


class LnStructured(_Structured):
    """Prunes the slices along ``dim`` whose ``n``-norms are least; ``amount``: which share, if it is a float, or how
    many."""

    def __init__(self, amount: Any, n: Any, dim: int = -1) -> None:
        super().__init__(amount, dim)
        self.n = 2 if n == "fro" else n

    def importance(self, slices: Tensor) -> Any:
        return vector_norm(slices, self.n, dim=1)


class CustomFromMask(BasePruningMethod):
    """Prunes where ``mask`` is 0."""

    PRUNING_TYPE = "global"

    def __init__(self, mask: Tensor) -> None:
        self.mask = mask

    def compute_mask(self, t: Tensor, default_mask: Tensor) -> Tensor:
        if self.mask.shape != default_mask.shape:
            raise AssertionError(f"CustomFromMask: mask {self.mask.shape} for a tensor {default_mask.shape}")
        return default_mask * self.mask.to(dtype=default_mask.dtype)


def identity(module: Module, name: str) -> Module:
    """Give the parameter ``name`` a mask that prunes nothing."""
    Identity.apply(module, name)
    return module


def random_unstructured(module: Module, name: str, amount: Any) -> Module:
    """Prune elements of the parameter ``name`` by lot; ``amount``: which share, if it is a float, or how many."""
    RandomUnstructured.apply(module, name, amount)
    return module


def l1_unstructured(module: Module, name: str, amount: Any, importance_scores: Tensor | None = None) -> Module:
    """Prune the smallest elements of the parameter ``name``, or those of the smallest ``importance_scores``, without
    their sign; ``amount``: which share, if it is a float, or how many."""
    L1Unstructured.apply(module, name, amount, importance_scores=importance_scores)
    return module


def random_structured(module: Module, name: str, amount: Any, dim: int) -> Module:
    """Prune slices along ``dim`` by lot; ``amount``: which share, if it is a float, or how many."""
    RandomStructured.apply(module, name, amount, dim)
    return module


def ln_structured(
    module: Module, name: str, amount: Any, n: Any, dim: int, importance_scores: Tensor | None = None
) -> Module:
    """Prune the slices along ``dim`` whose ``n``-norms, or those of ``importance_scores``, are least; ``amount``: which
    share, if it is a float, or how many."""
    LnStructured.apply(module, name, amount, n, dim, importance_scores=importance_scores)
    return module


def custom_from_mask(module: Module, name: str, mask: Tensor) -> Module:
    """Prune the parameter ``name`` where ``mask``, of its shape, is 0."""
    CustomFromMask.apply(module, name, mask)
    return module


def global_unstructured(
    parameters: Iterable[tuple[Module, str]],
    pruning_method: type[BasePruningMethod],
    importance_scores: Mapping[tuple[Module, str], Tensor] | None = None,
    **kwargs: Any,
) -> None:
    """Prune several parameters, pairs of a module and a name, as if they were one vector, by an unstructured method:
    ``pruning_method(**kwargs)``. ``importance_scores``: of some of the pairs, in the place of their numbers."""
    if not isinstance(parameters, Iterable):
        raise TypeError(f"global_unstructured: parameters is {parameters!r:.60}; give pairs of a module and a name")
    scores = {} if importance_scores is None else importance_scores
    if not isinstance(scores, Mapping):
        raise TypeError(f"global_unstructured: importance_scores is {scores!r:.60}; give a dictionary")
    pairs = list(parameters)
    method = pruning_method(**kwargs)
    if method.PRUNING_TYPE != "unstructured":
        raise TypeError(f"global_unstructured: {pruning_method.__name__} is {method.PRUNING_TYPE}, not unstructured")
    tensors = [getattr(module, name) for module, name in pairs]
    masks = [getattr(module, f"{name}_mask", ones_like(getattr(module, name)).detach()) for module, name in pairs]
    given = [_scores(t, scores.get(pair)) for t, pair in zip(tensors, pairs, strict=True)]
    with no_grad():
        found = _combined(method, *(cat([t.reshape(-1) for t in parts]) for parts in (given, masks)))
    for (module, name), mask in zip(pairs, split(found, [t.numel() for t in tensors]), strict=True):
        custom_from_mask(module, name, mask.view(getattr(module, name).shape))


def remove(module: Module, name: str) -> Module:
    """Let the pruned numbers of ``name`` be a parameter again, which is pruned no longer: what is 0 may be learned."""
    found = _methods(module).get(name)
    if found is None:
        raise ValueError(f"remove: {name!r} of {type(module).__name__} is not pruned")
    key, method = found
    method.remove(module)
    del module._forward_pre_hooks[key]
    return module


def is_pruned(module: Module) -> bool:
    """Whether a parameter of this module, or of one within it, is pruned."""
    return any(_methods(part) for part in module.modules())


def _methods(module: Module) -> dict[str | None, tuple[int, BasePruningMethod]]:
    """The methods that prune parameters of this very module, by their names, with the numbers of the hooks."""
    hooks = module._forward_pre_hooks.items()
    return {hook._tensor_name: (key, hook) for key, hook in hooks if isinstance(hook, BasePruningMethod)}
