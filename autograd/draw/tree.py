"""A picture as a tree of text, for terminals."""

from __future__ import annotations

from autograd.draw.picture import Box, Edge, Picture


def tree(picture: Picture) -> str:
    """Outputs first, operands beneath; a box met again is named, or numbered, instead of drawn again."""
    incoming: list[list[Edge]] = [[] for _ in picture.boxes]
    uses = [0] * len(picture.boxes)
    for used in picture.edges:
        incoming[used.target].append(used)
        uses[used.source] += 1
    lines = [line for line in (picture.title, picture.notice) if line]
    seen: set[int] = set()
    # what is still to be written: box, the edge that leads to it, its own branch, and that of what is beneath it
    stack: list[tuple[int, Edge | None, str, str]]
    stack = [(i, None, "", "") for i in reversed(range(len(uses))) if not uses[i]]
    while stack:
        i, edge, branch, beneath = stack.pop()
        box = picture.boxes[i]
        local = f"  [{edge.full_label}]" if edge is not None and edge.label else ""
        number = f"({i})" if uses[i] > 1 and not box.name else ""
        if i in seen:
            lines.append(f"{branch}{box.name or number}, as above{local}")
            continue
        seen.add(i)
        lines.append(f"{branch}{_described(box, number)}{local}")
        operands = incoming[i]
        for k in reversed(range(len(operands))):
            last = k == len(operands) - 1
            ends = ("└─ ", "   ") if last else ("├─ ", "│  ")
            stack.append((operands[k].source, operands[k], beneath + ends[0], beneath + ends[1]))
    return "\n".join(lines)


def _described(box: Box, number: str) -> str:
    rows = (f"{heading} {content}" if heading else content for heading, content in box.rows)
    parts = (number, box.name, box.symbol, *rows, "(operands left out)" if box.cut else "")
    return "  ".join(part for part in parts if part)
