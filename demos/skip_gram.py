"""Word vectors learned from nothing but text: skip-gram on Python's language reference."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Annotated, Any

import numpy as np
from matplotlib.figure import Figure
from tqdm import tqdm

import nn
import optim
from autograd import Tensor, linalg, load, manual_seed, save
from demos.data import Words, near, text
from demos.report import Options, Report

LEAST = 8  # a word that stands there less often has no vector
WINDOW, NEGATIVES, BATCH, WIDTH = 3, 5, 1024, 64

# "You shall know a word by the company it keeps" (Firth 1957). Each word has a vector u that says what it is, and a
# vector v that says what it is like to stand beside it. Whether c really stands near w is guessed from a dot product,
#
#     p(near | w, c) = σ(u_w . v_c)        σ(x) = 1 / (1 + e^-x)
#
# and both tables are trained to tell pairs (w, c) that stand near each other from pairs (w, n) drawn at random:
#
#     L = - log σ(u_w . v_c) - sum over 5 random n of log σ(-u_w . v_n)
#
# (Mikolov et al. 2013, arXiv:1310.4546: skip-gram with negative sampling, known as word2vec.) Words that keep the same
# company get similar vectors. The first layer of every language model is such a table.


def pairs(corpus: Words, chance: np.random.Generator) -> np.ndarray:
    """Every word with each of its neighbours, shuffled (P, 2).

    Of "the" and its like most are left out first, which also lets the others come nearer to each other: each word is
    kept with probability sqrt(1e-3 / its share of the text), if that is below 1.
    """
    share = corpus.counts / corpus.counts.sum()
    kept = chance.random(len(corpus.text)) < np.sqrt(1e-3 / share)[corpus.text]
    return chance.permutation(near(corpus.text[kept], WINDOW))


class SkipGram(nn.Module):
    """The two tables."""

    def __init__(self, V: int) -> None:
        super().__init__()
        self.word, self.company = nn.Embedding(V, WIDTH), nn.Embedding(V, WIDTH)
        nn.init.normal_(self.word.weight, std=0.1)
        nn.init.normal_(self.company.weight, std=0.1)

    def loss(self, w: np.ndarray, near: np.ndarray, far: np.ndarray) -> Any:
        """Of words (B,), their neighbours (B,), and as many random words (B, 5) for each."""
        u = self.word(Tensor(w)).unsqueeze(1)  # (B, 1, C)
        v = self.company(Tensor(np.concatenate([near[:, None], far], axis=1)))  # (B, 6, C)
        scores = (u * v).sum(dim=2)  # (B, 6)
        sign = np.array([1.0] + [-1.0] * NEGATIVES, dtype=np.float32)
        return -nn.functional.logsigmoid(scores * sign).sum(dim=1).mean()


def learn(corpus: Words, epochs: int, seed: int) -> tuple[Tensor, list[float]]:
    """The words' vectors (V, C), each of length 1, and the loss of each batch."""
    manual_seed(seed)
    chance = np.random.default_rng(seed)
    model = SkipGram(len(corpus))
    optimizer = optim.Adam(model.parameters(), lr=5e-3)
    noise = corpus.counts**0.75 / (corpus.counts**0.75).sum()  # the rare ones a little oftener than they stand there
    losses: list[float] = []
    for _ in (progress := tqdm(range(epochs), desc="skip_gram", unit="epoch")):
        both = pairs(corpus, chance)
        for batch in np.array_split(both, math.ceil(len(both) / BATCH)):
            far = chance.choice(len(noise), (len(batch), NEGATIVES), p=noise)
            loss = model.loss(batch[:, 0], batch[:, 1], far)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            losses.append(loss.item())
        progress.set_postfix(loss=f"{np.mean(losses[-50:]):.3f}", refresh=False)
    return nn.functional.normalize(model.word.weight.detach()), losses


def trained(options: Options, data: Path | None = None) -> tuple[Words, Tensor, list[float]]:
    """The words, their vectors and the losses: of the reference from a file under ``out``, if there is one."""
    corpus = Words(text(data), LEAST)
    kept = options.out / f"skip_gram_{options.seed}{'_quick' if options.quick else ''}.safetensors"
    if data is None and kept.exists():
        of, vectors, losses = load(kept)
        if of == corpus.all:  # another Python has another reference
            return corpus, vectors, losses
    vectors, losses = learn(corpus, 3 if options.quick else 6, options.seed)
    if data is None:
        options.out.mkdir(parents=True, exist_ok=True)
        save((corpus.all, vectors, losses), kept)
    return corpus, vectors, losses


def nearest(corpus: Words, vectors: Tensor, word: str, n: int = 10) -> list[str]:
    """The words whose vectors have the highest cosine similarity to a word's."""
    similar = vectors @ vectors[corpus.number[word]]
    return [corpus.all[int(i)] for i in similar.argsort(descending=True)[1 : n + 1]]


def run(
    options: Options,
    *,
    data: Annotated[Path | None, "a text file to learn from instead"] = None,
    word: Annotated[str, "whose nearest neighbours to show, beside others'"] = "list",
) -> Report:
    """Learn, and show the words that have become neighbours."""
    corpus, vectors, losses = trained(options, data)
    report = Report()
    report.findings.append(f"{len(corpus):,} words, each {LEAST} times or more in a text of {len(corpus.text):,}")
    chance = (NEGATIVES + 1) * math.log(2)
    last = float(np.mean(losses[-20:]))
    report.found("skip_gram_loss", last, f"the loss went from 6 log 2 = {chance:.2f} (all guesses ½) to {last:.2f}")
    for shown in dict.fromkeys((word, "list", "int", "true", "raise", "class", "function")):
        if shown in corpus.number:
            report.findings.append(f"{shown:9} ~ {', '.join(nearest(corpus, vectors, shown))}")
    if {"list", "tuple"} <= corpus.number.keys():
        rank = nearest(corpus, vectors, "list", len(corpus)).index("tuple") + 1
        report.found("skip_gram_rank", rank, f'of {len(corpus) - 1} words, "tuple" is number {rank} beside "list"')
    report.pictures.append(options.save(picture(corpus, vectors), "skip_gram.png"))
    return report


def picture(corpus: Words, vectors: Tensor) -> Figure:
    """The 70 commonest words of five letters or more in the plane of their first two principal components."""
    common = [i for i, word in enumerate(corpus.all) if len(word) >= 5][:70]
    E = vectors[common]
    E = E - E.mean(dim=0)
    x, y = (E @ linalg.svd(E).Vh[:2].T).T.numpy()
    figure = Figure(figsize=(8.0, 6.4), layout="constrained")
    axes = figure.subplots()
    axes.scatter(x, y, s=4, color="#C44E52")
    for i, at in zip(common, zip(x, y, strict=True), strict=True):
        axes.annotate(corpus.all[i], at, (2, 2), textcoords="offset points", fontsize=8, color="#333333")
    axes.set_axis_off()
    axes.set_title("Words that keep similar company stand together")
    return figure
