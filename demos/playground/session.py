"""One network that learns in a thread of its own, and what of it is shown."""

from __future__ import annotations

import base64
import math
import threading
import time
from typing import Any

import numpy as np

import nn
from autograd import Generator, Tensor, no_grad
from demos.playground.data import Points, points
from demos.playground.settings import ACTIVATIONS, OPTIMIZERS, Settings
from nn import report

GRID = 60  # cells along each side of the plane
FRAME = 1 / 15  # seconds between two pictures
CURVE = 200  # points of the loss curve
STEPS = 200_000  # a run ends here: every picture goes through all losses


class Run:
    """A network, its optimizer and its data, as the settings say."""

    def __init__(self, settings: Settings, data: Points) -> None:
        self.settings, self.data = settings, data
        self.rng = np.random.default_rng(settings.seed)
        self.model = nn.MLP(2, [*settings.layers, len(data.classes)], activation=ACTIVATIONS[settings.activation])
        generator = Generator().manual_seed(settings.seed)  # of its own: other tabs draw at the same time
        for layer in self.linear():
            bound = math.sqrt(3 / layer.in_features)
            nn.init.uniform_(layer.weight, -bound, bound, generator=generator)
            nn.init.zeros_(layer.bias)
        kind, extras = OPTIMIZERS[settings.optimizer]
        self.optimizer = kind(self.model.parameters(), lr=settings.lr, **extras)
        self.monitor = nn.Monitor(self.model, self.optimizer, classes=len(data.classes), live=False)
        X = data.scaled(data.X)
        self.seen, self.unseen = X[data.held_out :], X[: data.held_out]
        self.truth, self.unseen_truth = data.y[data.held_out :], data.y[: data.held_out]
        left, right, bottom, top = data.extent()
        across = left + (right - left) * (np.arange(GRID) + 0.5) / GRID
        down = top - (top - bottom) * (np.arange(GRID) + 0.5) / GRID
        self.grid = Tensor(data.scaled(np.stack(np.meshgrid(across, down), axis=-1).reshape(-1, 2)))

    def linear(self) -> list[nn.Linear]:
        """The layers with weights."""
        return [module for module in self.model.modules() if isinstance(module, nn.Linear)]

    def step(self) -> None:
        """One step on a batch."""
        size = self.settings.batch or len(self.truth)
        batch = slice(None) if size >= len(self.truth) else self.rng.choice(len(self.truth), size, replace=False)
        loss = nn.functional.cross_entropy(self.model(Tensor(self.seen[batch])), Tensor(self.truth[batch]))
        self.optimizer.zero_grad()
        loss.backward()
        self.optimizer.step()
        self.monitor.record(loss)

    def tell_rate(self, settings: Settings) -> None:
        """Take over what may change while the network learns."""
        self.settings = settings
        self.optimizer.param_groups[0]["lr"] = settings.lr

    def judged(self, X: Any, truth: Any) -> dict[str, float | None]:
        """Loss and accuracy over these points."""
        if not len(truth):
            return {"loss": None, "accuracy": None}
        with no_grad():
            logits = self.model(Tensor(X))
            loss = nn.functional.cross_entropy(logits, Tensor(truth)).item()
        return {"loss": _finite(loss), "accuracy": float((logits.numpy().argmax(axis=1) == truth).mean())}

    def described(self) -> dict[str, Any]:
        """What stays the same throughout."""
        data = self.data
        return {
            "points": [[_short(x), _short(y), int(c)] for (x, y), c in zip(data.X, data.y, strict=True)],
            "held_out": data.held_out,
            "classes": data.classes,
            "columns": data.columns,
            "extent": data.extent(),
            "grid": GRID,
            "chance": math.log(len(data.classes)),
            "parameters": self.model.num_parameters(),
        }

    def told(self) -> dict[str, Any]:
        """All that the page shows anew in each picture."""
        with no_grad():
            chances = nn.functional.softmax(self.model(self.grid), dim=1).numpy()
        chances = np.nan_to_num(chances)
        most = chances.max(axis=1)
        losses = np.array_split(np.asarray(self.monitor.losses, dtype=float), min(CURVE, max(self.monitor.steps, 1)))
        layers = self.linear()
        return {
            "step": self.monitor.steps,
            "lr": self.settings.lr,
            "train": self.judged(self.seen, self.truth),
            "held_out": self.judged(self.unseen, self.unseen_truth),
            "losses": [_finite(float(part.mean())) for part in losses] if self.monitor.steps else [],
            "winner": _packed(chances.argmax(axis=1)),
            "sure": _packed(np.clip(255 * most, 0, 255)),
            "weights": [self._weights(layer.weight.numpy()) for layer in layers],
            "layers": self._layers(),
        }

    def _weights(self, weight: Any) -> dict[str, Any]:
        weight = np.nan_to_num(weight, posinf=0, neginf=0)
        largest = float(np.abs(weight).max()) or 1.0
        return {"most": largest, "shape": list(weight.shape), "bytes": _packed(127 + 127 * weight / largest)}

    def _layers(self) -> list[dict[str, Any]]:
        monitor, rows = self.monitor, []
        paths = [path for path, module in self.model.named_modules() if isinstance(module, nn.Linear)]
        for path, layer in zip(paths, self.linear(), strict=True):
            norms, ratios = (kept.get(f"{path}.weight") for kept in (monitor.gradient_norms, monitor.update_ratios))
            units = layer.out_features
            row: dict[str, Any] = {"shape": f"{layer.in_features} → {units}", "units": units}
            row["gradient"] = _finite(norms[-1]) if norms else None
            row["update"] = _finite(ratios[-1]) if ratios else None
            dead = monitor.dead.get(str(int(path) + 1))
            row["dead"] = dead[-1] if dead else None
            rows.append(row)
        return rows


class Session:
    """A `Run` in the background, for one tab. `changed` wakes whoever shows it."""

    def __init__(self, settings: Settings) -> None:
        self.changed = threading.Condition()
        self.streams, self.born = 0, time.monotonic()
        self.running, self.ended, self.message = True, False, ""
        self._steps_asked, self._told_anew = 0, True
        self.version = 0
        self.run = Run(settings, points(settings))
        self.news: tuple[Run, dict[str, Any]] = self.run, {}
        self._thread = threading.Thread(target=self._work, name="playground training", daemon=True)
        self._thread.start()

    def choose(self, settings: Settings) -> None:
        """Take over settings: at once where that is possible, else with a new network."""
        with self.changed:
            current = self.run
        new = None if current.settings.only_live_differs(settings) else Run(settings, points(settings))
        with self.changed:
            if new is None:
                self.run.tell_rate(settings)
                self._wake()
            else:
                self._replace(new)

    def reset(self) -> None:
        """The same network from its beginning."""
        with self.changed:
            self._replace(Run(self.run.settings, self.run.data))

    def _replace(self, run: Run) -> None:
        self.running |= bool(self.message)  # one that had to be stopped goes on
        self.run, self.message, self._steps_asked = run, "", 0
        self._wake()

    def play(self) -> None:
        """Go on learning."""
        with self.changed:
            self.running = not self.message
            self._wake()

    def pause(self) -> None:
        """Stop learning, until `play` or `step`."""
        with self.changed:
            self.running = False
            self._wake()

    def step(self) -> None:
        """One step, then pause."""
        with self.changed:
            self.running = False
            self._steps_asked += not self.message
            self._wake()

    def end(self) -> None:
        """Stop for good; the thread has ended when this returns."""
        with self.changed:
            self.ended = True
            self._wake()
        self._thread.join()

    def report(self) -> str:
        """The monitor's page."""
        with self.changed:
            return report.page(self.run.monitor) if self.run.monitor.steps else ""

    def _wake(self) -> None:
        self._told_anew = True
        self.changed.notify_all()

    def _work(self) -> None:
        with self.changed:
            while True:
                self.changed.wait_for(lambda: self.running or self._steps_asked or self._told_anew or self.ended)
                if self.ended:
                    return
                self._told_anew = False
                began = time.monotonic()
                self._learn(began)
                self._tell()
                speed = self.run.settings.speed
                rest = max(0.004, max(FRAME, 1 / speed if speed else 0) - (time.monotonic() - began))
                self.changed.wait_for(lambda: self._told_anew or self.ended, rest)  # others have the lock meanwhile

    def _learn(self, began: float) -> None:
        run, speed = self.run, self.run.settings.speed
        wanted = max(1, round(speed * FRAME)) if speed else 10**9
        if not self.running:
            wanted = self._steps_asked
        self._steps_asked = 0
        while wanted > 0 and time.monotonic() - began < 0.7 * FRAME:
            run.step()
            wanted -= 1
            if not math.isfinite(run.monitor.losses[-1]):
                at = run.monitor.steps
                self._stop(f"The loss is no number any more at step {at}: lower the learning rate and reset.")
                break
            if run.monitor.steps >= STEPS:
                self._stop(f"{STEPS:,} steps are enough: reset to begin anew.")
                break

    def _stop(self, message: str) -> None:
        self.running, self.message = False, message

    def _tell(self) -> None:
        told = {"running": self.running, "message": self.message}
        self.news = self.run, {**self.run.told(), **told}
        self.version += 1
        self.changed.notify_all()

    def wait(self, version: int, patience: float) -> tuple[int, Run, dict[str, Any]] | None:
        """What is new since ``version``, with its number and its run; None if nothing comes in ``patience`` seconds."""
        with self.changed:
            self.changed.wait_for(lambda: self.version != version or self.ended, patience)
            return None if self.version == version or self.ended else (self.version, *self.news)


def _packed(numbers: Any) -> str:
    return base64.b64encode(np.asarray(numbers).round().astype(np.uint8).tobytes()).decode()


def _finite(number: float) -> float | None:
    return number if math.isfinite(number) else None


def _short(number: float) -> float:
    return float(f"{number:.6g}")
