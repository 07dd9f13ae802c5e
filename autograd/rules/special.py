"""The special functions: the error function's relatives, the gamma function's logarithm, Bessel functions.

What computes them, and after whom, stands in ``autograd/arrays/``: `normal`, `gammas`, `incomplete_gamma`, `bessel`.
"""

from autograd.rules.kinds import ANY, BETWEEN_0_AND_1, NONZERO, OTHERS, POSITIVE, WITHIN_1, analytic

# fmt: off
# The error function and the normal distribution ----------------------------------------------------------------------

analytic("erfc(x)",         "erfc(x)",       dx="-2 * pi ** -0.5 * exp(-x * x)",     over=(ANY,))
analytic("erfcx(x)",        "erfcx(x)",      dx="2 * (x * out - pi ** -0.5)",        over=(ANY,))  # exp(x^2) erfc(x)
analytic("erfinv(x)",       "erfinv(x)",     dx="0.5 * pi ** 0.5 * exp(out * out)",  over=(WITHIN_1,))
# normal_cdf, and exact in the lower tail, too, where it is nearly 0
analytic("ndtr(x)",         "ndtr(x)",       dx="normal_pdf(x)",                     over=(ANY,))
analytic("ndtri(x)",        "ndtri(x)",      dx="(2 * pi) ** 0.5 * exp(out * out / 2)", over=(BETWEEN_0_AND_1,))
analytic("log_ndtr(x)",
         "where(-1 > x, log(erfcx(x * -0.5 ** 0.5) / 2) - x * x / 2, log1p(-ndtr(-x)))",
         dx="where(-1 > x, (2 / pi) ** 0.5 / erfcx(x * -0.5 ** 0.5), normal_pdf(x) / ndtr(x))", over=(ANY,))

# Entropies and logarithms --------------------------------------------------------------------------------------------

analytic("entr(x)",         "where(0 > x, -inf, -xlogy(x, x))", dx="-log(x) - 1",    over=(POSITIVE,))
# 0 log(1 + y) is 0, at y = -1 too
analytic("xlog1py(x, y)",   "xlog1py(x, y)",
                            dx="where(eq(x, 0) & (-1 >= y), 0, log1p(y))", dy="x / (y + 1)", over=(ANY, POSITIVE))
analytic("logaddexp2(x, y)", "logaddexp2(x, y)", dx="sigmoid((x - y) * ln2)",        dy="sigmoid((y - x) * ln2)",
                                                                                     over=(ANY, OTHERS))

# The gamma function's logarithm and its derivatives ------------------------------------------------------------------

analytic("lgamma(x)",       "lgamma(x)",     dx="digamma(x)",                        over=(NONZERO,))
analytic("digamma(x)",      "digamma(x)",    dx="polygamma(x, 1)",                   over=(NONZERO,))
analytic("polygamma(x; n)", "polygamma(x, n)", dx="polygamma(x, n + 1)",             over=(NONZERO,), given=(1,))

# The gamma distribution of shape a: its probability below x, above x, and its density --------------------------------

analytic("gammainc(x; a)",  "gammainc(x, a)", dx="gamma_density(x, a)",              over=(POSITIVE,), given=(1.7,))
analytic("gammaincc(x; a)", "gammaincc(x, a)", dx="-gamma_density(x, a)",            over=(POSITIVE,), given=(1.7,))
analytic("gamma_density(x; a)", "gamma_density(x, a)", dx="out * ((a - 1) / x - 1)", over=(POSITIVE,), given=(1.7,))

# Modified Bessel functions of the first kind; with an e, times exp(-|x|) ---------------------------------------------

analytic("i0(x)",           "i0(x)",         dx="i1(x)",                             over=(ANY,))
analytic("i1(x)",           "i1(x)",         dx="where(eq(x, 0), 0.5, i0(x) - out / x)", over=(ANY,))
analytic("i0e(x)",          "i0e(x)",        dx="i1e(x) - sign(x) * out",            over=(NONZERO,), kinks=(0.0,))
analytic("i1e(x)",          "i1e(x)",        dx="where(eq(x, 0), 0.5, i0e(x) - out * (sign(x) + 1 / x))",
                                                                                     over=(NONZERO,))
# fmt: on
