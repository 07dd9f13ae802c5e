"""Many elements into one (``dim`` is a tuple of dimensions), and running totals."""

from autograd.rules.kinds import ALONG_DIM, OVER_DIMS, structural

# fmt: off
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
structural("cumsum(x; dim)",      "cumsum(x, dim)",      samples=ALONG_DIM,
           dx="flip(cumsum(flip(g, (dim,)), dim), (dim,))")
# fmt: on
