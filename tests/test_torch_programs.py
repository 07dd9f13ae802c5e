"""Programs written for PyTorch run here when their import lines change, with the same numbers from the same weights."""

import re
import sys
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

FOLDER = Path(__file__).parent / "torch_programs"
NAMES = sorted(path.stem for path in FOLDER.glob("*.py") if path.stem != "__init__")
CHANGED = {
    r"import torch": "import autograd as torch",
    r"import torch\.nn as nn": "import nn",
    r"import torch\.nn\.functional as F": "from nn import functional as F",
    r"import torch\.optim as optim": "import optim",
    r"from torch import nn, optim": "import nn\nimport optim",
    r"from torch\.nn import functional as F": "from nn import functional as F",
    r"from torch\.optim\.lr_scheduler import (.*)": r"from optim.lr_scheduler import \1",
    r"from torch\.utils\.data import (.*)": r"from nn.data import \1",
}


def loaded(name, changed):
    source = (FOLDER / f"{name}.py").read_text()
    for line, ours in CHANGED.items() if changed else ():
        source = re.sub(f"^{line}$", ours, source, flags=re.MULTILINE)
    module = ModuleType(f"{name}_{'here' if changed else 'there'}")
    exec(compile(source, f"{name}.py", "exec"), vars(module))
    assert not changed or "torch" not in re.sub(
        "as torch|torch\\.", "", "".join(re.findall("^.*import.*$", source, re.M))
    )
    return module


@pytest.mark.parametrize("name", NAMES)
def test_the_same_numbers_from_the_same_weights(torch, name):
    torch.manual_seed(0)
    here, there = loaded(name, changed=True), loaded(name, changed=False)
    ours, theirs = here.build().double(), there.build().double()
    ours.load_state_dict({key: value.numpy() for key, value in theirs.state_dict().items()})
    found = here.train(ours, np.random.default_rng(1), 5)
    expected = there.train(theirs, np.random.default_rng(1), 5)
    np.testing.assert_allclose(found, expected, rtol=1e-9)
    for key, value in theirs.state_dict().items():
        np.testing.assert_allclose(ours.state_dict()[key].numpy(), value.numpy(), rtol=1e-7, atol=1e-9, err_msg=key)


@pytest.mark.parametrize("name", NAMES)
def test_the_program_trains_without_torch(name, monkeypatch):
    monkeypatch.setitem(sys.modules, "torch", None)  # so that importing it fails
    program = loaded(name, changed=True)
    losses = program.train(program.build().double(), np.random.default_rng(1), 3)
    assert np.isfinite(losses).all()
