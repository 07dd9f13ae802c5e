"""Rows of one or two operands, element by element."""

from autograd.rules.kinds import (
    ABOVE_1,
    ABOVE_MINUS_1,
    ANY,
    BETWEEN_0_AND_1,
    NONZERO,
    OTHERS,
    POSITIVE,
    WITHIN_1,
    analytic,
    arithmetic,
)

# fmt: off
# Arithmetic ----------------------------------------------------------------------------------------------------------

arithmetic("add(x, y)",     "x + y",         dx="1",                dy="1",          over=(ANY, ANY),     symbol="+")
arithmetic("sub(x, y)",     "x - y",         dx="1",                dy="-1",         over=(ANY, ANY),     symbol="-")
arithmetic("mul(x, y)",     "x * y",         dx="y",                dy="x",          over=(ANY, ANY),     symbol="*")
analytic("div(x, y)",       "x / y",         dx="1 / y",            dy="-out / y",   over=(ANY, NONZERO), symbol="/")
# x^0 is 1 and its slope 0, and 0^y is 0 for all y > 0, at x = 0 too, where the formulas would say 0 * inf.
arithmetic("pow(x, y)",     "pow(x, y)",     dx="where(eq(y, 0), 0, y * pow(x, y - 1))",
                                             dy="where(eq(x, 0) & (y >= 0), 0, out * log(x))",
                                                                                     over=(POSITIVE, ANY), symbol="**")
arithmetic("neg(x)",        "-x",            dx="-1",                                over=(ANY,),         symbol="-")
arithmetic("square(x)",     "x * x",         dx="2 * x",                             over=(ANY,))
analytic("reciprocal(x)",   "1 / x",         dx="-out * out",                        over=(NONZERO,))
analytic("sqrt(x)",         "sqrt(x)",       dx="0.5 / out",                         over=(POSITIVE,))
analytic("rsqrt(x)",        "1 / sqrt(x)",   dx="-0.5 * out * out * out",            over=(POSITIVE,))

# With kinks and steps ------------------------------------------------------------------------------------------------

arithmetic("abs(x)",        "abs(x)",        dx="sign(x)",                           over=(NONZERO,),     kinks=(0.0,))
arithmetic("maximum(x, y)", "maximum(x, y)", dx="where(eq(x, y), 0.5, x > y)",
                                             dy="where(eq(x, y), 0.5, y > x)",         over=(ANY, OTHERS))
arithmetic("minimum(x, y)", "minimum(x, y)", dx="where(eq(x, y), 0.5, y > x)",
                                             dy="where(eq(x, y), 0.5, x > y)",         over=(ANY, OTHERS))
# Of a number and NaN these take the number; of two equal ones the first.
arithmetic("fmax(x, y)",    "fmax(x, y)",    dx="eq(out, x)",       dy="where(eq(out, x), 0, 1)", over=(ANY, OTHERS))
arithmetic("fmin(x, y)",    "fmin(x, y)",    dx="eq(out, x)",       dy="where(eq(out, x), 0, 1)", over=(ANY, OTHERS))
# The limits of clamp when they have gradients: at the limit the slope is the number's, not shared as by maximum.
arithmetic("clamp_min(x, y)", "maximum(x, y)", dx="x >= y",         dy="y > x",      over=(ANY, OTHERS))
arithmetic("clamp_max(x, y)", "minimum(x, y)", dx="y >= x",         dy="x > y",      over=(ANY, OTHERS))
arithmetic("clip(x; low, high)", "clip(x, low, high)", dx="eq(out, x)",
                                                          over=(ANY,), kinks=(-1.0, 1.5), given=(-1.0, 1.5))
arithmetic("nan_to_num(x; nan, posinf, neginf)", "nan_to_num(x, nan, posinf, neginf)", dx="eq(x - x, 0)",
                                                          over=(ANY,), given=(0.5, 9.0, -9.0))
arithmetic("remainder(x, y)", "x % y",       dx="1",                dy="-(x // y)",  over=(ANY, NONZERO), symbol="%")
arithmetic("fmod(x, y)",    "fmod(x, y)",    dx="1",                dy="-trunc(x / y)", over=(ANY, NONZERO))
arithmetic("floor_divide(x, y)", "x // y",   dx="0",                dy="0",          over=(ANY, NONZERO), symbol="//")
arithmetic("sign(x)",       "sign(x)",       dx="0",                                 over=(NONZERO,),     kinks=(0.0,))
arithmetic("frac(x)",       "x - trunc(x)",  dx="1",                                 over=(ANY,),         kinks=(1.0,))
# The magnitude of x with the sign of y; -0 is negative.
analytic("copysign(x, y)",  "copysign(x, y)", dx="sign(x) * sign(out)", dy="0",      over=(NONZERO, NONZERO))
analytic("nextafter(x, y)", "nextafter(x, y)", dx="where(eq(x, y), 0, 1)", dy="0",      over=(ANY, OTHERS))
arithmetic("floor(x)",      "floor(x)",      dx="0",                                 over=(ANY,),         kinks=(1.0,))
arithmetic("ceil(x)",       "ceil(x)",       dx="0",                                 over=(ANY,),         kinks=(1.0,))
arithmetic("trunc(x)",      "trunc(x)",      dx="0",                                 over=(ANY,),         kinks=(1.0,))
arithmetic("round(x)",      "round(x)",      dx="0",                                 over=(NONZERO,))

# Exponentials and logarithms -----------------------------------------------------------------------------------------

analytic("exp(x)",          "exp(x)",        dx="out",                               over=(ANY,))
analytic("expm1(x)",        "expm1(x)",      dx="out + 1",                           over=(ANY,))
analytic("log(x)",          "log(x)",        dx="1 / x",                             over=(POSITIVE,))
analytic("log1p(x)",        "log1p(x)",      dx="1 / (1 + x)",                       over=(ABOVE_MINUS_1,))
analytic("exp2(x)",         "exp2(x)",       dx="out * ln2",                         over=(ANY,))
analytic("ldexp(x, y)",     "ldexp(x, y)",   dx="exp2(y)",          dy="out * ln2",  over=(ANY, ANY))
analytic("log2(x)",         "log2(x)",       dx="1 / (x * ln2)",                     over=(POSITIVE,))
analytic("log10(x)",        "log10(x)",      dx="1 / (x * ln10)",                    over=(POSITIVE,))
analytic("logaddexp(x, y)", "logaddexp(x, y)", dx="sigmoid(x - y)",                  dy="sigmoid(y - x)",
                                                                                     over=(ANY, OTHERS))
# exp(x - y) for x <= y: of two that are infinite together 1, but 0 where both are -inf, which add nothing
analytic("exp_gap(x, y)",   "where(eq(x, y), y > -inf, exp(x - y)) * 1.0", dx="out", dy="-out",
                                                                                     over=(ANY, OTHERS))
# 0 log(y) is 0, at y = 0 too
analytic("xlogy(x, y)",     "xlogy(x, y)",   dx="where(eq(x, 0) & (y <= 0), 0, log(y))", dy="x / y",
                                                                                     over=(ANY, POSITIVE))
analytic("logit(x)",        "log(x / (1 - x))",  # NaN outside [0, 1], its slope too
                            dx="where(eq(out, out), 1 / abs(x * (1 - x)), out)",     over=(BETWEEN_0_AND_1,))

# Trigonometric and hyperbolic functions, and the error function ------------------------------------------------------

analytic("sin(x)",          "sin(x)",        dx="cos(x)",                            over=(ANY,))
analytic("cos(x)",          "cos(x)",        dx="-sin(x)",                           over=(ANY,))
analytic("tan(x)",          "tan(x)",        dx="1 + out * out",                     over=(ANY,))
analytic("asin(x)",         "asin(x)",       dx="1 / sqrt((1 - x) * (1 + x))",       over=(WITHIN_1,))
analytic("acos(x)",         "acos(x)",       dx="-1 / sqrt((1 - x) * (1 + x))",      over=(WITHIN_1,))
analytic("atan(x)",         "atan(x)",       dx="1 / (1 + x * x)",                   over=(ANY,))
# the angle of the point (y, x), whose first coordinate is y; at (0, 0), where there is none, the slopes are 0
analytic("atan2(x, y)",     "atan2(x, y)",   dx="where(eq(x, 0) & eq(y, 0), 0, y / (x * x + y * y))",
                                             dy="where(eq(x, 0) & eq(y, 0), 0, -x / (x * x + y * y))",
                                                                                     over=(ANY, NONZERO))
analytic("hypot(x, y)",     "hypot(x, y)",   dx="x / out",          dy="y / out",    over=(ANY, NONZERO))
# sin(pi x) / (pi x); near 0 its slope is taken from the series, since the difference would lose all its digits
analytic("sinc(x)",         "sinc(x)",       dx="where(0.01 > abs(x), "
                            "-pi * pi * x * (1 / 3 - (pi * x) ** 2 * (1 / 30 - (pi * x) ** 2 / 840)), "
                            "(cos(pi * x) - out) / x)",                              over=(ANY,))

analytic("sinh(x)",         "sinh(x)",       dx="cosh(x)",                           over=(ANY,))
analytic("cosh(x)",         "cosh(x)",       dx="sinh(x)",                           over=(ANY,))
analytic("tanh(x)",         "tanh(x)",       dx="1 - out * out",                     over=(ANY,))
analytic("asinh(x)",        "asinh(x)",      dx="1 / sqrt(x * x + 1)",               over=(ANY,))
analytic("acosh(x)",        "acosh(x)",      dx="1 / sqrt((abs(x) - 1) * (abs(x) + 1))", over=(ABOVE_1,))
analytic("atanh(x)",        "atanh(x)",      dx="1 / ((1 - x) * (1 + x))",           over=(WITHIN_1,))

analytic("erf(x)",          "erf(x)",        dx="2 * pi ** -0.5 * exp(-x * x)",      over=(ANY,))
# fmt: on
