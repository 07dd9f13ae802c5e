"""Indexing: results are NumPy's, gradients PyTorch's where it takes the index and NumPy's adjoint everywhere."""

from time import process_time

import numpy as np
import pytest

import autograd
from autograd import Tensor
from tests.comparing import assert_close, check_first, check_second, loss_of, weights

CUBE = np.arange(24.0).reshape(2, 3, 4) / 7
MASK = CUBE > 1.5

INDICES = {
    "an integer": 1,
    "a negative integer": -1,
    "integers": (1, 2, 3),
    "a NumPy integer": np.int64(1),
    "a slice": slice(0, 1),
    "slices": (slice(None), slice(1, None), slice(0, 4, 2)),
    "an empty slice": slice(2, 2),
    "a slice past the end": slice(0, 99),
    "Ellipsis": ...,
    "Ellipsis first": (..., 1),
    "Ellipsis between": (0, ..., slice(1, 3)),
    "None": None,
    "None among slices": (slice(None), None, 1, ..., None),
    "a list": [1, 0, 1],
    "a list after a slice": (slice(None), [2, 0, 2]),
    "two lists": ([0, 1, 1], [2, 0, 0]),
    "lists that broadcast": ([[0], [1]], [[0, 2]]),
    "lists apart": ([0, 1], slice(None), [3, 1]),
    "a list and an integer": (1, [0, 2]),
    "an array": np.array([[0, 1], [1, 1]]),
    "a mask": MASK,
    "a mask of the first dimension": np.array([False, True]),
    "a mask of two dimensions": MASK[:, :, 0],
    "a mask after a slice": (slice(None), np.array([True, False, True])),
    "a mask of nothing": np.zeros((2, 3, 4), bool),
    "a mask and a list": (np.array([True, True]), [0, 2]),
    "an empty list": [],
    "the empty tuple": (),
}
BEYOND_TORCH = {  # which has no negative steps
    "a negative step": slice(None, None, -1),
    "negative steps": (slice(None), slice(None, None, -2), slice(3, 0, -1)),
}


def for_torch(torch, index):
    if isinstance(index, tuple):
        return tuple(for_torch(torch, part) for part in index)
    if isinstance(index, list):
        return torch.tensor(index, dtype=torch.int64)
    return torch.from_numpy(index) if isinstance(index, np.ndarray) else index


def of_nodes(index):
    """The index with its arrays and lists as Tensors."""
    if isinstance(index, tuple):
        return tuple(of_nodes(part) for part in index)
    return (
        Tensor(np.array(index, int if isinstance(index, list) else None))
        if isinstance(index, list | np.ndarray)
        else index
    )


@pytest.mark.parametrize("name", INDICES | BEYOND_TORCH)
def test_result_is_numpys(name):
    index = (INDICES | BEYOND_TORCH)[name]
    as_numpy = np.array([], int) if name == "an empty list" else index
    for spelled in (index, of_nodes(index)):
        out = Tensor(CUBE)[spelled]
        np.testing.assert_array_equal(out.numpy(), CUBE[as_numpy])
        assert out.shape == np.shape(CUBE[as_numpy])


@pytest.mark.parametrize("name", INDICES | BEYOND_TORCH)
def test_gradient_is_the_adjoint(name):
    index = (INDICES | BEYOND_TORCH)[name]
    x = Tensor(CUBE, requires_grad=True)
    out = x[index]
    upstream = weights(out.shape)
    out.backward(upstream)
    expected = np.zeros_like(CUBE)
    np.add.at(expected, np.array([], int) if name == "an empty list" else index, upstream)
    assert_close(x.grad.numpy(), expected)


@pytest.mark.parametrize("name", INDICES)
def test_gradient_is_torchs(name, torch):
    x, there = Tensor(CUBE, requires_grad=True), torch.tensor(CUBE, requires_grad=True)
    out, expected = x[INDICES[name]], there[for_torch(torch, INDICES[name])]
    assert out.shape == tuple(expected.shape)
    (out * out).sum().backward()
    (expected * expected).sum().backward()
    assert_close(x.grad.numpy(), there.grad.numpy())


APART = {  # from the arrays, by slices: NumPy has the dimensions of the arrays first
    "before": lambda t: (0, slice(None), [3, 1]),
    "between slices": lambda t: (slice(None), 1, slice(1, 3), [1, 0]),
    "after": lambda t: (slice(None), [1, 0], slice(None), 2),
    "None": lambda t: (0, None, t.tensor([0, 2])),
    "Ellipsis": lambda t: (1, ..., t.tensor([[0], [2]])),
    "a mask": lambda t: (0, slice(None), t.tensor([True, False, True, True])),
    "a mask of two dimensions": lambda t: (-1, slice(1, None), t.tensor([[True, True, False, True]] * 3).T),
    "two arrays": lambda t: (0, slice(None), t.tensor([3, 1]), t.tensor([2, 0])),
    "two arrays and a number between": lambda t: (slice(1), t.tensor([1, 0]), 1, t.tensor([2, 0])),
    "arrays apart": lambda t: (t.tensor([1, 0]), slice(None), 1, t.tensor([2, 0])),
    "several numbers": lambda t: (0, slice(None), 1, [2, 0]),
    "a number that is a tensor": lambda t: (t.tensor(1), slice(None), t.tensor([2, 0])),
    "the first dimension": lambda t: ([1, 0], slice(None), 0),
}


@pytest.mark.parametrize("name", APART)
def test_the_dimensions_of_arrays_are_where_pytorch_has_them(torch, name):
    array, found = np.arange(72.0).reshape(2, 3, 4, 3) / 7, []
    for module in (autograd, torch):
        x = module.tensor(array, requires_grad=True)
        out = x[APART[name](module)]
        (out * out * module.arange(out.numel()).reshape(out.shape)).sum().backward()
        put, filled = module.tensor(array), module.zeros(*array.shape, dtype=module.float64)
        put[APART[name](module)] = out.detach() + 1
        put[APART[name](module)] *= 2
        put[APART[name](module)] = put[APART[name](module)][None, None] + 1  # by leading dimensions of 1, too
        row = module.tensor(array[0, 0, 0, :1], requires_grad=True)
        values = row * module.arange(out.numel()).reshape(out.shape)
        filled[APART[name](module)] = values
        (filled * put).sum().backward()
        found.append([t.detach().numpy() for t in (out, x.grad, put, filled, row.grad)])
    for ours, theirs in zip(*found, strict=True):
        assert_close(ours, theirs)


def test_a_compiled_function_has_the_dimensions_of_arrays_there_too():
    x, places = Tensor(np.arange(24.0).reshape(2, 3, 4), requires_grad=True), autograd.tensor([3, 1])
    pick = autograd.compile(lambda x, places: x[0, :, places] * 2)
    for _ in range(2):
        assert pick(x, places).tolist() == (x[0][:, places] * 2).tolist()


@pytest.mark.parametrize("name", ["a list after a slice", "lists apart", "a mask", "None among slices", "a slice"])
def test_derivatives_of_indexing(name):
    leaf = Tensor(CUBE, requires_grad=True)
    check_first(lambda x: loss_of(x[INDICES[name]]), [leaf])
    check_second(lambda x: loss_of(x[INDICES[name]]), [leaf])


def test_an_index_that_changes_later_does_not_matter():
    index = np.array([0, 1])
    x = Tensor(np.arange(3.0), requires_grad=True)
    picked = x[Tensor.of(index)]
    index[:] = 2
    picked.sum().backward()
    assert x.grad.tolist() == [1.0, 1.0, 0.0]


def test_an_array_that_changes_later_does_not_matter():
    index = np.array([0, 1])
    x = Tensor(np.arange(3.0), requires_grad=True)
    picked = x[index]
    index[:] = 2
    picked.sum().backward()
    assert x.grad.tolist() == [1.0, 1.0, 0.0]


def test_a_condition_that_changes_later_does_not_matter():
    condition = np.array([True, False])
    x = Tensor([1.0, 2.0], requires_grad=True)
    chosen = autograd.where(condition, x, 0.0)
    condition[:] = [False, True]
    chosen.sum().backward()
    assert x.grad.tolist() == [1.0, 0.0]


def test_parts_of_one_array_add_up(torch):
    def loss(x):
        rows, repeated = x[:2] * x[1:], x[[0, 2, 0]]
        return (rows.sum(1) * x[0, :2]).sum() + (repeated**2).sum() + (x[x > 0.5] ** 3).sum() + (x**2).sum() + x[1, 1]

    ours, theirs = Tensor(CUBE[0], requires_grad=True), torch.tensor(CUBE[0], requires_grad=True)
    y, there = ours * 1.0, theirs * 1.0  # the sum is handed on
    y.retain_grad()
    (loss(y) + loss(ours)).backward()
    (loss(there) + loss(theirs)).backward()
    assert_close(ours.grad.numpy(), theirs.grad.numpy())
    (again,) = autograd.grad(loss(ours), ours)
    before = y.grad.numpy().copy()
    loss(y).backward()
    assert_close(y.grad.numpy(), 2 * before)
    assert_close(before, again.numpy())


def test_the_gradient_of_many_parts_takes_time_in_their_number():
    x = Tensor(np.ones((4000, 250)), requires_grad=True)
    loss = sum((row.sum() for row in x), Tensor(0.0, dtype="float64"))
    started = process_time()
    loss.backward()
    assert process_time() - started < 2  # 4000 arrays of 8 MB take more than 10
    assert_close(x.grad.numpy(), np.ones((4000, 250)))


def test_iteration_gives_rows():
    x = Tensor([[1.0, 2.0], [3.0, 4.0]], requires_grad=True)
    first, second = x
    (first * 2 + second).sum().backward()
    assert x.grad.tolist() == [[2.0, 2.0], [1.0, 1.0]]
    assert len(x) == 2


def test_a_tensor_of_one_integer_is_an_index():
    x = Tensor([1.0, 2.0, 3.0])
    assert x[Tensor(2)].item() == 3.0
    assert [10, 20, 30][Tensor(1)] == 20
    assert x[Tensor(1) :].tolist() == [2.0, 3.0]


@pytest.mark.parametrize(
    "index",
    [
        lambda t: t.tensor(1),
        lambda t: t.tensor(-1, dtype=t.int16),
        lambda t: (t.tensor(1), slice(1, None)),
        lambda t: (..., t.tensor(2)),
        lambda t: (t.tensor(0), None, t.tensor([0, 2])),
        lambda t: (t.tensor([0, 2]), slice(None), t.tensor(1)),
        lambda t: t.tensor([0, 2]).max(),
    ],
)
def test_a_tensor_of_one_integer_gives_a_view_where_the_integer_does(torch, index):
    cube, found = np.arange(27.0).reshape(3, 3, 3), []
    for module in (autograd, torch):
        x = module.tensor(cube)
        x[index(module)].add_(100)
        leaf = module.tensor(cube, requires_grad=True)
        out = leaf[index(module)]
        (out * out).sum().backward()
        found.append((x.tolist(), tuple(out.shape), leaf.grad.tolist()))
    assert found[0] == found[1]


@pytest.mark.parametrize("name", INDICES | BEYOND_TORCH)
def test_assignment_outside_a_graph_is_numpys(name):
    index = (INDICES | BEYOND_TORCH)[name]
    x, expected = Tensor(CUBE), CUBE.copy()
    x[index] = 5.0
    expected[np.array([], int) if name == "an empty list" else index] = 5.0
    np.testing.assert_array_equal(x.numpy(), expected)


@pytest.mark.filterwarnings("ignore:Using a non-tuple", "ignore:x\\[")
@pytest.mark.parametrize(
    "index",
    [
        lambda t: [t(1), t(2)],
        lambda t: [t([0, 1]), t([1, 2])],
        lambda t: [t([[0], [1]]), t([1, 2])],
        lambda t: [[0, 1], [1, 2]],
        lambda t: [slice(0, 2), 1],
        lambda t: [None, 0],
        lambda t: [..., 2],
        lambda t: [t([True, False, True])],
        lambda t: [2, 0],
    ],
)
def test_a_list_that_has_more_than_numbers_is_a_tuple_as_in_pytorch(torch, index):
    array = np.arange(9.0).reshape(3, 3)
    ours, theirs = Tensor(array, requires_grad=True), torch.tensor(array, requires_grad=True)
    out, expected = ours[index(autograd.tensor)], theirs[index(torch.tensor)]
    assert out.tolist() == expected.tolist()
    (out * out).sum().backward()
    (expected * expected).sum().backward()
    assert ours.grad.tolist() == theirs.grad.tolist()
    first, second = Tensor(array), torch.tensor(array)
    first[index(autograd.tensor)] = -1.0
    second[index(torch.tensor)] = -1.0
    assert first.tolist() == second.tolist()


def test_such_a_list_is_told_of():
    with pytest.warns(UserWarning, match="taken as a tuple"):
        Tensor(np.zeros((2, 2)))[[[0], [1]]]


@pytest.mark.parametrize(
    "index",
    [
        lambda t: t.tensor([1, 0, 2], dtype=t.uint8),
        lambda t: (slice(None), t.tensor([0, 1, 1], dtype=t.uint8)),
        lambda t: t.tensor([[0, 1, 1], [0, 0, 0], [1, 0, 0]], dtype=t.uint8),
        lambda t: t.tensor(1, dtype=t.uint8),
        lambda t: np.array([1, 0, 1], np.uint8),
    ],
    ids=["rows", "columns", "elements", "all", "array"],
)
@pytest.mark.filterwarnings("ignore:.*uint8")
def test_bytes_are_a_mask_as_in_pytorch(torch, index):
    found = []
    for module in (autograd, torch):
        x = module.tensor(np.arange(9.0).reshape(3, 3), requires_grad=True)
        out = x[index(module)]
        (out * out).sum().backward()
        found.append((out.tolist(), x.grad.tolist()))
    assert found[0] == found[1]


def test_bytes_are_a_mask_where_elements_are_assigned_and_chosen():
    x = Tensor(np.zeros(4))
    mask = autograd.tensor([1, 0, 1, 0], dtype="uint8")
    with pytest.warns(UserWarning, match="mask of uint8"):
        x[mask] = Tensor([5.0, 6.0])
    assert x.tolist() == [5.0, 0.0, 6.0, 0.0]
    assert autograd.where(mask, x, -1.0).tolist() == [5.0, -1.0, 6.0, -1.0]


def test_a_compiled_function_asks_its_mask_of_bytes_again():
    @autograd.compile
    def marked(x, mask):
        return autograd.where(mask, x, 0.0).sum()

    x = Tensor([1.0, 2.0, 4.0], requires_grad=True)
    for bits in ([1, 0, 0], [0, 1, 1], [1, 1, 0]):
        assert marked(x, autograd.tensor(bits, dtype="uint8")).item() == np.dot(bits, [1, 2, 4])
