"""Rows of one or two operands, element by element."""

from autograd.rules.kinds import ABOVE_MINUS_1, ANY, NONZERO, OTHERS, POSITIVE, analytic, arithmetic

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
arithmetic("relu(x)",       "maximum(x, 0)", dx="x > 0",                  over=(NONZERO,), kinks=(0.0,), symbol="ReLU")
arithmetic("maximum(x, y)", "maximum(x, y)", dx="where(eq(x, y), 0.5, x > y)",
                                             dy="where(eq(x, y), 0.5, y > x)",         over=(ANY, OTHERS))
arithmetic("minimum(x, y)", "minimum(x, y)", dx="where(eq(x, y), 0.5, y > x)",
                                             dy="where(eq(x, y), 0.5, x > y)",         over=(ANY, OTHERS))
arithmetic("clip(x; low, high)", "clip(x, low, high)", dx="eq(out, x)",               over=(ANY,), given=(-1.0, 1.5))
arithmetic("remainder(x, y)", "x % y",       dx="1",                dy="-(x // y)",  over=(ANY, NONZERO), symbol="%")
arithmetic("floor_divide(x, y)", "x // y",   dx="0",                dy="0",          over=(ANY, NONZERO), symbol="//")
arithmetic("sign(x)",       "sign(x)",       dx="0",                                 over=(NONZERO,),     kinks=(0.0,))
arithmetic("floor(x)",      "floor(x)",      dx="0",                                 over=(ANY,),         kinks=(1.0,))
arithmetic("ceil(x)",       "ceil(x)",       dx="0",                                 over=(ANY,),         kinks=(1.0,))
arithmetic("trunc(x)",      "trunc(x)",      dx="0",                                 over=(ANY,),         kinks=(1.0,))
arithmetic("round(x)",      "round(x)",      dx="0",                                 over=(NONZERO,))

# Exponentials and logarithms -----------------------------------------------------------------------------------------

analytic("exp(x)",          "exp(x)",        dx="out",                               over=(ANY,))
analytic("expm1(x)",        "expm1(x)",      dx="out + 1",                           over=(ANY,))
analytic("log(x)",          "log(x)",        dx="1 / x",                             over=(POSITIVE,))
analytic("log1p(x)",        "log1p(x)",      dx="1 / (1 + x)",                       over=(ABOVE_MINUS_1,))
analytic("logaddexp(x, y)", "logaddexp(x, y)", dx="1 / (1 + exp(y - x))",
                                             dy="1 / (1 + exp(x - y))",              over=(ANY, OTHERS))

# Trigonometry, and the error function --------------------------------------------------------------------------------

analytic("sin(x)",          "sin(x)",        dx="cos(x)",                            over=(ANY,))
analytic("cos(x)",          "cos(x)",        dx="-sin(x)",                           over=(ANY,))
analytic("tan(x)",          "tan(x)",        dx="1 + out * out",                     over=(ANY,))
analytic("tanh(x)",         "tanh(x)",       dx="1 - out * out",                     over=(ANY,))
analytic("erf(x)",          "erf(x)",        dx="2 * pi ** -0.5 * exp(-x * x)",      over=(ANY,))
# fmt: on
