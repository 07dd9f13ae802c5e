"""Training on many processes, with MPI: ``mpiexec -n 4 python train.py``, on one machine or on a cluster.

`world()` is the job this process belongs to: its ``rank``, the ``size`` of the job, and what the ranks say to one
another. Without a launcher it is a job of one, and needs no MPI. `optim.Distributed` is the optimizer of such a job,
`nn.data.DistributedSampler` gives each rank its share of the data. Read in this order:

ranks.py      what ranks say to one another: sums, means, broadcasts
waiting.py    waiting for the others, with a deadline, and finding out who is missing
ending.py     one rank's end is the job's end, with a message that names the rank
agreement.py  do all ranks train the same model?
"""

from __future__ import annotations

from autograd.distributed.ending import DisagreementError
from autograd.distributed.ranks import Ranks, world

__all__ = ["DisagreementError", "Ranks", "world"]
