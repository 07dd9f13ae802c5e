"""The process in which one contender runs. It reads what to do, a line of JSON each, and answers in lines of JSON.

Started by its file, with ``-P``, in a path that has the peers' folder and, for us alone, the repository.
"""

from __future__ import annotations

import json
import os
import sys
import time
from typing import Any


def main() -> None:
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # what a library prints is no answer
    request = json.loads(sys.stdin.readline())
    sys.path[:0] = request["path"]
    try:
        training, version = prepared(request)
        say(answers, version=version)
        for line in sys.stdin:
            say(answers, **done(training, **json.loads(line)))
    except Exception as error:
        say(answers, error=f"{type(error).__name__}: {error}".partition("\n")[0])


def say(answers: Any, **answer: Any) -> None:
    print(json.dumps(answer), file=answers, flush=True)


def prepared(request: dict[str, Any]) -> tuple[Any, str]:
    import importlib

    import numpy as np

    peer = importlib.import_module(request["peer"])
    with np.load(request["arrays"]) as file:
        arrays = dict(file)
    return getattr(peer, request["variant"])(arrays, request["options"]), peer.VERSION


def done(training: Any, do: str, steps: int) -> dict[str, Any]:
    """``losses`` of the first steps, or the ``seconds`` that so many steps take.

    The garbage of earlier steps is left to them: in a training loop, too, a step pays for that of the one before.
    """
    training.restart()
    if do == "losses":
        return {do: [float(training.step()) for _ in range(steps)]}
    step = training.step
    start = time.perf_counter()
    for _ in range(steps):
        step()
    return {"seconds": time.perf_counter() - start}


if __name__ == "__main__":
    main()
