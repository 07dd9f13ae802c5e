"""DDPM on digits: new handwriting out of noise, judged by the network that reads digits."""

from __future__ import annotations

import numpy as np
from matplotlib.figure import Figure

import nn
from autograd import Tensor, cdist, manual_seed, no_grad
from demos.ddpm_moons import Denoiser, sample
from demos.digits import split, train
from demos.fitting import fit
from demos.noising import Schedule
from demos.report import Options, Report

# Everything is as in ddpm_moons, but a point now has 64 coordinates, the pixels of a digit, and the network guesses the
# digit x_0 that is in x_t, not the noise. Either guess gives the other,
#
#     noise = (x_t - sqrt(alphabar_t) x_0) / sqrt(1 - alphabar_t)
#
# but noise fills all 64 dimensions and digits only a few: a small network does better to say what it sees. Between this
# and Stable Diffusion there are a larger space, a network to suit it, and a text to steer it by.


class DigitDenoiser(Denoiser):
    """Guesses the noise by way of the digit."""

    def digit(self, x: Tensor, t: np.ndarray) -> Tensor:
        return super().forward(x, t)

    def forward(self, x: Tensor, t: np.ndarray) -> Tensor:
        alphabar = Tensor(self.schedule.alphabar[t][:, None])
        return (x - alphabar.sqrt() * self.digit(x, t)) / (1 - alphabar).sqrt()

    def loss(self, x0: np.ndarray, random: np.random.Generator) -> Tensor:
        """How badly it guesses the digit."""
        x, t, _ = self.noised(x0, random)
        return nn.functional.mse_loss(self.digit(x, t), Tensor(x0))


SURE = 0.5  # the reader is confident that it is this digit if that is likelier than all others together


def scaled(images: np.ndarray) -> np.ndarray:
    """Pixels in [0, 1] to [-1, 1], so that they are about as large as the noise."""
    return 2 * images - 1


def confident(reader: nn.Module, images: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """What each image is read as, (N,), and whether it is confident."""
    with no_grad():
        chances = reader(Tensor(images)).softmax(dim=1).numpy()
    return chances.argmax(axis=1), chances.max(axis=1) >= SURE


# A model that knows its examples by heart would be judged well, too. So a second measure: how far is it from
# an image to the nearest one that was learned from? From a copy, no way at all; from a new digit, as far as from those
# that were held out.


def to_nearest(images: np.ndarray, learned: np.ndarray) -> float:
    """The mean distance."""
    return float(cdist(Tensor(images), Tensor(learned)).amin(dim=1).mean())


def run(options: Options) -> Report:
    """Train the reader and the denoiser, sample, let the reader judge, draw."""
    manual_seed(options.seed)
    random = np.random.default_rng(options.seed)
    images, labels, held_out, _ = split(options.seed)
    reader = nn.MLP(64, [256, 10])
    train(reader, images, labels, 3 if options.quick else 40, options.seed)

    steps, batch, width, n = (600, 64, 128, 100) if options.quick else (6000, 64, 256, 1000)
    data = scaled(images.numpy())
    model = DigitDenoiser(64, width, 2, Schedule(100))
    fit(lambda: model.loss(data[random.integers(0, len(data), batch)], random), model.parameters(), steps, 2e-3, "ddpm")
    film = [np.clip((frame + 1) / 2, 0, 1) for frame in sample(model, (n, 64), random)]
    made, noise = film[-1], film[0]

    read, sure = confident(reader, made)
    counts = np.bincount(read[sure], minlength=10)
    real, blind = (confident(reader, each)[1].mean() for each in (held_out.numpy(), noise))
    report = Report()
    report.found(
        "ddpm_digits_sure", float(sure.mean()), f"{sure.mean():.1%} of {n} new digits are read with confidence"
    )
    report.findings.append(f"of real held-out digits {real:.1%}, of noise {blind:.1%}")
    report.found("ddpm_digits_kinds", int((counts > 0).sum()), f"0 to 9 were made {counts.tolist()} times")
    ours, theirs = to_nearest(made, images.numpy()), to_nearest(held_out.numpy(), images.numpy())
    report.found("ddpm_digits_new", ours / theirs, f"to the nearest example it is {ours:.2f} from new digits")
    report.findings.append(f"and {theirs:.2f} from held-out ones: they are no copies")
    first = [int(np.flatnonzero(sure & (read == kind))[0]) for kind in np.flatnonzero(counts)]  # of each kind
    report.pictures.append(options.save(chain(film, first), "ddpm_digits.png"))
    return report


def chain(film: list[np.ndarray], rows: list[int]) -> Figure:
    """Digits coming out of the noise, a row each."""
    T = len(film) - 1
    times = (T, 60, 40, 30, 20, 15, 10, 5, 0)
    figure = Figure(figsize=(6.4, 0.2 + 0.71 * len(rows)))
    cells = figure.subplots(len(rows), len(times), squeeze=False, gridspec_kw={"wspace": 0.06, "hspace": 0.06})
    for i, row in zip(rows, cells, strict=True):
        for axes, t in zip(row, times, strict=True):
            axes.imshow(film[T - t][i].reshape(8, 8), cmap="gray_r", vmin=0, vmax=1)
            axes.set_axis_off()
            if i == rows[0]:
                axes.set_title(f"t = {t}", fontsize=9)
    return figure
