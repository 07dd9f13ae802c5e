"""What a module holds: tensors that it learns, tensors that it only keeps, and such as have no numbers yet."""

from __future__ import annotations

from typing import Any, NoReturn, cast

import numpy as np

from autograd import ShapeError, Tensor, zeros

__all__ = [
    "Buffer",
    "Parameter",
    "UninitializedBuffer",
    "UninitializedParameter",
]


class Parameter(Tensor):
    """A Tensor that a module learns: as an attribute of a `Module`, it is among its parameters.

    It shares the memory of ``data`` if that is a Tensor; without, it is empty. Programs may give it attributes of their
    own, as in ``p.weight_decay = 0``.
    """

    __slots__ = ("__dict__",)

    def __init__(self, data: Any = None, requires_grad: bool = True) -> None:
        data = () if data is None else data
        tensor = data if isinstance(data, Tensor) else Tensor(data)
        self._fill(tensor.raw)
        self._memory = tensor.memory()
        self.requires_grad_(requires_grad)

    def __repr__(self) -> str:
        return f"Parameter containing:\n{super().__repr__()}"


class Buffer(Tensor):
    """A Tensor that belongs to a module's state but is not learned: running statistics, masks, tables.

    With ``persistent=False`` it is converted along with the module but is not in its `state_dict`.
    """

    __slots__ = ("persistent",)

    def __init__(self, data: Any, persistent: bool = True) -> None:
        tensor = data if isinstance(data, Tensor) else Tensor(data)
        self._fill(tensor.raw)
        self._memory = tensor.memory()
        self.persistent = persistent


class Uninitialized:
    """A Tensor that has a dtype, and no shape and no numbers before `materialize`; it is then of another class.

    Whoever asks for more raises `ShapeError`. An optimizer takes it; until then it has no gradient.
    """

    __slots__ = ()  # nor is it a Tensor itself: so what becomes of one has the same layout

    becomes: type[Tensor]
    uninitialized = True
    requires_grad: Any
    data: Any

    @property
    def raw(self) -> NoReturn:
        raise ShapeError(
            f"{type(self).__name__}: it has no shape and no numbers yet; call the module with an example first, "
            "so that it sees how large its input is"
        )

    @raw.setter
    def raw(self, array: np.ndarray[Any, Any]) -> None:
        _ARRAY.__set__(self, array)

    @property
    def dtype(self) -> np.dtype[Any]:
        return cast(np.dtype[Any], _ARRAY.__get__(self).dtype)

    def astype_(self, dtype: Any) -> None:
        """Be of another dtype."""
        self.raw = zeros(0, dtype=dtype).raw

    def materialize(self, shape: Any, device: Any = None, dtype: Any = None) -> None:
        """Become a tensor of this shape, filled with zeros."""
        self.raw = zeros(shape, dtype=self.dtype if dtype is None else dtype, device=device).raw
        self.__class__ = self.becomes  # type: ignore[assignment]

    def __reduce__(self) -> Any:
        return type(self), (self.requires_grad, None, self.dtype)

    def __repr__(self) -> str:
        return f"<{type(self).__name__}>"


_ARRAY: Any = vars(Tensor)["raw"]  # the place of a Tensor's array


class UninitializedParameter(Uninitialized, Parameter):  # type: ignore[misc]  # raw is a place there
    """A `Parameter` to be."""

    __slots__ = ()

    becomes = Parameter

    def __init__(self, requires_grad: bool = True, device: Any = None, dtype: Any = None) -> None:
        self._fill(zeros(0, dtype=dtype, device=device).raw)
        self.requires_grad_(requires_grad)


class UninitializedBuffer(Uninitialized, Buffer):  # type: ignore[misc]
    """A `Buffer` to be."""

    __slots__ = ()

    becomes = Buffer

    def __init__(
        self, requires_grad: bool = False, device: Any = None, dtype: Any = None, persistent: bool = True
    ) -> None:
        self._fill(zeros(0, dtype=dtype, device=device).raw)
        self.persistent = persistent
        self.requires_grad_(requires_grad)

    def __reduce__(self) -> Any:
        kind, arguments = super().__reduce__()
        return kind, (*arguments, self.persistent)
