"""What programs ask of, and set in, the libraries that PyTorch computes with on other machines.

None of them is used here. What a program sets is kept, for it to read again, and changes nothing: ``cudnn.benchmark``
chooses among the algorithms of a GPU, and results here are deterministic in any case.
"""

from __future__ import annotations

from types import SimpleNamespace

from autograd.cuda import is_available

__all__ = ["cuda", "cudnn", "mps"]


def _absent(**settings: object) -> SimpleNamespace:
    return SimpleNamespace(is_available=is_available, is_built=is_available, **settings)


cudnn = _absent(enabled=False, benchmark=False, deterministic=True, allow_tf32=False)
cuda = _absent(matmul=SimpleNamespace(allow_tf32=False))
mps = _absent()
