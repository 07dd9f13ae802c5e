"""Entropy: how many bits a coin's toss is worth, and that no compressor needs fewer."""

from __future__ import annotations

import lzma

import numpy as np
from matplotlib.figure import Figure
from tqdm import tqdm

import optim
from autograd import Tensor
from demos.report import Options, Report

# The surprise of an event of probability p is -log2 p bits: none if it was certain, 1 if it was even, 10 if it was one
# in 1024. Entropy is the surprise to be expected:
#
#     H(p) = - sum_i p_i log2 p_i
#
# and of a coin that shows heads with probability p, H(p) = -p log2 p - (1 - p) log2 (1 - p).


def entropy(p: Tensor) -> Tensor:
    """Of a coin, in bits, for each probability of heads; a toss that cannot be has no part in it: 0 log 0 = 0."""
    sides = Tensor(np.stack([p.numpy(), 1 - p.numpy()])) if not p.requires_grad else None
    q = 1 - p
    del sides
    return -(p * p.log2() + q * q.log2())
