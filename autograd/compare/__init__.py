"""The same computation here and in PyTorch, from the same numbers: `compare`.

=================  ==========================================================================================
``runs.py``        a function, a module or a training run, called in both
``swap.py``        names and numbers of one library as those of the other
``table.py``       value and gradients side by side, with errors
``divergence.py``  the first node at which the two part
``counterparts.py``  what PyTorch calls the rows of the table
``__main__.py``    ``python -m autograd.compare SCRIPT.py:NAME``
=================  ==========================================================================================
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from autograd.compare.table import Comparison

__all__ = ["compare"]


def compare(function: Any, *inputs: Any, rtol: float | None = None, steps: int | None = None) -> Comparison:
    """Run the same thing here and in PyTorch, from the same numbers; the report is true if they agree.

    ``function`` is one of these:

    - a function of Values or Tensors (or of PyTorch's tensors). It is called once with ours and once with theirs, and
      what its file imported from ``autograd``, ``nn`` and ``optim`` is PyTorch's there (and what it imported from
      ``torch`` is ours here). Compared are what it returns and the gradients of its inputs: those that require one, or
      all that could;
    - a module, followed by PyTorch's with the same ``state_dict``, then the inputs. A copy of theirs takes over our
      numbers; compared are the outputs, the gradients of inputs and parameters, and the state afterwards;
    - a generator function, which is a training run: each ``yield`` ends a step and hands out what is to be compared, a
      tensor or a dictionary of them; of those with a ``grad`` it is compared too. A module that is yielded takes over
      our numbers in PyTorch when it is seen first. ``steps`` limits how many are run.

    Numbers differ if they are more than ``rtol`` of the largest of their array apart: 1e-9 in float64, 1e-5 in float32.
    The first node at which the two part is named, with its line.
    """
    from autograd.compare.runs import compared  # here, so that `import autograd` need not load it

    return compared(function, inputs, rtol, steps)
