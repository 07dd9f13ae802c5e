"""chainrule: reverse-mode automatic differentiation from scratch, over NumPy.

`Value` is a number and `Tensor` an array that record how they were computed; ``backward()`` applies the chain
rule. Every derivative stands once, in ``autograd/rules/``; start reading there.
"""

from __future__ import annotations

import importlib as _importlib
import math as _math
import os as _os
import sys as _sys
from types import SimpleNamespace as _SimpleNamespace
from typing import TYPE_CHECKING as _TYPE_CHECKING

if _os.path.exists(_os.path.join(_os.path.dirname(__file__), "tracer.py")):
    raise ImportError(
        "two distributions share this folder: chainrule and the one named 'autograd' both install a package "
        "called autograd, and one has overwritten files of the other; "
        "run: pip uninstall -y autograd chainrule, then install chainrule again"
    )

from autograd import creation as _creation
from autograd import errors as _errors
from autograd import functions as _functions
from autograd import random as _random
from autograd.anomaly import detect_anomaly as detect_anomaly
from autograd.anomaly import set_detect_anomaly as set_detect_anomaly
from autograd.backward import backward as backward
from autograd.backward import grad as grad
from autograd.broadcasting import strict_broadcast as strict_broadcast
from autograd.compare import compare as compare
from autograd.compile import compile as compile
from autograd.creation import *
from autograd.devices import *
from autograd.draw import draw as draw
from autograd.dtypes import *
from autograd.errors import *
from autograd.functions import storing as _storing
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
from autograd.functions.windows import *
from autograd.generator import *
from autograd.graph import enable_grad as enable_grad
from autograd.graph import inference_mode as inference_mode
from autograd.graph import is_recording as _is_recording
from autograd.graph import no_grad as no_grad
from autograd.graph import set_grad_enabled as set_grad_enabled
from autograd.printing import set_printoptions as set_printoptions
from autograd.random import *
from autograd.tensor import Tensor as Tensor
from autograd.value import Value as Value

if _TYPE_CHECKING:
    from autograd import linalg as linalg
    from autograd.check import gradcheck as gradcheck
    from autograd.check import gradgradcheck as gradgradcheck
    from autograd.func import vmap as vmap
    from autograd.function import Function as Function
    from autograd.serialization import *
    from autograd.settings import *
    from autograd.tapers import *
    from autograd.transforms import *
    from autograd.typed import *

_LATER = {  # loaded when asked for, since few programs do: modules, and the names that are found here too
    "check": ("gradcheck", "gradgradcheck"),
    "linalg": (),
    "lowrank": ("pca_lowrank", "svd_lowrank"),
    "recompute": (),
    "serialization": ("load", "save"),
    "accelerator": (),
    "amp": ("autocast",),
    "backends": (),
    "cuda": (),
    "distributions": (),
    "func": ("vmap",),
    "function": ("Function",),
    "functional": (),
    "jit": (),
    "settings": (
        *("are_deterministic_algorithms_enabled", "broadcast_shapes", "can_cast", "get_default_device"),
        *("get_float32_matmul_precision", "get_num_interop_threads", "get_num_threads", "result_type"),
        *("set_default_device", "set_float32_matmul_precision", "set_num_interop_threads"),
        *("set_num_threads", "use_deterministic_algorithms"),
    ),
    "special": (),
    "tapers": ("bartlett_window", "blackman_window", "hamming_window", "hann_window", "kaiser_window"),
    "testing": (),
    "transforms": ("hessian", "hvp", "jacobian", "jvp", "value_and_grad", "vhp", "vjp"),
    "typed": (
        *("BoolTensor", "ByteTensor", "CharTensor", "DoubleTensor", "FloatTensor", "HalfTensor", "IntTensor"),
        *("LongTensor", "ShortTensor", "Variable", "set_default_tensor_type"),
    ),
}
# fmt: off
_OF_LAYERS = {  # torch.conv2d, ...: found in `nn.spellings` when a program asks; nothing in this package does
    "adaptive_avg_pool1d", "adaptive_max_pool1d", "affine_grid_generator", "alpha_dropout", "avg_pool1d",
    "batch_norm", "bilinear", "binary_cross_entropy_with_logits", "celu_", "channel_shuffle",
    "constant_pad_nd", "conv1d", "conv2d", "conv3d", "conv_transpose1d", "conv_transpose2d",
    "conv_transpose3d", "cosine_embedding_loss", "cosine_similarity", "ctc_loss", "dropout", "embedding",
    "feature_alpha_dropout", "grid_sampler", "group_norm", "hardshrink", "hinge_embedding_loss",
    "instance_norm", "kl_div", "layer_norm", "margin_ranking_loss", "max_pool1d", "max_pool1d_with_indices",
    "max_pool2d", "max_pool3d", "native_channel_shuffle", "pairwise_distance", "pdist", "pixel_shuffle",
    "pixel_unshuffle", "poisson_nll_loss", "relu_", "rms_norm", "rrelu", "rrelu_", "selu_", "threshold",
    "threshold_", "triplet_margin_loss",
}
# fmt: on
# fmt: off
_IN_PLACE = {  # torch.sigmoid_(x) is x.sigmoid_()
    "abs_", "acos_", "acosh_", "addmv_", "arccos_", "arccosh_", "arcsin_", "arcsinh_", "arctan_", "arctanh_", "asin_",
    "asinh_", "atan_", "atanh_", "ceil_", "clamp_", "clamp_max_", "clamp_min_", "clip_", "cos_", "cosh_", "deg2rad_",
    "detach_", "erf_", "erfc_", "exp2_", "exp_", "expm1_", "fill_", "fix_", "floor_", "frac_", "gcd_", "i0_",
    "index_put_", "lcm_", "ldexp_", "log10_", "log1p_", "log2_", "log_", "logit_", "nan_to_num_", "neg_", "negative_",
    "rad2deg_", "reciprocal_", "resize_as_", "round_", "rsqrt_", "sigmoid_", "sin_", "sinc_", "sinh_", "sqrt_",
    "square_", "tan_", "tanh_", "trunc_", "xlogy_", "zero_",
}
# fmt: on
_MODULE_OF = {name: module for module, names in _LATER.items() for name in names}

# What programs written for PyTorch find under its other names.
bool, float, int = bool_, float32, int32  # dtypes, not Python's types
e, inf, nan, pi = _math.e, _math.inf, _math.nan, _math.pi
is_grad_enabled, Size = _is_recording, tuple
autograd = _sys.modules[__name__]  # torch.autograd.grad
_makers = _storing.filling_all(globals(), [*_creation.__all__, *_random.__all__])
globals().update(_functions.FACES, **_errors.explaining_all(_makers, _makers))
for _name in (*_functions.FACES, *_makers):
    globals()[_name].__module__, globals()[_name].__qualname__ = __name__, _name  # where pickle finds them


__all__ = [name for name in (*globals(), *_LATER, *_MODULE_OF) if not name.startswith("_")]


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__, *_OF_LAYERS, *_IN_PLACE})


def __getattr__(name: str) -> object:
    if name in _LATER:
        return _importlib.import_module(f"autograd.{name}")
    if name in _MODULE_OF:
        globals()[name] = found = getattr(__getattr__(_MODULE_OF[name]), name)
        return found
    if name in _OF_LAYERS:
        return getattr(_importlib.import_module("nn.spellings"), name)
    if name in _IN_PLACE:
        return getattr(Tensor, name)
    if name in ("nn", "optim"):  # programs that say torch.nn.Linear; nothing in this package does
        return _importlib.import_module(name)
    if name == "utils":
        recompute: object = __getattr__("recompute")
        return _SimpleNamespace(data=__getattr__("nn").data, checkpoint=recompute)  # type: ignore[attr-defined]
    raise AttributeError(f"module 'autograd' has no attribute {name!r}")
