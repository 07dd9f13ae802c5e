"""The table of derivatives: every one, once, in the notation of a calculus book.

Reverse-mode automatic differentiation is this table and the chain rule. A program computes a number; each
operation it performs is a row of this table; the engine remembers which row produced which number from
which operands (``graph.py``), and afterwards walks that record backwards (``backward.py``), asking each row
one question: *if the loss changes by g when my output changes by 1, how much does it change when my operand
changes by 1?* The row answers; the answers that reach a number along different paths are added up. That is
all that every deep-learning framework does. The rest of this project only reads the table: with floats
(``Value``), with arrays (``Tensor``), with nodes (the backward pass then records a graph that can be
differentiated again), for pictures, and for tests.

**How to read a row.** ``"tanh(x)"`` is the operation with its operands; then comes its value; then ``dx``, its
derivative with respect to the operand ``x``. Names after a semicolon, as in ``"clip(x; low, high)"``, are
parameters: no derivative is taken for them. A row may use these words and no others:

=====================  ==========================================================================================
``x``, ``y``, ``xs``   the operands (``xs``: any number of them; ``i``: the one whose derivative is asked)
``out``                the value that the operation gave; a rule written in it recomputes nothing
``g``                  structural rows only: the upstream gradient, d loss / d out, of the shape of ``out``
operators              ``+ - * / // % ** @ abs [] > >= <= &`` and ``.shape``, ``.dtype``, ``.reshape``, ``.copy``
functions              ``exp``, ``where``, ``eq`` (equal numbers), ``pi``, ...: what each number system has
                       (``scalars.py``, ``arrays.py``, ``functions/``)
helpers                `restore`, `count`, `share`, `section`, `inverse`: shape arithmetic, defined below
=====================  ==========================================================================================

**Three kinds of row.** *Elementwise* rows give **slopes**: d out / d x at one element; the engine multiplies by
the upstream gradient, and where an operand was broadcast it sums over the copies. ``arithmetic`` rows are
elementwise and keep integers integers; ``analytic`` rows are elementwise and turn integers into floats first.
``structural`` rows move or mix elements and give **vjps** (vector-Jacobian products): the whole expression that
turns ``g`` into d loss / d x, of the shape of ``x``.

**Adding an operation is adding a row.** ``over`` and ``samples`` are the inputs it is tested on: its value, first
and second derivative are then checked against finite differences and PyTorch without another line. At the
``kinks`` no derivative exists; there we choose what PyTorch chooses.
"""

from __future__ import annotations

from math import prod
from typing import Any

from autograd.rule import Rule, Sample

Shape = tuple[int, ...]

RULES: dict[str, Rule] = {}

# Where rows are sampled: the domain of each operand of an elementwise row.
ANY = (-2.5, -0.7, 0.3, 1.9)
NONZERO = (-1.7, -0.4, 0.6, 2.2)
POSITIVE = (0.2, 0.9, 1.4, 3.0)
ABOVE_MINUS_1 = (-0.8, -0.2, 0.5, 2.0)
OTHERS = (-1.1, 0.8, 2.4)  # meets none of ANY, so that maximum and minimum have no ties


# Shape arithmetic: the helpers a row may use, for arrays and for nodes alike.


def restore(reduced: Any, shape: Shape, dim: Shape) -> Any:
    """``reduced``, which has lost the dimensions ``dim`` of ``shape``, with these back, of size 1."""
    return reduced.reshape(tuple(1 if i in dim else n for i, n in enumerate(shape)))


def count(shape: Shape, dim: Shape) -> int:
    """How many elements a reduction over ``dim`` makes into one."""
    return prod(shape[i] for i in dim)


def share(x: Any, extreme: Any, dim: Shape) -> Any:
    """One whole divided equally among those elements of ``x`` over ``dim`` that are its ``extreme``."""
    chosen = x == extreme
    return chosen / chosen.sum(axis=dim, keepdims=True)


def section(g: Any, dim: int, bounds: tuple[int, int]) -> Any:
    """The part of ``g`` from ``bounds[0]`` up to ``bounds[1]`` along ``dim``."""
    return g[(slice(None),) * dim + (slice(*bounds),)]


def inverse(dims: Shape) -> Shape:
    """The permutation that undoes ``dims``."""
    return tuple(dims.index(i) for i in range(len(dims)))


# The three kinds of row.


def _row(kind: str, signature: str, value: str, symbol: str, samples: Any, kinks: Any, derivatives: Any) -> None:
    helpers: dict[str, Any] = {
        "restore": restore,
        "count": count,
        "share": share,
        "section": section,
        "inverse": inverse,
    }
    rule = Rule(kind, signature, value, derivatives, symbol, samples, kinks, helpers)
    RULES[rule.name] = rule


def arithmetic(signature: str, value: str, *, over: Any, symbol: str = "", kinks: Any = (), **slopes: str) -> None:
    _row("arithmetic", signature, value, symbol, over, kinks, slopes)


def analytic(signature: str, value: str, *, over: Any, symbol: str = "", kinks: Any = (), **slopes: str) -> None:
    _row("analytic", signature, value, symbol, over, kinks, slopes)


def structural(signature: str, value: str, *, samples: Any, symbol: str = "", **vjps: str) -> None:
    _row("structural", signature, value, symbol, samples, (), vjps)


def on(*shapes: Shape, **arguments: Any) -> Sample:
    """A sample of a structural row: operands of these shapes, called with these arguments."""
    return Sample(shapes, arguments)


# fmt: off
# Arithmetic ----------------------------------------------------------------------------------------------------

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

# With kinks and steps --------------------------------------------------------------------------------------------

arithmetic("abs(x)",        "abs(x)",        dx="sign(x)",                           over=(NONZERO,),     kinks=(0.0,))
arithmetic("relu(x)",       "maximum(x, 0)", dx="x > 0",                  over=(NONZERO,), kinks=(0.0,), symbol="ReLU")
arithmetic("maximum(x, y)", "maximum(x, y)", dx="where(eq(x, y), 0.5, x > y)",
                                             dy="where(eq(x, y), 0.5, y > x)",         over=(ANY, OTHERS))
arithmetic("minimum(x, y)", "minimum(x, y)", dx="where(eq(x, y), 0.5, y > x)",
                                             dy="where(eq(x, y), 0.5, x > y)",         over=(ANY, OTHERS))
arithmetic("clip(x; low, high)", "clip(x, low, high)", dx="eq(out, x)",               over=(ANY,))
arithmetic("remainder(x, y)", "x % y",       dx="1",                dy="-(x // y)",  over=(ANY, NONZERO), symbol="%")
arithmetic("floor_divide(x, y)", "x // y",   dx="0",                dy="0",          over=(ANY, NONZERO), symbol="//")
arithmetic("sign(x)",       "sign(x)",       dx="0",                                 over=(NONZERO,),     kinks=(0.0,))
arithmetic("floor(x)",      "floor(x)",      dx="0",                                 over=(ANY,),         kinks=(1.0,))
arithmetic("ceil(x)",       "ceil(x)",       dx="0",                                 over=(ANY,),         kinks=(1.0,))
arithmetic("trunc(x)",      "trunc(x)",      dx="0",                                 over=(ANY,),         kinks=(1.0,))
arithmetic("round(x)",      "round(x)",      dx="0",                                 over=(NONZERO,))

# Exponentials and logarithms -------------------------------------------------------------------------------------

analytic("exp(x)",          "exp(x)",        dx="out",                               over=(ANY,))
analytic("expm1(x)",        "expm1(x)",      dx="out + 1",                           over=(ANY,))
analytic("log(x)",          "log(x)",        dx="1 / x",                             over=(POSITIVE,))
analytic("log1p(x)",        "log1p(x)",      dx="1 / (1 + x)",                       over=(ABOVE_MINUS_1,))
analytic("logaddexp(x, y)", "logaddexp(x, y)", dx="1 / (1 + exp(y - x))",
                                             dy="1 / (1 + exp(x - y))",              over=(ANY, OTHERS))

# Trigonometry, and the error function ------------------------------------------------------------------------------

analytic("sin(x)",          "sin(x)",        dx="cos(x)",                            over=(ANY,))
analytic("cos(x)",          "cos(x)",        dx="-sin(x)",                           over=(ANY,))
analytic("tan(x)",          "tan(x)",        dx="1 + out * out",                     over=(ANY,))
analytic("tanh(x)",         "tanh(x)",       dx="1 - out * out",                     over=(ANY,))
analytic("erf(x)",          "erf(x)",        dx="2 * pi ** -0.5 * exp(-x * x)",      over=(ANY,))

# Activations -----------------------------------------------------------------------------------------------------

analytic("sigmoid(x)",      "1 / (1 + exp(-x))", dx="out * (1 - out)",               over=(ANY,))
analytic("silu(x)",         "x / (1 + exp(-x))", dx="out + (1 - out) / (1 + exp(-x))", over=(ANY,))
analytic("softplus(x)",     "maximum(x, 0) + log1p(exp(-abs(x)))", dx="1 / (1 + exp(-x))", over=(ANY,))
analytic("elu(x; alpha)",   "where(x > 0, x, alpha * expm1(minimum(x, 0)))",
                                             dx="where(x > 0, 1, alpha * exp(minimum(x, 0)))", over=(ANY,))
analytic("leaky_relu(x; negative_slope)", "where(x > 0, x, negative_slope * x)",
                                             dx="where(x > 0, 1, negative_slope)",   over=(NONZERO,))
# x times the normal distribution's cumulative function; Hendrycks and Gimpel 2016, arXiv:1606.08415
analytic("gelu(x)",         "x * (1 + erf(x * 0.5 ** 0.5)) / 2",
                            dx="(1 + erf(x * 0.5 ** 0.5)) / 2 + x * exp(-x * x / 2) * (2 * pi) ** -0.5", over=(ANY,))

# Reductions: dim is a tuple of dimensions ------------------------------------------------------------------------

OVER_DIMS = (on((3, 4), dim=1), on((3, 4), dim=0, keepdim=True), on((2, 3, 4), dim=(0, -1)), on((3,), dim=0))

structural("sum(x; dim, keepdim)",       "sum(x, dim, keepdim)",  samples=OVER_DIMS, symbol="Σ",
           dx="broadcast_to(restore(g, x.shape, dim), x.shape)")
structural("mean(x; dim, keepdim)",      "mean(x, dim, keepdim)", samples=OVER_DIMS,
           dx="broadcast_to(restore(g, x.shape, dim) / count(x.shape, dim), x.shape)")
structural("amax(x; dim, keepdim)",      "amax(x, dim, keepdim)", samples=OVER_DIMS,  # elements that tie share g
           dx="restore(g, x.shape, dim) * share(x, restore(out, x.shape, dim), dim)")
structural("amin(x; dim, keepdim)",      "amin(x, dim, keepdim)", samples=OVER_DIMS,
           dx="restore(g, x.shape, dim) * share(x, restore(out, x.shape, dim), dim)")
structural("logsumexp(x; dim, keepdim)", "logsumexp(x, dim, keepdim)", samples=OVER_DIMS,
           dx="restore(g, x.shape, dim) * exp(x - restore(out, x.shape, dim))")

# Along one dimension -------------------------------------------------------------------------------------------

ALONG_DIM = (on((3, 4), dim=1), on((3, 4), dim=0), on((2, 3, 4), dim=-2), on((3,), dim=0))

structural("softmax(x; dim)",     "softmax(x, dim)",     samples=ALONG_DIM, dx="out * (g - sum(g * out, (dim,), True))")
structural("log_softmax(x; dim)", "log_softmax(x, dim)", samples=ALONG_DIM, dx="g - exp(out) * sum(g, (dim,), True)")
structural("cumsum(x; dim)",      "cumsum(x, dim)",      samples=ALONG_DIM,
           dx="flip(cumsum(flip(g, (dim,)), dim), (dim,))")

# Linear algebra: the last two dimensions are matrices, those before them a batch -------------------------------------

structural("matmul(x, y)", "x @ y", dx="g @ mT(y)", dy="mT(x) @ g", symbol="@",
           samples=(on((2, 3), (3, 4)), on((5, 2, 3), (5, 3, 4)), on((5, 1, 2, 3), (4, 3, 2)), on((3,), (3,)),
                    on((2, 3), (3,)), on((3,), (5, 3, 2))))

# Shape: the same numbers, arranged otherwise ---------------------------------------------------------------------

structural("reshape(x; shape)",      "x.reshape(shape)",       dx="g.reshape(x.shape)",
           samples=(on((2, 6), shape=(3, 4)), on((2, 6), shape=(-1,)), on((1,), shape=())))
structural("permute(x; dims)",       "permute(x, dims)",       dx="permute(g, inverse(dims))",
           samples=(on((2, 3, 4), dims=(2, 0, 1)), on((2, 3), dims=(-1, 0))))
structural("broadcast_to(x; shape)", "broadcast_to(x, shape)", dx="g",  # the engine sums over what was broadcast
           samples=(on((3, 1), shape=(2, 3, 4)), on((), shape=(3,))))
structural("flip(x; dims)",          "flip(x, dims)",          dx="flip(g, dims)",
           samples=(on((2, 3), dims=(0,)), on((2, 3), dims=(0, 1))))
structural("tril(x; diagonal)",      "tril(x, diagonal)",      dx="tril(g, diagonal)",
           samples=(on((3, 3), diagonal=0), on((2, 3, 4), diagonal=-1)))
structural("triu(x; diagonal)",      "triu(x, diagonal)",      dx="triu(g, diagonal)",
           samples=(on((3, 3), diagonal=0), on((2, 3, 4), diagonal=1)))
structural("cat(*xs; dim, bounds)",  "cat(xs, dim)",           dxs="section(g, dim, bounds[i])",
           samples=(on((2, 3), (4, 3), (1, 3), dim=0), on((2, 3), (2, 1), dim=-1)))

# Selection -----------------------------------------------------------------------------------------------------

structural("getitem(x; index)",      "x[index]",               dx="unindex(g, index, x.shape)",
           samples=(on((3, 4), index=1), on((5,), index=slice(None, None, 2)), on((3, 4), index=([0, 1, 1], [2, 0, 0])),
                    on((3, 4), index=(slice(None), [0, 2, 2])), on((2, 3, 4), index=(..., None, slice(1, 3)))))
structural("unindex(x; index, shape)", "unindex(x, index, shape)", dx="g[index]",
           samples=(on((4,), index=1, shape=(3, 4)), on((3,), index=[0, 2, 2], shape=(5,)),
                    on((2,), index=slice(0, 2), shape=(5,))))
structural("where(x, y; condition)", "where(condition, x, y)", dx="where(condition, g, 0)", dy="where(condition, 0, g)",
           samples=(on((2, 3), (2, 3)), on((3,), (2, 1))))
structural("to(x; dtype)",           "to(x, dtype)",           dx="to(g, x.dtype)",   samples=(on((2, 3)),))
structural("clone(x)",               "x.copy()",               dx="g",  samples=(on((2, 3)),))
# fmt: on
