"""Elements chosen from an array, and put into one; copies and conversions.

Helpers of this file: `along` (a place in each line along a dimension, as an index), `last` (who was not overwritten).
"""

from typing import Any

import numpy as np

from autograd.rules.kinds import Shape, helper, on, structural


@helper
def along(index: Any, dim: int) -> tuple[Any, ...]:
    """The index that picks, in each line along ``dim``, the places in ``index``."""
    grid: list[Any] = list(np.ogrid[tuple(slice(n) for n in index.shape)])
    grid[dim] = index
    return tuple(grid)


@helper
def last(index: Any, shape: Shape) -> Any:
    """Where, of those that ``index`` puts at the same place of an array of ``shape``, the last one stands."""
    written = np.empty(shape, np.int64)
    order = np.arange(written[index].size).reshape(written[index].shape)
    written[index] = order
    return written[index] == order


# Of an extreme among x and among those of y that come to its place; 1 for NaN, which is equal to nothing.
TIED = "maximum(where(eq(x, out), 1, 0) + unindex(where(eq(y, out[index]), 1, 0), index, x.shape), 1)"
ROWS, DOUBLED = np.array([[2, 0, 1], [1, 2, 1]]), np.array([[0, 0], [2, 0]])

# fmt: off
structural("getitem(x; index)",      "x[index]",               dx="unindex(g, index, x.shape)",
           samples=(on((3, 4), index=1), on((5,), index=slice(None, None, 2)), on((3, 4), index=([0, 1, 1], [2, 0, 0])),
                    on((3, 4), index=(slice(None), [0, 2, 2])), on((2, 3, 4), index=(..., None, slice(1, 3)))))
structural("unindex(x; index, shape)", "unindex(x, index, shape)", dx="g[index]",
           samples=(on((4,), index=1, shape=(3, 4)), on((3,), index=[0, 2, 2], shape=(5,)),
                    on((2,), index=slice(0, 2), shape=(5,))))
structural("setitem(x, y; index)",   "setitem(x, y, index)",   dx="setitem(g, 0, index)",
           dy="g[index] * last(index, x.shape)",  # PyTorch also gives to elements of y that later ones overwrite
           samples=(on((3, 4), (4,), index=1), on((5,), (3,), index=slice(None, None, 2)),
                    on((3, 4), (3,), index=([0, 1, 0], [2, 0, 3]))))
structural("gather(x; dim, index)",  "x[along(index, dim)]",   dx="unindex(g, along(index, dim), x.shape)",
           samples=(on((3, 4), dim=0, index=ROWS), on((3, 4), dim=1, index=DOUBLED)))
# Elements that tie for the largest or the smallest, x among them, share the gradient equally.
structural("scatter_extreme(x, y; index, largest)", "scatter_extreme(x, y, index, largest)",
           dx=f"eq(x, out) * (g / {TIED})", dy=f"eq(y, out[index]) * (g / {TIED})[index]",
           samples=(on((3, 4), (2, 4), index=(ROWS[:, :1], np.arange(4)), largest=True),
                    on((5,), (4,), index=(np.array([0, 2, 2, 4]),), largest=False)))
structural("where(x, y; condition)", "where(condition, x, y)", dx="where(condition, g, 0)", dy="where(condition, 0, g)",
           samples=(on((2, 3), (2, 3)), on((3,), (2, 1))))
structural("to(x; dtype)",           "to(x, dtype)",           dx="to(g, x.dtype)",   samples=(on((2, 3)),))
structural("clone(x)",               "x.copy()",               dx="g",  samples=(on((2, 3)),))
# fmt: on
