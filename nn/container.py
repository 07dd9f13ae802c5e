"""Modules made of modules."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from nn.activation import ReLU
from nn.linear import Linear
from nn.module import Module


class Sequential(Module):
    """Its modules one after the other; ``model[i]`` is the i-th, and a slice is a Sequential."""

    def __init__(self, *modules: Module) -> None:
        for i, module in enumerate(modules):
            if not isinstance(module, Module):
                raise TypeError(f"Sequential: argument {i} is {module!r}, not a module; wrap functions in one")
            setattr(self, str(i), module)

    def forward(self, input: Any) -> Any:
        passed = []  # the shapes so far, for the message of an error
        for module in self:
            passed.append(getattr(input, "shape", None))
            input = module(input)
        return input

    def shapes_within(self, variables: dict[str, Any]) -> str:
        before = zip(self.named_children(), variables.get("passed", ())[1:], strict=False)
        return ", ".join(f"{name}.{type(module).__name__} gave {shape}" for (name, module), shape in before)

    def __iter__(self) -> Iterator[Module]:
        return self.children()

    def __len__(self) -> int:
        return sum(1 for _ in self.children())

    def __getitem__(self, index: int | slice) -> Any:
        modules = list(self.children())
        if isinstance(index, slice):
            return Sequential(*modules[index])
        if not -len(modules) <= index < len(modules):
            raise IndexError(f"Sequential: there is no module {index}; it has {len(modules)} modules, counted from 0")
        return modules[index]


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
