"""The activations of `nn.functional` as modules. What ``inplace`` does stands at `nn.functional.inplace`."""

from __future__ import annotations

from typing import Any

from autograd import ShapeError, Tensor, full
from nn import functional as F
from nn.module import Module, Parameter
from nn.settled import Settled

__all__ = [
    "CELU",
    "ELU",
    "GELU",
    "GLU",
    "SELU",
    "Hardshrink",
    "Hardsigmoid",
    "Hardswish",
    "Hardtanh",
    "LeakyReLU",
    "LogSigmoid",
    "LogSoftmax",
    "Mish",
    "PReLU",
    "RReLU",
    "ReLU",
    "ReLU6",
    "SiLU",
    "Sigmoid",
    "Softmax",
    "Softmax2d",
    "Softmin",
    "Softplus",
    "Softshrink",
    "Softsign",
    "Tanh",
    "Tanhshrink",
    "Threshold",
]


class _Plain(Settled):
    """A function without settings."""

    def __init__(self) -> None:
        super().__init__()


class Sigmoid(_Plain):
    """1 / (1 + exp(-input))."""

    function = staticmethod(F.sigmoid)


class Tanh(_Plain):
    """The hyperbolic tangent."""

    function = staticmethod(F.tanh)


class LogSigmoid(_Plain):
    """log(sigmoid(input))."""

    function = staticmethod(F.logsigmoid)


class Softsign(_Plain):
    """input / (1 + abs(input))."""

    function = staticmethod(F.softsign)


class Tanhshrink(_Plain):
    """input - tanh(input)."""

    function = staticmethod(F.tanhshrink)


class ReLU(Settled):
    """max(input, 0)."""

    inplace: bool
    function = staticmethod(F.relu)

    def __init__(self, inplace: bool = False) -> None:
        super().__init__(inplace=inplace)

    def forward(self, input: Any) -> Any:
        return F.relu(input, inplace=self.inplace)


class ReLU6(Settled):
    """input limited to [0, 6]."""

    function = staticmethod(F.relu6)

    def __init__(self, inplace: bool = False) -> None:
        super().__init__(inplace=inplace)


class SELU(Settled):
    """ELU scaled such that mean 0 and variance 1 are kept from layer to layer."""

    function = staticmethod(F.selu)

    def __init__(self, inplace: bool = False) -> None:
        super().__init__(inplace=inplace)


class SiLU(Settled):
    """input * sigmoid(input)."""

    function = staticmethod(F.silu)

    def __init__(self, inplace: bool = False) -> None:
        super().__init__(inplace=inplace)


class Mish(Settled):
    """input * tanh(softplus(input))."""

    function = staticmethod(F.mish)

    def __init__(self, inplace: bool = False) -> None:
        super().__init__(inplace=inplace)


class Hardsigmoid(Settled):
    """A sigmoid of three straight lines."""

    function = staticmethod(F.hardsigmoid)

    def __init__(self, inplace: bool = False) -> None:
        super().__init__(inplace=inplace)

    def extra_repr(self) -> str:
        return ""


class Hardswish(Settled):
    """input * hardsigmoid(input)."""

    function = staticmethod(F.hardswish)

    def __init__(self, inplace: bool = False) -> None:
        super().__init__(inplace=inplace)

    def extra_repr(self) -> str:
        return ""


class GELU(Settled):
    """input times the normal distribution's probability below it; ``approximate`` is "none" or "tanh"."""

    function = staticmethod(F.gelu)
    shown = ("approximate",)

    def __init__(self, approximate: str = "none") -> None:
        super().__init__(approximate=approximate)


class ELU(Settled):
    """input above 0, alpha * (exp(input) - 1) below."""

    function = staticmethod(F.elu)
    shown = ("alpha",)

    def __init__(self, alpha: float = 1.0, inplace: bool = False) -> None:
        super().__init__(alpha=alpha, inplace=inplace)


class CELU(Settled):
    """input above 0, alpha * (exp(input / alpha) - 1) below."""

    function = staticmethod(F.celu)
    shown = ("alpha",)

    def __init__(self, alpha: float = 1.0, inplace: bool = False) -> None:
        super().__init__(alpha=alpha, inplace=inplace)


class LeakyReLU(Settled):
    """input above 0, negative_slope * input below."""

    function = staticmethod(F.leaky_relu)
    shown = ("negative_slope",)

    def __init__(self, negative_slope: float = 0.01, inplace: bool = False) -> None:
        super().__init__(negative_slope=negative_slope, inplace=inplace)


class Hardtanh(Settled):
    """input limited to [min_val, max_val]."""

    function = staticmethod(F.hardtanh)
    shown = ("min_val", "max_val")

    def __init__(self, min_val: float = -1.0, max_val: float = 1.0, inplace: bool = False) -> None:
        super().__init__(min_val=min_val, max_val=max_val, inplace=inplace)


class Threshold(Settled):
    """input above ``threshold``, ``value`` elsewhere."""

    function = staticmethod(F.threshold)
    shown = ("threshold", "value")

    def __init__(self, threshold: float, value: float, inplace: bool = False) -> None:
        super().__init__(threshold=threshold, value=value, inplace=inplace)


class RReLU(Settled):
    """leaky_relu with a random slope for each element while training, else with their mean."""

    function = staticmethod(F.rrelu)
    shown = ("lower", "upper")

    def __init__(self, lower: float = 1 / 8, upper: float = 1 / 3, inplace: bool = False) -> None:
        super().__init__(lower=lower, upper=upper, inplace=inplace)

    def settings(self) -> dict[str, Any]:
        return {**super().settings(), "training": self.training}


class PReLU(Module):
    """input above 0, weight * input below; ``weight`` is learned, one number or one for each channel (dim 1)."""

    def __init__(self, num_parameters: int = 1, init: float = 0.25, device: Any = None, dtype: Any = None) -> None:
        self.weight = Parameter(full((num_parameters,), init, dtype=dtype, device=device))

    def forward(self, input: Tensor) -> Any:
        return F.prelu(input, self.weight)

    def extra_repr(self) -> str:
        return f"num_parameters={self.weight.numel()}"


class Softplus(Settled):
    """log(1 + exp(beta * input)) / beta."""

    function = staticmethod(F.softplus)
    shown = ("beta", "threshold")

    def __init__(self, beta: float = 1.0, threshold: float = 20.0) -> None:
        super().__init__(beta=beta, threshold=threshold)


class Hardshrink(Settled):
    """0 from -lambd to lambd, input elsewhere."""

    function = staticmethod(F.hardshrink)

    def __init__(self, lambd: float = 0.5) -> None:
        super().__init__(lambd=lambd)

    def extra_repr(self) -> str:
        return str(self.settings()["lambd"])


class Softshrink(Settled):
    """input moved towards 0 by ``lambd``, and 0 where it is nearer than that."""

    function = staticmethod(F.softshrink)

    def __init__(self, lambd: float = 0.5) -> None:
        super().__init__(lambd=lambd)

    def extra_repr(self) -> str:
        return str(self.settings()["lambd"])


class GLU(Settled):
    """The first half of input along ``dim`` times the sigmoid of the second."""

    function = staticmethod(F.glu)
    shown = ("dim",)

    def __init__(self, dim: int = -1) -> None:
        super().__init__(dim=dim)


class Softmax(Settled):
    """exp(input) / sum(exp(input)) along ``dim``."""

    function = staticmethod(F.softmax)
    shown = ("dim",)

    def __init__(self, dim: int | None = None) -> None:
        super().__init__(dim=dim)


class Softmin(Settled):
    """softmax(-input) along ``dim``."""

    function = staticmethod(F.softmin)
    shown = ("dim",)

    def __init__(self, dim: int | None = None) -> None:
        super().__init__(dim=dim)


class LogSoftmax(Settled):
    """log(softmax(input)) along ``dim``."""

    function = staticmethod(F.log_softmax)
    shown = ("dim",)

    def __init__(self, dim: int | None = None) -> None:
        super().__init__(dim=dim)


class Softmax2d(Module):
    """softmax over the channels of ``(N, C, H, W)`` or ``(C, H, W)``."""

    def forward(self, input: Tensor) -> Any:
        if input.ndim not in (3, 4):
            raise ShapeError(f"Softmax2d: input {input.shape} must be (N, C, H, W) or (C, H, W)")
        return F.softmax(input, -3)
