"""Every operation as a function of nodes: ``autograd.exp(x)``, ``autograd.sum(x, dim=0)``, ...

A function settles its arguments (negative dimensions, ``axis`` for ``dim``, defaults) and applies rows of the
table; the mathematics is there. Names and signatures are PyTorch's, and as there, a function whose first parameter
is called ``input`` (or ``tensor``) is a method of `Tensor` too (`METHODS`). All take ``out``, a tensor to store the
result in (`storing`).
"""

from __future__ import annotations

from collections.abc import Callable
from types import FunctionType
from typing import Any

from autograd.errors import explaining
from autograd.functions import (
    activations,
    contractions,
    counting,
    covariance,
    diagonals,
    differences,
    distances,
    indexing,
    joining,
    logic,
    made,
    matrices,
    norms,
    ordering,
    placing,
    pointwise,
    products,
    quantiles,
    reductions,
    repeating,
    shape,
    softmaxes,
    special,
    windows,
)
from autograd.functions.activations import *
from autograd.functions.contractions import *
from autograd.functions.counting import *
from autograd.functions.covariance import *
from autograd.functions.diagonals import *
from autograd.functions.differences import *
from autograd.functions.distances import *
from autograd.functions.indexing import *
from autograd.functions.joining import *
from autograd.functions.logic import *
from autograd.functions.matrices import *
from autograd.functions.norms import *
from autograd.functions.ordering import *
from autograd.functions.placing import *
from autograd.functions.pointwise import *
from autograd.functions.products import *
from autograd.functions.quantiles import *
from autograd.functions.reductions import *
from autograd.functions.repeating import *
from autograd.functions.shape import *
from autograd.functions.softmaxes import *
from autograd.functions.special import *
from autograd.functions.storing import stored
from autograd.functions.windows import *

MODULES = (
    *(pointwise, special, activations, softmaxes, reductions, norms, ordering, quantiles),
    *(shape, repeating, joining, diagonals, indexing, placing, windows),
    *(products, contractions, matrices, distances, logic, counting),
    *(differences, covariance),
)


_FUNCTIONS: dict[str, Callable[..., Any]] = {
    name: function
    for module in MODULES
    for name in module.__all__
    if isinstance(function := getattr(module, name), FunctionType)
}

FACES: dict[str, Callable[..., Any]] = {
    name: function
    if function.__module__ == made.__name__ or hasattr(function, "__wrapped__")
    else explaining(function, stored=stored)
    for name, function in _FUNCTIONS.items()
}
"""The functions as a caller sees them. Those made of a row alone and those of `numpy_spelling` explain by themselves;
those above, which call each other, do without."""


def _first_parameter(function: Any) -> str:
    while hasattr(function, "__wrapped__"):
        function = function.__wrapped__
    return function.__code__.co_varnames[0]


QUICK = ("expand", "flatten", "permute", "reshape", "squeeze", "t", "transpose", "unsqueeze", "view")

METHODS: dict[str, Callable[..., Any]] = {
    name: function if name in QUICK else FACES[name]  # where a handler would be felt; these check all they are given
    for name, function in _FUNCTIONS.items()
    if _first_parameter(function) in ("input", "tensor")
}

OF_ELEMENTS: dict[str, Callable[..., Any]] = {  # those that make sense of a single number that has a derivative
    name: _FUNCTIONS[name]
    for module in (activations, pointwise, special)
    for name in module.__all__
    if name in METHODS and name not in ("igamma", "igammac")
}
