"""Linear algebra: the last two dimensions are matrices, those before them a batch."""

from autograd.rules.kinds import on, structural

# fmt: off
structural("matmul(x, y)", "x @ y", dx="g @ mT(y)", dy="mT(x) @ g", symbol="@",
           samples=(on((2, 3), (3, 4)), on((5, 2, 3), (5, 3, 4)), on((5, 1, 2, 3), (4, 3, 2)), on((3,), (3,)),
                    on((2, 3), (3,)), on((3,), (5, 3, 2))))
# fmt: on
