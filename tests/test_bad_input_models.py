"""What a caller of modules, losses, optimizers and transforms may get wrong: `test_bad_input`, continued."""

import numpy as np
import pytest

import autograd
import nn
import optim
from autograd import AnomalyError, DtypeError, GraphError, ShapeError, Tensor, Value, strict_broadcast
from nn import functional as F
from tests.refusals import check_refused

LOGITS = Tensor([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])
CLASSES = Tensor([0, 2])


def used(n):
    """The result of a module on integers, which are no input of it."""
    return nn.Sequential(nn.Linear(2, 3), nn.Softmax(1))(n)


def strictly(function, *args):
    return strict_broadcast(function)(*args)


def anomalously(function, *args):
    with autograd.detect_anomaly():
        return function(*args)


def twice(x):
    loss = (x * x).sum()
    loss.backward(retain_graph=False)
    x.grad = None
    loss.backward()


REFUSED = {  # what: (the call; v a Value, x (2, 3), w (4, 3), n integers (2,), exception, words of the message)
    # Losses
    "mse column and row": (
        lambda v, x, w, n: F.mse_loss(x[:, :1], np.ones(2)),
        ShapeError,
        ["mse_loss", "(2, 1)", "(2,)", "reshape"],
    ),
    "l1 column and row": (lambda v, x, w, n: F.l1_loss(x[:, :1], Tensor([1.0, 2.0])), ShapeError, ["l1_loss", "(2,)"]),
    "hinge column and row": (
        lambda v, x, w, n: F.hinge_loss(x[:, :1], Tensor([1.0, -1.0])),
        ShapeError,
        ["hinge_loss"],
    ),
    "MSELoss column and row": (
        lambda v, x, w, n: nn.MSELoss()(x[:, :1], np.ones(2)),
        ShapeError,
        ["in MSELoss", "(2,)"],
    ),
    "mse of NaN": (lambda v, x, w, n: F.mse_loss(x[0], [1.0, np.nan, 1.0]), ValueError, ["(1,)", "NaN", "mask"]),
    "mse of a word": (lambda v, x, w, n: F.mse_loss("a", x), (TypeError, ValueError), ["mse_loss", "'a'", "Tensor"]),
    "mse of None": (lambda v, x, w, n: F.mse_loss(None, x), DtypeError, ["mse_loss", "None", "Tensor"]),
    "mse reduction": (lambda v, x, w, n: F.mse_loss(x, x, "median"), ValueError, ["mse_loss", "'median'", "'mean'"]),
    "MSELoss reduction": (lambda v, x, w, n: nn.MSELoss("median"), ValueError, ["MSELoss", "'median'", "'mean'"]),
    "hinge of 0 and 1": (lambda v, x, w, n: F.hinge_loss(x[0], [0.0, 1.0, 1.0]), ValueError, ["-1 or 1", "2 * y - 1"]),
    "classes as floats": (
        lambda v, x, w, n: F.cross_entropy(x, [0.0, 1.0]),
        DtypeError,
        ["float32", ".long()", "(2, 3)"],
    ),
    "too many classes": (lambda v, x, w, n: F.cross_entropy(x, [0, 1, 2]), ShapeError, ["(3,)", "(2, 3)", "must have"]),
    "one-hot integers": (
        lambda v, x, w, n: F.cross_entropy(x, np.eye(3, dtype=int)[:2]),
        ShapeError,
        ["(2, 3)", "(2,)"],
    ),
    "class out of range": (lambda v, x, w, n: F.cross_entropy(x, [0, 3]), IndexError, ["3 is out of range", "0 to 2"]),
    "negative class": (lambda v, x, w, n: F.nll_loss(x, [0, -1]), IndexError, ["nll_loss", "-1", "0 to 2"]),
    "class weights": (
        lambda v, x, w, n: F.nll_loss(x, n - 1, weight=np.ones(2)),
        ShapeError,
        ["weight", "(2,)", "3 cl"],
    ),
    "smoothing": (lambda v, x, w, n: F.cross_entropy(x, n - 1, label_smoothing=2.0), ValueError, ["2.0", "[0, 1]"]),
    "logits of nothing": (lambda v, x, w, n: F.cross_entropy(Tensor(1.0), 0), ShapeError, ["cross_entropy", "()"]),
    "classes of None": (lambda v, x, w, n: F.cross_entropy(x, None), DtypeError, ["Tensor", "None"]),
    # Modules
    "Linear of a word": (lambda v, x, w, n: nn.Linear("a", 3), DtypeError, ["Linear", "'a'"]),
    "Linear of a fraction": (lambda v, x, w, n: nn.Linear(2.5, 3), TypeError, ["2.5", "integers"]),
    "Linear of nothing": (lambda v, x, w, n: nn.Linear(0, 3), ValueError, ["Linear(0, 3)", "at least 1"]),
    "Linear of None": (lambda v, x, w, n: nn.Linear(None, 3), DtypeError, ["Linear", "None"]),
    "Linear of int dtype": (lambda v, x, w, n: nn.Linear(2, 3, dtype="int64"), DtypeError, ["int64", ".float()"]),
    "Linear input": (lambda v, x, w, n: nn.Linear(2, 4)(x), ShapeError, ["linear", "(2, 3)", "(4, 2)", "in Linear"]),
    "Linear on a number": (lambda v, x, w, n: nn.Linear(2, 4)(Tensor(1.0)), ShapeError, ["linear", "()", "(4, 2)"]),
    "Linear on a list": (
        lambda v, x, w, n: nn.Linear(2, 4)([1.0, 2.0]),
        DtypeError,
        ["linear", "[1.0, 2.0]", "in Lin"],
    ),
    "Linear on an array": (lambda v, x, w, n: nn.Linear(3, 4).double()(x), DtypeError, ["float32", "float64", ".to("]),
    "linear on None": (lambda v, x, w, n: F.linear(None, w), DtypeError, ["linear", "None", "must be a Tensor"]),
    "integers into a model": (lambda v, x, w, n: used(n), DtypeError, ["matmul", "int64", "in Sequential.0.Linear"]),
    "softmax in a model": (
        lambda v, x, w, n: nn.Sequential(nn.Linear(3, 2), nn.Softmax(2))(x),
        IndexError,
        ["softmax: dim 2", "in Sequential.1.Softmax", "0.Linear gave (2, 2)"],
    ),
    "Sequential of a function": (lambda v, x, w, n: nn.Sequential(abs), TypeError, ["Sequential", "argument 0", "abs"]),
    "Sequential index": (lambda v, x, w, n: nn.Sequential(nn.ReLU())[1], IndexError, ["Sequential", "1 modules"]),
    "MLP of nothing": (lambda v, x, w, n: nn.MLP(2, []), ValueError, ["MLP", "empty"]),
    "MLP of a number": (lambda v, x, w, n: nn.MLP(2, 3), DtypeError, ["MLP", "2, 3"]),
    "no forward": (lambda v, x, w, n: nn.Module()(x), TypeError, ["Module", "forward()"]),
    "scalar MLP input": (lambda v, x, w, n: nn.scalar.MLP(2, [1])([1.0]), ShapeError, ["MLP", "1 inputs", "2"]),
    "scalar Neuron input": (lambda v, x, w, n: nn.scalar.Neuron(2)([1.0]), ShapeError, ["Neuron", "1 inputs", "2 wei"]),
    "state without a path": (
        lambda v, x, w, n: nn.Linear(2, 1).load_state_dict({"weight": np.ones((1, 2))}),
        KeyError,
        ["load_state_dict", "missing ['bias']", "strict=False"],
    ),
    "state of other shapes": (
        lambda v, x, w, n: nn.Linear(2, 1).load_state_dict({"weight": np.ones((2, 1)), "bias": np.ones(1)}),
        ShapeError,
        ["load_state_dict", "weight: (2, 1) into (1, 2)"],
    ),
    "state of words": (
        lambda v, x, w, n: nn.Linear(2, 1).load_state_dict({"weight": np.ones((1, 2)), "bias": np.array(["a"])}),
        DtypeError,
        ["load_state_dict", "bias: <U1"],
    ),
    "Parameter of a word": (lambda v, x, w, n: nn.Parameter("a"), DtypeError, ["dtype", "convert"]),
    "Parameter of integers": (lambda v, x, w, n: nn.Parameter([1, 2]), DtypeError, ["int64", ".float()"]),
    "fans of a vector": (
        lambda v, x, w, n: nn.init.kaiming_uniform_(Tensor([1.0])),
        ShapeError,
        ["(1,)", "outputs, in"],
    ),
    "init of a number": (lambda v, x, w, n: nn.init.uniform_(3.0), DtypeError, ["uniform_", "3.0", "Tensor"]),
    "init mode": (lambda v, x, w, n: nn.init.kaiming_normal_(w.detach(), mode="in"), ValueError, ["'in'", "fan_in"]),
    "gain": (lambda v, x, w, n: nn.init.calculate_gain("sine"), ValueError, ["calculate_gain", "'sine'", "relu"]),
    # Optimizers
    "optimizer of nothing": (lambda v, x, w, n: optim.SGD([]), ValueError, ["SGD", "no parameters"]),
    "optimizer of None": (lambda v, x, w, n: optim.SGD(None), TypeError, ["SGD", "None", "model.parameters()"]),
    "optimizer of a model": (lambda v, x, w, n: optim.Adam(nn.ReLU()), TypeError, ["Adam", "model.parameters()"]),
    "optimizer of one tensor": (lambda v, x, w, n: optim.Adam(x), TypeError, ["Adam", "list"]),
    "optimizer of a number": (lambda v, x, w, n: optim.SGD([3.0]), TypeError, ["SGD", "parameter 0", "3.0"]),
    "optimizer of a result": (lambda v, x, w, n: optim.SGD([x * 2]), ValueError, ["SGD", "mul", "leaves"]),
    "optimizer of both": (lambda v, x, w, n: optim.SGD([v, x]), ValueError, ["SGD", "all Tensors or all Values"]),
    "parameter twice": (lambda v, x, w, n: optim.SGD([x, x]), ValueError, ["SGD", "twice"]),
    "negative lr": (lambda v, x, w, n: optim.SGD([x], lr=-1), ValueError, ["SGD", "lr is -1", "not be negative"]),
    "NaN lr": (lambda v, x, w, n: optim.SGD([x], lr=float("nan")), ValueError, ["SGD", "lr is nan"]),
    "lr of a word": (lambda v, x, w, n: optim.SGD([x], lr="fast"), TypeError, ["SGD", "lr='fast'", "numbers"]),
    "lr of None": (lambda v, x, w, n: optim.Adam([x], lr=None), TypeError, ["Adam", "lr=None", "numbers"]),
    "momentum": (lambda v, x, w, n: optim.SGD([x], momentum=-0.5), ValueError, ["momentum is -0.5"]),
    "nesterov": (lambda v, x, w, n: optim.SGD([x], nesterov=True), ValueError, ["nesterov", "momentum > 0"]),
    "betas": (lambda v, x, w, n: optim.Adam([x], betas=(0.9, 1.0)), ValueError, ["Adam", "(0.9, 1.0)", "[0, 1)"]),
    "one beta": (lambda v, x, w, n: optim.Adam([x], betas=0.9), TypeError, ["Adam", "betas=0.9"]),
    "eps": (lambda v, x, w, n: optim.Adam([x], eps=-1e-8), ValueError, ["Adam", "eps"]),
    "weight decay": (lambda v, x, w, n: optim.SGD([x], weight_decay=-1), ValueError, ["weight_decay is -1"]),
    "misspelt setting": (
        lambda v, x, w, n: optim.SGD([{"params": [x], "momentun": 1}]),
        ValueError,
        ["'momentun'", "'momentum'"],
    ),
    "group without params": (lambda v, x, w, n: optim.SGD([{"lr": 1}]), ValueError, ["'params'", "{'lr': 1}"]),
    # Derivatives
    "second pass over a freed graph": (lambda v, x, w, n: twice(x), GraphError, ["retain_graph=False", "again"]),
    "jacobian of a number": (lambda v, x, w, n: autograd.jacobian(3.0, x), TypeError, ["jacobian", "function", "3.0"]),
    "jacobian of a float": (lambda v, x, w, n: autograd.jacobian(lambda x: 3.0, x), GraphError, ["jacobian", "3.0"]),
    "hvp without v": (lambda v, x, w, n: autograd.hvp(lambda x: x.sum(), x), ShapeError, ["hvp", "vector v"]),
    "jvp of another shape": (
        lambda v, x, w, n: autograd.jvp(abs, x, Tensor([1.0])),
        ShapeError,
        ["jvp", "(1,)", "(2, 3)"],
    ),
    "argnums": (lambda v, x, w, n: autograd.value_and_grad(abs, 1)(x), TypeError, ["argnums 1", "there are 1"]),
    "backward from a word": (lambda v, x, w, n: x.sum().backward("a"), DtypeError, ["'a'", "give numbers"]),
    "gradient of a word": (lambda v, x, w, n: setattr(x, "grad", "a"), DtypeError, ["grad", "'a'", "zero_grad()"]),
    "add_ to a leaf": (lambda v, x, w, n: x.add_(1.0), GraphError, ["add_", "no_grad()"]),
    "assign to a leaf": (lambda v, x, w, n: x.__setitem__(0, 1.0), GraphError, ["x[index] = value", "no_grad()"]),
    "fill_ with many": (lambda v, x, w, n: n.fill_(CLASSES), ShapeError, ["fill_", "copy_()"]),
    "copy_ of a word": (lambda v, x, w, n: n.copy_("a"), (TypeError, ValueError), ["copy_"]),
    # strict_broadcast
    "strict sub": (
        lambda v, x, w, n: strictly(lambda: x[:, :1] - x[0]),
        ShapeError,
        ["sub", "(2, 1)", "(3,)", "(2, 3)"],
    ),
    "strict comparison": (lambda v, x, w, n: strictly(lambda: x[:, :1] < x[0]), ShapeError, ["less", "(2, 1)", "(3,)"]),
    "strict where": (
        lambda v, x, w, n: strictly(lambda: autograd.where(x[:, :1] > 0, x[0], 0.0)),
        ShapeError,
        ["where", "(2, 1)", "(3,)", "expand()"],
    ),
    "strict alpha": (lambda v, x, w, n: strictly(lambda: autograd.add(x[:, :1], x[0], alpha=2)), ShapeError, ["add"]),
    "strict batches": (
        lambda v, x, w, n: strictly(lambda: autograd.ones(2, 1, 3, 3) @ autograd.ones(4, 3, 3)),
        ShapeError,
        ["matmul", "batches (2, 1) and (4,)", "(2, 4)"],
    ),
    # detect_anomaly
    "log of 0": (
        lambda v, x, w, n: anomalously((x - x).log),
        AnomalyError,
        ["log", "-inf", "(0, 0)", "(2, 3)", "clamp"],
    ),
    "Value 1 / 0": (lambda v, x, w, n: anomalously(lambda: v / 0), AnomalyError, ["div", "inf", "x = 2.0", "y = 0"]),
    "slope of a root": (
        lambda v, x, w, n: anomalously((x - x).sqrt().sum().backward),
        AnomalyError,
        ["sqrt", "backward", "inf at index (0, 0) of shape (2, 3)", "0.5 / out"],
    ),
}


@pytest.mark.parametrize("what", REFUSED)
def test_refused(what):
    check_refused(*REFUSED[what])


def test_the_tables_are_long_enough():
    from tests.test_bad_input import REFUSED as OPERATIONS

    assert len(REFUSED) + len(OPERATIONS) >= 190


def test_value_is_told_how_to_convert():
    with pytest.raises(DtypeError, match=r"Value: needs one real number, not 'x', a str; convert it first"):
        Value("x")
