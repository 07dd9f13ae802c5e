"""Checkpoints across to PyTorch and back: ``python -m autograd.convert model.pt model.safetensors``, or the reverse."""

from __future__ import annotations

import argparse
from typing import Any

from autograd.serialization import load, save
from autograd.tensor import Tensor
from autograd.trees import mapped


def convert(source: str, target: str) -> None:
    """Make ``target`` of ``source``; one of them is a .safetensors file, the other a .pt or .pth file of PyTorch's.

    PyTorch's file is read with ``weights_only=True``: it can hold numbers and collections of them, and no programs.
    """
    ours, theirs = (path.endswith(".safetensors") for path in (source, target))
    if ours == theirs:
        raise ValueError(
            f"convert: one of {source!r} and {target!r} must end in .safetensors, the other in .pt or .pth"
        )
    try:
        import torch
    except ImportError:
        raise ImportError("convert: torch is not installed; run: pip install 'chainrule[torch]'") from None
    if ours:
        torch.save(mapped(lambda t: torch.from_numpy(t.numpy()), load(source), Tensor), target)
    else:
        kept = torch.load(source, map_location="cpu", weights_only=True)
        save(mapped(lambda t: Tensor.of(_numpy(torch, t)), kept, torch.Tensor), target)


def _numpy(torch: Any, tensor: Any) -> Any:
    dense = tensor.detach().contiguous()
    return (dense.float() if dense.dtype == torch.bfloat16 else dense).numpy()


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m autograd.convert", description=__doc__)
    parser.add_argument("source", help="the file to read, .safetensors or .pt")
    parser.add_argument("target", help="the file to write, of the other kind")
    arguments = parser.parse_args()
    convert(arguments.source, arguments.target)


if __name__ == "__main__":
    main()
