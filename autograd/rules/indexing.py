"""Elements chosen from an array, and put into one; copies and conversions."""

from autograd.rules.kinds import on, structural

# fmt: off
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
