"""A variational autoencoder: digits squeezed into a plane, and a walk through that plane."""

from __future__ import annotations

import numpy as np
from matplotlib.figure import Figure
from sklearn.neighbors import KNeighborsClassifier

import nn
from autograd import Tensor, manual_seed, no_grad, randn_like
from demos.digits import split
from demos.fitting import fit
from demos.kl import GRID, STEP, divergence, log_normal
from demos.report import Options, Report

# Think that every image x was made from a hidden code z, here two numbers: z ~ N(0, 1), then x ~ p(x | z), which a
# network, the decoder, computes. The likelihood p(x) is an integral over all codes, which nobody can do. A second
# network, the encoder, guesses the codes that x may have come from, q(z | x) = N(m(x), s(x)^2), and gives a bound:
#
#     log p(x) >= E_q log p(x | z)  -  KL(q(z | x) || N(0, 1))  =  ELBO
#                 reconstruction       cost of the code
#
# Both terms are in nats: training lowers the length of a message that sends first the code, then the image. (Kingma &
# Welling 2014. Stable Diffusion works within the latent space of such a model.)


class VAE(nn.Module):
    """Encoder 64 -> 256 -> 2 + 2, decoder 2 -> 256 -> 64."""

    def __init__(self) -> None:
        super().__init__()
        self.encoder = nn.Sequential(nn.Linear(64, 256), nn.SiLU(), nn.Linear(256, 4))
        self.decoder = nn.Sequential(nn.Linear(2, 256), nn.SiLU(), nn.Linear(256, 256), nn.SiLU(), nn.Linear(256, 64))

    def codes(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Mean and log width of q(z | x), both (N, 2)."""
        mean, log_width = self.encoder(x).chunk(2, dim=1)
        return mean, log_width

    def terms(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """What the image costs given a code, and what the code costs: minus the two terms of the ELBO, (N,) each."""
        mean, log_width = self.codes(x)
        z = mean + log_width.exp() * randn_like(mean)  # drawn so that the gradient passes: "reparameterized"
        logits = self.decoder(z)
        image = nn.functional.binary_cross_entropy_with_logits(logits, x, reduction="none").sum(dim=1)
        return image, code_cost(mean, log_width)


# Between Gaussians, KL is no sum over a grid but a formula:
#
#     KL(N(m, s^2) || N(0, 1)) = (m^2 + s^2 - 1) / 2 - log s


def code_cost(mean: Tensor, log_width: Tensor) -> Tensor:
    """KL(q(z | x) || N(0, 1)), summed over the two coordinates, (N,)."""
    return ((mean.square() + (2 * log_width).exp() - 1) / 2 - log_width).sum(dim=1)


def on_grid(mean: float, log_width: float) -> float:
    """The same for one Gaussian in one dimension, by the sum of `kl`."""
    x, zero = Tensor(GRID), Tensor(0.0)
    return divergence(log_normal(x, mean, Tensor(log_width)), log_normal(x, 0.0, zero), STEP).item()


def nats(chances: Tensor, images: Tensor) -> float:
    """What an image costs by the probability of ink in each of its pixels, on average."""
    costs = nn.functional.binary_cross_entropy(chances, images, reduction="sum")
    return costs.item() / len(images)


def run(options: Options) -> Report:
    """Train, measure the ELBO on held-out digits against the best code-less model, draw the plane."""
    manual_seed(options.seed)
    random = np.random.default_rng(options.seed)
    images, labels, held_out, truth = split(options.seed)
    model = VAE()
    steps = 300 if options.quick else 6000

    def loss() -> Tensor:
        image, code = model.terms(images[random.integers(0, len(images), 64)])
        return (image + code).mean()

    fit(loss, model.parameters(), steps, 2e-3, "vae")

    with no_grad():
        draws = [model.terms(held_out) for _ in range(20)]
        image, code = (float(np.mean([term.numpy() for term in kind])) for kind in zip(*draws, strict=True))
        learned, new = (model.codes(each)[0].numpy() for each in (images, held_out))
        average = images.mean(dim=0).clamp(1e-3, 1 - 1e-3).expand_as(held_out)
    blind, floor = nats(average, held_out), nats(held_out, held_out)
    gap = abs(code_cost(Tensor([[0.7]]), Tensor([[-1.2]])).item() - on_grid(0.7, -1.2))
    report = Report()
    report.found("vae_formula", gap, f"the formula for KL agrees with the sum over a grid within {gap:.0e}")
    report.found("vae_blind", blind, f"the average image describes a held-out digit in {blind:.2f} nats")
    report.found(
        "vae_elbo",
        -image - code,
        f"the VAE in {image + code:.2f}: {code:.2f} for the code and {image:.2f} for the image",
    )
    report.findings.append(f"(grey pixels cost {floor:.2f} even when known: their own entropy)")
    share = KNeighborsClassifier(10).fit(learned, labels.numpy()).score(new, truth.numpy())
    report.found(
        "vae_neighbours", float(share), f"the ten nearest codes tell {share:.1%} of the held-out digits by two numbers"
    )
    report.pictures.append(options.save(plane(model, learned, labels.numpy()), "vae.png"))
    report.pictures.append(options.save(pairs(model, held_out, truth), "vae_reconstructions.png"))
    return report


def plane(model: VAE, codes: np.ndarray, labels: np.ndarray) -> Figure:
    """Where the digits went, and what the decoder makes of each place."""
    figure = Figure(figsize=(9.6, 4.8), layout="constrained")
    where, what = figure.subplots(1, 2)
    for digit in range(10):
        of = labels == digit
        where.scatter(*codes[of].T, s=5, alpha=0.6, color=f"C{digit}")
        where.text(*np.median(codes[of], axis=0), str(digit), fontsize=16, weight="bold", ha="center", va="center")
    side = np.linspace(-2, 2, 13)
    z = np.stack(np.meshgrid(side, side[::-1]), axis=-1).reshape(-1, 2).astype(np.float32)
    with no_grad():
        tiles = model.decoder(Tensor(z)).sigmoid().numpy().reshape(13, 13, 8, 8)
    tiles = np.pad(tiles, ((0, 0), (0, 0), (1, 1), (1, 1)))  # a margin around each
    what.imshow(tiles.transpose(0, 2, 1, 3).reshape(130, 130), cmap="gray_r", extent=(-2.17, 2.17, -2.17, 2.17))
    for axes, title in ((where, "The code of each digit"), (what, "What each code decodes to")):
        axes.set(xlim=(-2.4, 2.4), ylim=(-2.4, 2.4), aspect="equal", xlabel="$z_1$", ylabel="$z_2$", title=title)
    return figure


def pairs(model: VAE, images: Tensor, labels: Tensor) -> Figure:
    """A held-out digit of each kind above, what is left of it after two numbers below."""
    shown = images[[int(np.flatnonzero(labels.numpy() == digit)[0]) for digit in range(10)]]
    with no_grad():
        back = model.decoder(model.codes(shown)[0]).sigmoid()
    figure = Figure(figsize=(6.4, 1.5), layout="constrained")
    for axes, image in zip(figure.subplots(2, 10).ravel(), [*shown.numpy(), *back.numpy()], strict=True):
        axes.imshow(image.reshape(8, 8), cmap="gray_r", vmin=0, vmax=1)
        axes.set_axis_off()
    return figure
