"""The reverse pass of `Tensor`, where nothing is asked for but the gradients of the leaves: a training step.

It is `backward.reverse` without what that does for a graph of the gradients, for chosen inputs, for those who watch
and behind a `where`. A step of a small network is a dozen nodes of a few microseconds each, and asking every one of
them for all of that takes a quarter of its backward pass.
"""

from __future__ import annotations

from typing import Any

from autograd.arrays.indexing import add_at
from autograd.graph import topological
from autograd.inplace import changes


def leaf_gradients(root: Any, upstream: Any, plain: type[Any]) -> dict[Any, Any] | None:
    """The gradient of every leaf that requires one, in memory of its own; None where it takes the general pass.

    ``plain`` is `Tensor` itself: a result of another class may have a pass of its own.
    """
    order: list[Any] = topological((root,), False)
    for node in order:
        if node.__class__ is not plain or node._retains or node.op.rule.name == "where":
            return None
    grads = {root: upstream}
    cut = set()  # whose gradient so far is an array that the vjp of a part made, and nobody else has
    for node in reversed(order):
        op, operands = node.op, node.operands
        rule, g, values = op.rule, grads.pop(node), [node.raw]
        for x in operands:
            values.append(x.raw if isinstance(x, plain) else node.constant(x))
        values += op.parameters
        vjps = rule.arrays.vjps
        if rule.kept:
            vjps = rule.keeping.vjps
            values.append(op.kept)
        in_doubt, is_part = node._recorded <= changes.last, rule.name == "getitem"
        for i, x in enumerate(operands):
            if isinstance(x, plain) and x._requires:
                if in_doubt:
                    node.check_unchanged(i)
                if is_part:
                    if x in cut:  # else each part of an array would cost as much as the whole
                        add_at(grads[x], op.parameters[0], g)
                        continue
                    if x not in grads:
                        cut.add(x)
                contribution, like = vjps[i](g, *values), x.raw
                if contribution.shape != like.shape or contribution.dtype is not like.dtype:
                    contribution = x.fitted(contribution)
                grads[x] = grads[x] + contribution if x in grads else contribution
    taken = {id(upstream)}
    for leaf, g in grads.items():
        own = g.base is None and id(g) not in taken
        taken.add(id(g))
        grads[leaf] = plain.of(g if own else g.copy())
    return grads
