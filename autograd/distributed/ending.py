"""One rank's end is the job's end, with a message that names the rank.

A rank that raises prints its traceback and ends all others. One that is killed can say nothing; so on each machine
there is a watcher (watch.py), a small process to which every rank holds a connection. The system closes it, however
a rank ends, and the watcher knows the rank. It is outside the job: the launcher, which kills the rest, leaves it alone.
"""

from __future__ import annotations

import atexit
import faulthandler
import signal
import socket
import subprocess
import sys
import tempfile
import time
import traceback
from pathlib import Path
from typing import Any

from autograd.distributed.waiting import Waiting, named, say
from autograd.errors import ExplainedError

Ranks = Any  # those of ranks.py, which calls this file


class DisagreementError(ExplainedError, ValueError):
    """Ranks that do not have the same model, optimizer or seed, or that make different calls; raised on all ranks."""


def end_together(ranks: Ranks, waiting: Waiting) -> None:
    """From now on, until this process ends."""
    waiting.watcher = _watched(ranks, waiting)

    def raised(kind: type[BaseException], error: BaseException, trace: Any) -> None:
        if issubclass(kind, DisagreementError) and not ranks.first:
            time.sleep(1)  # all ranks have this error; rank 0 speaks for all, and ends this one meanwhile
        text = "".join(traceback.format_exception(kind, error, trace))
        say(f"{text}{named(ranks.rank, waiting.members[ranks.rank])} raised {kind.__name__}")
        waiting.abort()

    def left() -> None:
        from mpi4py import MPI

        waiting.tell("bye")
        if not MPI.Is_finalized():
            waiting.leave()

    sys.excepthook = raised
    atexit.register(left)
    if hasattr(signal, "SIGUSR2") and signal.getsignal(signal.SIGUSR2) == signal.SIG_DFL:
        faulthandler.register(signal.SIGUSR2, all_threads=False)  # shows where this rank hangs, when another asks


def _watched(ranks: Ranks, waiting: Waiting) -> socket.socket:
    """A connection to this machine's watcher, which the first rank on it starts."""
    hosts = [member.split()[1] for member in waiting.members]
    here = [rank for rank, host in enumerate(hosts) if host == hosts[ranks.rank]]
    address = ""
    if here[0] == ranks.rank:
        address = str(Path(tempfile.mkdtemp(prefix="chainrule-")) / "watcher")
        with socket.socket(socket.AF_UNIX) as listening:
            listening.bind(address)
            listening.listen(len(here))
            command = [sys.executable, "-IS", str(Path(__file__).with_name("watch.py"))]
            subprocess.Popen(
                [*command, str(listening.fileno()), str(len(here))],
                pass_fds=[listening.fileno()],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                start_new_session=True,
            )
    line = socket.socket(socket.AF_UNIX)
    line.connect(ranks.gather(address)[here[0]])
    line.sendall(f"{named(ranks.rank, waiting.members[ranks.rank])}\n".encode())
    return line
