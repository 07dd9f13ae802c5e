"""`compile`: a function of `Value`s or of `Tensor`s recorded once, and replayed by NumPy.

A graph of `Value`s has a node for every number, and Python visits each of them. But a program repeats itself: a
hundred points pass through sixteen neurons, and 1,600 of its nodes do the same thing at the same depth. A compiler
of such graphs finds the repetitions and gives each to NumPy as one operation on arrays:

1. ``record.py``    runs the function once and keeps a *tape* of its operations; what cannot be replayed is refused;
2. ``collapse.py``  makes chains of additions and products, as ``b + w1 * x1 + w2 * x2``, one *dot product* each;
3. ``plan.py``      sorts the operations into *levels* (all operands of level 3 stand on levels 0 to 2) and *groups*
   equal ones within a level: a group is one array operation, and its results stand side by side in one array;
4. ``steps.py``     is how a group is computed and differentiated, with the same table of derivatives as everything
   else; dot products that share their factors, each weight vector with each point, are a matrix product;
   ``numbers.py`` has a plan's numbers in arrays that are kept, and the lines of its steps, written as in ``emit.py``;
   ``place.py`` finds which of them can be read as a view;
5. ``replay.py``    runs a plan on new numbers, and makes its result a node of the caller's graph;
6. ``guards.py``    compares again what the function compared: a recording is of one branch;
7. ``arguments.py`` says which parts of the arguments are numbers that may change, and which make a new recording;
   ``names.py`` does for what the function refers to by name; and ``compiled.py`` chooses the recording.

A function of `Tensor`s has few operations, and large ones. It is replayed one by one, into the arrays of the first run:

8. ``watch.py``     runs the function again, on other numbers, and keeps the tapes: of operations, and of the questions
   that decided the way; ``traced.py`` compares them;
9. ``emit.py``      turns the texts of rows into lines, calls with ``out=`` and of words that write into room
   (``arrays/room.py``); ``kept.py`` has the words that are neither;
10. ``tensors.py``  are the programs forward, which asks the questions again, and backward; ``buffers.py`` calls them
    and delivers gradients, ``calls.py`` makes results nodes of the caller's graph.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from autograd.compile.compiled import Compiled

__all__ = ["compile"]


def compile(function: Callable[..., Any], *, in_axes: Any = None, reduction: str = "mean") -> Compiled:
    """The same function of `Value`s or `Tensor`s, recorded at the first call and replayed by NumPy from then on.

    Its results are the function's, and ``backward()`` fills the same leaves: the Values among the arguments, and
    those that the function refers to, as a model's parameters, whose numbers are read at every call. Floats, arrays
    of floats and Values among the arguments may change from call to call; anything else that changes (an int, a
    string, the length of a list, which object) makes another recording, of which the last 16 are kept.

    While it is recorded, the function sees a Value for every float among its arguments, and no number may leave the
    graph: to read ``.data`` raises `GraphError`. Values may be compared (``if x > 0``, ``max``, ``sorted``): every
    replay compares again, and if an answer differs, the function is recorded for that branch, too. If a name that it
    refers to comes to mean something else (``rate *= 0.9``, ``w = Value(1.0)``), the next call records again; what
    changes within an object, as in ``self.rate`` or a list, is not noticed: give it as an argument.

    A function of Tensors is replayed into the arrays of its first run (docs/compile.md says what may change there);
    their truth (``if (x > 0).all()``) is asked again as comparisons of Values are.

    ``in_axes`` makes a function of one example one of a batch: an axis for each positional argument (or one for all)
    along which the examples stand, None for what they share. One example is recorded and all are replayed at once;
    the result is the ``"mean"`` or the ``"sum"`` of theirs, or a list of them (``reduction="none"``).

    >>> from autograd import Value, compile
    >>> w = Value(3.0)
    >>> loss_of = compile(lambda x: (w * x - 1) ** 2)
    >>> loss = loss_of(2.0)
    >>> loss.backward()
    >>> loss.data, w.grad
    (25.0, 20.0)
    >>> w.data = 1.0
    >>> loss_of(4.0).data, loss_of.recordings
    (9.0, 1)
    """
    from autograd.compile.compiled import Compiled  # when first needed: importing autograd should not take longer

    return Compiled(function, in_axes, reduction)
