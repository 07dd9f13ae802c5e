"""Every operation as a function of nodes: ``autograd.exp(x)``, ``autograd.sum(x, dim=0)``, ...

A function settles its arguments (negative dimensions, ``axis`` for ``dim``, defaults) and applies rows of the
table; the mathematics is there. Names and signatures are PyTorch's, and as there, a function whose first parameter
is called ``input`` (or ``tensor``) is a method of `Tensor` too (`METHODS`).
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

from autograd.functions import activations, indexing, logic, pointwise, products, reductions, shape
from autograd.functions.activations import *
from autograd.functions.indexing import *
from autograd.functions.logic import *
from autograd.functions.pointwise import *
from autograd.functions.products import *
from autograd.functions.reductions import *
from autograd.functions.shape import *

MODULES = (activations, indexing, logic, pointwise, products, reductions, shape)

METHODS: dict[str, Callable[..., Any]] = {
    name: getattr(module, name)
    for module in MODULES
    for name in module.__all__
    if next(iter(inspect.signature(getattr(module, name)).parameters)) in ("input", "tensor")
}
