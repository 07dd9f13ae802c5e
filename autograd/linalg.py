"""``autograd.linalg``: linear algebra. The last two dimensions are matrices, those before them a batch.

Names and signatures are those of ``torch.linalg``.
"""

from __future__ import annotations

from autograd.errors import LinAlgError as LinAlgError
from autograd.functions import factors as _factors
from autograd.functions import linalg as _linalg
from autograd.functions import matrix_norms as _norms
from autograd.functions.factors import *  # noqa: F403
from autograd.functions.linalg import *  # noqa: F403
from autograd.functions.matrix_norms import *  # noqa: F403

__all__ = [*_linalg.__all__, *_factors.__all__, *_norms.__all__, "LinAlgError"]
