"""RLHF's penalty: a model of names tuned to a reward that can be hacked, held back by KL or not."""

from __future__ import annotations

from functools import partial

import numpy as np
from matplotlib.figure import Figure

from autograd import Generator, Tensor, manual_seed, no_grad
from demos.data import Characters, first_names
from demos.fitting import fit
from demos.gpt import GPT, Sizes
from demos.report import Options, Report

# Reinforcement learning from human feedback tunes a language model p to a reward r, which stands for what people like.
# No reward stands for it fully, and a policy that only wants more of it finds the difference: it *hacks* the reward.
# So the model is paid to stay near the reference it came from (Ziegler et al. 2019, InstructGPT):
#
#     maximise  E_p [r(x)]  -  beta KL(p || reference)
#
# Here x is a first name, and the reward the number of its vowels: a rough likeness of "sounds melodious".

VOWELS = "aeiou"
BETAS = (0.0, 0.2, 0.5, 1.0, 3.0)
END = "."  # begins and ends each name


class Names:
    """The census's first names as tokens, each padded with ends to (1 + longest + 1,)."""

    def __init__(self) -> None:
        names = first_names()
        longest = max(map(len, names))
        self.characters = Characters(END + "".join(names))
        padded = [self.characters.encode(END + name.ljust(longest + 1, END)) for name in names]
        self.tokens = Tensor(np.stack(padded))
        self.length = longest + 1
        self.start = self.characters.encode(END)[0]
        self.vowels = np.isin(self.characters.all, list(VOWELS))

    def drawn(self, model: GPT, n: int, generator: Generator) -> Tensor:
        """``n`` names from the model, (n, 1 + length)."""
        return model.generate(Tensor(np.full((n, 1), self.start)), self.length, generator=generator)

    def alive(self, tokens: Tensor) -> np.ndarray:
        """1 for each token but the first up to the end of its name, 0 after it, (n, length)."""
        ended = np.cumsum(tokens.numpy()[:, 1:] == self.start, axis=1)
        return (ended - (tokens.numpy()[:, 1:] == self.start) == 0).astype(np.float32)

    def reward(self, tokens: Tensor) -> np.ndarray:
        """The number of vowels up to the end, (n,)."""
        return (self.vowels[tokens.numpy()[:, 1:]] * self.alive(tokens)).sum(axis=1).astype(np.float32)

    def read(self, tokens: Tensor) -> list[str]:
        """As text."""
        return [self.characters.decode(row)[1:].partition(END)[0] for row in tokens.numpy()]


# KL(p || reference) of whole names is the sum over their tokens of KL between the two next-token distributions, in
# expectation over p's names. Over 27 characters each can be summed exactly; with 100,000 tokens one takes the sampled
# log p - log reference in its place (the estimator k1), which has the same mean.


def log_chances(model: GPT, tokens: Tensor) -> Tensor:
    """log p of each next token at each place, (n, length, V)."""
    return model(tokens[:, :-1]).log_softmax(dim=-1)


def divergences(log_p: Tensor, log_q: Tensor) -> Tensor:
    """KL(p || q) of the next token at each place, (n, length)."""
    return (log_p.exp() * (log_p - log_q)).sum(dim=-1)


# The reward of a drawn name has no derivative by the weights: letters are not numbers that can be nudged. REINFORCE
# (Williams 1992) differentiates the chance of drawing it instead: d E[R] = E[R d log p(x)]. What comes to a token's
# credit is what came after it, the reward minus the penalties to come; and only as far as it is better than what the
# batch got at that place on average, the *baseline*, which changes no mean but takes most of the noise.


def policy_loss(names: Names, policy: GPT, reference: GPT, beta: float, n: int, generator: Generator) -> Tensor:
    """Its gradient is minus that of the mean of r - beta KL, estimated from n names that the policy draws."""
    tokens = names.drawn(policy, n, generator)
    alive = names.alive(tokens)
    log_p = log_chances(policy, tokens)
    with no_grad():
        log_q = log_chances(reference, tokens)
    penalty = beta * divergences(log_p, log_q) * Tensor(alive)
    after = penalty.detach().numpy()[:, ::-1].cumsum(axis=1)[:, ::-1] - penalty.detach().numpy()
    credit = names.reward(tokens)[:, None] - after
    baseline = (credit * alive).sum(axis=0) / np.maximum(alive.sum(axis=0), 1)
    taken = log_p.gather(2, tokens[:, 1:].unsqueeze(2)).squeeze(2)
    return (penalty - taken * Tensor((credit - baseline) * alive)).sum() / n


def measured(names: Names, policy: GPT, reference: GPT, n: int) -> tuple[float, float, list[str]]:
    """Mean reward, KL from the reference in nats a name, and n names."""
    with no_grad():
        tokens = names.drawn(policy, n, Generator().manual_seed(0))
        each = divergences(log_chances(policy, tokens), log_chances(reference, tokens)).numpy() * names.alive(tokens)
    return float(names.reward(tokens).mean()), float(each.sum(axis=1).mean()), names.read(tokens)


# The best policy is known: p*(x) = reference(x) exp(r(x) / beta) / Z. Names of the reference, weighed by exp(r / beta),
# tell its reward and its KL, E*[r] / beta - log Z: no policy can be above the curve on which they lie.


def frontier(rewards: np.ndarray) -> np.ndarray:
    """(KL, reward) of the best policies, (M, 2), as far as the sample of the reference's rewards can tell."""
    points = []
    for inverse in np.linspace(0, 3, 61):
        weights = np.exp(inverse * (rewards - rewards.max()))
        if weights.sum() ** 2 / (weights**2).sum() < 100:  # the number of names that still count
            break
        best = float((weights * rewards).sum() / weights.sum())
        points.append((inverse * best - np.log(weights.mean()) - inverse * rewards.max(), best))
    return np.array(points)


def run(options: Options) -> Report:
    """Learn names, tune to vowels with each beta from the same start, draw the frontier."""
    manual_seed(options.seed)
    names, generator = Names(), Generator().manual_seed(options.seed)
    random = np.random.default_rng(options.seed)
    sizes = Sizes(len(names.characters), names.length, layers=1, heads=4, width=32 if options.quick else 48)
    learning, tuning, n, counted = (80, 15, 32, 100) if options.quick else (800, 100, 64, 2000)
    reference = GPT(sizes)

    def unlikeliness() -> Tensor:
        return reference.loss(names.tokens[random.integers(0, len(names.tokens), n)])

    fit(unlikeliness, reference.parameters(), learning, 5e-3, "names")
    start = names.drawn(reference, 5 * counted, generator)
    rewards = names.reward(start)
    report, reached = Report(), {}
    report.found("rlhf_before", float(rewards.mean()), f"the reference's names have {rewards.mean():.2f} vowels:")
    report.findings.append(f"  {', '.join(names.read(start)[:8])}")
    for beta in (0.0, 1.0) if options.quick else BETAS:
        policy = GPT(sizes)
        policy.load_state_dict(reference.state_dict())
        loss = partial(policy_loss, names, policy, reference, beta, n, generator)
        fit(loss, policy.parameters(), tuning, 5e-3, f"beta {beta}")
        reward, kl, written = measured(names, policy, reference, counted)
        reached[beta] = kl, reward, written[0]
        report.found(f"rlhf_reward_{beta}", reward, f"beta {beta}: {reward:.2f} vowels, KL {kl:.2f} nats a name:")
        report.findings.append(f"  {', '.join(written[:8])}")
        report.numbers[f"rlhf_kl_{beta}"] = kl
    report.pictures.append(options.save(picture(reached, frontier(rewards)), "rlhf.png"))
    return report


def picture(reached: dict[float, tuple[float, float, str]], best: np.ndarray) -> Figure:
    """Reward against KL, a dot for each beta with a name that it wrote, and the best that can be had."""
    figure = Figure(figsize=(6.4, 4.4), layout="constrained")
    axes = figure.subplots()
    axes.semilogx(*best[1:].T, color="#999999", linestyle="--", label="the best there can be, where known")
    kls, rewards, _ = zip(*reached.values(), strict=True)
    axes.plot(kls, rewards, "o-", color="#4C72B0", label="tuned by policy gradient")
    axes.plot(kls[0], rewards[0], "o", color="#C44E52")
    for beta, (kl, reward, name) in reached.items():
        text = f"$\\beta$ = {beta:g}  {name}"
        axes.annotate(text, (kl, reward), xytext=(7, -11), textcoords="offset points")
    axes.set(xlabel="KL from the reference (nats a name)", ylabel="reward (vowels a name)")
    axes.set(title="What reward costs, and what it buys", xlim=(0.02, 1000))
    axes.legend(frameon=False, loc="upper left")
    axes.spines[["top", "right"]].set_visible(False)
    return figure
