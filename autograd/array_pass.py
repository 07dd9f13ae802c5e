"""The reverse pass of `Tensor`, where nothing is asked for but the gradients of the leaves: a training step.

It is `backward.reverse` without what that does for a graph of the gradients, for chosen inputs, for those who watch,
for hooks, and behind a `where`. A step of a small network is a dozen nodes of a few microseconds each, and asking every
one of them for all of that takes a quarter of its backward pass.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd.arrays.indexing import add_at
from autograd.changes import changes
from autograd.graph import recorded
from autograd.rules import RULES

_where, _part = RULES["where"], RULES["getitem"]


def leaf_gradients(root: Any, upstream: Any, plain: type[Any]) -> dict[Any, np.ndarray[Any, Any]] | None:
    """The gradient of every leaf that requires one, in memory of its own; None where it takes the general pass.

    ``plain`` is `Tensor` itself: a result of another class may have a pass of its own.
    """
    nodes, seen = [root], {root}
    for node in nodes:  # which grows meanwhile
        if node.__class__ is not plain or node._wishes is not None or node.op.rule is _where:
            return None
        for x in node.operands:
            if not isinstance(x, plain) or x in seen:
                continue
            if x.op is not None:
                seen.add(x)
                nodes.append(x)
            elif x._wishes is not None:
                return None
    nodes.sort(key=recorded, reverse=True)  # a node's turn comes after those of all that were computed from it
    in_doubt = nodes[-1]._recorded <= changes.last  # whether anything was changed in place since the first of them
    grads = {root: upstream}
    cut = set()  # whose gradient so far is an array that the vjp of a part made, and nobody else has
    for node in nodes:
        op, operands, g, values = node.op, node.operands, grads.pop(node), [node.raw]
        rule = op.rule
        for x in operands:
            values.append(x.raw if isinstance(x, plain) else node.constant(x))
        values += op.parameters
        if rule.kept:
            vjps = rule.keeping.vjps
            values.append(op.kept)
        else:
            vjps = rule.arrays.vjps
        for i, x in enumerate(operands):
            if isinstance(x, plain) and x._requires:
                if in_doubt:
                    node.check_unchanged(i)
                if rule is _part:
                    if x in cut:  # else each part of an array would cost as much as the whole
                        add_at(grads[x], op.parameters[0], g)
                        continue
                    if x not in grads:
                        cut.add(x)
                contribution, like = vjps[i](g, *values), x.raw
                if contribution.shape != like.shape or contribution.dtype is not like.dtype:
                    contribution = x.fitted(contribution)
                grads[x] = grads[x] + contribution if x in grads else contribution
    apart = len({id(upstream), *map(id, grads.values())}) > len(grads)
    for leaf, g in grads.items():
        if not apart or g.base is not None or g.__class__ is not np.ndarray:
            grads[leaf] = np.array(g)
    return grads
