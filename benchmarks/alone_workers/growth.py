"""``growth.py KIND NODES``: one graph of so many `Value`s, forward and backward; the seconds and the bytes.

The graph is NODES / 10 rows of ten operations, added up by a running sum, as training losses are. Eager bytes are what
a graph that is alive holds; compiled ones are what the process has, after some steps, beyond what it had before.
"""

from __future__ import annotations

import ctypes
import gc
import json
import sys
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent.parent.parent))
import numpy as np

from autograd import Value, compile

OPERATIONS = 10  # of a row


def resident() -> int:
    """The bytes of memory that this process has now."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096


def row(x: Any, w: Value, b: Value) -> Any:
    """Ten operations, the last of which is the sum's."""
    for _ in range(4):
        x = x * w + b
    return x.tanh()


def loss_of(xs: Any, w: Value, b: Value) -> Any:
    total = row(xs[0], w, b)
    for x in xs[1:]:
        total = total + row(x, w, b)
    return total


def main(kind: str, nodes: int) -> dict[str, float]:
    w, b = Value(0.5), Value(0.1)
    function: Any = compile(loss_of) if kind == "compiled" else loss_of
    xs: Any = np.arange(nodes // OPERATIONS) / nodes
    if kind == "eager":
        xs = xs.tolist()
    before = resident()
    times = []
    for _ in range(4):
        start = time.perf_counter()
        loss = function(xs, w, b)
        loss.backward()
        times.append(time.perf_counter() - start)
        del loss
        gc.collect()
    ctypes.CDLL(None).malloc_trim(0)
    bytes_held = resident() - before if kind == "compiled" else held(xs, w, b)
    return {"nodes": nodes, "first": times[0], "seconds": min(times[1:]), "bytes": bytes_held}


def held(xs: Any, w: Value, b: Value) -> int:
    """What the graph holds: the memory that Python's allocator has given out for it."""
    import tracemalloc

    tracemalloc.start()
    before = tracemalloc.get_traced_memory()[0]
    loss = loss_of(xs, w, b)
    after = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    assert loss.data
    return after - before


if __name__ == "__main__":
    print(json.dumps(main(sys.argv[1], int(sys.argv[2]))))
