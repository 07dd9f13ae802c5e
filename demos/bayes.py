"""Bayes' rule: from one word to spam, and from thirty measurements of a tumour to what it is."""

from __future__ import annotations

import math

import numpy as np
from matplotlib.figure import Figure
from sklearn.datasets import load_breast_cancer
from sklearn.linear_model import LogisticRegression
from sklearn.naive_bayes import GaussianNB

import nn
from autograd import Tensor, grad, manual_seed, no_grad
from demos.fitting import fit
from demos.report import Options, Report

# Bayes' rule turns a probability around. How likely is the evidence if this is spam: that can be counted. How likely
# is spam, given the evidence: that is wanted.
#
#     P(spam | word) = P(word | spam) P(spam) / P(word),    P(word) = sum of P(word | kind) P(kind) over both kinds

SPAM, WORD_IN_SPAM, WORD_IN_HAM = 0.2, 0.5, 0.02  # of all mail; of spam that says "free"; of other mail that does


def posterior(prior: float, if_true: float, if_false: float) -> float:
    """Bayes' rule for yes and no."""
    return if_true * prior / (if_true * prior + if_false * (1 - prior))


# With more evidence the odds multiply, and their logarithms add. *Naive* Bayes takes all measurements for independent
# given the kind, each a Gaussian of its own, and adds up:
#
#     log P(kind | x) = log P(kind) + sum_j log N(x_j; m_kind,j, s_kind,j^2) + constant
#
# Nothing has to be searched for: the likelihood is greatest at the mean and the variance of each measurement.


def log_likelihood(x: Tensor, mean: Tensor, variance: Tensor) -> Tensor:
    """Of each row of (N, D) under D independent Gaussians, (N,)."""
    return -0.5 * ((x - mean).square() / variance + (2 * math.pi * variance).log()).sum(dim=1)


class NaiveBayes:
    """Means and variances (2, D) and log priors (2,) of malignant, 0, and benign, 1."""

    def __init__(self, X: np.ndarray, y: np.ndarray) -> None:
        self.kinds = [Tensor(X[y == kind]) for kind in (0, 1)]
        self.means = [x.mean(dim=0).requires_grad_() for x in self.kinds]
        self.variances = [x.var(dim=0, correction=0).requires_grad_() for x in self.kinds]
        self.log_priors = [math.log(len(x) / len(X)) for x in self.kinds]

    def slope(self) -> float:
        """The largest derivative of the mean log-likelihood by a mean or a variance: 0 at the top, the engine says."""
        top = sum(log_likelihood(*each).mean() for each in zip(self.kinds, self.means, self.variances, strict=True))
        return max(float(g.abs().max()) for g in grad(top, [*self.means, *self.variances]))

    def log_odds(self, X: np.ndarray) -> np.ndarray:
        """log P(benign | x) - log P(malignant | x), (N,)."""
        with no_grad():
            malignant, benign = (
                prior + log_likelihood(Tensor(X), mean, variance)
                for prior, mean, variance in zip(self.log_priors, self.means, self.variances, strict=True)
            )
            return (benign - malignant).numpy()


# Logistic regression has the same form, log odds = w x + b, but learns w and b from how well they answer, by the
# cross-entropy and a little of |w|^2. Evidence that says the same thing twice counts twice in naive Bayes; here the two
# share a weight.


def logistic(X: np.ndarray, y: np.ndarray, steps: int) -> nn.Linear:
    """Weights for standardised measurements; scikit-learn's with C = 1 minimises the same."""
    model = nn.Linear(X.shape[1], 1, dtype=np.float64)
    inputs, targets = Tensor(X), Tensor(y.astype(np.float64))

    def loss() -> Tensor:
        cost = nn.functional.binary_cross_entropy_with_logits(model(inputs).squeeze(1), targets)
        return cost + model.weight.square().sum() / (2 * len(X))

    fit(loss, model.parameters(), steps, 0.1, "logistic")
    return model


def cost(log_odds: np.ndarray, y: np.ndarray) -> float:
    """The mean cross-entropy in nats: being sure and wrong is dear."""
    return nn.functional.binary_cross_entropy_with_logits(Tensor(log_odds), Tensor(y.astype(np.float64))).item()


def run(options: Options) -> Report:
    """The spam sum; then both classifiers on 569 tumours, a fifth of them held out, scikit-learn as the judge."""
    report = Report()
    spam = posterior(SPAM, WORD_IN_SPAM, WORD_IN_HAM)
    sum_ = f"{WORD_IN_SPAM} x {SPAM} / ({WORD_IN_SPAM} x {SPAM} + {WORD_IN_HAM} x {1 - SPAM})"
    report.found("bayes_spam", spam, f'P(spam | "free") = {sum_} = {spam:.4f}')

    manual_seed(options.seed)
    X, y = load_breast_cancer(return_X_y=True)
    order = np.random.default_rng(options.seed).permutation(len(y))
    X, y = X[order], y[order]
    out = len(y) // 5
    X = (X - X[out:].mean(axis=0)) / X[out:].std(axis=0)
    naive, weighed = NaiveBayes(X[out:], y[out:]), logistic(X[out:], y[out:], 200 if options.quick else 2000)
    with no_grad():
        odds = {"naive Bayes": naive.log_odds(X[:out]), "logistic regression": weighed(Tensor(X[:out])).numpy()[:, 0]}
    judges = {
        "naive Bayes": GaussianNB(var_smoothing=0),
        "logistic regression": LogisticRegression(tol=1e-10, max_iter=1000),
    }
    report.found(
        "bayes_slope", naive.slope(), f"at its means and variances the likelihood is flat: {naive.slope():.0e}"
    )
    for name, judge in judges.items():
        theirs = judge.fit(X[out:], y[out:]).predict_log_proba(X[:out])
        gap = float(np.abs(odds[name] - (theirs[:, 1] - theirs[:, 0])).max())
        right = int(((odds[name] > 0) == y[:out]).sum())
        key = f"bayes_{name.split()[0]}"
        report.found(
            key,
            right / out,
            f"{name}: {right} of {out} held-out tumours right, {cost(odds[name], y[:out]):.3f} nats each",
        )
        report.found(f"{key}_gap", gap, f"  its log odds are scikit-learn's within {gap:.0e}")
    report.pictures.append(options.save(picture(odds, y[:out]), "bayes.png"))
    return report


def picture(odds: dict[str, np.ndarray], y: np.ndarray) -> Figure:
    """The log odds of each held-out tumour by either."""
    figure = Figure(figsize=(6.4, 4.4), layout="constrained")
    axes = figure.subplots()
    (name_x, x), (name_y, z) = odds.items()
    for kind, colour, name in ((0, "#C44E52", "malignant"), (1, "#4C72B0", "benign")):
        axes.scatter(x[y == kind], z[y == kind], s=22, color=colour, alpha=0.7, label=name)
    axes.axhline(0, color="#999999", linewidth=0.8)
    axes.axvline(0, color="#999999", linewidth=0.8)
    axes.set_xscale("symlog", linthresh=10)
    axes.set(xlabel=f"log odds of being benign: {name_x}", ylabel=name_y)
    axes.set(title="Naive Bayes counts the same evidence many times: too sure")
    axes.legend(frameon=False)
    axes.spines[["top", "right"]].set_visible(False)
    return figure
