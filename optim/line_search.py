"""How far to go in a direction: the strong Wolfe conditions (Nocedal and Wright, Numerical Optimization, chapter 3).

A step is long enough where the slope has become much flatter, and not too long where the loss has fallen by a fair part
of what the first slope promised. Algorithm 3.5 goes on until such a step, or an interval that has one, is found;
algorithm 3.6 narrows the interval.
"""

from __future__ import annotations

from collections.abc import Callable
from math import sqrt
from typing import NamedTuple

from optim.optimizer import Array

ENOUGH, FLAT = 1e-4, 0.9  # the shares of the first slope that the loss must fall by, and that may be left
SMALLEST = 1e-9  # a change of the parameters that is none


class Point(NamedTuple):
    """A place in the direction: the length of the step to it, the loss and its gradient there, the slope onward."""

    t: float
    loss: float
    gradient: Array
    slope: float


def strong_wolfe(at: Callable[[float], Point], start: Point, t: float, largest: float, most: int) -> tuple[Point, int]:
    """The point to go to, and at how many the loss was computed: at ``t`` and at ``most`` others.

    ``largest`` is that of the direction's components.
    """

    def too_high(point: Point) -> bool:
        return not point.loss <= start.loss + ENOUGH * point.t * start.slope

    def flat(point: Point) -> bool:
        return abs(point.slope) <= -FLAT * start.slope

    before, here, tries = start, at(t), 0
    while tries < most:
        if too_high(here) or (tries > 1 and here.loss >= before.loss):
            break
        if flat(here):
            return here, 1 + tries
        if here.slope >= 0:
            break
        longer = _lowest(before, here, here.t + 0.01 * (here.t - before.t), 10 * here.t)
        before, here, tries = here, at(longer), tries + 1
    else:
        before = start
    low, high = _by_loss(before, here)
    near_an_end = False
    while tries < most and abs(high.t - low.t) * largest >= SMALLEST:
        left, right = sorted((low.t, high.t))
        t, margin = _lowest(low, high, left, right), 0.1 * (right - left)
        inside = min(right - t, t - left) >= margin
        if not inside and (near_an_end or not left < t < right):  # the interval would hardly shrink
            t = right - margin if right - t < t - left else left + margin
            inside = True
        near_an_end = not inside
        here, tries = at(t), tries + 1
        if too_high(here) or here.loss >= low.loss:
            low, high = _by_loss(low, here)
        elif flat(here):
            return here, 1 + tries
        else:
            low, high = here, low if here.slope * (high.t - low.t) >= 0 else high
    return low, 1 + tries


def _by_loss(x: Point, y: Point) -> tuple[Point, Point]:
    return (y, x) if y.loss < x.loss else (x, y)  # of which y may be NaN


def _lowest(x: Point, y: Point, least: float, most: float) -> float:
    """Where, between ``least`` and ``most``, the cubic through two points with their slopes is lowest."""
    x, y = (x, y) if x.t <= y.t else (y, x)
    chord = x.slope + y.slope - 3 * (x.loss - y.loss) / (x.t - y.t)
    square = chord**2 - x.slope * y.slope
    if not square >= 0:
        return (least + most) / 2
    bend = y.slope - x.slope + 2 * sqrt(square)
    found = y.t - (y.t - x.t) * ((y.slope + sqrt(square) - chord) / bend) if bend else most
    return min(max(found, least), most)
