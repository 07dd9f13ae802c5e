"""The loop that most demos learn by: Adam, with a learning rate that falls to 0 along half a cosine."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from tqdm import tqdm

import optim
from autograd import Tensor


def fit(
    loss_of: Callable[[], Tensor], parameters: Iterable[Tensor], steps: int, learning_rate: float, name: str
) -> list[float]:
    """Lower ``loss_of()``, which may look at another batch each time; its value at each step."""
    optimizer = optim.Adam(parameters, lr=learning_rate)
    scheduler = optim.lr_scheduler.CosineAnnealingLR(optimizer, steps)
    losses = []
    for _ in (progress := tqdm(range(steps), desc=name, unit="step")):
        loss = loss_of()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        scheduler.step()
        losses.append(loss.item())
        progress.set_postfix(loss=f"{losses[-1]:.4f}", refresh=False)
    return losses
