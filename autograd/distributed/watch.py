"""The watcher of one machine's ranks: a process that says which rank ended first, when one ends without a word.

Run by ending.py as ``python watch.py DESCRIPTOR COUNT``: a listening socket, and how many ranks will connect. A rank
says its name, then "bye" when its program ends, or "over" when it ends the job itself and has said why. Imports the
standard library alone, so that it starts at once.
"""

from __future__ import annotations

import os
import selectors
import shutil
import socket
import sys


def watch(listening: socket.socket, count: int) -> str:
    """The name of the first rank that ended without a word; nothing, if all said one."""
    ears = selectors.DefaultSelector()  # tells of events in the order in which they came
    heard: dict[socket.socket, bytes] = {}
    for _ in range(count):
        line = listening.accept()[0]
        heard[line] = b""
        ears.register(line, selectors.EVENT_READ, line)
    shutil.rmtree(os.path.dirname(listening.getsockname()), ignore_errors=True)
    while heard:
        for key, _ in ears.select():
            line = key.data
            try:
                words = line.recv(1000)
            except ConnectionError:
                words = b""
            heard[line] += words
            name, *said = heard[line].decode().splitlines() or ["a rank"]
            if "over" in said:
                return ""
            if not words:
                if "bye" not in said:
                    return name
                ears.unregister(line)
                del heard[line]
    return ""


if __name__ == "__main__":
    descriptor, count = map(int, sys.argv[1:])
    if first := watch(socket.socket(fileno=descriptor), count):
        sys.stderr.write(
            f"chainrule: {first} ended without a word: it was killed (for its memory, its time, by someone) or it "
            "crashed; the job ends\n"
        )
