"""The same GPT in PyTorch: the same file with its import lines changed, the same weights, the same losses."""

from __future__ import annotations

import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import torch
from matplotlib.figure import Figure
from tqdm import tqdm

import nn
import optim
from autograd import Generator, Tensor, manual_seed
from demos import gpt
from demos.data import Characters, text
from demos.report import Options, Report
from demos.training import BATCH, pieces

# All that must change in demos/gpt.py to make it a program for PyTorch.
IMPORTS = {
    "import nn\n": "from torch import nn\n",
    "from autograd import": "from torch import",
    "from nn import functional": "from torch.nn import functional",
}


def in_torch() -> Any:
    """demos/gpt.py as a module that computes with PyTorch."""
    source = Path(gpt.__file__).read_text(encoding="utf-8")
    for ours, theirs in IMPORTS.items():
        assert source.count(ours) == 1, ours
        source = source.replace(ours, theirs)
    module = sys.modules["demos.gpt_in_torch"] = ModuleType("demos.gpt_in_torch")
    exec(compile(source, "<demos/gpt.py, for PyTorch>", "exec"), vars(module))
    return module


def train(name: str, model: Any, optimizer: Any, clip: Any, batches: list[Any]) -> list[float]:
    """The loss of each batch, before its step: the same lines for both, since both have the same names."""
    losses = []
    for batch in tqdm(batches, desc=f"{name:8}", unit="step"):
        loss = model.loss(batch)
        optimizer.zero_grad()
        loss.backward()
        clip(model.parameters(), 1.0)
        optimizer.step()
        losses.append(loss.item())
    return losses


def run(options: Options) -> Report:
    """Train both in float64 on the same batches, lay the curves over each other."""
    written = text()
    characters = Characters(written)
    numbers, draws = Tensor(characters.encode(written)), Generator().manual_seed(options.seed)
    sizes = {"context": 32, "layers": 2, "heads": 4, "width": 64}
    batches = [pieces(numbers, BATCH, sizes["context"] + 1, draws) for _ in range(10 if options.quick else 300)]

    manual_seed(options.seed)
    ours = gpt.GPT(gpt.Sizes(len(characters), **sizes)).double()
    there = in_torch()
    theirs = there.GPT(there.Sizes(len(characters), **sizes)).double()
    theirs.load_state_dict({name: torch.from_numpy(t.numpy().copy()) for name, t in ours.state_dict().items()})

    how = {"lr": 2e-3, "betas": (0.9, 0.95), "weight_decay": 0.1}
    here = train("ours", ours, optim.AdamW(ours.parameters(), **how), nn.utils.clip_grad_norm_, batches)
    optimizer, clip = torch.optim.AdamW(theirs.parameters(), **how), torch.nn.utils.clip_grad_norm_
    in_their_hands = train("PyTorch", theirs, optimizer, clip, [torch.from_numpy(b.numpy()) for b in batches])

    difference = float(np.max(np.abs(np.subtract(here, in_their_hands))))
    weights = max(
        float(np.max(np.abs(t.numpy() - theirs.state_dict()[name].numpy()))) for name, t in ours.state_dict().items()
    )
    report = Report()
    report.found("torch_gpt_changed", len(IMPORTS), f"{len(IMPORTS)} import lines of demos/gpt.py were changed")
    report.found("torch_gpt_loss", here[-1], f"the loss went from {here[0]:.3f} to {here[-1]:.3f} nats a character")
    report.found("torch_gpt_difference", difference, f"the two curves differ by at most {difference:.1e}")
    report.found("torch_gpt_weights", weights, f"after {len(here)} steps no weight differs by more than {weights:.1e}")
    report.pictures.append(options.save(curves(here, in_their_hands), "torch_gpt.png"))
    return report


def curves(ours: list[float], theirs: list[float]) -> Figure:
    """Both loss curves on one another, and their difference below."""
    figure = Figure(figsize=(6.4, 5.2))
    top, bottom = figure.subplots(2, 1, sharex=True, gridspec_kw={"height_ratios": [3, 1]})
    top.plot(theirs, color="#C44E52", linewidth=5, alpha=0.45, label="PyTorch")
    top.plot(ours, color="#4C72B0", linewidth=1.2, label="chainrule")
    top.set(ylabel="cross-entropy (nats)", title="One GPT, one file, two engines")
    top.legend(frameon=False)
    bottom.semilogy(np.maximum(np.abs(np.subtract(ours, theirs)), 1e-17), color="#555555")
    bottom.set(xlabel="step", ylabel="difference")
    return figure
