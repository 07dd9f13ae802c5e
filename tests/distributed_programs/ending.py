"""Rank 1 of three ends, in the way that the command line says, while rank 0 writes checkpoints."""

import os
import signal
import subprocess
import sys
import time

import nn
import optim
from autograd import manual_seed, randn
from autograd.distributed import world

how, checkpoint = sys.argv[1:]
ranks = world(timeout=1.5)
manual_seed(0)
model = nn.Linear(4, 4)
optimizer = optim.Distributed(optim.SGD(model.parameters(), lr=0.1), model)


def hanging():
    time.sleep(60)


for step in range(1000):
    if ranks.rank == 1 and step == 20:
        if how == "kill":
            os.kill(os.getpid(), signal.SIGKILL)
        elif how == "raise":
            raise ValueError("no such batch")
        elif how == "raise, and the launcher is slow":
            nap = f"kill -STOP {os.getppid()}; sleep 0.5; kill -CONT {os.getppid()}"
            subprocess.Popen(["sh", "-c", nap], start_new_session=True)
            time.sleep(0.2)
            raise ValueError("no such batch")
        elif how == "hang":
            hanging()
        elif how == "exit":
            sys.exit()
        elif how == "differ":
            ranks.mean([1.0])
    model(randn(2, 4)).sum().backward()
    optimizer.step()
    if ranks.first:
        nn.save_checkpoint(checkpoint, step=step, model=model, optimizer=optimizer)
