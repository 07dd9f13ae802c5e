"""The nonlinearities of neural networks, and softmax.

The helper `cubic` is the argument of the sigmoid in the tanh form of gelu, `cubic_slope` its derivative.
"""

from math import pi
from typing import Any

import numpy as np

from autograd.rules.kinds import ALONG_DIM, ANY, NONZERO, analytic, arithmetic, helper, on, structural


@helper
def cubic(x: Any) -> Any:
    """sqrt(8 / pi) (x + 0.044715 x^3); the sigmoid of it is nearly normal_cdf(x)."""
    return x * ((8 / pi) ** 0.5 + (8 / pi) ** 0.5 * 0.044715 * (x * x))


@helper
def cubic_slope(x: Any) -> Any:
    return (8 / pi) ** 0.5 + (8 / pi) ** 0.5 * 0.134145 * (x * x)


# factor(out, x, f) is f(x), where out = x * f(x): arrays take it from there, and do not compute it again.

# fmt: off
# Smooth --------------------------------------------------------------------------------------------------------------

analytic("sigmoid(x)",      "1 / (1 + exp(-x))", dx="out * (1 - out)",               over=(ANY,))
analytic("logsigmoid(x)",   "minimum(x, 0) - log1p(exp(-abs(x)))", dx="sigmoid(-x)", over=(ANY,))
# log(1 + exp(beta x)) / beta, a smooth relu
analytic("softplus(x; beta, threshold)", "where(beta * x > threshold, x, logaddexp(beta * x, 0) / beta)",
                            dx="where(beta * x > threshold, 1, sigmoid(beta * x))",  over=(ANY,), given=(2.0, 3.0))
analytic("silu(x)",         "x * sigmoid(x)", dx="factor(out, x, sigmoid) * (x - out + 1)", over=(ANY,))
# Misra 2019, arXiv:1908.08681
analytic("mish(x)",         "x * tanh(softplus(x, 1, 20))",
                            dx="tanh(softplus(x, 1, 20)) + x * (1 - tanh(softplus(x, 1, 20)) ** 2) * sigmoid(x)",
                                                                                     over=(ANY,))
# Hendrycks and Gimpel 2016, arXiv:1606.08415; the normal distribution: its probability below x, and its density
analytic("gelu(x)",         "x * normal_cdf(x)", dx="factor(out, x, normal_cdf) + x * normal_pdf(x)", over=(ANY,))
analytic("normal_cdf(x)",   "normal_cdf(x)",  dx="normal_pdf(x)",                    over=(ANY,))
analytic("normal_pdf(x)",   "exp(x * x * -0.5) * (2 * pi) ** -0.5", dx="-x * out",   over=(ANY,))
# ... nearly, where (1 + tanh(z)) / 2 = sigmoid(2 z); with it in its place gelu is called its tanh form
analytic("cubic_sigmoid(x)", "sigmoid(cubic(x))", dx="out * (1 - out) * cubic_slope(x)", over=(ANY,))
analytic("gelu_tanh(x)",    "x * cubic_sigmoid(x)",
                            dx="factor(out, x, cubic_sigmoid) * (1 + (x - out) * cubic_slope(x))", over=(ANY,))
analytic("tanhshrink(x)",   "x - tanh(x)",    dx="tanh(x) ** 2",                     over=(ANY,))
analytic("softsign(x)",     "x / (1 + abs(x))", dx="1 / (1 + abs(x)) ** 2",          over=(NONZERO,), kinks=(0.0,))

# With kinks ----------------------------------------------------------------------------------------------------------

arithmetic("relu(x)",       "maximum(x, 0)",  dx="x > 0",                 over=(NONZERO,), kinks=(0.0,), symbol="ReLU")
analytic("leaky_relu(x; negative_slope)", "where(x > 0, x, negative_slope * x)",
                            dx="where(x > 0, 1, negative_slope)",         over=(NONZERO,), kinks=(0.0,), given=(0.2,))
analytic("prelu_kernel(x, y)", "where(x > 0, x, y * x)",  # leaky_relu with a slope y that is learned
                            dx="where(x > 0, 1, y)", dy="where(x > 0, 0, x)",        over=(NONZERO, ANY))
analytic("elu(x; alpha)",   "where(x > 0, x, alpha * expm1(minimum(x, 0)))",
                            dx="where(x > 0, 1, alpha * exp(minimum(x, 0)))",   over=(ANY,), kinks=(0.0,), given=(1.3,))
analytic("celu(x; alpha)",  "where(x > 0, x, alpha * expm1(minimum(x, 0) / alpha))",
                            dx="where(x > 0, 1, exp(minimum(x, 0) / alpha))",   over=(ANY,), kinks=(0.0,), given=(2.0,))
arithmetic("hardtanh(x; low, high)", "clip(x, low, high)", dx="(x > low) & (high > x)",  # at a limit 0, unlike clip
                                                          over=(ANY,), kinks=(-1.0, 1.5), given=(-1.0, 1.5))
# PyTorch's own slope is a sixth rounded to float32, in float64 too: wrong by 3e-8
analytic("hardsigmoid(x)",  "clip(x + 3, 0, 6) / 6", dx="where((x > -3) & (3 > x), 1 / 6, 0)",
                                                                                     over=(ANY,), kinks=(-3.0, 3.0))
analytic("hardswish(x)",    "x * clip(x + 3, 0, 6) / 6",
                            dx="where(x > -3, where(3 > x, x / 3 + 0.5, 1), 0)",     over=(ANY,), kinks=(-3.0, 3.0))

# Along a dimension ---------------------------------------------------------------------------------------------------

structural("softmax(x; dim)",     "softmax(x, dim)",     samples=ALONG_DIM, dx="centered(g, out, dim)")
structural("log_softmax(x; dim)", "log_softmax(x, dim)", samples=ALONG_DIM, dx="g - exp(out) * sum(g, (dim,), True)")
# ... of x * scale, of those elements only that are seen; 0 where none is
structural("masked_softmax(x; dim, seen, scale)", "masked_softmax(x, dim, seen, scale)",
           dx="centered(g, out, dim) * scale",
           samples=(on((3, 4), dim=1, seen=None, scale=0.7), on((2, 3, 3), dim=2, seen=np.tri(3, dtype=bool), scale=2)))
# how far x is from its mean under the weights y, times these: the derivative of softmax
structural("centered(x, y; dim)", "centered(x, y, dim)", dx="centered(g, y, dim)",
           dy="g * (x - sum(x * y, (dim,), True)) - x * sum(g * y, (dim,), True)",
           samples=(on((3, 4), (3, 4), dim=1), on((2, 3, 4), (2, 3, 4), dim=1)))
# fmt: on
