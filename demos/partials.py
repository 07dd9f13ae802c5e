"""Partial derivatives and the gradient: which way is up, on a surface and in the pixels of a digit."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from matplotlib.figure import Figure

import nn
from autograd import Tensor, Value, grad, manual_seed, no_grad, tensor
from demos.digits import accuracy, split, train
from demos.report import Options, Report

AT = (3.0, 2.0)

# A partial derivative is the derivative by one variable while all others stand still:
#
#     df/dx = lim (f(x + h, y) - f(x, y)) / h    as h goes to 0
#
# The vector of all partial derivatives is the gradient. For the surface below, by hand, df/dx = df/dy = 2x + 2y:
# at (3, 2) the gradient is (10, 10).


def f(x: Any, y: Any) -> Any:
    """A surface over the plane."""
    return x**2 + 2 * x * y + y**2


def gradient() -> tuple[float, float]:
    """One backward pass gives all partial derivatives at once, be they two or two billion."""
    x, y = Value(AT[0], label="x"), Value(AT[1], label="y")
    f(x, y).backward()
    return x.grad, y.grad


def by_definition(h: float = 1e-4) -> tuple[float, float]:
    """The quotient with a small h: one more evaluation for each variable, and never exact."""
    x, y = AT
    return (f(x + h, y) - f(x, y)) / h, (f(x, y + h) - f(x, y)) / h


# Along any other direction, a vector u of length 1, the surface rises by a dot product for each unit of way:
#
#     gradient . u = |gradient| cos(the angle between them)
#
# It is largest where the angle is 0. So the gradient points where the surface rises fastest, and its opposite where
# it falls fastest: training takes small steps in that opposite direction.


def slopes_around(h: float = 1e-6) -> tuple[np.ndarray, np.ndarray]:
    """The directions in degrees, and how fast the surface rises in each, measured by a small step."""
    degrees = np.arange(360)
    u, v = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))
    return degrees, (f(AT[0] + h * u, AT[1] + h * v) - f(*AT)) / h


# The variables need not be a network's weights. By the 64 pixels of a digit, the gradient of the loss says which way
# to nudge each pixel so that the network reads the digit worse: only a little in each, but in all of them at once.
# (Goodfellow et al. 2014, arXiv:1412.6572, "fast gradient sign"; with it, real systems are tested for robustness.)


def nudges(model: nn.Module, images: Tensor, labels: Tensor) -> np.ndarray:
    """The sign of the partial derivative of the loss by each pixel, (N, 64)."""
    pixels = tensor(images.numpy(), requires_grad=True)
    (slopes,) = grad(nn.functional.cross_entropy(model(pixels), labels), pixels)
    return np.sign(slopes.numpy())


def run(options: Options) -> Report:
    """The gradient two ways, the steepest direction, and digits nudged along their gradient."""
    report = Report()
    exact, approximate = gradient(), by_definition()
    for name, one, other in zip("xy", exact, approximate, strict=True):
        report.found(f"partials_{name}", one, f"df/d{name} at (3, 2) is {one}; by the definition {other:.4f}")
    degrees, slopes = slopes_around()
    steepest = float(degrees[slopes.argmax()])
    length, angle = math.hypot(*exact), math.degrees(math.atan2(exact[1], exact[0]))
    report.found(
        "partials_steepest",
        steepest,
        f"of 360 directions, the steepest is {steepest:.0f}°, with slope {slopes.max():.4f}; "
        f"the gradient points to {angle:.0f}° and is {length:.4f} long",
    )

    manual_seed(options.seed)
    images, labels, held_out, truth = split(options.seed)
    model = nn.MLP(64, [64, 10])
    train(model, images, labels, 4 if options.quick else 40, options.seed)
    size = 0.15  # of the range of a pixel
    along = nudges(model, held_out, truth)
    at_random = np.random.default_rng(options.seed).choice([-1.0, 1.0], along.shape).astype(np.float32)

    def read_rightly(nudge: Any) -> float:
        return accuracy(model, (held_out + size * nudge).clamp(0, 1), truth)

    before, random, fooled = read_rightly(0), read_rightly(at_random), read_rightly(along)
    report.found("partials_before", before, f"{before:.1%} of the held-out digits are read rightly")
    report.found("partials_random", random, f"with each pixel nudged by {size} up or down at random: {random:.1%}")
    report.found("partials_fooled", fooled, f"by {size} along the sign of its derivative: {fooled:.1%}")

    report.pictures.append(options.save(picture(exact, slopes, model, held_out, along, size), "partials.png"))
    return report


def picture(
    exact: tuple[float, float], slopes: np.ndarray, model: nn.Module, images: Tensor, along: np.ndarray, size: float
) -> Figure:
    """The surface with its gradient; the slope over the direction; a digit, its nudges, and what is read then."""
    figure = Figure(figsize=(7.2, 6.0), layout="constrained")
    top, bottom = figure.subfigures(2, 1, height_ratios=(3, 2))
    surface, around = top.subplots(1, 2)
    x, y = np.meshgrid(np.linspace(0, 6, 100), np.linspace(-1, 5, 100))
    surface.contour(x, y, f(x, y), levels=15, cmap="Blues_r", linewidths=1)
    surface.annotate("", (AT[0] + 1.5, AT[1] + 1.5), AT, arrowprops={"color": "#C44E52", "width": 2, "headwidth": 9})
    surface.plot(*AT, "o", color="#C44E52")
    surface.annotate(f"({exact[0]:g}, {exact[1]:g})", (AT[0] + 1.6, AT[1] + 1.6), color="#C44E52")
    surface.set(title="$x^2 + 2xy + y^2$ and its gradient at (3, 2)", xlabel="x", ylabel="y", aspect="equal")
    around.plot(slopes, color="#4C72B0")
    around.plot(45, slopes[45], "o", color="#C44E52")
    around.axhline(0, color="#999999", linewidth=0.8)
    around.set(title="Slope in each direction", xlabel="direction (degrees)", xticks=range(0, 361, 90))

    nudged = (images + size * along).clamp(0, 1)
    with no_grad():
        before, after = model(images).argmax(dim=1).numpy(), model(nudged).argmax(dim=1).numpy()
    chosen = int((before != after).argmax())
    shown: dict[str, Any] = {
        f"read as {before[chosen]}": (images.numpy()[chosen], "gray_r", 0),
        f"+ {size} × sign of the derivative": (along[chosen], "RdBu_r", -1),
        f"read as {after[chosen]}": (nudged.numpy()[chosen], "gray_r", 0),
    }
    for axes, (title, (pixels, colours, least)) in zip(bottom.subplots(1, 3), shown.items(), strict=True):
        axes.imshow(pixels.reshape(8, 8), cmap=colours, vmin=least, vmax=1)
        axes.set_title(title, fontsize=10)
        axes.set_axis_off()
    return figure
