"""The training of nanoGPT, on one process or many: it stops at any time, and goes on exactly where it stopped."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
from tqdm import tqdm

import nn
import optim
from autograd import Generator, Tensor, manual_seed, no_grad, randint
from autograd.distributed import world
from demos.data import Characters, text
from demos.gpt import GPT, Sizes
from demos.report import Options

BATCH = 12
LEARNING_RATE = 2e-3
WARM_UP = 50  # steps
EVERY = 50  # steps from one measurement and checkpoint to the next


class History:
    """What was measured on the way, in a form that a checkpoint can hold."""

    def __init__(self) -> None:
        self.losses: list[float] = []  # of each step's batch
        self.measured: list[tuple[int, float]] = []  # (step, of the held-out text)

    def state_dict(self) -> dict[str, Any]:
        return dict(vars(self))

    def load_state_dict(self, state: dict[str, Any]) -> None:
        vars(self).update(state)


class Training:
    """A model, what it learns from, and all that must be kept to go on exactly where it stopped.

    Every rank of a job draws the same batches and learns from its share of each.
    """

    def __init__(self, options: Options, data: Path | None = None) -> None:
        written = text(data)
        self.characters = Characters(written)
        V = len(self.characters)
        numbers = Tensor(self.characters.encode(written))
        self.learned, self.held_out = numbers[: len(numbers) * 9 // 10], numbers[len(numbers) * 9 // 10 :]
        self.ranks = world()
        self.steps = 60 if options.quick else 800
        manual_seed(options.seed)
        self.model = GPT(Sizes(V, context=32, layers=2, width=32) if options.quick else Sizes(V))
        matrices = [p for p in self.model.parameters() if p.ndim >= 2]
        vectors = [p for p in self.model.parameters() if p.ndim < 2]  # biases and the scales of norms do not decay
        groups = [{"params": matrices, "weight_decay": 0.1}, {"params": vectors, "weight_decay": 0.0}]
        self.optimizer = optim.Distributed(optim.AdamW(groups, lr=LEARNING_RATE, betas=(0.9, 0.95)), self.model)
        self.scheduler = optim.lr_scheduler.LambdaLR(self.optimizer, self.share)
        self.generator = Generator().manual_seed(options.seed)  # of the batches
        self.history = History()
        self.step = 0

    def share(self, step: int) -> float:
        """Of the learning rate: up along a line while warming up, then down along half a cosine to a tenth."""
        if step < WARM_UP:
            return (step + 1) / WARM_UP
        return 0.1 + 0.9 * (1 + math.cos(math.pi * (step - WARM_UP) / (self.steps - WARM_UP))) / 2

    def parts(self) -> dict[str, Any]:
        """What a checkpoint holds."""
        named = ("model", "optimizer", "scheduler", "generator", "history")
        return {name: getattr(self, name) for name in named}

    def once(self) -> float:
        """One step of AdamW on one batch, the gradient's norm clipped to 1."""
        batch = pieces(self.learned, BATCH, self.model.sizes.context + 1, self.generator)[self.ranks.share(BATCH)]
        self.optimizer.zero_grad()
        own = 0.0  # of this rank's share, which is empty if there are more ranks than pieces
        if len(batch):
            loss = self.model.loss(batch)
            loss.backward()
            own = loss.item()
        (mean,) = self.optimizer.reduce(len(batch), [own])
        nn.utils.clip_grad_norm_(self.model.parameters(), 1.0)
        self.optimizer.step()
        self.scheduler.step()
        self.step += 1
        return mean

    def held_out_loss(self, batches: int = 8) -> float:
        """On the same pieces of the held-out text each time; the ranks share the batches."""
        same = Generator().manual_seed(0)
        length = self.model.sizes.context + 1
        losses = np.zeros(batches, np.float32)
        with no_grad():
            for i in range(batches):
                batch = pieces(self.held_out, 32, length, same)
                if i % self.ranks.size == self.ranks.rank:
                    losses[i] = self.model.loss(batch).item()
        return float(np.mean(self.ranks.sum_(losses, "held-out losses")))

    def resume(self, checkpoint: Path) -> None:
        """Go to where the checkpoint stands, which may be another number of ranks'."""
        self.step = nn.load_checkpoint(self.ranks.read(checkpoint), **self.parts())

    def save(self, checkpoint: Path) -> None:
        """Write the checkpoint, on rank 0."""
        if self.ranks.first:
            checkpoint.parent.mkdir(parents=True, exist_ok=True)
            nn.save_checkpoint(checkpoint, step=self.step, **self.parts())

    def run(self, checkpoint: Path) -> None:
        """Go on to the last step, with a checkpoint every 50 steps."""
        progress = tqdm(total=self.steps, initial=self.step, desc="nanogpt", unit="step", disable=not self.ranks.first)
        while self.step < self.steps:
            self.history.losses.append(self.once())
            progress.update()
            if self.step % EVERY == 0 or self.step == self.steps:
                self.history.measured.append((self.step, self.held_out_loss()))
                self.save(checkpoint)
                progress.set_postfix(held_out=f"{self.history.measured[-1][1]:.3f}", refresh=False)
        progress.close()


def pieces(numbers: Tensor, n: int, length: int, generator: Generator) -> Tensor:
    """``n`` pieces of a text from random places, (n, length)."""
    starts = randint(0, len(numbers) - length, (n, 1), generator=generator)
    return numbers[starts + np.arange(length)]


def checkpoint_of(options: Options) -> Path:
    """The file that holds where the training stands."""
    return options.out / ("nanogpt_quick.safetensors" if options.quick else "nanogpt.safetensors")


def trained(options: Options) -> Training:
    """The training at its end, for other demos: from its checkpoint, if there is one under ``out``, or done now."""
    training, checkpoint = Training(options), checkpoint_of(options)
    if training.ranks.broadcast(checkpoint.exists()):  # rank 0's files count
        training.resume(checkpoint)
    training.run(checkpoint)
    return training
