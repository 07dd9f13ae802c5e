"""Search by meaning: questions find the chapters that answer them by cosine similarity, not by shared words."""

from __future__ import annotations

from typing import Annotated, Any

import numpy as np
from matplotlib.figure import Figure

from autograd import Tensor
from demos import skip_gram
from demos.data import Words, topics, words
from demos.report import Options, Report

QUESTIONS = {  # and the chapters that answer it
    "leave a loop early": {"break"},
    "catch an error": {"try", "exceptions"},
    "look up a value by its key": {"typesmapping", "dict", "subscriptions"},
    "turn letters into upper case": {"string-methods"},
    "stop at a line and look at variables": {"debugger"},
    "repeat something until a condition is false": {"while"},
    "throw an error when something is wrong": {"raise"},
    "remove a variable": {"del"},
    "use the code of another file": {"import"},
    "check that something holds while debugging": {"assert"},
    "what is run when an object is created or destroyed": {"customization"},
    "a function without a name": {"lambda"},
    "choose between several cases": {"if", "compound"},
    "wait for something to finish": {"await", "async"},
    "numbers with a decimal point": {"floating"},
    "go through all items of a list": {"for"},
    "which names can be used where": {"naming", "execmodel"},
}

# A search for words finds what uses the same words. A search for meaning turns question and documents into vectors,
# and takes the documents whose vectors have the highest cosine similarity to the question's:
#
#     score(q, d) = q . d        all vectors of length 1
#
# With the documents as rows of a matrix D, all scores are one product D q. This is what stands behind "retrieval
# augmented generation": what is found is put before the question when a language model is asked. Vector databases do
# this for billions of rows; the vectors come from large models, here from `skip_gram`.


class Encoder:
    """From text to vectors: the mean of its words' vectors, rare words weighing more (Arora et al. 2017).

    A word that has the share p of all text weighs a / (a + p). What all documents have in common is taken off.
    """

    def __init__(self, corpus: Words, vectors: Tensor, documents: list[str]) -> None:
        share = corpus.counts / corpus.counts.sum()
        self.corpus = corpus
        self.weighted = vectors.numpy() * (1e-3 / (1e-3 + share))[:, None]  # (V, C)
        self.common = np.mean([self._mean(words(document)) for document in documents], axis=0)

    def _mean(self, said: list[str]) -> np.ndarray:
        total = self.weighted[self.corpus.encode(said)].sum(axis=0)
        return total / max(float(np.linalg.norm(total)), 1e-9)

    def __call__(self, said: list[str]) -> np.ndarray:
        """The vector of these words, of length 1."""
        rest = self._mean(said) - self.common
        return rest / np.linalg.norm(rest)


# How well does it find? Each chapter is cut in two. The first half is what is searched; of the second, only those words
# are kept that the first does not have. No search for words could find it, since not one is shared.


def halves(chapters: dict[str, str]) -> dict[str, tuple[list[str], list[str]]]:
    """The first half's words, and the words of the second that are new there, of chapters of 100 words or more."""
    split = {}
    for name, said in ((name, words(chapter)) for name, chapter in chapters.items()):
        first, second = said[: len(said) // 2], said[len(said) // 2 :]
        if len(said) >= 100 and set(second) - set(first):
            split[name] = first, [word for word in second if word not in set(first)]
    return split


def places(encode: Encoder, split: dict[str, tuple[list[str], list[str]]]) -> np.ndarray:
    """For each second half, at which place the search finds its first half; 1 is the best."""
    D = np.stack([encode(first) for first, _ in split.values()])
    Q = np.stack([encode(second) for _, second in split.values()])
    scores = Q @ D.T
    return (scores >= np.diag(scores)[:, None]).sum(axis=1)


def run(
    options: Options,
    *,
    question: Annotated[str | None, "a question of your own, beside those that are asked anyway"] = None,
) -> Report:
    """Measure on halves of chapters, then ask questions."""
    chapters = topics()
    corpus, vectors, _ = skip_gram.trained(options)
    encode = Encoder(corpus, vectors, list(chapters.values()))
    split = halves(chapters)
    found = places(encode, split)
    report = Report()
    for k in (1, 5, 10):
        share = float((found <= k).mean())
        report.found(
            f"retrieval_{k}",
            share,
            f"not one word shared: {share:.0%} are among the first {k} of {len(split)}; by chance {k / len(split):.0%}",
        )
    D, names = np.stack([encode(words(chapter)) for chapter in chapters.values()]), list(chapters)
    answers: dict[str, list[tuple[str, float]]] = {}
    at = []
    for asked in [*QUESTIONS, *([question] if question else [])]:
        scores = D @ encode(words(asked))
        answers[asked] = [(names[i], float(scores[i])) for i in np.argsort(-scores)]
        best = ", ".join(f"{name} {score:.2f}" for name, score in answers[asked][:3])
        if asked in QUESTIONS:
            at.append(next(k for k, (name, _) in enumerate(answers[asked], start=1) if name in QUESTIONS[asked]))
            best += f" (an answer at place {at[-1]})"
        report.findings.append(f"{asked}? {best}")
    middle = float(np.median(at))
    report.found(
        "retrieval_place", middle, f"of {len(at)} questions, half have an answer within {middle:.0f} places of {len(D)}"
    )
    report.pictures.append(options.save(picture(found, answers), "retrieval.png"))
    return report


def picture(found: np.ndarray, answers: dict[str, list[tuple[str, float]]]) -> Figure:
    """What four questions find, what answers them in red; how many halves are found among the first k."""
    figure = Figure(figsize=(9.6, 4.6), layout="constrained")
    left, right = figure.subfigures(1, 2, width_ratios=(3, 2))
    grid: Any = left.subplots(4, 1)
    for axes, (asked, best) in zip(grid, answers.items(), strict=False):
        names, scores = zip(*best[:3], strict=True)
        colours = ["#C44E52" if name in QUESTIONS[asked] else "#4C72B0" for name in names]
        axes.barh(range(3), scores, color=colours, height=0.7)
        axes.set_yticks(range(3), names, fontsize=8)
        axes.set(xlim=(0, 1), xticks=[])
        axes.invert_yaxis()
        axes.set_title(f"{asked}?", fontsize=9, loc="left")
        axes.spines[["top", "right", "bottom"]].set_visible(False)
    axes = right.subplots()
    k = np.arange(1, len(found) + 1)
    axes.plot(k, [(found <= n).mean() for n in k], color="#4C72B0", label="by meaning")
    axes.plot(k, k / len(k), color="#999999", linestyle=":", label="by chance")
    axes.set(title="Halves found without a shared word", xlabel="among the first", ylabel="share", xlim=(1, len(k)))
    axes.legend(frameon=False)
    return figure
