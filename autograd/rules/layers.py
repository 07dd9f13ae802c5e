"""What neural networks are made of: affine maps, convolution, windows (for pooling), padding, normalization, lookup.

Helpers of these rows: `rows`, `opposite`, `alone` and `but_channels`.
"""

from __future__ import annotations

from math import prod
from typing import Any

import numpy as np

from autograd.rules.kinds import Shape, helper, on, structural


@helper
def rows(x: Any) -> Any:
    """``x`` as a matrix: its last dimension, and one for all the others."""
    return x if x.ndim == 2 else x.reshape((prod(x.shape[:-1]), x.shape[-1]))


@helper
def opposite(widths: tuple[tuple[int, int], ...]) -> tuple[tuple[int, int], ...]:
    """What undoes padding by ``widths``: the negative ones, which cut off."""
    return tuple((-before, -after) for before, after in widths)


@helper
def alone(shape: Shape, size: Shape) -> Shape:
    """``shape`` with a dimension of size 1 for each of ``size``."""
    return shape + (1,) * len(size)


@helper
def but_channels(shape: Shape) -> Shape:
    """All dimensions of ``shape`` but the second."""
    return (0, *range(2, len(shape)))


CONV: dict[str, Any] = {"stride": (2,), "dilation": (1,), "groups": 1}
CONV_2D: dict[str, Any] = {"stride": (2, 1), "dilation": (1, 2), "groups": 2}

# fmt: off
# The affine map x @ w.T + b of each vector along the last dimension of x.
structural("linear(x, w, b)", "linear(x, w, b)",
           dx="(rows(g) @ w).reshape(x.shape)", dw="mT(rows(g)) @ rows(x)", db="sum(rows(g), (0,), False)",
           samples=(on((3, 4), (2, 4), (2,)), on((2, 3, 4), (5, 4), (5,)), on((4,), (3, 4), (3,))))

# Convolution is a form of three operands, linear in each, sum of x[n, c, s p + d k] w[o, c, k] y[n, o, p]; the three
# rows are its gradients, so each derivative is another of them. conv_input is what is called transposed convolution.
structural("conv(x, w; stride, dilation, groups)", "conv(x, w, stride, dilation, groups)",
           dx="conv_input(g, w, x.shape, stride, dilation, groups)",
           dw="conv_weight(x, g, w.shape, stride, dilation, groups)",
           samples=(on((1, 2, 5), (2, 2, 3), **CONV), on((2, 4, 5, 4), (6, 2, 2, 2), **CONV_2D)))
structural("conv_input(y, w; shape, stride, dilation, groups)", "conv_input(y, w, shape, stride, dilation, groups)",
           dy="conv(g, w, stride, dilation, groups)",
           dw="conv_weight(g, y, w.shape, stride, dilation, groups)",
           samples=(on((1, 2, 2), (2, 2, 3), shape=(1, 2, 5), **CONV),
                    on((2, 6, 2, 2), (6, 2, 2, 2), shape=(2, 4, 5, 4), **CONV_2D)))
structural("conv_weight(x, y; shape, stride, dilation, groups)", "conv_weight(x, y, shape, stride, dilation, groups)",
           dx="conv_input(y, g, x.shape, stride, dilation, groups)",
           dy="conv(x, g, stride, dilation, groups)",
           samples=(on((1, 2, 5), (1, 2, 2), shape=(2, 2, 3), **CONV),
                    on((2, 4, 5, 4), (2, 6, 2, 2), shape=(6, 2, 2, 2), **CONV_2D)))

structural("conv_bias(x, w, b; stride, dilation, groups)", "conv_bias(x, w, b, stride, dilation, groups)",
           dx="conv_input(g, w, x.shape, stride, dilation, groups)",
           dw="conv_weight(x, g, w.shape, stride, dilation, groups)", db="sum(g, but_channels(g.shape), False)",
           samples=(on((1, 2, 5), (2, 2, 3), (2,), **CONV), on((2, 4, 5, 4), (6, 2, 2, 2), (6,), **CONV_2D)))

# Windows that slide over the last dimensions, as dimensions of their own: (..., *space) to (..., *places, *size).
structural("windows(x; size, stride, dilation)", "windows(x, size, stride, dilation)",
           dx="unwindows(g, x.shape, size, stride, dilation)",
           samples=(on((2, 7), size=(3,), stride=(2,), dilation=(1,)),
                    on((2, 6, 5), size=(2, 3), stride=(1, 2), dilation=(2, 1))))
structural("unwindows(x; shape, size, stride, dilation)", "unwindows(x, shape, size, stride, dilation)",
           dx="windows(g, size, stride, dilation)",
           samples=(on((2, 3, 3), shape=(2, 7), size=(3,), stride=(2,), dilation=(1,)),
                    on((2, 4, 2, 2, 3), shape=(2, 6, 5), size=(2, 3), stride=(1, 2), dilation=(2, 1))))
structural("window_sum(x; size, stride)",           "window_sum(x, size, stride)",
           dx="unwindows(broadcast_to(g.reshape(alone(g.shape, size)), g.shape + size), "
              "x.shape, size, stride, alone((), size))",
           samples=(on((2, 7), size=(3,), stride=(2,)), on((2, 6, 5), size=(2, 3), stride=(1, 2))))
# The largest of each window, the windows side by side: its slope is 1 at the largest element, the first of equal ones.
structural("max_pool(x; size)", "max_pool(x, size)", dx="onto_peaks(g, peaks(x, out, size), size, x.shape)",
           samples=(on((2, 7), size=(3,)), on((2, 4, 6), size=(2, 3))))
structural("at_peaks(x; places, size)", "at_peaks(x, places, size)", dx="onto_peaks(g, places, size, x.shape)",
           samples=(on((1, 5), places=[[[True, False]], [[False, True]]], size=(2,)),))
structural("onto_peaks(x; places, size, shape)", "onto_peaks(x, places, size, shape)", dx="at_peaks(g, places, size)",
           samples=(on((1, 2), places=[[[True, False]], [[False, True]]], size=(2,), shape=(1, 5)),))
structural("chosen(x; index)",          "chosen(x, index)",          dx="unchosen(g, index, x.shape)",
           samples=(on((2, 4), index=[[0, 3, 3], [1, 0, 1]]),))
structural("unchosen(x; index, shape)", "unchosen(x, index, shape)", dx="chosen(g, index)",
           samples=(on((2, 3), index=[[0, 3, 3], [1, 0, 1]], shape=(2, 4)),))
structural("pad(x; widths, value)",     "pad(x, widths, value)",     dx="pad(g, opposite(widths), 0)",
           samples=(on((2, 3), widths=((0, 0), (1, 2)), value=0.5), on((4, 3), widths=((-1, 2), (0, -1)), value=0.0)))

# Of mean 0 and variance 1 over dim; of mean square 1. Ioffe and Szegedy 2015, arXiv:1502.03167, section 3;
# Zhang and Sennrich 2019, arXiv:1910.07467, section 4.
structural("standardize(x; dim, eps)",  "standardize(x, dim, eps)",
           dx="residual(g, out, dim) * inverse_std(x, dim, eps)",
           samples=(on((3, 4), dim=(1,), eps=0.1), on((4, 2, 3), dim=(0, 2), eps=1e-5)))
# y - mean(y) - s * mean(y * s): of y what is left beside its mean and a straight line in s, which is standardized
structural("residual(y, s; dim)",       "residual(y, s, dim)", dy="residual(g, s, dim)",
           ds="-(g * mean(y * s, dim, True) + y * mean(g * s, dim, True))",
           samples=(on((3, 4), (3, 4), dim=(1,)), on((4, 2, 3), (4, 2, 3), dim=(0, 2))))
# Ba, Kiros and Hinton 2016, arXiv:1607.06450
structural("layer_norm(x, w, b; dim, eps)", "standardize(x, dim, eps) * w + b", kept="standardize(x, dim, eps)",
           dx="residual(g * w, standardize(x, dim, eps), dim) * inverse_std(x, dim, eps)",
           dw="g * standardize(x, dim, eps)", db="g",
           samples=(on((3, 4), (4,), (4,), dim=(1,), eps=0.1), on((2, 3, 2), (3, 2), (3, 2), dim=(1, 2), eps=1e-5)))
structural("inverse_std(x; dim, eps)",  "inverse_std(x, dim, eps)",  # one over the standard deviation
           dx="(mean(x, dim, True) - x) * (g * out**3 / count(x.shape, dim))",
           samples=(on((3, 4), dim=(1,), eps=0.1), on((4, 2, 3), dim=(0, 2), eps=1e-5)))
structural("unit_rms(x; dim, eps)",     "x * (mean(x * x, dim, True) + eps) ** -0.5",
           dx="(g - out * mean(g * out, dim, True)) * (mean(x * x, dim, True) + eps) ** -0.5",
           samples=(on((3, 4), dim=(1,), eps=0.1), on((4, 2, 3), dim=(0, 2), eps=1e-5)))

# share: how much of its gradient each row that was looked up passes on to the table of rows, x.
structural("embedding(x; index, share)", "x[index]",                 dx="unindex(g * share, index, x.shape)",
           samples=(on((4, 3), index=np.array([[0, 3], [3, 1]]), share=1.0),))
# fmt: on
