"""The same numbers, arranged otherwise. A helper of their own: `backwards`."""

from autograd.rules.kinds import Shape, helper, on, structural


@helper
def backwards(shifts: Shape) -> Shape:
    """The shifts that undo ``shifts``."""
    return tuple(-n for n in shifts)


# fmt: off
structural("reshape(x; shape)",      "x.reshape(shape)",       dx="g.reshape(x.shape)",
           samples=(on((2, 6), shape=(3, 4)), on((2, 6), shape=(-1,)), on((1,), shape=())))
structural("permute(x; dims)",       "permute(x, dims)",       dx="permute(g, inverse(dims))",
           samples=(on((2, 3, 4), dims=(2, 0, 1)), on((2, 3), dims=(-1, 0))))
structural("broadcast_to(x; shape)", "broadcast_to(x, shape)", dx="g",  # the engine sums over what was broadcast
           samples=(on((3, 1), shape=(2, 3, 4)), on((), shape=(3,))))
structural("flip(x; dims)",          "flip(x, dims)",          dx="flip(g, dims)",
           samples=(on((2, 3), dims=(0,)), on((2, 3), dims=(0, 1))))
structural("roll(x; shifts, dims)",  "roll(x, shifts, dims)",  dx="roll(g, backwards(shifts), dims)",
           samples=(on((2, 3), shifts=(1,), dims=(1,)), on((4, 3), shifts=(-5, 2), dims=(0, 1))))
structural("tril(x; diagonal)",      "tril(x, diagonal)",      dx="tril(g, diagonal)",
           samples=(on((3, 3), diagonal=0), on((2, 3, 4), diagonal=-1)))
structural("triu(x; diagonal)",      "triu(x, diagonal)",      dx="triu(g, diagonal)",
           samples=(on((3, 3), diagonal=0), on((2, 3, 4), diagonal=1)))
structural("diagonal(x; offset, dim1, dim2)", "diagonal(x, offset, dim1, dim2)",
           dx="undiagonal(g, offset, dim1, dim2, x.shape)",
           samples=(on((3, 3), offset=0, dim1=0, dim2=1), on((2, 4, 3), offset=-2, dim1=-2, dim2=-1),
                    on((3, 2, 4), offset=1, dim1=2, dim2=0)))
structural("undiagonal(x; offset, dim1, dim2, shape)", "undiagonal(x, offset, dim1, dim2, shape)",
           dx="diagonal(g, offset, dim1, dim2)",
           samples=(on((3,), offset=0, dim1=0, dim2=1, shape=(3, 4)),
                    on((2, 2), offset=-1, dim1=0, dim2=2, shape=(3, 2, 4))))
structural("cat(*xs; dim, bounds)",  "cat(xs, dim)",           dxs="section(g, dim, bounds[i])",
           samples=(on((2, 3), (4, 3), (1, 3), dim=0), on((2, 3), (2, 1), dim=-1)))
# fmt: on
