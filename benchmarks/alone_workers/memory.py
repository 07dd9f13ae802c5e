"""``memory.py CASE PEER VARIANT``: the peak of five training steps, over what the process held before them."""

from __future__ import annotations

import ctypes
import importlib
import json
import resource
import sys
from pathlib import Path

BENCHMARKS = Path(__file__).parent.parent


def resident() -> int:
    return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize()


def peak() -> int:
    """The most memory this process has had since `forget_peak`."""
    status = Path("/proc/self/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0]) * 1024


def forget_peak() -> None:
    Path("/proc/self/clear_refs").write_text("5")


def main(case: str, peer: str, variant: str) -> dict[str, int]:
    sys.path.insert(0, str(BENCHMARKS.parent))
    from benchmarks.cases import CASES  # the repository is in the path while the arrays are made, for all

    chosen = CASES[case]
    arrays = chosen.arrays()
    if peer != "ours":
        sys.path.remove(str(BENCHMARKS.parent))
    sys.path.insert(0, str(BENCHMARKS / "peers"))
    training = getattr(importlib.import_module(peer), variant)(arrays, {**chosen.options, "threads": 1})
    ctypes.CDLL(None).malloc_trim(0)
    forget_peak()
    before = resident()
    for _ in range(5):
        training.step()
    return {"peak": peak() - before}


if __name__ == "__main__":
    print(json.dumps(main(*sys.argv[1:])))
