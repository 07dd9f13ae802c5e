"""Temperature: how bold a trained GPT writes, the entropy of its next character, and the temperature it deserves."""

from __future__ import annotations

import math

import numpy as np
from matplotlib.figure import Figure

from autograd import Generator, Tensor, grad, no_grad
from demos.fitting import fit
from demos.report import Options, Report
from demos.training import pieces, trained

# A language model gives scores z to its next token; dividing them by a temperature T before the softmax makes the
# choice sharper or flatter:
#
#     p_T = softmax(z / T),    T -> 0: always the likeliest;    T = 1: as it was trained;    T -> infinity: blind chance
#
# Every text generator has this knob. What it turns is the entropy H(p_T), from 0 up to log V.


def entropy(z: Tensor, T: float | Tensor) -> Tensor:
    """H(p_T) of each row of scores (N, V), in nats, (N,)."""
    log_p = (z / T).log_softmax(dim=-1)
    return -(log_p.exp() * log_p).sum(dim=-1)


# That it only ever turns upwards follows from its derivative, dH/dT = Var(z) / T^3, the variance of the scores under
# p_T: never negative. The engine differentiates the entropy without knowing this.


def slopes(z: Tensor, T: float) -> tuple[np.ndarray, np.ndarray]:
    """dH/dT of each row by the engine, and by the formula."""
    each = Tensor(np.full((len(z), 1), T), requires_grad=True)
    (slope,) = grad(entropy(z, each).sum(), each)
    p = (z / T).softmax(dim=-1).numpy()
    mean = (p * z.numpy()).sum(axis=1, keepdims=True)
    return slope.numpy()[:, 0], (p * (z.numpy() - mean) ** 2).sum(axis=1) / T**3


# Which temperature is right for a text that is there? That of the lowest cross-entropy. If it is 1, the model is as
# sure as it has reason to be; above 1 it was too sure. Finding it on held-out data is how classifiers are *calibrated*
# (temperature scaling, Guo et al. 2017): one parameter, learned by gradient descent. And where the cost is lowest, it
# equals the entropy: on average the model is exactly as surprised as it expected to be.


def calibrated(z: Tensor, tokens: Tensor, steps: int) -> float:
    """The T that makes ``tokens``, (N,), likeliest under their scores, (N, V)."""
    log_T = Tensor([math.log(2)], dtype=np.float64, requires_grad=True)
    fit(lambda: cost(z, log_T.exp(), tokens), [log_T], steps, 0.1, "calibrate")
    return math.exp(log_T.item())


def cost(z: Tensor, T: float | Tensor, tokens: Tensor) -> Tensor:
    """The mean cross-entropy of the tokens at temperature T, in nats."""
    return -(z / T).log_softmax(dim=-1).gather(1, tokens.unsqueeze(1)).mean()


def run(options: Options) -> Report:
    """A trained GPT's scores on held-out text, at many temperatures; texts at three of them."""
    training = trained(options)
    model, characters = training.model, training.characters
    generator = Generator().manual_seed(options.seed)
    with no_grad():
        text = pieces(training.held_out, 8 if options.quick else 32, model.sizes.context + 1, generator)
        z = model(text[:, :-1]).flatten(0, 1).double()
    tokens, V = text[:, 1:].flatten(), len(characters)

    temperatures = np.geomspace(0.05, 20, 15 if options.quick else 60)
    entropies = np.array([entropy(z, float(T)).numpy() for T in temperatures])
    costs = [cost(z, float(T), tokens).item() for T in temperatures]
    found, formula = slopes(z, 0.8)
    best = calibrated(z, tokens, 300)
    report = Report()
    for T in (0.5, 1.0, 2.0):
        H = float(entropy(z, T).mean())
        report.found(
            f"temperature_{T}", H, f"T = {T}: {H:.3f} nats, as if among {math.exp(H):.1f} characters, and it writes"
        )
        start = Tensor(characters.encode("\n"))[None]
        with no_grad():
            written = model.generate(start, 60, T, generator=generator)
        report.findings.append(f"  {characters.decode(written[0].numpy())!r}")
    report.findings.append(f"blind chance among {V}: {math.log(V):.3f} nats")
    least = float(np.diff(entropies, axis=0).min())
    report.found(
        "temperature_least_rise", least, f"entropy rises with T at each of {len(z):,} places, by {least:.0e} at least"
    )
    gap = float(np.abs(found - formula).max())
    report.found("temperature_slope", gap, f"its slope by the engine is Var(z) / T^3 within {gap:.0e}")
    report.found("temperature_best", best, f"held-out text is likeliest at T = {best:.3f}, where it costs")
    paid, expected = cost(z, best, tokens).item(), float(entropy(z, best).mean())
    report.found("temperature_calibrated", abs(paid - expected), f"{paid:.4f} nats, and the entropy is {expected:.4f}")
    report.pictures.append(options.save(picture(temperatures, entropies, costs, V, best), "temperature.png"))
    return report


def picture(temperatures: np.ndarray, entropies: np.ndarray, costs: list[float], V: int, best: float) -> Figure:
    """Entropy over temperature, half of all places within the band; and what held-out text costs."""
    figure = Figure(figsize=(6.4, 4.2), layout="constrained")
    axes = figure.subplots()
    low, high = np.quantile(entropies, [0.25, 0.75], axis=1)
    axes.fill_between(temperatures, low, high, color="#4C72B0", alpha=0.15, linewidth=0, label="half of all places")
    axes.semilogx(temperatures, entropies.mean(axis=1), color="#4C72B0", label="entropy of the next character")
    axes.plot(temperatures, costs, color="#C44E52", label="cost of the held-out text")
    axes.axhline(math.log(V), color="#999999", linestyle=":", label=f"blind chance: log {V}")
    axes.axvline(best, color="#C44E52", linewidth=0.8, linestyle="--")
    axes.text(best * 1.06, 0.1, f"cheapest at T = {best:.2f}", color="#C44E52")
    axes.set(xlabel="temperature T", ylabel="nats", title="A trained GPT at all temperatures")
    axes.set(xlim=(temperatures[0], temperatures[-1]), ylim=(0, 1.6 * math.log(V)))
    axes.set_xticks([0.1, 1, 10], ["0.1", "1", "10"])
    axes.legend(frameon=False, loc="upper center", fontsize=9, ncols=2)
    axes.spines[["top", "right"]].set_visible(False)
    return figure
