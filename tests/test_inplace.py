"""Changes in place: allowed outside the graph, refused inside it, and noticed where a graph still needs the old."""

import numpy as np
import pytest

import autograd
from autograd import GraphError, Tensor, no_grad
from tests.comparing import assert_close

CHANGES = {
    "add_": lambda x: x.add_(1.0),
    "+=": lambda x: x.__iadd__(1.0),
    "sub_": lambda x: x.sub_(1.0, alpha=2),
    "mul_": lambda x: x.mul_(2.0),
    "*=": lambda x: x.__imul__(2.0),
    "div_": lambda x: x.div_(2.0),
    "pow_": lambda x: x.pow_(2),
    "neg_": lambda x: x.neg_(),
    "abs_": lambda x: x.abs_(),
    "exp_": lambda x: x.exp_(),
    "log_": lambda x: x.log_(),
    "sqrt_": lambda x: x.sqrt_(),
    "relu_": lambda x: x.relu_(),
    "sigmoid_": lambda x: x.sigmoid_(),
    "tanh_": lambda x: x.tanh_(),
    "clamp_": lambda x: x.clamp_(0.6, 1.0),
    "masked_fill_": lambda x: x.masked_fill_(x > 1, 7.0),
    "lerp_": lambda x: x.lerp_(x * 3, 0.1),
    "addcmul_": lambda x: x.addcmul_(x, x, value=0.1),
    "addcdiv_": lambda x: x.addcdiv_(x, x + 1, value=-0.1),
    "frac_": lambda x: x.frac_(),
    "copysign_": lambda x: x.copysign_(-1.0),
    "ldexp_": lambda x: x.ldexp_(x * 0 + 2),
    "ge_": lambda x: x.ge_(1),
    "lt_": lambda x: x.less_(x.mT + 0),
    "ne_": lambda x: x.ne_(1.0),
    "eq_": lambda x: x.eq_(1.0),
    "logical_and_": lambda x: x.logical_and_(x > 1),
    "logical_not_": lambda x: x.logical_not_(),
    "addmm_": lambda x: x.addmm_(x + 0, x + 1, beta=0.5),
    "addmv_": lambda x: x[0].addmv_(x + 0, x[1] + 0) is not None and x,
    "addr_": lambda x: x.addr_(x[0] + 0, x[1] + 0, alpha=2),
    "addbmm_": lambda x: x.addbmm_(x[None] + 0, x[None] + 1),
    "baddbmm_": lambda x: x[None].baddbmm_(x[None] + 0, x[None] + 1) is not None and x,
    "index_copy_": lambda x: x.index_copy_(1, (x[0] * 0).long()[:1], x[:, 1:] + 1),
    "index_put_": lambda x: x.index_put_(((x[0] > 0).long(),), x + 1, accumulate=True),
    "put_": lambda x: x.put_((x * 0).long(), x + 1, accumulate=True),
    "index_reduce_": lambda x: x.index_reduce_(0, (x[0] > 1).long(), x + 1, "amax"),
    "masked_scatter_": lambda x: x.masked_scatter_(x < 2, x + 5),
    "scatter_reduce_": lambda x: x.scatter_reduce_(0, (x > 1).long(), x + 0, "sum"),
    "zero_": lambda x: x.zero_(),
    "fill_": lambda x: x.fill_(3.0),
    "copy_": lambda x: x.copy_(x * 2),
}
START = np.array([[0.5, 1.5], [2.5, 1.0]])


@pytest.mark.filterwarnings("ignore:index_reduce:UserWarning")
@pytest.mark.parametrize("name", CHANGES)
def test_change_is_torchs_and_returns_the_tensor(name, torch):
    x, there = Tensor(START), torch.tensor(START)
    array = x.numpy()
    assert CHANGES[name](x) is x
    CHANGES[name](there)
    assert_close(x.numpy(), there.numpy())
    assert x.numpy() is array


@pytest.mark.parametrize("name", CHANGES)
def test_change_of_a_leaf_or_a_result_is_refused_inside_the_graph(name):
    leaf = Tensor(START, requires_grad=True)
    for x in (leaf, leaf * 2):
        if x is not leaf and name in ("+=", "*="):
            continue  # those compute a new result, see below
        before = x.numpy().copy()
        with pytest.raises(GraphError, match=r"in place; compute a new one.*no_grad\(\)"):
            CHANGES[name](x)
        np.testing.assert_array_equal(x.numpy(), before)
        with no_grad():
            CHANGES[name](x)
        assert not np.array_equal(x.numpy(), before) or name in ("abs_", "relu_")


def test_augmented_assignment_of_a_result_names_a_new_one(torch):
    """``loss += term`` is how losses are summed up; the gradient is PyTorch's."""
    found = []
    for w in (Tensor(START, requires_grad=True), torch.tensor(START, requires_grad=True)):
        loss = 0
        for k in range(1, 4):
            loss += (w * k).sum()
            loss *= 2
            loss -= (w**2).mean()
            loss /= 3
        total = w.detach() * 0
        total += w
        (loss + total.sum()).backward()
        found.append((loss.item(), w.grad.tolist()))
    assert found[0][0] == pytest.approx(found[1][0], rel=1e-14)
    assert_close(found[0][1], found[1][1])


def test_other_names_of_the_old_result_keep_it():
    x = Tensor([1.0], requires_grad=True)
    y = x * 2
    same = y
    y += 1
    assert (y.item(), same.item()) == (3.0, 2.0)


def test_assignment_converts_to_the_tensors_dtype_as_torchs_does(torch):
    for dtype, value in (("int32", 1.7), ("int64", True), ("float32", 2), ("bool", 2)):
        here, there = Tensor(np.zeros(2, dtype)), torch.zeros(2, dtype=getattr(torch, dtype))
        here[0] = value
        there[0] = value
        assert here.tolist() == there.tolist()
        assert here.fill_(value).tolist() == there.fill_(value).tolist()
    with pytest.raises(ValueError, match=r"fill_.*not one number"):
        Tensor(START).fill_([1.0, 2.0])


def test_assignment_out_of_range_names_itself_and_changes_nothing():
    x = Tensor(START)
    with pytest.raises(IndexError, match=r"x\[index\] = value: shape \(\) into \(2, 2\) at 5"):
        x[5] = 1.0
    with pytest.raises(ValueError, match=r"shape \(3,\) into \(2, 2\) at 0"):
        x[0] = np.ones(3)
    assert x.tolist() == START.tolist()


def test_assignment_is_refused_inside_the_graph():
    x, constant = Tensor(START, requires_grad=True), Tensor(START)
    for part in (x, x * 1):
        with pytest.raises(GraphError, match="in place"):
            part[0] = 1.0
        with pytest.raises(GraphError, match="in place"):
            part[0] = x[1]
    with no_grad():
        x[0] = constant[1]
    assert x.tolist() == [[2.5, 1.0], [2.5, 1.0]]
    assert constant.tolist() == START.tolist()


USES_BEFORE_A_CHANGE = {
    "mul": lambda x, y: x * y,
    "pow": lambda x, y: x**y,
    "matmul": lambda x, y: x @ y,
    "exp": lambda x, y: (x * y).exp(),
    "div": lambda x, y: x / y,
}


@pytest.mark.parametrize("name", ["mul", "pow", "matmul", "div"])
def test_an_operand_changed_after_its_use_is_noticed(name):
    x, y = Tensor(START, requires_grad=True), Tensor(START, requires_grad=True)
    out = USES_BEFORE_A_CHANGE[name](x, y).sum()
    with no_grad():
        y.add_(1.0)
    with pytest.raises(GraphError, match=rf"derivative of {name} .*shape \(2, 2\).*changed in place"):
        out.backward()
    assert x.grad is None
    assert y.grad is None


def test_a_result_changed_after_its_use_is_noticed():
    x = Tensor(START, requires_grad=True)
    out = x.exp()
    with no_grad():
        out.zero_()
    with pytest.raises(GraphError, match="derivative of exp"):
        out.sum().backward()


@pytest.mark.parametrize(
    "change",
    [lambda x: x[0].zero_(), lambda x: x.detach().zero_(), lambda x: x.T.add_(1), lambda x: x.reshape(-1)[1:].mul_(2)],
)
def test_a_change_through_a_view_is_noticed(change):
    x = Tensor(START, requires_grad=True)
    out = (x * x).sum()
    with no_grad():
        change(x)
    with pytest.raises(GraphError, match="changed in place"):
        out.backward()


def test_a_change_of_the_base_is_noticed_by_the_view():
    x, w = Tensor(START), Tensor([1.0, 2.0], dtype="float64", requires_grad=True)
    out = (x[0] * w).sum()
    x.zero_()
    with pytest.raises(GraphError, match="changed in place"):
        out.backward()


def test_a_change_that_no_derivative_needs_does_no_harm():
    x, y = Tensor(START, requires_grad=True), Tensor(START, requires_grad=True)
    out = (x + y).sum()
    with no_grad():
        x.zero_()
    out.backward()
    assert y.grad.tolist() == [[1.0, 1.0], [1.0, 1.0]]


def test_a_change_before_the_use_does_no_harm():
    x = Tensor(START, requires_grad=True)
    with no_grad():
        x.mul_(2.0)
    (x * x).sum().backward()
    assert x.grad.tolist() == (START * 4).tolist()


def test_a_failed_change_leaves_the_tensor_as_it_was():
    x = Tensor(START)
    for fail in (lambda: x.add_(np.ones(3)), lambda: x.add_(np.ones((5, 2, 2))), lambda: x.__setitem__(5, 0.0)):
        with pytest.raises((ValueError, IndexError)):
            fail()
    assert x.tolist() == START.tolist()


def test_operands_that_overlap():
    x = Tensor([1.0, 2.0, 3.0, 4.0])
    x[1:] = x[:-1]
    assert x.tolist() == [1.0, 1.0, 2.0, 3.0]
    x.add_(x.flip(0))
    assert x.tolist() == [4.0, 3.0, 3.0, 4.0]


def test_integers_are_not_silently_cut(torch):
    for x in (Tensor([1, 2]), torch.tensor([1, 2])):
        with pytest.raises(RuntimeError):
            x.add_(0.5)
        assert x.tolist() == [1, 2]
        with pytest.raises(RuntimeError):
            x.div_(2)


def test_truth_values_are_not_silently_cut(torch):
    for module in (autograd, torch):
        x = module.tensor([True, False])
        for change in (lambda x: x.add_(1), lambda x: x.mul_(1.5), lambda x: x.add_(x.to(x.int().dtype))):
            with pytest.raises(RuntimeError):
                change(x)
        assert x.mul_(True).tolist() == [True, False]


class Reflecting:
    """What knows how to meet a tensor that stands at its left."""

    def __radd__(self, other):
        return "added"

    def __rmatmul__(self, other):
        return "multiplied"


@pytest.mark.parametrize("module", [autograd, None], ids=["ours", "torch"])
def test_an_operand_of_another_kind_is_asked(module, torch):
    x = (module or torch).tensor([1.0])
    assert x @ Reflecting() == "multiplied"
    assert x + Reflecting() == "added"
    for operator in ("__iadd__", "__isub__", "__imul__", "__itruediv__", "__ipow__", "__matmul__"):
        assert getattr(x, operator)(Reflecting()) is NotImplemented
    x += Reflecting()
    assert x == "added"


def test_a_value_with_leading_dimensions_of_1_is_assigned(torch):
    for module in (autograd, torch):
        x = module.zeros(2, 3)
        for index, number in ((..., 1.0), (slice(None), 2.0), (None, 3.0)):
            x[index] = module.full((1, 1, 2, 3), number)
            assert x.tolist() == [[number] * 3] * 2
        with pytest.raises(RuntimeError):
            x[...] = module.ones(2, 2, 3)


WHOLE = {
    "<<=": lambda x: x.__ilshift__(2),
    ">>=": lambda x: x.__irshift__(1),
    "&=": lambda x: x.__iand__(6),
    "|=": lambda x: x.__ior__(9),
    "^=": lambda x: x.__ixor__(5),
    "bitwise_left_shift_": lambda x: x.bitwise_left_shift_(x),
    "bitwise_right_shift_": lambda x: x.bitwise_right_shift_(1),
    "bitwise_and_": lambda x: x.bitwise_and_(3),
    "bitwise_or_": lambda x: x.bitwise_or_(8),
    "bitwise_xor_": lambda x: x.bitwise_xor_(x - 1),
    "bitwise_not_": lambda x: x.bitwise_not_(),
    "gcd_": lambda x: x.gcd_(x * 0 + 6),
    "lcm_": lambda x: x.lcm_(x * 0 + 6),
}


@pytest.mark.parametrize("name", WHOLE)
def test_changes_of_whole_numbers(name, torch):
    x, there = Tensor([12, 3, 7, 0]), torch.tensor([12, 3, 7, 0])
    array = x.numpy()
    assert WHOLE[name](x) is x
    WHOLE[name](there)
    assert (x.tolist(), x.numpy() is array) == (there.tolist(), True)


RESHAPED = {
    "unsqueeze_": lambda x: x.unsqueeze_(1),
    "squeeze_": lambda x: x.squeeze_(),
    "squeeze_ one": lambda x: x.squeeze_(0),
    "t_": lambda x: x.squeeze_().t_(),
    "transpose_": lambda x: x.transpose_(0, 2),
    "swapaxes_": lambda x: x.swapaxes_(0, 1),
    "swapdims_": lambda x: x.swapdims_(-1, 1),
}


@pytest.mark.parametrize("name", RESHAPED)
def test_a_tensor_given_another_shape(name, torch):
    x, there = Tensor(START[None]), torch.tensor(START[None])
    array = x.numpy()
    assert RESHAPED[name](x) is x
    RESHAPED[name](there)
    assert (x.tolist(), x.shape) == (there.tolist(), there.shape)
    assert np.shares_memory(x.numpy(), array)
    leaf = Tensor(START[None], requires_grad=True)
    for y in (leaf, leaf * 2):
        with no_grad(), pytest.raises(GraphError, match="a graph may need its shape"):
            RESHAPED[name](y)
        assert y.shape == (1, 2, 2)


def test_another_shape_of_an_operand_is_noticed():
    w, x = Tensor(START, requires_grad=True), Tensor(START)
    loss = (w * x).sum()
    x.t_()
    with pytest.raises(GraphError, match="changed in place"):
        loss.backward()
