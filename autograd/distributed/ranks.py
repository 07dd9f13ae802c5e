"""`Ranks`: the processes of one job, and what they say to one another."""

from __future__ import annotations

import faulthandler
import io
import os
import socket
import zlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from autograd.distributed.ending import DisagreementError, end_together
from autograd.distributed.waiting import Waiting
from autograd.serialization import load, save

Array = np.ndarray[Any, Any]

# What launchers say about the size of the job: MPICH and Intel MPI, Open MPI, Slurm's srun.
SIZES = ("PMI_SIZE", "OMPI_COMM_WORLD_SIZE", "SLURM_STEP_NUM_TASKS")
STARTING = 60  # seconds that a rank may start later than the others


class Ranks:
    """The ranks of an MPI communicator; without one, a job of one.

    Every method is to be called by all ranks, in the same order. Whoever waits longer than ``timeout`` seconds for the
    others ends the job with a message that names those who did not come. So ``timeout`` is the longest time that one
    rank may be behind the others, not the longest step.
    """

    def __init__(self, comm: Any = None, timeout: float = 10.0) -> None:
        if not timeout > 0:
            raise ValueError(f"Ranks: timeout is {timeout}; it is a number of seconds, more than 0")
        self.rank: int = comm.rank if comm else 0
        self.size: int = comm.size if comm else 1
        self.timeout = timeout
        if self.size == 1:
            return
        self._waiting = Waiting(comm)
        self._comm, request = comm.Idup()  # for sums and broadcasts; the roll is called over the other
        self._wait(request, "the beginning")
        self._waiting.members = self.gather(f"{os.getpid()} {socket.gethostname()}")
        end_together(self, self._waiting)

    def _wait(self, request: Any, what: str) -> None:
        self._waiting.until(request, what, self.timeout)

    @property
    def first(self) -> bool:
        """Whether this is rank 0, which draws progress and writes files."""
        return self.rank == 0

    def share(self, count: int) -> slice:
        """Which of ``count`` examples are this rank's: the shares differ by at most one.

        >>> Ranks().share(12)
        slice(0, 12, None)
        """
        return slice(count * self.rank // self.size, count * (self.rank + 1) // self.size)

    def sum_(self, array: Array, what: str = "a sum") -> Array:
        """Add up the arrays of all ranks, in place; ``what`` names the occasion to those who wait in vain."""
        if self.size > 1:
            marked = np.empty(array.size + 1, array.dtype)
            marked[1:] = array.ravel()
            array[...] = self.sum_marked_(marked, what)[1:].reshape(array.shape)
        return array

    def sum_marked_(self, array: Array, what: str) -> Array:
        """As `sum_`, without a copy: the first element is not among what is added up, but tells whether all ranks
        mean the same sum; MPI itself would add up what does not belong together.
        """
        mark = self._mark(what)
        array[0] = mark
        if self.size > 1:
            from mpi4py import MPI

            self._wait(self._comm.Iallreduce(MPI.IN_PLACE, array), what)
            self._check(array[0] == mark * self.size, what)
        return array

    def _mark(self, what: str) -> int:
        """A number that differs between occasions, and whose sum is exact in float32."""
        return (zlib.crc32(what.encode()) + self._waiting.count) % 4096 if self.size > 1 else 0

    def _check(self, same: Any, what: str) -> None:
        if not same:
            raise DisagreementError(
                f"rank {self.rank}: the ranks make different calls; this one's was {what} (number "
                f"{self._waiting.count}); all must make the same, in the same order"
            )

    def mean(self, numbers: Sequence[float], examples: float = 1.0) -> list[float]:
        """Means over all ranks; each rank's numbers are means of so many examples.

        >>> Ranks().mean([0.5], examples=10)
        [0.5]
        """
        weighted = [number * examples if examples else 0.0 for number in numbers]
        *sums, total = self.sum_(np.array([*weighted, examples], np.float64), "a mean").tolist()
        if not total:
            raise ValueError("mean: no rank has any examples")
        return [number / total for number in sums]

    def barrier(self) -> None:
        """Wait until all ranks are here."""
        self.sum_(np.zeros(1), "a barrier")

    def gather(self, text: str) -> list[str]:
        """The texts of all ranks, in their order, on every rank."""
        if self.size == 1:
            return [text]
        own, mark = np.frombuffer(text.encode(), np.uint8), self._mark("texts")
        told = np.empty((self.size, 2), np.int64)
        self._wait(self._comm.Iallgather(np.array([own.size, mark]), told), "the lengths of texts")
        self._check((told[:, 1] == mark).all(), "texts")
        lengths = told[:, 0]
        everything = np.empty(lengths.sum(), np.uint8)
        self._wait(self._comm.Iallgatherv(own, [everything, lengths.copy()]), "texts")
        return [part.tobytes().decode() for part in np.split(everything, np.cumsum(lengths)[:-1])]

    def broadcast(self, obj: Any = None) -> Any:
        """What rank 0 gives: anything that `autograd.save` can keep."""
        if self.size == 1:
            return obj
        content = io.BytesIO()
        if self.first:
            save(obj, content)
        return load(io.BytesIO(self._broadcast(content.getvalue())))

    def read(self, path: Any) -> io.BytesIO:
        """A file that rank 0 reads, on every rank: ``nn.load_checkpoint(ranks.read(path), model=model, ...)``."""
        content = io.BytesIO(self._broadcast(Path(path).read_bytes() if self.first else b""))
        content.name = str(path)  # for messages
        return content

    def _broadcast(self, content: bytes) -> bytes:
        if self.size == 1:
            return content
        length = np.array([len(content)])
        self._wait(self._comm.Ibcast(length), "the length of rank 0's content")
        received = np.frombuffer(content, np.uint8) if self.first else np.empty(length[0], np.uint8)
        self._wait(self._comm.Ibcast(received), "rank 0's content")
        return received.tobytes()

    def __repr__(self) -> str:
        return f"Ranks(rank={self.rank}, size={self.size}, timeout={self.timeout:g})"


_world: list[Ranks] = []  # one at most: the process is in one job


def world(timeout: float | None = None) -> Ranks:
    """The job that ``mpiexec`` or ``srun`` started this process in; without them, a job of one.

    To be called early: from then on one rank's end is the job's end. ``timeout`` is that of `Ranks`, 10 seconds unless
    another is given. ModuleNotFoundError names the extra to install if mpi4py is missing.
    """
    if not _world:
        launched = max(int(os.environ.get(name, 1)) for name in SIZES)
        _world.append(Ranks(_all_ranks_have_started(launched) if launched > 1 else None, timeout or 10.0))
    elif timeout is not None:
        _world[0].timeout = timeout
    return _world[0]


def _all_ranks_have_started(launched: int) -> Any:
    """The communicator of all ranks, which exists when the last has come here."""
    faulthandler.dump_traceback_later(STARTING, exit=True)  # MPI itself would wait for ever for one that died
    try:
        from mpi4py import MPI
    except ModuleNotFoundError:
        raise ModuleNotFoundError(
            "world: this process is one of a job, and mpi4py is not installed; run: pip install 'chainrule[mpi]'",
            name="mpi4py",
        ) from None
    finally:
        faulthandler.cancel_dump_traceback_later()
    if MPI.COMM_WORLD.size != launched:
        library = MPI.Get_library_version().split("\n")[0].strip("\0")
        raise RuntimeError(
            f"world: the launcher started {launched} processes, but mpi4py's library ({library}) sees "
            f"{MPI.COMM_WORLD.size}; use the launcher of the same MPI, such as the mpiexec beside this python, or "
            "build mpi4py for the cluster's: pip install --no-binary=mpi4py mpi4py"
        )
    return MPI.COMM_WORLD
