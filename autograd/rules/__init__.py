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
functions              ``exp``, ``where``, ``eq`` (equal numbers), ...: what each number system has (``scalars.py``,
                       ``arrays/``, ``nodes.py``), and every row of this table, as ``sigmoid`` in the row of ``silu``
constants              ``pi``, ``inf``, and the natural logarithms ``ln2`` of 2 and ``ln10`` of 10
helpers                `restore`, `count`, `share`, `section`, `inverse`: shape arithmetic, defined below
=====================  ==========================================================================================

**Three kinds of row.** *Elementwise* rows give **slopes**: d out / d x at one element; the engine multiplies by
the upstream gradient, and where an operand was broadcast it sums over the copies. ``arithmetic`` rows are
elementwise and keep integers integers; ``analytic`` rows are elementwise and turn integers into floats first.
``structural`` rows move or mix elements and give **vjps** (vector-Jacobian products): the whole expression that
turns ``g`` into d loss / d x, of the shape of ``x``. What such a row's value and its derivatives both need, it may
name ``kept``: a Tensor computes that part once and keeps it. Beside the table stands one of *discrete* rows
(``discrete.py``): whole numbers and truth values, as where a maximum stands, which have no derivative.

**Adding an operation is adding a row.** ``over`` and ``samples`` are the inputs it is tested on: its value, first
and second derivative are then checked against finite differences and PyTorch without another line. At the
``kinks`` no derivative exists; there we choose what PyTorch chooses.
"""

from autograd.rules import activations, discrete, indexing, layers, linalg, losses, pointwise, reductions, shape
from autograd.rules.kinds import DISCRETE, RULES

__all__ = [
    "DISCRETE",
    "RULES",
    "activations",
    "discrete",
    "indexing",
    "layers",
    "linalg",
    "losses",
    "pointwise",
    "reductions",
    "shape",
]
