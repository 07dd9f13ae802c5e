"""Many elements into one (``dim`` is a tuple of dimensions), and running sums and products.

Helpers of this file: `same` (equal, or both NaN), `per_freedom` (one over the degrees of freedom of a variance).
"""

from typing import Any

from autograd.rules.kinds import ALONG_DIM, OVER_DIMS, Shape, count, helper, on, structural


@helper
def same(x: Any, y: Any) -> Any:
    """Where ``x`` equals ``y``, or both are NaN."""
    return (x == y) | ((x != x) & (y != y))


@helper
def per_freedom(shape: Shape, dim: Shape, correction: float) -> float:
    """1 / (n - correction) for n elements over ``dim``; infinite where that leaves nothing."""
    freedom = count(shape, dim) - correction
    return 1 / freedom if freedom > 0 else float("inf")


SPREADS = tuple(
    on(shape, dim=dim, correction=correction, keepdim=keepdim)
    for shape, dim, correction, keepdim in (
        ((3, 4), (1,), 1, False),
        ((3, 4), (0,), 0, True),
        ((2, 3, 4), (0, 2), 1.5, False),
    )
)
NORMS = (on((3, 4), p=3, dim=(1,), keepdim=False), on((2, 3, 4), p=1.5, dim=(0, 2), keepdim=True))
LONGER = (on((5,), (5,), dim=0, step=1), on((3, 4), (3, 4), dim=1, step=-1), on((3, 4), (3, 4), dim=0, step=1))

# fmt: off
structural("sum(x; dim, keepdim)",       "sum(x, dim, keepdim)",  samples=OVER_DIMS, symbol="Σ",
           dx="broadcast_to(restore(g, x.shape, dim), x.shape)")
structural("nansum(x; dim, keepdim)",    "sum(where(eq(x, x), x, 0), dim, keepdim)", samples=OVER_DIMS,
           dx="restore(g, x.shape, dim) * eq(x, x)")
structural("mean(x; dim, keepdim)",      "mean(x, dim, keepdim)", samples=OVER_DIMS,
           dx="broadcast_to(restore(g, x.shape, dim) / count(x.shape, dim), x.shape)")
structural("var(x; dim, correction, keepdim)", "var(x, dim, correction, keepdim)", samples=SPREADS,
           dx="restore(g, x.shape, dim) * (x - mean(x, dim, True)) * (2 * per_freedom(x.shape, dim, correction))")
structural("std(x; dim, correction, keepdim)", "sqrt(var(x, dim, correction, keepdim))", samples=SPREADS,
           dx="restore(safe_div(g, out), x.shape, dim) * (x - mean(x, dim, True)) * "
              "per_freedom(x.shape, dim, correction)")
structural("logsumexp(x; dim, keepdim)", "logsumexp(x, dim, keepdim)", samples=OVER_DIMS,
           dx="restore(g, x.shape, dim) * exp(x - restore(out, x.shape, dim))")

# With s[k] = g[k] + exp(out[k] - out[k + 1]) s[k + 1], that of x[k] is exp(x[k] - out[k]) s[k]: no exponent above 0.
structural("logcumsumexp(x; dim)", "logcumsumexp(x, dim)", samples=ALONG_DIM,
           dx="exp_gap(x, out) * recurrence(exp_gap(out, shift(out, dim, -1, inf)), g, dim, -1)")

# The largest, the smallest and the middle; elements that tie share g. -------------------------------------------------

structural("amax(x; dim, keepdim)",      "amax(x, dim, keepdim)", samples=OVER_DIMS,
           dx="share(restore(g, x.shape, dim), eq(x, restore(out, x.shape, dim)), dim)")
structural("amin(x; dim, keepdim)",      "amin(x, dim, keepdim)", samples=OVER_DIMS,
           dx="share(restore(g, x.shape, dim), eq(x, restore(out, x.shape, dim)), dim)")
structural("max(x)",       "amax(x, None, False)", dx="share(g, same(x, out))", samples=(on((3, 4)), on(())))
structural("min(x)",       "amin(x, None, False)", dx="share(g, same(x, out))", samples=(on((3, 4)), on(())))
structural("median(x)",    "median(x)",            dx="share(g, same(x, out))", samples=(on((3, 4)), on((5,))))
structural("nanmedian(x)", "nanmedian(x)",         dx="share(g, same(x, out))", samples=(on((3, 4)), on((5,))))

# Norms: 0 is the subgradient wherever the formula would say 0 / 0 or infinite. ----------------------------------------

structural("euclidean(x; dim, keepdim)", "sqrt(sum(x * x, dim, keepdim))", symbol="norm",
           samples=(on((3, 4), dim=(1,), keepdim=False), on((2, 3, 4), dim=(0, 2), keepdim=True)),
           dx="x * restore(safe_div(g, out), x.shape, dim)")
structural("power_norm(x; p, dim, keepdim)", "power_norm(x, p, dim, keepdim)", samples=NORMS, symbol="norm",
           dx="restore(g, x.shape, dim) * signed_power(safe_div(x, restore(out, x.shape, dim)), p - 1)")
structural("safe_div(x, y)",     "safe_div(x, y)",     dx="safe_div(g, y)", dy="-safe_div(g * out, y)",
           samples=(on((2, 3), (2, 3)), on((3, 4), (3, 1))))
structural("power(x; p)",        "power(x, p)",        dx="g * (p * signed_power(x, p - 1))",  # |x| ** p
           samples=(on((2, 3), p=0.5), on((3,), p=3)))
structural("signed_power(x; p)", "signed_power(x, p)", dx="g * (p * power(x, p - 1))",  # sign(x) |x| ** p
           samples=(on((2, 3), p=0.5), on((3,), p=2)))

# Running along one dimension. ``step`` is 1 or -1: onwards or backwards. ----------------------------------------------

structural("cumsum(x; dim)",      "cumsum(x, dim)",      samples=ALONG_DIM,
           dx="flip(cumsum(flip(g, (dim,)), dim), (dim,))")
structural("prod(x; dim, keepdim)", "prod(x, dim, keepdim)", symbol="Π",  # g times the product of all the others
           dx="restore(g, x.shape, (dim,)) * shift(cumprod(x, dim), dim, 1, 1)"
              " * flip(shift(cumprod(flip(x, (dim,)), dim), dim, 1, 1), (dim,))",
           samples=(on((3, 4), dim=1, keepdim=False), on((2, 3, 4), dim=-2, keepdim=True)))
structural("cumprod(x; dim)",     "cumprod(x, dim)",     samples=ALONG_DIM,
           dx="shift(out, dim, 1, 1) * recurrence(shift(x, dim, -1, 0), g, dim, -1)")
# out[k] = x[k] * out[k - step] + y[k]: it is its own adjoint, run the other way.
structural("recurrence(x, y; dim, step)", "recurrence(x, y, dim, step)", samples=LONGER,
           dx="shift(out, dim, step, 0) * recurrence(shift(x, dim, -step, 0), g, dim, -step)",
           dy="recurrence(shift(x, dim, -step, 0), g, dim, -step)")
structural("shift(x; dim, step, fill)", "shift(x, dim, step, fill)", dx="shift(g, dim, -step, 0)",
           samples=(on((3, 4), dim=1, step=1, fill=1.0), on((3, 4), dim=-2, step=-1, fill=0.0)))
# fmt: on
