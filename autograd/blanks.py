"""Blank `Value`s, made many at a time.

Python's cyclic garbage collector looks through the youngest objects whenever 700 more were made than freed, and every
hundredth time through all that the program has. While a graph of Values grows that is most of a step's time, and in
vain, since graphs have no cycles. Of a batch it is told once: it waits while one is made, for a millisecond or two,
then looks at the blanks, which refer to nothing. The caller's settings are as before; nothing else is ever put off.
"""

from __future__ import annotations

import gc
from collections.abc import Callable
from itertools import repeat, starmap
from threading import Lock
from typing import Any

SMALLEST, LARGEST = 1 << 12, 1 << 14  # nodes of a batch; between them it is an eighth of all that were made before


class Blanks:
    """Nodes of one class without contents: `take` raises IndexError if there are none left, `more` makes them first."""

    def __init__(self, cls: type[Any]) -> None:
        self._cls = cls
        self._nodes: list[Any] = []
        self._made = 0
        self._making = Lock()
        self.take: Callable[[], Any] = self._nodes.pop

    def __len__(self) -> int:
        return len(self._nodes)

    def more(self) -> Any:
        with self._making:
            batch = min(max(SMALLEST, self._made // 8), LARGEST)
            collecting = gc.isenabled()
            try:
                gc.disable()
                last, *others = starmap(object.__new__, repeat((self._cls,), batch))
                self._nodes += others
                self._made += batch
            finally:
                if collecting:
                    gc.enable()
        return last
