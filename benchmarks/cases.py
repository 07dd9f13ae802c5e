"""What is measured: networks with their data and initial weights, who takes part, and what we claim."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np

Arrays = dict[str, np.ndarray[Any, Any]]


class Contender(NamedTuple):
    """A library as it takes part in a case: ``peer`` is the file in ``peers/``, ``variant`` its function there."""

    label: str
    peer: str
    variant: str
    threads: int = 1

    @property
    def name(self) -> str:
        return f"{self.label}, {self.threads} threads" if self.threads > 1 else self.label

    @property
    def ours(self) -> bool:
        return self.peer == "ours"


class Goal(NamedTuple):
    """``ours`` takes at most ``bound`` of the time of ``theirs``."""

    ours: str
    theirs: str
    bound: float


class Case(NamedTuple):
    """``steps``: after how many the losses are compared, which may differ by ``tolerance`` of themselves."""

    title: str
    arrays: Callable[[], Arrays]
    contenders: tuple[Contender, ...]
    goals: tuple[Goal, ...]
    options: dict[str, Any]  # what the peers ask for: "algorithm" and "rate"
    steps: int = 20
    tolerance: float = 1e-4


# Data and initial weights ---------------------------------------------------------------------------------------


def mlp_arrays(batch: int, sizes: tuple[int, ...]) -> Callable[[], Arrays]:
    """Random inputs and classes (one output: the signs of two classes), and PyTorch's initial distribution."""

    def arrays() -> Arrays:
        source = np.random.default_rng(0)
        made = {"data.X": source.standard_normal((batch, sizes[0]))}
        classes = source.integers(0, max(sizes[-1], 2), batch)
        made["data.y"] = classes if sizes[-1] > 1 else 2.0 * classes - 1.0
        for k, (n, m) in enumerate(pairwise(sizes)):
            made[f"{2 * k}.weight"] = source.uniform(-(n**-0.5), n**-0.5, (m, n))
            made[f"{2 * k}.bias"] = source.uniform(-(n**-0.5), n**-0.5, m)
        return single(made)

    return arrays


def single(arrays: Arrays) -> Arrays:
    """In float32, which is what networks are trained in; classes stay integers."""
    return {name: a.astype(np.float32) if a.dtype.kind == "f" else a for name, a in arrays.items()}


def moons_arrays() -> Arrays:
    """micrograd's demo: two half circles, noise 0.1; weights uniform in [-1, 1)."""
    source = np.random.default_rng(0)
    angle = source.uniform(0, np.pi, 50)
    upper = np.stack([np.cos(angle), np.sin(angle)], 1)
    made = {"data.X": np.concatenate([upper, [1.0, 0.5] - upper]) + source.normal(0, 0.1, (100, 2))}
    made["data.y"] = np.repeat([-1.0, 1.0], 50)
    for k, (n, m) in enumerate([(2, 16), (16, 16), (16, 1)]):
        made[f"{2 * k}.weight"], made[f"{2 * k}.bias"] = source.uniform(-1, 1, (m, n)), np.zeros(m)
    return made


NAMES = (
    *("emma", "olivia", "ava", "isabella", "sophia", "mia", "amelia"),
    *("harper", "evelyn", "abigail", "emily", "ella", "scarlett", "grace"),
)
LONG_NAMES = ("christianjoseph", "johnchristopher", "muhammadibrahim", "christiandaniel", "ryanchristopher")
"""With the zero before them they fill the context of 16."""


def scalar_gpt_arrays(words: tuple[str, ...]) -> Arrays:
    """microgpt's weights: normal, 0.08 wide; ``words`` as letters from 1, between zeros."""
    source = np.random.default_rng(0)
    shapes = {"wte": (27, 16), "wpe": (16, 16), "lm_head": (27, 16), "mlp_fc1": (64, 16), "mlp_fc2": (16, 64)}
    shapes |= {f"attn_w{name}": (16, 16) for name in "qkvo"}
    made = {name: source.normal(0, 0.08, shape) for name, shape in shapes.items()}
    names = [[0, *(ord(letter) - 96 for letter in word), 0] for word in words]
    made["data.names"] = np.array([name + [0] * (17 - len(name)) for name in names])
    made["data.lengths"] = np.array([len(name) for name in names])
    return made


def char_gpt_arrays() -> Arrays:
    """Random letters; weights normal, 0.02 wide, as GPT-2's."""
    source, wide = np.random.default_rng(0), 128
    made = {"data.X": source.integers(0, 65, (12, 64)), "data.y": source.integers(0, 65, (12, 64))}
    made |= {"wte.weight": source.normal(0, 0.02, (65, wide)), "wpe.weight": source.normal(0, 0.02, (64, wide))}
    for k in range(4):
        for name, n, m in (
            ("qkv", wide, 3 * wide),
            ("out", wide, wide),
            ("up", wide, 4 * wide),
            ("down", 4 * wide, wide),
        ):
            made[f"blocks.{k}.{name}.weight"] = source.normal(0, 0.02, (m, n))
            made[f"blocks.{k}.{name}.bias"] = np.zeros(m)
    for name in (*(f"blocks.{k}.norm{i}" for k in range(4) for i in (1, 2)), "norm"):
        made[f"{name}.weight"], made[f"{name}.bias"] = np.ones(wide), np.zeros(wide)
    return single(made | {"head.weight": source.normal(0, 0.02, (65, wide))})


def convnet_arrays() -> Arrays:
    """64 of scikit-learn's handwritten digits, 8 x 8 pixels from 0 to 1."""
    from sklearn.datasets import load_digits

    images, classes = load_digits(return_X_y=True)
    made = {"data.X": images[:64].reshape(64, 1, 8, 8) / 16, "data.y": classes[:64]}
    source = np.random.default_rng(0)
    for name, shape in (("0", (16, 1, 3, 3)), ("3", (32, 16, 3, 3)), ("7", (10, 128))):
        bound = float(np.prod(shape[1:])) ** -0.5
        made[f"{name}.weight"] = source.uniform(-bound, bound, shape)
        made[f"{name}.bias"] = source.uniform(-bound, bound, shape[0])
    return single(made)


# Who takes part ------------------------------------------------------------------------------------------------------

OURS, COMPILED, TORCH, BY_HAND = "chainrule", "chainrule, compiled", "PyTorch", "NumPy, by hand"
TUPLES = "Value with tuples"
LIBRARIES = {TORCH: "torch_", "HIPS autograd": "hips", "MyGrad": "mygrad_", "tinygrad": "tinygrad_"}


def arrays_contenders(family: str, others: tuple[str, ...] = ()) -> tuple[Contender, ...]:
    return (
        Contender(OURS, "ours", family),
        Contender(OURS, "ours", family, 2),
        Contender(COMPILED, "ours", f"{family}_compiled"),
        Contender(BY_HAND, "by_hand", family),
        Contender(TORCH, "torch_", family),
        Contender(TORCH, "torch_", family, 2),
        *(Contender(label, LIBRARIES[label], family) for label in others),
    )


def arrays_goals(of_torch: float) -> tuple[Goal, ...]:
    """At equal threads."""
    two = ", 2 threads"
    return Goal(OURS, TORCH, of_torch), Goal(OURS + two, TORCH + two, of_torch), Goal(OURS, BY_HAND, 1.3)


def mlp_case(batch: int, sizes: tuple[int, ...], algorithm: str, of_torch: float, data: str = "random data") -> Case:
    shape = f"{batch} x {list(sizes)}"
    return Case(
        f"An MLP, {shape}, {algorithm}, float32, {data}",
        mlp_arrays(batch, sizes),
        arrays_contenders("mlp", ("HIPS autograd", "MyGrad", "tinygrad")),
        arrays_goals(of_torch),
        {"algorithm": algorithm, "rate": RATES[algorithm]},
        steps=20 if algorithm == "SGD" else 5,  # Adam divides by the gradients' size: their rounding errors grow
    )


def scalar_gpt_case(words: tuple[str, ...], what: str) -> Case:
    return Case(
        f"A GPT number by number: 1 layer, 16 wide, 4 heads, 4,192 parameters, {what} a step, Adam",
        partial(scalar_gpt_arrays, words),
        (
            Contender(OURS, "ours", "scalar_gpt"),
            Contender(COMPILED, "ours", "scalar_gpt_compiled"),
            Contender(TUPLES, "tuples", "scalar_gpt"),
            Contender(BY_HAND, "by_hand", "scalar_gpt"),
        ),
        (
            Goal(OURS, TUPLES, 1 / 3),
            Goal(COMPILED, TUPLES, 1 / 100),
            Goal(COMPILED, BY_HAND, 10),
        ),
        {"algorithm": "Adam", "rate": 0.01},
        steps=len(words),
        tolerance=1e-12,
    )


RATES = {"SGD": 0.1, "Adam": 1e-3}

CASES: dict[str, Case] = {
    "moons": Case(
        "Two moons, number by number: 2-16-16-1, 100 points, hinge and L2, SGD, about 65,000 nodes",
        moons_arrays,
        (
            Contender(OURS, "ours", "moons"),
            Contender(COMPILED, "ours", "moons_compiled"),
            Contender("micrograd", "micrograd_", "moons"),
            Contender(TUPLES, "tuples", "moons"),
            Contender(BY_HAND, "by_hand", "moons"),
        ),
        (
            Goal(OURS, "micrograd", 1 / 15),
            Goal(COMPILED, "micrograd", 1 / 500),
            Goal(COMPILED, BY_HAND, 10),
        ),
        {"algorithm": "SGD", "rate": 0.1},
        steps=5,
        tolerance=1e-12,
    ),
    "scalar_gpt": scalar_gpt_case(NAMES, "a name"),
    "scalar_gpt_full": scalar_gpt_case(LONG_NAMES, "a name of 15 letters, which fills the context,"),
    **{
        f"{name}_{algorithm.lower()}": mlp_case(batch, sizes, algorithm, of_torch)
        for name, batch, sizes, of_torch in (
            ("mlp_moons", 100, (2, 16, 16, 1), 0.35),
            ("mlp_small", 32, (64, 32, 10), 0.35),
            ("mlp_mnist", 128, (784, 128, 10), 0.8),
            ("mlp_wide", 256, (784, 512, 256, 10), 1.0),
        )
        for algorithm in ("SGD", "Adam")
    },
    "char_gpt": Case(
        "A character GPT: 4 layers, 4 heads, 128 wide, context 64, batch 12, Adam, float32, random letters",
        char_gpt_arrays,
        arrays_contenders("gpt"),
        arrays_goals(1.0),
        {"algorithm": "Adam", "rate": 1e-3},
        steps=10,
    ),
    "convnet": Case(
        "A ConvNet: 64 handwritten digits, 8 x 8, two convolutions with pooling, a linear layer, Adam, float32",
        convnet_arrays,
        arrays_contenders("convnet", ("MyGrad", "tinygrad")),
        arrays_goals(1.0),
        {"algorithm": "Adam", "rate": 1e-3},
    ),
}
