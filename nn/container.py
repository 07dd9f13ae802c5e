"""Modules and parameters in lists and dictionaries."""

from __future__ import annotations

from collections.abc import ItemsView, Iterable, Iterator, KeysView, Mapping, Sequence, ValuesView
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
    others = False  # whether elements may be of another kind, or None, which holds a place

    def __init__(self, elements: Iterable[Any] | None = None) -> None:
        self._renumber([self._checked(element) for element in self._iterable(() if elements is None else elements)])

    def _iterable(self, elements: Any) -> Iterable[Any]:
        if not isinstance(elements, Iterable) or isinstance(elements, Tensor):
            kind = type(elements).__name__
            raise TypeError(f"{type(self).__name__}: give its elements in a list or the like, not as a {kind}")
        return elements

    def _checked(self, element: Any) -> Any:
        if not isinstance(element, self.kind):
            raise TypeError(
                f"{type(self).__name__}: {element!r} is not a {self.kind.__name__}; make it one, or keep it elsewhere"
            )
        return element

    def _names(self) -> list[str]:
        return [name for name, value in vars(self).items() if isinstance(value, self.kind) or self._is_other(name)]

    def _is_other(self, name: str) -> bool:
        return self.others and name.isdigit()

    def _renumber(self, elements: list[Any], names: Sequence[str] | None = None) -> None:
        for name in self._names():
            delattr(self, name)
        for name, element in zip(names or map(str, range(len(elements))), elements, strict=True):
            setattr(self, name, element)

    def __iter__(self) -> Iterator[Any]:
        if self.others:
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
        for element in list(self._iterable(elements)):
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

    kind, others = Module, True

    def __init__(self, modules: Iterable[Any] | None = None) -> None:
        super().__init__(modules)

    def _checked(self, element: Any) -> Any:
        return None if element is None else super()._checked(element)

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
    """A list of parameters, which belong to the module that has the list; Tensors become parameters. Modules, such as
    other lists, belong to it, too; anything else is only kept.

    >>> import nn
    >>> from autograd import zeros
    >>> nn.ParameterList([zeros(2, 3), "a note"])
    ParameterList(
      (0): Parameter containing: [float32 of size 2x3]
      (1): Object of type: str
    )
    """

    kind, others = Parameter, True

    def __init__(self, values: Iterable[Any] | None = None) -> None:
        super().__init__(values)

    def _checked(self, element: Any) -> Any:
        return _as_parameter(element)

    def extra_repr(self) -> str:
        return _lines(enumerate(self))


def _as_parameter(element: Any) -> Any:
    return element if isinstance(element, Parameter) or not isinstance(element, Tensor) else Parameter(element)


def _lines(elements: Iterable[tuple[Any, Any]]) -> str:
    """What a list or dictionary of parameters says of each of its elements."""
    return "\n".join(f"({name}): {_described(element)}" for name, element in elements)


def _described(element: Any) -> str:
    if not isinstance(element, Parameter):
        return f"Object of type: {type(element).__name__}"
    return f"Parameter containing: [{element.dtype} of size {'x'.join(map(str, element.shape))}]"


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

    def insert(self, index: int, element: Any) -> Self:
        """Put one in before the one at ``index``."""
        if not -len(self) <= index <= len(self):
            raise IndexError(f"Sequential: index {index} is no place among its {len(self)} modules")
        return super().insert(index, element)

    def __add__(self, elements: Iterable[Any]) -> Sequential:
        return Sequential(*self, *elements)

    def __mul__(self, times: int) -> Sequential:
        return Sequential(*list(self) * self._times(times))

    __rmul__ = __mul__

    def __imul__(self, times: int) -> Self:
        return self.extend(list(self) * (self._times(times) - 1))

    def _times(self, times: Any) -> int:
        if not isinstance(times, int):
            raise TypeError(f"Sequential: times {times!r}; it is repeated a whole number of times")
        if times < 1:
            raise ValueError(f"Sequential: times {times}; it is repeated once or more")
        return times


class _Dict(Module):
    """Attributes as a dictionary."""

    kind: type

    def update(self, elements: Mapping[str, Any] | Iterable[Any]) -> None:
        """Add those of another dictionary, or pairs, in place of those of the same names."""
        for name, element in dict(elements).items():
            self[name] = element

    def _checked(self, name: str, element: Any) -> Any:
        if not isinstance(element, self.kind):
            raise TypeError(f"{type(self).__name__}: {name!r} is {element!r}, not a {self.kind.__name__}; make it one")
        return element

    def __setitem__(self, name: str, element: Any) -> None:
        element = self._checked(name, element)
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

    def _elements(self) -> dict[str, Any]:
        return {name: value for name, value in vars(self).items() if isinstance(value, self.kind)}

    def keys(self) -> KeysView[str]:
        """The names, in order."""
        return self._elements().keys()

    def values(self) -> ValuesView[Any]:
        """The elements, in order."""
        return self._elements().values()

    def items(self) -> ItemsView[str, Any]:
        """Names and elements, in order."""
        return self._elements().items()

    def __iter__(self) -> Iterator[str]:
        return iter(self.keys())

    def __len__(self) -> int:
        return len(self.keys())

    def __contains__(self, name: object) -> bool:
        return name in self.keys()


class ModuleDict(_Dict):
    """A dictionary of modules, whose parameters belong to the module that has it."""

    kind = Module

    def __init__(self, modules: Mapping[str, Any] | Iterable[Any] | None = None) -> None:
        self.update(() if modules is None else modules)


class ParameterDict(_Dict):
    """A dictionary of parameters, which belong to the module that has it; Tensors become parameters. Modules belong to
    it, too; anything else is only kept."""

    kind = Parameter
    _others: frozenset[str] = frozenset()  # the names of elements that are, or once were, no parameters

    def __init__(self, parameters: Mapping[str, Any] | Iterable[Any] | None = None) -> None:
        self.update(() if parameters is None else parameters)

    def _elements(self) -> dict[str, Any]:
        others = self._others
        return {name: value for name, value in vars(self).items() if isinstance(value, Parameter) or name in others}

    def _checked(self, name: str, element: Any) -> Any:
        return _as_parameter(element)

    def __setitem__(self, name: str, element: Any) -> None:
        super().__setitem__(name, element)
        if not isinstance(vars(self)[name], Parameter):
            self._others |= {name}

    def __delattr__(self, name: str) -> None:
        super().__delattr__(name)
        self._others -= {name}

    def get(self, name: str, default: Any = None) -> Any:
        """The one called ``name``, or ``default`` if there is none."""
        return self._elements().get(name, default)

    def setdefault(self, name: str, default: Any = None) -> Any:
        """The one called ``name``, which is made of ``default`` if there is none."""
        if name not in self:
            self[name] = default
        return vars(self)[name]

    def popitem(self) -> tuple[str, Any]:
        """Take the last one out, with its name."""
        if not len(self):
            raise KeyError("ParameterDict: it is empty")
        name = next(reversed(self))
        return name, self.pop(name)

    def fromkeys(self, keys: Iterable[str], default: Any = None) -> ParameterDict:
        """Another dictionary, in which each of ``keys`` has the value ``default``."""
        return ParameterDict((name, default) for name in keys)

    def copy(self) -> ParameterDict:
        """Another dictionary of the same parameters."""
        return ParameterDict(self.items())

    def __reversed__(self) -> Iterator[str]:
        return reversed(self._elements())

    def __or__(self, other: ParameterDict) -> ParameterDict:
        return ParameterDict({**self._elements(), **dict(other.items())})

    def __ior__(self, other: ParameterDict) -> Self:
        self.update(other.items())
        return self

    def extra_repr(self) -> str:
        return _lines(self.items())


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
