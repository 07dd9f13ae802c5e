"""A training of `demos.nanogpt` goes on in PyTorch, under its own distributed training, from a converted checkpoint.

    python -m autograd.convert out/nanogpt.safetensors nanogpt.pt
    torchrun --standalone --nproc-per-node 2 docs/continue_in_torch.py nanogpt.pt --steps 100

The model is `demos.gpt`, run in PyTorch: only its import lines change. Rank 0 prints the losses, the same as here.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import torch
from torch import distributed
from torch.nn.parallel import DistributedDataParallel

import demos.gpt
from demos.report import Options
from demos.training import BATCH, Training, pieces

IMPORTS = {
    "from autograd import": "from torch import",
    "import nn\n": "from torch import nn\n",
    "from nn import functional as F": "from torch.nn import functional as F",
}


def model_in_torch() -> Any:
    """The module `demos.gpt`, with PyTorch's names behind its import lines."""
    source = Path(demos.gpt.__file__).read_text(encoding="utf-8")
    for ours, theirs in IMPORTS.items():
        source = source.replace(ours, theirs)
    module = ModuleType("gpt_in_torch")
    sys.modules[module.__name__] = module
    exec(compile(source, demos.gpt.__file__, "exec"), vars(module))
    return module


def losses(kept: dict[str, Any], steps: int, quick: bool) -> list[float]:
    """Of so many steps after the checkpoint, each the mean over the batch of all processes."""
    rank, size = distributed.get_rank(), distributed.get_world_size()
    if BATCH % size:
        raise SystemExit(f"DistributedDataParallel weights all processes alike: {size} of them cannot share {BATCH}")
    here, parts = Training(Options(Path(), quick=quick)), kept["parts"]  # for the data and the schedule
    here.generator.set_state(parts["generator"])
    model = model_in_torch().GPT(here.model.sizes)
    model.load_state_dict(parts["model"])
    matrices = [p for p in model.parameters() if p.ndim >= 2]
    vectors = [p for p in model.parameters() if p.ndim < 2]
    optimizer = torch.optim.AdamW([{"params": matrices}, {"params": vectors}])
    optimizer.load_state_dict(parts["optimizer"])  # settings and moments
    scheduler = torch.optim.lr_scheduler.LambdaLR(optimizer, here.share)
    scheduler.load_state_dict(parts["scheduler"])
    for group, lr in zip(optimizer.param_groups, scheduler.get_last_lr(), strict=True):
        group["lr"] = lr  # making the scheduler has set that of step 0
    together = DistributedDataParallel(model)
    found = []
    for _ in range(steps):
        batch = pieces(here.learned, BATCH, here.model.sizes.context + 1, here.generator).numpy()
        tokens = torch.from_numpy(np.split(batch, size)[rank])
        optimizer.zero_grad()
        logits = together(tokens[:, :-1])
        loss = torch.nn.functional.cross_entropy(logits.flatten(0, 1), tokens[:, 1:].flatten())
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        scheduler.step()
        mean = loss.detach() / size
        distributed.all_reduce(mean)
        found.append(mean.item())
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("checkpoint", help="a .pt file, made by python -m autograd.convert")
    parser.add_argument("--steps", type=int, default=10)
    parser.add_argument("--quick", action="store_true", help="the checkpoint is one of nanogpt --quick")
    arguments = parser.parse_args()
    distributed.init_process_group("gloo")
    found = losses(torch.load(arguments.checkpoint, weights_only=True), arguments.steps, arguments.quick)
    if distributed.get_rank() == 0:
        print(json.dumps(found))
    distributed.destroy_process_group()


if __name__ == "__main__":
    main()
