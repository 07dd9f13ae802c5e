"""Losses, x the prediction and y the target: means over a whole array, and losses element by element, which
`nn.functional` reduces to one number.

Helpers of these rows: `everywhere` and `one_hot`.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np

from autograd.arrays.trellis import NEVER
from autograd.rules.kinds import ANY, OTHERS, Shape, analytic, helper, on, structural


@helper
def everywhere(shape: Shape) -> Shape:
    """All dimensions of ``shape``."""
    return tuple(range(len(shape)))


@helper
def one_hot(classes: Any, count: int) -> Any:
    """For each of ``classes`` a row of ``count`` truth values, of which its own is true."""
    return _identity(count).take(classes, 0) if count <= 1024 else classes[:, None] == np.arange(count)


@lru_cache(maxsize=16)
def _identity(count: int) -> Any:
    return np.eye(count, dtype=bool)


def entered_from(x: str, fill: float) -> str:
    """The text for what ``x`` is, one step before, in the three states that each state may be entered from."""
    return f"windows(pad({x}, ((1, -1), (0, 0), (2, 0)), {fill}), (3,), (1,), (1,))"


JUMPS = np.array([[[1, 0, 1], [0, 1, 1], [1, 1, 1], [0, 0, 1]], [[1, 1, 1], [1, 1, 1], [0, 1, 1], [1, 0, 1]]], bool)
PROBABILITIES = (0.08, 0.35, 0.6, 0.93)  # where the losses of probabilities are sampled

# fmt: off
structural("mse_loss(x, y)", "mean(square(x - y), everywhere(x.shape), False)", samples=(on((3, 2), (3, 2)),),
           dx="(x - y) * (2 / count(x.shape, everywhere(x.shape)) * g)",
           dy="(y - x) * (2 / count(x.shape, everywhere(x.shape)) * g)")
# -log softmax(x)[class], the mean over the rows of x
structural("cross_entropy(x; classes)", "-mean_chosen(log_softmax(x, 1), classes)", kept="log_softmax(x, 1)",
           dx="(exp(log_softmax(x, 1)) - one_hot(classes, x.shape[1])) * (g / x.shape[0])",
           samples=(on((3, 4), classes=np.array([2, 0, 2])),))

# Huber 1964, "Robust estimation of a location parameter": squares that go over into straight lines.
analytic("huber(x, y; delta)", "clip(x - y, -delta, delta) * (x - y - clip(x - y, -delta, delta) / 2)",
         dx="clip(x - y, -delta, delta)", dy="-clip(x - y, -delta, delta)",         over=(ANY, OTHERS), given=(1.3,))
analytic("smooth_l1(x, y; beta)", "clip((x - y) / beta, -1, 1) * (x - y - clip((x - y) / beta, -1, 1) * beta / 2)",
         dx="clip((x - y) / beta, -1, 1)", dy="-clip((x - y) / beta, -1, 1)",       over=(ANY, OTHERS), given=(1.3,))

# How many nats a distribution needs to tell the target. A certain prediction that is wrong costs 100, as in PyTorch.
analytic("bce(x, y)", "-(y * maximum(log(x), -100) + (1 - y) * maximum(log1p(-x), -100))",
         dx="(x - y) / maximum(x * (1 - x), 1e-12)", dy="log1p(-x) - log(x)",       over=(PROBABILITIES, PROBABILITIES))
analytic("bce_with_logits(x, y)", "(1 - y) * x + maximum(-x, 0) + log1p(exp(-abs(x)))",  # y, 1 - y weigh log sigmoids
         dx="1 / (1 + exp(-x)) - y", dy="-x",                                       over=(ANY, OTHERS))
# x is the logarithm of a probability. A target of 0 costs 0, and its slope is infinite; PyTorch's there is NaN.
analytic("kl_div(x, y)", "where(eq(y, 0), 0, y * log(y)) - y * x",
         dx="-y", dy="log(y) + 1 - x",                                              over=(ANY, PROBABILITIES))
# log(x!) by Stirling's formula where x > 1, and 0 elsewhere
analytic("stirling(x)", "where(x <= 1, 0, x * log(x) - x + log(2 * pi * x) / 2)",
         dx="where(x <= 1, 0, log(x) + 0.5 / x)",                                    over=((0.4, 1.4, 2.5, 7.0),))

# x where y is 1, and how far x falls short of the margin where y is -1
structural("hinge_embedding(x; margin, y)", "where(eq(y, -1), 0, x) + where(eq(y, 1), 0, maximum(margin - x, 0))",
           dx="where(eq(y, -1), 0, g) - where(eq(y, 1), 0, g * (margin >= x))", samples=(on((2, 3), margin=1.2),))

# The sum over all paths through a trellis (T, N, S), the forward algorithm; how much of it comes over each edge is
# the weight with which gradients walk back. Baum 1972; Graves et al. 2006, section 4.1.
structural("trellis(x; jumps)", "trellis(x, jumps)", samples=(on((4, 2, 4), jumps=JUMPS), on((1, 2, 4), jumps=JUMPS)),
           dx=f"trellis_back(exp(where(jumps, {entered_from('out', NEVER)} + (x - out).reshape(alone(x.shape, (1,))), "
              f"{NEVER})), g)")
structural("trellis_walk(w, y)", "trellis_walk(w, y)", samples=(on((3, 1, 3, 3), (3, 1, 3)),),
           dw=f"{entered_from('out', 0)} * trellis_back(w, g).reshape(alone(y.shape, (1,)))", dy="trellis_back(w, g)")
structural("trellis_back(w, y)", "trellis_back(w, y)", samples=(on((3, 1, 3, 3), (3, 1, 3)),),
           dw=f"{entered_from('trellis_walk(w, g)', 0)} * out.reshape(alone(y.shape, (1,)))", dy="trellis_walk(w, g)")
# fmt: on
