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

MODULES = (activations, indexing, pointwise, products, reductions, shape)

FACES: dict[str, Callable[..., Any]] = {
    name: function if function.__module__ == made.__name__ else explaining(function)
    for module in MODULES
    for name in module.__all__
    if inspect.isfunction(function := getattr(module, name))
}
"""The functions as a caller sees them. Those made of a row alone refuse by themselves; those above, which call each
other, do without a handler each."""

METHODS: dict[str, Callable[..., Any]] = {
    name: face for name, face in FACES.items() if next(iter(inspect.signature(face).parameters)) in ("input", "tensor")
}
