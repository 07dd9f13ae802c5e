"""The nonlinearities of neural networks, and softmax."""

from autograd.rules.kinds import ALONG_DIM, ANY, NONZERO, analytic, structural

# fmt: off
analytic("sigmoid(x)",      "1 / (1 + exp(-x))", dx="out * (1 - out)",               over=(ANY,))
analytic("silu(x)",         "x / (1 + exp(-x))", dx="out + (1 - out) / (1 + exp(-x))", over=(ANY,))
analytic("softplus(x)",     "maximum(x, 0) + log1p(exp(-abs(x)))", dx="1 / (1 + exp(-x))", over=(ANY,))
analytic("elu(x; alpha)",   "where(x > 0, x, alpha * expm1(minimum(x, 0)))",
                            dx="where(x > 0, 1, alpha * exp(minimum(x, 0)))",        over=(ANY,), given=(1.3,))
analytic("leaky_relu(x; negative_slope)", "where(x > 0, x, negative_slope * x)",
                                             dx="where(x > 0, 1, negative_slope)",   over=(NONZERO,), given=(0.2,))
# x times the normal distribution's cumulative function; Hendrycks and Gimpel 2016, arXiv:1606.08415
analytic("gelu(x)",         "x * (1 + erf(x * 0.5 ** 0.5)) / 2",
                            dx="(1 + erf(x * 0.5 ** 0.5)) / 2 + x * exp(-x * x / 2) * (2 * pi) ** -0.5", over=(ANY,))

structural("softmax(x; dim)",     "softmax(x, dim)",     samples=ALONG_DIM, dx="out * (g - sum(g * out, (dim,), True))")
structural("log_softmax(x; dim)", "log_softmax(x, dim)", samples=ALONG_DIM, dx="g - exp(out) * sum(g, (dim,), True)")
# fmt: on
