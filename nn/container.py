"""Modules and parameters in lists and dictionaries."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Self

from autograd import Tensor
from nn.activation import ReLU
from nn.linear import Linear
from nn.module import Module, Parameter

__all__ = [
    "MLP",
    "ModuleDict",
    "ModuleList",
    "ParameterDict",
    "ParameterList",
    "Sequential",
]


class _List(Module):
    """Attributes called "0", "1", ..., as a list: its operations rebuild that numbering."""

    kind: type
    holes = False  # whether an element may be None, which holds a place

    def __init__(self, elements: Iterable[Any] = ()) -> None:
        self._renumber([self._checked(element) for element in elements])

    def _checked(self, element: Any) -> Any:
        if not isinstance(element, self.kind) and not (element is None and self.holes):
            raise TypeError(
                f"{type(self).__name__}: {element!r} is not a {self.kind.__name__}; make it one, or keep it elsewhere"
            )
        return element

    def _names(self) -> list[str]:
        return [name for name, value in vars(self).items() if isinstance(value, self.kind) or self._is_hole(name)]

    def _is_hole(self, name: str) -> bool:
        return self.holes and name.isdigit()

    def _renumber(self, elements: list[Any], names: Sequence[str] | None = None) -> None:
        for name in self._names():
            delattr(self, name)
        for name, element in zip(names or map(str, range(len(elements))), elements, strict=True):
            setattr(self, name, element)

    def __iter__(self) -> Iterator[Any]:
        if self.holes:
            return iter([vars(self)[name] for name in self._names()])
        kind = self.kind
        return iter([value for value in vars(self).values() if isinstance(value, kind)])

    def __len__(self) -> int:
        return len(self._names())

    def _name(self, index: int) -> str:
        names = self._names()
        if not -len(names) <= index < len(names):
            raise IndexError(f"{type(self).__name__}: there is no element {index}; it has {len(names)}, counted from 0")
        return names[index]

    def __getitem__(self, index: int | slice) -> Any:
        if isinstance(index, slice):
            return type(self)(list(self)[index])
        return vars(self)[self._name(index)]

    def __setitem__(self, index: int, element: Any) -> None:
        setattr(self, self._name(index), self._checked(element))

    def __delitem__(self, index: int | slice) -> None:
        elements = list(self)
        del elements[index]
        self._renumber(elements)

    def append(self, element: Any) -> Self:
        """Add one at the end."""
        return self.extend([element])

    def extend(self, elements: Iterable[Any]) -> Self:
        """Add several at the end."""
        for element in list(elements):
            setattr(self, str(len(self)), self._checked(element))
        return self

    def insert(self, index: int, element: Any) -> Self:
        """Put one in before the one at ``index``."""
        elements = list(self)
        elements.insert(index, self._checked(element))
        self._renumber(elements)
        return self

    def pop(self, index: int) -> Any:
        """Take the one at ``index`` out."""
        element = self[index]
        del self[index]
        return element

    def __iadd__(self, elements: Iterable[Any]) -> Self:
        return self.extend(elements)

    def __add__(self, elements: Iterable[Any]) -> Self:
        return type(self)([*self, *elements])


class ModuleList(_List):
    """A list of modules, whose parameters belong to the module that has the list; None holds the place of one.

    >>> import nn
    >>> layers = nn.ModuleList(nn.Linear(4, 4) for _ in range(3))
    >>> len(layers), [name for name, _ in layers[:1].named_parameters()]
    (3, ['0.weight', '0.bias'])
    """

    kind, holes = Module, True

    def __repr__(self) -> str:
        """Equal neighbours stand there once, with their number."""
        groups: list[tuple[int, int, str]] = []  # the first, the last, and what they look like
        for i, text in enumerate(map(repr, self)):
            if groups and groups[-1][2] == text:
                groups[-1] = (groups[-1][0], i, text)
            else:
                groups.append((i, i, text))
        lines = [
            f"({first}): {text}" if first == last else f"({first}-{last}): {last - first + 1} x {text}"
            for first, last, text in groups
        ]
        if not lines:
            return f"{type(self).__name__}()"
        return f"{type(self).__name__}(\n  " + "\n".join(lines).replace("\n", "\n  ") + "\n)"


class ParameterList(_List):
    """A list of parameters, which belong to the module that has the list; Tensors become parameters."""

    kind = Parameter

    def _checked(self, element: Any) -> Parameter:
        made = element if isinstance(element, Parameter) or not isinstance(element, Tensor) else Parameter(element)
        return super()._checked(made)

    def extra_repr(self) -> str:
        return "\n".join(f"({i}): Parameter {p.shape} {p.dtype}" for i, p in enumerate(self))


class Sequential(_List):
    """Its modules one after the other; ``model[i]`` is the i-th, and a slice is a Sequential.

    They are given one by one, or named, in a dictionary.
    """

    kind = Module

    def __init__(self, *modules: Any) -> None:
        named = modules[0] if len(modules) == 1 and isinstance(modules[0], Mapping) else None
        elements = list(modules if named is None else named.values())
        for i, module in enumerate(elements):
            if not isinstance(module, Module):
                raise TypeError(f"Sequential: argument {i} is {module!r}, not a module; wrap functions in one")
        self._renumber(elements, None if named is None else list(named))

    def forward(self, input: Any) -> Any:
        passed = []  # the shapes so far, for the message of an error
        for module in self:
            passed.append(input.raw.shape if isinstance(input, Tensor) else None)
            input = module(input)
        return input

    def shapes_within(self, variables: dict[str, Any]) -> str:
        before = zip(self._modules.items(), variables.get("passed", ())[1:], strict=False)
        return ", ".join(f"{name}.{type(module).__name__} gave {shape}" for (name, module), shape in before)

    def __getitem__(self, index: int | slice) -> Any:
        return Sequential(*list(self)[index]) if isinstance(index, slice) else super().__getitem__(index)

    def __add__(self, elements: Iterable[Any]) -> Sequential:
        return Sequential(*self, *elements)


class _Dict(Module):
    """Attributes as a dictionary."""

    kind: type

    def __init__(self, elements: Mapping[str, Any] | Iterable[tuple[str, Any]] = ()) -> None:
        self.update(elements)

    def update(self, elements: Mapping[str, Any] | Iterable[tuple[str, Any]]) -> None:
        """Add those of another dictionary, in place of those of the same names."""
        for name, element in dict(elements).items():
            self[name] = element

    def __setitem__(self, name: str, element: Any) -> None:
        if not isinstance(element, self.kind):
            raise TypeError(f"{type(self).__name__}: {name!r} is {element!r}, not a {self.kind.__name__}; make it one")
        if name not in vars(self):
            self._check_free(name)
        setattr(self, name, element)

    def __getitem__(self, name: str) -> Any:
        if name not in self:
            raise KeyError(f"{type(self).__name__}: there is no {name!r}; there are {', '.join(self.keys()) or 'none'}")
        return vars(self)[name]

    def __delitem__(self, name: str) -> None:
        self.pop(name)

    def pop(self, name: str) -> Any:
        """Take one out."""
        element = self[name]
        delattr(self, name)
        return element

    def clear(self) -> None:
        """Take all out."""
        for name in self.keys():
            delattr(self, name)

    def keys(self) -> list[str]:
        """The names, in order."""
        return [name for name, value in vars(self).items() if isinstance(value, self.kind)]

    def values(self) -> list[Any]:
        """The elements, in order."""
        return [vars(self)[name] for name in self.keys()]

    def items(self) -> list[tuple[str, Any]]:
        """Names and elements, in order."""
        return list(zip(self.keys(), self.values(), strict=True))

    def __iter__(self) -> Iterator[str]:
        return iter(self.keys())

    def __len__(self) -> int:
        return len(self.keys())

    def __contains__(self, name: object) -> bool:
        return name in self.keys()


class ModuleDict(_Dict):
    """A dictionary of modules, whose parameters belong to the module that has it."""

    kind = Module


class ParameterDict(_Dict):
    """A dictionary of parameters, which belong to the module that has it; Tensors become parameters."""

    kind = Parameter

    def __setitem__(self, name: str, element: Any) -> None:
        made = element if isinstance(element, Parameter) or not isinstance(element, Tensor) else Parameter(element)
        super().__setitem__(name, made)

    def get(self, name: str, default: Any = None) -> Any:
        """The one called ``name``, or ``default`` if there is none."""
        return dict(self.items()).get(name, default)

    def setdefault(self, name: str, default: Any) -> Parameter:
        """The one called ``name``, which is made of ``default`` if there is none."""
        if name not in self:
            self[name] = default
        return vars(self)[name]

    def popitem(self) -> tuple[str, Parameter]:
        """Take the last one out, with its name."""
        if not len(self):
            raise KeyError("ParameterDict: it is empty")
        name = self.keys()[-1]
        return name, self.pop(name)

    def copy(self) -> ParameterDict:
        """Another dictionary of the same parameters."""
        return ParameterDict(self.items())

    def extra_repr(self) -> str:
        return "\n".join(f"({name}): Parameter {p.shape} {p.dtype}" for name, p in self.items())


class MLP(Sequential):
    """A multi-layer perceptron: `Linear` layers of the sizes ``nin, *nouts`` with activations between them.

    >>> import nn
    >>> nn.MLP(2, [16, 1], activation=nn.Tanh)
    MLP(
      (0): Linear(in_features=2, out_features=16, bias=True)
      (1): Tanh()
      (2): Linear(in_features=16, out_features=1, bias=True)
    )
    """

    def __init__(self, nin: int, nouts: Sequence[int], activation: type[Module] = ReLU, dtype: Any = None) -> None:
        if not nouts:
            raise ValueError("MLP: nouts is empty; give the size of at least the last layer")
        layers: list[Module] = []
        for inputs, outputs in zip((nin, *nouts), nouts, strict=False):
            layers += (Linear(inputs, outputs, dtype=dtype), activation())
        super().__init__(*layers[:-1])
