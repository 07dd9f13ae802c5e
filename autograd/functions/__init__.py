"""Every operation as a function of nodes: ``autograd.exp(x)``, ``autograd.sum(x, dim=0)``, ...

A function settles its arguments (negative dimensions, ``axis`` for ``dim``, defaults) and applies rows of the
table; the mathematics is there. Names and signatures are PyTorch's, and as there, a function whose first parameter
is called ``input`` (or ``tensor``) is a method of `Tensor` too (`METHODS`).
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

from autograd.functions import (
    activations,
    contractions,
    diagonals,
    distances,
    indexing,
    joining,
    matrices,
    norms,
    ordering,
    pointwise,
    products,
    reductions,
    repeating,
    shape,
    softmaxes,
    windows,
)
from autograd.functions.activations import *
from autograd.functions.contractions import *
from autograd.functions.diagonals import *
from autograd.functions.distances import *
from autograd.functions.indexing import *
from autograd.functions.joining import *
from autograd.functions.matrices import *
from autograd.functions.norms import *
from autograd.functions.ordering import *
from autograd.functions.pointwise import *
from autograd.functions.products import *
from autograd.functions.reductions import *
from autograd.functions.repeating import *
from autograd.functions.shape import *
from autograd.functions.softmaxes import *
from autograd.functions.windows import *

MODULES = (
    *(pointwise, activations, softmaxes, reductions, norms, ordering),
    *(shape, repeating, joining, diagonals, indexing, windows),
    *(products, contractions, matrices, distances),
)


def _methods(*modules: Any) -> dict[str, Callable[..., Any]]:
    functions = {name: getattr(module, name) for module in modules for name in module.__all__}
    return {
        name: function
        for name, function in functions.items()
        if next(iter(inspect.signature(function).parameters)) in ("input", "tensor")
    }


OF_ELEMENTS = _methods(activations, pointwise)  # those that make sense of a single number
METHODS = _methods(*MODULES)
