"""chainrule: reverse-mode automatic differentiation from scratch, over NumPy.

`Value` is a number and `Tensor` an array that record how they were computed; ``backward()`` applies the chain
rule. Every derivative stands once, in ``autograd/rules.py``; start reading there.
"""

from __future__ import annotations

from pathlib import Path as _Path

if (_Path(__file__).parent / "tracer.py").exists():
    raise ImportError(
        "two distributions share this folder: chainrule and the one named 'autograd' both install a package "
        "called autograd, and one has overwritten files of the other; "
        "run: pip uninstall -y autograd chainrule, then install chainrule again"
    )

from autograd import creation, dtypes, errors, functions, transforms
from autograd.backward import grad
from autograd.creation import *
from autograd.dtypes import *
from autograd.errors import *
from autograd.functions import *
from autograd.graph import enable_grad, no_grad
from autograd.tensor import Tensor
from autograd.transforms import *
from autograd.value import Value

__all__ = ["Tensor", "Value", "enable_grad", "grad", "no_grad"]
__all__ += creation.__all__
__all__ += dtypes.__all__
__all__ += errors.__all__
__all__ += functions.__all__
__all__ += transforms.__all__
