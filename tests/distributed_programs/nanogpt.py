"""Steps of the demo's training: ``nanogpt.py CHECKPOINT STEPS``; afterwards rank 0 writes the checkpoint."""

import sys
from pathlib import Path

from demos.report import Options
from demos.training import Training


def main(checkpoint, steps):
    training = Training(Options(checkpoint.parent, quick=True))
    if training.ranks.broadcast(checkpoint.exists()):
        training.resume(checkpoint)
    for _ in range(steps):
        training.history.losses.append(training.once())
    training.history.measured.append((training.step, training.held_out_loss(batches=2)))
    training.save(checkpoint)


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
