"""`compile`: a function of `Value`s recorded once, and replayed by NumPy.

A graph of `Value`s has a node for every number, and Python visits each of them. But a program repeats itself: a
hundred points pass through sixteen neurons, and 1,600 of its nodes do the same thing at the same depth. A compiler
of such graphs finds the repetitions and gives each to NumPy as one operation on arrays:

1. ``record.py``    runs the function once and keeps a *tape* of its operations; what cannot be replayed is refused;
2. ``collapse.py``  makes chains of additions and products, as ``b + w1 * x1 + w2 * x2``, one *dot product* each;
3. ``plan.py``      sorts the operations into *levels* (all operands of level 3 stand on levels 0 to 2) and *groups*
   equal ones within a level: a group is one array operation, and its results stand side by side in one array;
4. ``steps.py``     is how a group is computed and differentiated, with the same table of derivatives as everything
   else; dot products that share their factors, each weight vector with each point, are a matrix product;
5. ``replay.py``    runs a plan on new numbers, and makes its result a node of the caller's graph;
6. ``arguments.py`` says which parts of the arguments are numbers that may change, and which make a new recording;
   ``names.py`` does for what the function refers to by name; and ``compiled.py`` chooses the recording.
"""

from autograd.compile.compiled import Compiled, compile

__all__ = ["Compiled", "compile"]
