"""`compare`: the same thing here and in PyTorch, and where the two part."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import autograd
import nn
import optim
from autograd import GraphError, ShapeError, Tensor, Value, compare, exp, where
from autograd.compare.__main__ import main
from autograd.rules import RULES
from nn import functional as F
from tests.mutants import Mutant

pytestmark = pytest.mark.usefixtures("torch")

X = np.array([[0.5, -1.0], [1.0, 2.0]])
SCALE = Tensor([2.0, 3.0], dtype="float64")


def tensor(data=X):
    return Tensor(np.array(data, dtype=float), requires_grad=True)


def helper(x):
    return F.gelu(exp(x) - autograd.sin(x)) * SCALE


def uses_the_names_of_its_file(x, dtype=None):
    h = helper(x)
    return where(h > 0.5, h, h * 2.0).sum() + F.mse_loss(x, autograd.zeros(2, 2, dtype=autograd.float64))


# Functions ---------------------------------------------------------------------------------------------------------


def test_a_function_of_methods():
    report = compare(lambda x, w: (x @ w).tanh().softmax(dim=1), tensor(), tensor(X.T))
    assert report
    assert [row.name for row in report.rows] == ["value", "gradient of x", "gradient of w"]
    assert max(row.ulps for row in report.rows[:1]) < 10
    assert "agrees with PyTorch" in str(report)


def test_names_of_the_file_are_torchs_there_and_ours_again_after():
    before = dict(globals())
    assert compare(uses_the_names_of_its_file, tensor())
    assert all(globals()[name] is x for name, x in before.items())
    with pytest.raises(AttributeError, match="hinge_loss"):
        compare(lambda x: F.hinge_loss(x, Tensor(np.ones((2, 2)))), tensor())
    assert all(globals()[name] is x for name, x in before.items())


def test_a_function_written_for_torch(torch):
    def loss(x, y):
        return torch.nn.functional.softmax(torch.exp(x), dim=-1).sum() + torch.maximum(x, y).sum()

    assert compare(loss, torch.tensor(X, requires_grad=True), torch.tensor(X.T - 0.1))


def test_values():
    report = compare(lambda a, b: (a * b).exp() + a**b, Value(0.3), Value(1.2))
    assert report
    assert [row.name for row in report.rows] == ["value", "gradient of a", "gradient of b"]


def test_several_results_and_numbers():
    report = compare(lambda x: {"loss": x.sum(), "shape": x.shape, "item": x.sum().item()}, tensor())
    assert report
    assert [row.name for row in report.rows] == ["loss", "shape 0", "shape 1", "item", "gradient of x"]


def test_errors_are_measured_in_ulps():
    float32 = np.array([1.0, 2.0], np.float32)
    row = autograd_row(np.nextafter(float32, np.float32(3)), float32)
    assert (row.ulps, row.agrees) == (1.0, True)
    row = autograd_row(np.array([1.0, np.nan]), np.array([1.5, np.nan]))
    assert (row.absolute, row.relative, row.worst_index, row.agrees) == (0.5, pytest.approx(1 / 3), (0,), False)
    assert "shape (1,) here, (2,) in PyTorch" in str(autograd_row(np.ones(1), np.ones(2)))
    assert "float32 here, float64 in PyTorch" in str(autograd_row(float32, float32.astype(float)))
    assert not autograd_row(np.array([np.nan]), np.array([1.0])).agrees
    assert not autograd_row(np.array([np.inf]), np.array([-np.inf])).agrees


def autograd_row(ours, theirs):
    from autograd.compare.table import Row

    return Row("value", ours, theirs, 1e-5)


# Where they part ---------------------------------------------------------------------------------------------------


def chain(x):
    y = x * 2
    z = y.tanh()
    return z.exp() + y


def test_the_first_wrong_backward_is_named_with_its_line():
    with Mutant(RULES["tanh"], 0, "wrong", "1 - out").installed():
        report = compare(chain, tensor())
    assert not report
    assert [row.agrees for row in report.rows] == [True, False]
    found = report.divergence
    assert (found.of, found.operation, found.origin.code) == ("gradient", "tanh", "z = y.tanh()")
    assert "in the table: 1 - out" in str(report)


def test_the_first_wrong_value_is_named_with_its_line(torch):
    from unittest import mock

    with mock.patch.object(torch.Tensor, "tanh", torch.Tensor.erf):
        report = compare(chain, tensor())
    found = report.divergence
    assert (found.of, found.operation, found.origin.code) == ("value", "tanh", "z = y.tanh()")
    assert "PyTorch's erf gives" in found.detail


def test_fused_operations_are_no_divergence(torch):
    model, other = nn.Linear(2, 3), torch.nn.Linear(2, 3)  # one kernel there, a product and a sum here
    report = compare(nn.Sequential(model, nn.Tanh()), torch.nn.Sequential(other, torch.nn.GELU()), Tensor(X.tolist()))
    assert report.divergence.operation == "tanh"


def test_nothing_with_a_gradient():
    report = compare(lambda x: x.argmax() if hasattr(x, "argmax") else x.detach(), tensor())
    assert "only values were compared" in str(report)


# Modules -----------------------------------------------------------------------------------------------------------


def modules(torch):
    ours = nn.Sequential(nn.Linear(2, 3), nn.Tanh(), nn.Linear(3, 1))
    theirs = torch.nn.Sequential(torch.nn.Linear(2, 3), torch.nn.Tanh(), torch.nn.Linear(3, 1))
    return ours, theirs


def test_a_pair_of_modules(torch):
    ours, theirs = modules(torch)
    weight = theirs[0].weight.detach().clone()
    report = compare(ours, theirs, Tensor(X.tolist(), requires_grad=True))
    assert report
    assert [row.name for row in report.rows][:3] == ["value", "gradient of input", "gradient of 0.weight"]
    assert len(report.rows) == 6
    assert torch.equal(theirs[0].weight, weight), "a copy took over the numbers"
    assert ours[0].weight.grad is None
    assert compare(ours.double(), theirs, Tensor(X))


def test_modules_that_differ(torch):
    ours, theirs = modules(torch)
    theirs[1] = torch.nn.GELU()
    report = compare(ours, theirs, Tensor(X.tolist()))
    assert (report.divergence.of, report.divergence.operation) == ("value", "tanh")
    with pytest.raises(GraphError, match=r"only here \['2.bias', '2.weight'\], only in PyTorch \[\]"):
        compare(ours, theirs[:2], Tensor(X.tolist()))
    with pytest.raises(ShapeError, match=r"0.weight: \(3, 2\) here, \(3, 4\) in PyTorch"):
        compare(ours[:1], torch.nn.Sequential(torch.nn.Linear(4, 3)), Tensor(X.tolist()))
    with pytest.raises(TypeError, match="our module, then PyTorch's"):
        compare(lambda x: x, theirs, Tensor(X.tolist()))


# Training ----------------------------------------------------------------------------------------------------------

BATCH, TARGETS = Tensor(X.tolist()), Tensor([[1.0], [0.0]])


def training(lr=0.05, steps=20):
    model = nn.Sequential(nn.Linear(2, 4), nn.Tanh(), nn.Linear(4, 1))
    yield model
    optimizer = optim.Adam(model.parameters(), lr=lr)
    for _ in range(steps):
        optimizer.zero_grad()
        loss = F.mse_loss(model(BATCH), TARGETS)
        loss.backward()
        optimizer.step()
        yield {"loss": loss, "model": model}


def test_a_training_run():
    report = compare(training)
    assert report, report
    assert report.steps == 21
    assert {"loss", "0.weight", "gradient of 0.weight"} <= {row.name for row in report.rows}
    assert compare(training, steps=4).steps == 4


def test_a_wrong_optimizer_is_found_at_its_step(monkeypatch):
    def update(self, p, g, state, group):
        state["t"] = state.get("t", 0) + 1
        p -= group["lr"] * g * (1.01 if state["t"] == 3 else 1.0)

    def run(w):
        optimizer = optim.SGD([w], lr=0.1)
        for _ in range(5):
            optimizer.zero_grad()
            (w * w).sum().backward()
            optimizer.step()
            yield {"w": w}

    assert compare(run, tensor())
    monkeypatch.setattr(optim.SGD, "update", update)
    report = compare(run, tensor())
    assert not report
    assert report.steps == 3
    assert "the gradient of w agrees and w does not: the update differs" in str(report)


def test_runs_of_different_length():
    def run(x):
        yield x
        if isinstance(x, Tensor) and type(x).__module__ == "torch":
            yield x * 2

    report = compare(run, tensor())
    assert not report
    assert "after 1 steps it ends here only" in str(report)


# From the shell ----------------------------------------------------------------------------------------------------

SCRIPT = """
import numpy as np, torch, nn
from autograd import Tensor
from nn import functional as F

x = Tensor([[0.5, -1.0]])

def loss(x, w):
    return F.relu(x @ w).sum()

pair = nn.Linear(2, 2), torch.nn.Linear(2, 2), x

def broken(x):
    return x.no_such_method()
"""


@pytest.fixture
def script(tmp_path):
    path = tmp_path / "some_script.py"
    path.write_text(SCRIPT)
    return path


@pytest.mark.parametrize(
    ("arguments", "status", "words"),
    [
        (["loss", "--size", "w=2,3"], 0, "agrees with PyTorch"),
        (["pair"], 0, "agrees with PyTorch"),
        (["loss"], 2, "w has no value: define w in the script, or give --size w=3,4"),
        (["nothing"], 2, "has nothing called 'nothing'"),
        (["broken"], 2, "no_such_method"),
    ],
)
def test_the_command_line(script, arguments, status, words, capsys):
    assert main([f"{script}:{arguments[0]}", *arguments[1:]]) == status
    assert words in "".join(capsys.readouterr())


def test_the_exit_status_is_1_on_a_difference(script, capsys):
    script.write_text(SCRIPT.replace("F.relu(x @ w).sum()", "(x @ w).tanh().sum()"))
    with Mutant(RULES["tanh"], 0, "wrong", "1 - out").installed():
        assert main([f"{script}:loss", "--size", "w=2,3"]) == 1
    printed = capsys.readouterr().out
    assert "First divergence: the backward of tanh" in printed
    assert "some_script.py:9 in loss" in printed


def test_without_torch_the_extra_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "torch", None)
    with pytest.raises(ImportError, match=r"pip install 'chainrule\[torch\]'"):
        compare(lambda x: x, tensor())


def test_the_package_is_a_function_and_runs_as_a_module():
    source = Path(__file__).parent.parent
    program = "import sys, autograd; assert 'torch' not in sys.modules; assert callable(autograd.compare)"
    subprocess.run([sys.executable, "-c", program], check=True, cwd=source)
    done = subprocess.run(
        [sys.executable, "-W", "error", "-m", "autograd.compare", "--help"], capture_output=True, text=True, cwd=source
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert "SCRIPT.py:NAME" in done.stdout
