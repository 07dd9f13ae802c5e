"""Pictures of computation graphs: the numbers in the boxes, the chain rule on the edges.

>>> from autograd import Value
>>> from autograd.draw import draw
>>> x = Value(3.0, label="x")
>>> y = x * x
>>> y.backward()
>>> print(draw(y))
*  data 9  grad 1
├─ x  data 3  grad 6  [dx: y = 3]
└─ x, as above  [dy: x = 3]
"""

from autograd.draw.drawing import Drawing, draw
from autograd.draw.render import RendererError

__all__ = ["Drawing", "RendererError", "draw"]
