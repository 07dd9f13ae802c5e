"""Words as vectors: cosine similarity, king - man + woman, and how far that holds in a real text."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.figure import Figure

import nn
from autograd import Tensor
from demos.data import Words, near, text
from demos.report import Options, Report

# A vector can stand for anything that has been measured: here, words. How alike two of them are is said by the cosine
# of the angle between them, which does not care how long they are:
#
#     cos(a, b) = a . b / (|a| |b|)        1: the same direction; 0: nothing in common; -1: opposite
#
# Search engines, recommendations, and the memory of chatbots compare millions of vectors in this way.

BY_HAND = {  # royal, male, female, edible
    "king": [0.9, 0.9, 0.1, 0.0],
    "queen": [0.9, 0.1, 0.9, 0.0],
    "man": [0.1, 0.9, 0.1, 0.0],
    "woman": [0.1, 0.1, 0.9, 0.0],
    "child": [0.1, 0.5, 0.5, 0.0],
    "apple": [0.0, 0.0, 0.0, 0.9],
}


def analogy() -> dict[str, float]:
    """How similar king - man + woman is to each word.

    With vectors made by hand it can but be queen's: the difference between man and woman was put in twice, the same.
    """
    vectors = {word: Tensor(numbers) for word, numbers in BY_HAND.items()}
    result = vectors["king"] - vectors["man"] + vectors["woman"]
    return {word: nn.functional.cosine_similarity(result, v, dim=0).item() for word, v in vectors.items()}


# Real vectors come from text. The simplest of them has a number for each word that may stand beside: how much oftener
# it does than by chance, as a logarithm, and 0 if not oftener. (Positive pointwise mutual information; Bullinaria &
# Levy 2007.)
#
#     PPMI(w, c) = max(0, log p(w, c) / (p(w) p(c)))


def from_text(corpus: Words) -> Tensor:
    """The PPMI of each word with each other within 2 words, as rows of length 1 (V, V)."""
    together = np.zeros((len(corpus), len(corpus)))
    np.add.at(together, tuple(near(corpus.text, window=2).T), 1)
    p = together.sum(axis=1) / together.sum()
    with np.errstate(divide="ignore"):
        information = np.log(together / together.sum() / np.outer(p, p))
    return nn.functional.normalize(Tensor(np.maximum(information, 0)))


def nearest(vectors: Tensor, to: Tensor, but: set[int], n: int) -> list[int]:
    """The n words of the highest cosine similarity, those left out that were asked with."""
    order = (vectors @ to).argsort(descending=True)[: n + len(but)].numpy()
    return [int(i) for i in order if int(i) not in but][:n]


def plurals(corpus: Words, vectors: Tensor, n: int) -> tuple[float, float]:
    """Is values - value + object near objects? For each two of the n commonest nouns: how often among the nearest ten.

    Beside it, the same without the difference: is object itself as near?
    """
    nouns = [(i, corpus.number[word + "s"]) for word, i in corpus.number.items() if word + "s" in corpus.number]
    nouns = [(i, k) for i, k in nouns if len(corpus.all[i]) > 3][:n]
    found = np.zeros(2)
    for one, ones in nouns:
        for other, others in nouns:
            if one != other:
                asked = {one, ones, other}
                moved = vectors[ones] - vectors[one] + vectors[other]
                found += [others in nearest(vectors, to, asked, 10) for to in (moved, vectors[other])]
    with_difference, without = found / (n * (n - 1))
    return with_difference, without


def run(options: Options) -> Report:
    """The analogy by hand, then neighbours and analogies in the language reference."""
    report = Report()
    similar = analogy()
    queen = similar["queen"]
    report.found(
        "word_vectors_queen",
        queen,
        f'cos(king - man + woman, queen) = {queen:.4f}, exactly 1 but for rounding ("Math for AI" prints about 0.95)',
    )
    shown = ", ".join(f"{word} {similar[word]:.2f}" for word in sorted(similar, key=similar.__getitem__, reverse=True))
    report.findings.append(f"to each word: {shown}")

    corpus = Words(text(), least=8)
    vectors = from_text(corpus)
    for word in ("list", "true", "raise"):
        i = corpus.number[word]
        around = [corpus.all[k] for k in nearest(vectors, vectors[i], {i}, 8)]
        report.findings.append(f"in the language reference {word:5} ~ {', '.join(around)}")
    n = 12 if options.quick else 40
    moved, unmoved = plurals(corpus, vectors, n)
    report.found("word_vectors_plural", moved, f"values - value + object: the plural is among ten in {moved:.0%}")
    report.found(
        "word_vectors_unmoved",
        unmoved,
        f"but beside object alone it is in {unmoved:.0%}, of {len(corpus):,} words: the words are near, "
        "and the difference adds nothing",
    )
    report.pictures.append(options.save(picture(corpus, vectors), "word_vectors.png"))
    return report


GROUPS = ("list", "tuple", "set", "dict", "int", "float", "complex", "raise", "except", "finally", "true", "false")


def picture(corpus: Words, vectors: Tensor) -> Figure:
    """The analogy by hand as a parallelogram; how similar a dozen words of the reference are."""
    figure = Figure(figsize=(9.6, 4.4), layout="constrained")
    left, right = figure.subplots(1, 2)
    at = {word: np.array([v[2] - v[1], v[0]]) for word, v in BY_HAND.items() if word not in ("apple", "child")}
    for start, end in (("man", "king"), ("woman", "queen"), ("man", "woman"), ("king", "queen")):
        arrow: dict[str, Any] = {"arrowstyle": "-|>", "color": "#C44E52" if end == "queen" else "#4C72B0"}
        left.annotate("", at[end], at[start], arrowprops=arrow)
    for word, (x, y) in at.items():
        left.text(x, y + (0.05 if y > 0.5 else -0.09), word, ha="center", fontsize=12)
    left.set(
        title="By hand: king − man + woman", xlabel="female − male", ylabel="royal", xlim=(-1.2, 1.2), ylim=(-0.1, 1.1)
    )
    rows = vectors[[corpus.number[word] for word in GROUPS]]
    similar = (rows @ rows.T).numpy()
    np.fill_diagonal(similar, np.nan)
    image = right.imshow(similar, cmap="Blues", vmin=0)
    right.set_xticks(range(len(GROUPS)), GROUPS, rotation=90)
    right.set_yticks(range(len(GROUPS)), GROUPS)
    right.set_title("Language reference: cosine similarity")
    figure.colorbar(image, ax=right, shrink=0.8)
    return figure
