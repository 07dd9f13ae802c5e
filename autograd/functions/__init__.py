"""Every operation as a function of nodes: ``autograd.exp(x)``, ``autograd.sum(x, dim=0)``, ...

A function settles its arguments (negative dimensions, ``axis`` for ``dim``, defaults) and applies rows of the
table; the mathematics is there. Names and signatures are PyTorch's, and as there, a function whose first parameter
is called ``input`` (or ``tensor``) is a method of `Tensor` too (`METHODS`).
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

from autograd.errors import explaining
from autograd.functions import activations, indexing, made, pointwise, products, reductions, shape
from autograd.functions.activations import *
from autograd.functions.indexing import *
from autograd.functions.pointwise import *
from autograd.functions.products import *
from autograd.functions.reductions import *
from autograd.functions.shape import *

_MODULES = (activations, indexing, pointwise, products, reductions, shape)

_FUNCTIONS: dict[str, Callable[..., Any]] = {
    name: function
    for module in _MODULES
    for name in module.__all__
    if inspect.isfunction(function := getattr(module, name))
}

FACES: dict[str, Callable[..., Any]] = {
    name: function if function.__module__ == made.__name__ or hasattr(function, "__wrapped__") else explaining(function)
    for name, function in _FUNCTIONS.items()
}
"""The functions as a caller sees them. Those made of a row alone and those of `numpy_spelling` explain by themselves;
those above, which call each other, do without."""

METHODS: dict[str, Callable[..., Any]] = {  # those of shapes are so quick that a handler would be felt
    name: function if function.__module__ == shape.__name__ else FACES[name]
    for name, function in _FUNCTIONS.items()
    if next(iter(inspect.signature(function).parameters)) in ("input", "tensor")
}
