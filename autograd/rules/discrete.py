"""Whole numbers and truth values: where the largest element stands, whether one number is above another.

These rows have no derivative: an answer stays the same while its operands change a little. They are rows, in a table of
their own, so that `compile` can ask again at every call. Each is called as `functions.answers` says.
"""

from autograd.rules.kinds import discrete

# fmt: off
discrete("equal(x, y)",         "x == y")
discrete("not_equal(x, y)",     "x != y")
discrete("less(x, y)",          "x < y")
discrete("less_equal(x, y)",    "x <= y")
discrete("greater(x, y)",       "x > y")
discrete("greater_equal(x, y)", "x >= y")
discrete("signbit(x)",          "signbit(x)")
discrete("isclose(x, y; rtol, atol, equal_nan)", "isclose(x, y, rtol, atol, equal_nan)")
discrete("isnan(x)",            "isnan(x)")
discrete("isinf(x)",            "isinf(x)")
discrete("isfinite(x)",         "isfinite(x)")

discrete("bitwise_and(x, y)",   "x & y")  # of truth values, and bit by bit of whole numbers
discrete("bitwise_or(x, y)",    "x | y")
discrete("bitwise_xor(x, y)",   "bitwise_xor(x, y)")
discrete("invert(x)",           "invert(x)")
discrete("bitwise_left_shift(x, y)",  "left_shift(x, y)")
discrete("bitwise_right_shift(x, y)", "right_shift(x, y)")
discrete("gcd(x, y)",           "gcd(x, y)")
discrete("lcm(x, y)",           "lcm(x, y)")
discrete("logical_and(x, y)",   "logical_and(x, y)")
discrete("logical_or(x, y)",    "logical_or(x, y)")
discrete("logical_xor(x, y)",   "logical_xor(x, y)")
discrete("logical_not(x)",      "logical_not(x)")
discrete("any(x; dim, keepdim)",           "any(x, dim, keepdim)")
discrete("all(x; dim, keepdim)",           "all(x, dim, keepdim)")
discrete("count_nonzero(x; dim)",          "count_nonzero(x, dim)")

# Where along dim they stand: of elements that tie the first, NaN being larger than every number.
discrete("argmax(x; dim, keepdim)",        "argmax(x, dim, keepdim)")
discrete("argmin(x; dim, keepdim)",        "argmin(x, dim, keepdim)")
discrete("order(x; dim, descending)",      "order(x, dim, descending)")
discrete("middle(x; dim, missing)",        "middle(x, dim, missing)")  # missing: whether NaN is left out
discrete("mode(x; dim)",                   "mode(x, dim)")
discrete("record(x; dim, largest)",        "record(x, dim, largest)")  # the largest so far, the last that ties
discrete("largest(x; cells)",              "largest(x, cells)")  # in each window, as max pooling has them
discrete("searchsorted(x, y; right)",      "searchsorted(x, y, right)")
discrete("ranked(x; dim, parts, missing, rounding)", "ranked(x, dim, parts, missing, rounding)")  # of quantiles
discrete("between(x; dim, parts, missing)", "between(x, dim, parts, missing)")  # how far from there to the next one
discrete("isin(x, y; invert)",             "isin(x, y, invert)")
discrete("histc(x; bins, low, high)",      "histc(x, bins, low, high)")
discrete("bits(x; dtype)",      "bits(x, dtype)")  # the same bytes
discrete("row_order(x)",        "row_order(x)")  # in which a decomposition into L and U takes the rows
discrete("order_matrix(x)",     "order_matrix(x)")  # that order as a matrix of truth values
discrete("swaps(x; n)",         "swaps(x, n)")  # that order as exchanges with the first row, the second, ...
discrete("order_swapped(x; n)", "order_swapped(x, n)")  # and back
discrete("first_zero(x)",       "first_zero(x)")  # on the diagonal, counted from 1
discrete("singular(x)",         "first_zero(pivoted(x))")  # in which column
discrete("indefinite(x; upper)", "indefinite(x, upper)")  # up to which row and column
discrete("rank(x; hermitian, atol, rtol)", "rank(x, hermitian, atol, rtol)")  # of each matrix
# fmt: on
