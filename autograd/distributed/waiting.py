"""Waiting for the other ranks, with a deadline.

MPI waits for ever. So each operation is begun, and asked again and again whether it has finished: at first without a
pause, so that nothing is lost when all are on time; then with one, so that a rank that waits leaves its core to the
others. Shortly before ``timeout`` seconds are over, the one who waits calls the roll. Ranks that wait too, wherever
they do, hear the call and answer where they are; those who do not answer are not waiting: they compute, or they hang.
"""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import stat
import sys
import time
from array import array
from typing import Any, NoReturn, TextIO

EAGER = 0.02  # seconds of asking without a pause
PAUSE = 2e-4  # seconds between two questions after that
UNREAD = 5  # seconds that a launcher is given to read a last word
CALLING, ANSWERED = 0.85, 0.95  # of the timeout: when the roll is called, and when those who wait have answered
CALL, HERE, GONE = 32001, 32002, 32003  # tags of messages: who is there? I am; I have ended

_give_way = getattr(os, "sched_yield", lambda: time.sleep(0))


class Waiting:
    """Of one rank, for the others of ``comm``; over which the roll is called, with tags of its own."""

    def __init__(self, comm: Any) -> None:
        self.comm = comm
        self.others = [rank for rank in range(comm.size) if rank != comm.rank]
        self.members: list[str] = []  # "pid host" of each rank, as soon as they are known
        self.watcher: socket.socket | None = None  # see ending.py
        self.count = 0  # of what was waited for; the same on all ranks that are in step
        self._gone: dict[int, int] = {}  # ranks whose programs have ended, and their counts
        self._sent: list[Any] = []  # requests, which must live until they are done

    def until(self, request: Any, what: str, timeout: float) -> None:
        """Return when ``request`` is done, or end the job after ``timeout`` seconds."""
        self.count += 1
        begin = time.monotonic()
        while not request.Test():
            _give_way()
            if time.monotonic() - begin > EAGER:
                return self._patiently(request, f"{what} (number {self.count})", timeout)
        return None

    def _patiently(self, request: Any, where: str, timeout: float) -> None:
        deadline = time.monotonic() + CALLING * timeout
        while not request.Test():
            self._answer(where)
            if early := sorted(rank for rank, count in self._gone.items() if count < self.count):
                self._end(early, f"the program of {self._named(early)} ended, while other ranks wait for {where}")
            if time.monotonic() > deadline:
                self._call_the_roll(request, where, timeout)
                deadline = time.monotonic() + CALLING * timeout
            time.sleep(PAUSE)

    def _answer(self, where: str) -> None:
        """Say where this rank waits to those who have asked, and hear who has ended."""
        while (source := self._next(CALL)) is not None:
            self._send((self.comm.recv(source=source, tag=CALL), where), source, HERE)
        while (source := self._next(GONE)) is not None:
            self._gone[source] = self.comm.recv(source=source, tag=GONE)
        self._sent = [sent for sent in self._sent if not sent.Test()]

    def _call_the_roll(self, request: Any, where: str, timeout: float) -> None:
        """Ask all others where they wait; end the job unless they wait for the same."""
        for rank in self.others:
            self._send(self.count, rank, CALL)
        places, until = {self.comm.rank: where}, time.monotonic() + (ANSWERED - CALLING) * timeout
        while time.monotonic() < until and len(places) < self.comm.size:
            if request.Test():
                return
            self._answer(where)
            while (source := self._next(HERE)) is not None:
                count, place = self.comm.recv(source=source, tag=HERE)
                if count == self.count:
                    places[source] = place
            time.sleep(PAUSE)
        missing = [rank for rank in range(self.comm.size) if rank not in places]
        if missing:
            who = "the other rank waits" if self.comm.size == 2 else f"{_listed(sorted(places))} wait"
            self._end(
                missing,
                f"{self._named(missing)} did not come within {timeout:g} s, while {who} for {where}; "
                "a rank that is only slow needs a longer timeout: world(timeout=60)",
            )
        if len(set(places.values())) > 1:
            listed = "; ".join(f"rank {rank} waits for {place}" for rank, place in sorted(places.items()))
            self._end([], f"the ranks wait for different things: {listed}; all ranks must make the same calls")

    def _end(self, missing: list[int], message: str) -> NoReturn:
        if self.comm.rank != min(set(range(self.comm.size)) - set(missing)):
            time.sleep(1)  # the first of those who wait speaks for all, and ends this rank meanwhile
        say(message)
        for rank in missing:  # those of this machine show where they are
            pid, host = self.members[rank].split() if self.members else ("0", "")
            if host == socket.gethostname() and rank not in self._gone:
                os.kill(int(pid), signal.SIGUSR2)  # see ending.py
        time.sleep(0.2)
        self.abort()

    def abort(self) -> NoReturn:
        """End all ranks at once; why has been said."""
        self.tell("over")
        for stream in (sys.stdout, sys.stderr):
            stream.flush()
            _until_read(stream)
        self.comm.Abort(1)
        os._exit(1)  # and not by way of `left` of ending.py: this rank's program has not come to its end

    def tell(self, word: str) -> None:
        """Say something to the watcher, which may be gone."""
        if self.watcher:
            with contextlib.suppress(OSError):
                self.watcher.sendall(f"{word}\n".encode())

    def leave(self) -> None:
        """Tell the others that this rank's program has ended, and wait for theirs to end, as MPI's own end does."""
        for rank in self.others:
            self._send(self.count, rank, GONE)
        while len(self._gone) < len(self.others) or self._sent:
            self._answer("the end")
            time.sleep(5 * PAUSE)

    def _next(self, tag: int) -> int | None:
        from mpi4py import MPI

        status = MPI.Status()
        return status.source if self.comm.Iprobe(tag=tag, status=status) else None

    def _send(self, content: Any, rank: int, tag: int) -> None:
        self._sent.append(self.comm.isend(content, rank, tag))

    def _named(self, ranks: list[int]) -> str:
        if len(ranks) > 1 or not self.members:
            return _listed(ranks)
        return named(ranks[0], self.members[ranks[0]])


def _listed(ranks: list[int]) -> str:
    return f"rank{'s' * (len(ranks) > 1)} {', '.join(map(str, ranks))}"


def named(rank: int, member: str) -> str:
    """A rank, with what is needed to find its process."""
    pid, host = member.split()
    return f"rank {rank} (pid {pid} on {host})"


def _until_read(stream: TextIO) -> None:
    """Wait until the launcher has read what was written, for ``UNREAD`` seconds at most.

    The launcher's process on this machine forwards it, and ends, with whatever it has not read, when told to abort.
    """
    import fcntl
    import termios

    unread, until = array("i", [1]), time.monotonic() + UNREAD
    with contextlib.suppress(OSError):  # of a stream that is no pipe, or that cannot tell
        piped = stat.S_ISFIFO(os.fstat(stream.fileno()).st_mode)
        while piped and unread[0] and time.monotonic() < until:
            fcntl.ioctl(stream.fileno(), termios.FIONREAD, unread)
            time.sleep(PAUSE)


def say(message: str) -> None:
    """Write a message at once, so that it stays whole among those of other ranks."""
    *before, last = message.split("\n")
    sys.stderr.write("\n".join([*before, f"chainrule: {last}; the job ends\n"]))
    sys.stderr.flush()
