"""`Tensor`: which gradients appear where, what is recorded, and how it meets NumPy."""

import threading

import numpy as np
import pytest

import autograd
from autograd import GraphError, Tensor, enable_grad, grad, no_grad
from tests.comparing import assert_close


def leaf(*numbers):
    return Tensor(np.array(numbers), requires_grad=True)


def test_leaves_accumulate_and_the_interior_keeps_nothing():
    x = leaf(1.0, 2.0)
    h = x * x
    loss = h.sum()
    loss.backward()
    assert x.grad.tolist() == [2.0, 4.0]
    loss.backward()
    assert x.grad.tolist() == [4.0, 8.0]
    assert (h.grad, loss.grad) == (None, None)


def test_retain_grad_keeps_the_interior(torch):
    results = []
    for x in (leaf(1.0, 2.0), torch.tensor([1.0, 2.0], dtype=torch.float64, requires_grad=True)):
        h = x * x
        h.retain_grad()
        loss = (h * h).sum()
        for _ in range(2):
            loss.backward(retain_graph=True)
        results.append((h.grad.tolist(), x.grad.tolist()))
    assert results[0] == results[1]


def test_grad_is_none_before_backward_and_where_nothing_is_wanted():
    x, constant = leaf(1.0), Tensor([2.0], dtype="float64")
    assert x.grad is None
    (x * constant).backward()
    assert constant.grad is None
    assert x.grad.tolist() == [2.0]


def test_gradients_never_share_memory():
    x, y = leaf(1.0, 2.0), leaf(3.0, 4.0)
    upstream = np.ones(2)
    (x + y).backward(upstream)
    assert x.grad is not y.grad
    x.grad.zero_()
    assert y.grad.tolist() == [1.0, 1.0]
    assert upstream.tolist() == [1.0, 1.0]


def test_gradient_does_not_share_memory_with_the_upstream_tensor():
    x = leaf(1.0, 2.0)
    upstream = Tensor(np.ones(2))
    x.backward(upstream)
    upstream.zero_()
    assert x.grad.tolist() == [1.0, 1.0]
    x.clone().backward(x.grad)
    assert x.grad.tolist() == [2.0, 2.0]


def test_gradients_with_create_graph_never_share_memory():
    x, y = leaf(1.0, 2.0), leaf(3.0, 4.0)
    (x + y).sum().backward(create_graph=True)
    assert x.grad is not y.grad
    assert not np.shares_memory(x.grad.numpy(), y.grad.numpy())


def test_gradients_are_writable_arrays_of_their_own():
    x, row = leaf(1.0, 2.0), leaf(1.0, 1.0)
    (x.sum() + row.expand(3, 2).sum()).backward()
    x.grad.mul_(2)
    row.grad[0] = 7.0
    assert (x.grad.tolist(), row.grad.tolist()) == ([2.0, 2.0], [7.0, 3.0])


def test_grad_returns_gradients_that_do_not_share_memory():
    x, y = leaf(1.0, 2.0), leaf(3.0, 4.0)
    upstream = Tensor(np.ones(2))
    dx, dy = grad(x + y, (x, y), upstream)
    dx.zero_()
    assert (dy.tolist(), upstream.tolist()) == ([1.0, 1.0], [1.0, 1.0])


def test_upstream_gradient():
    x = leaf(1.0, 2.0)
    (x * x).backward(Tensor([1.0, 10.0]))
    assert x.grad.tolist() == [2.0, 40.0]
    assert x.grad.dtype == np.float64


def test_backward_to_chosen_inputs():
    x, y = leaf(1.0), leaf(2.0)
    h = x * y
    (h * h).backward(inputs=[x, h])
    assert (x.grad.item(), y.grad, h.grad.item()) == (8.0, None, 4.0)


def test_a_released_graph_refuses_a_second_backward():
    x = leaf(1.0, 2.0)
    h = x * x
    loss = h.sum()
    loss.backward(retain_graph=False)
    for again in (loss.backward, h.sum().backward, lambda: grad(loss, x)):
        with pytest.raises(GraphError, match="retain_graph=False"):
            again()
    assert x.grad.tolist() == [2.0, 4.0]


def test_a_graph_may_be_walked_twice_and_by_two_losses():
    x = leaf(3.0)
    h = x * x
    (h * 3).backward()
    (h * 4).backward()
    assert x.grad.tolist() == [42.0]


def test_no_grad_records_nothing():
    x = leaf(1.0)
    with no_grad():
        y = x * 2
        with enable_grad():
            z = x * 2
        assert not (x * 2).requires_grad
    assert (y.requires_grad, y.is_leaf, z.requires_grad) == (False, True, True)
    assert (x * 2).requires_grad

    @no_grad()
    def twice(x):
        return x * 2

    @no_grad
    def thrice(x):
        return x * 3

    assert not twice(x).requires_grad
    assert not thrice(x).requires_grad
    assert (x * 2).requires_grad


def test_no_grad_is_left_by_an_exception():
    with pytest.raises(ZeroDivisionError), no_grad():
        raise ZeroDivisionError
    assert (leaf(1.0) * 2).requires_grad


def test_no_grad_in_one_thread_does_not_stop_another():
    x, inside, done, found = leaf(1.0), threading.Event(), threading.Event(), []

    def not_recording():
        with no_grad():
            inside.set()
            done.wait(5)
            found.append((x * 2).requires_grad)

    thread = threading.Thread(target=not_recording)
    thread.start()
    inside.wait(5)
    found.append((x * 2).requires_grad)
    done.set()
    thread.join()
    assert found == [True, False]


def test_threads_may_walk_graphs_at_once():
    results = {}

    def work(k):
        x = leaf(float(k))
        for _ in range(50):
            (x * x).sum().backward()
        results[k] = x.grad.item()

    threads = [threading.Thread(target=work, args=(k,)) for k in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert results == {k: 100.0 * k for k in range(4)}


def test_detach_shares_memory_and_cuts_the_graph():
    x = leaf(1.0, 2.0)
    y = (x * 2).detach() * x
    y.sum().backward()
    assert x.grad.tolist() == [2.0, 4.0]
    assert np.shares_memory(x.detach().numpy(), x.numpy())
    assert not x.detach().requires_grad


def test_the_update_line_works():
    p, lr = leaf(1.0, 2.0), 0.1
    array = p.numpy()
    (p * p).sum().backward()
    p.data -= lr * p.grad
    assert_close(p.numpy(), [0.8, 1.6])
    assert p.numpy() is array, "the update is in place"
    assert (p.requires_grad, p.is_leaf) == (True, True)
    p.grad = None
    (p * p).sum().backward()
    assert_close(p.grad.numpy(), [1.6, 3.2])


def test_leaves_made_to_require_a_gradient():
    x = Tensor([1.0])
    x.requires_grad = True
    assert x.requires_grad_() is x
    assert (x * 2).requires_grad
    x.requires_grad = False
    assert not (x * 2).requires_grad


def test_a_tensor_is_a_copy_of_an_array():
    array = np.arange(3.0)
    x, shared = Tensor(array), autograd.from_numpy(array)
    array[0] = 9.0
    assert (x[0].item(), shared[0].item()) == (0.0, 9.0)
    assert np.asarray(x) is x.numpy()


@pytest.mark.parametrize("operate", [np.add, np.subtract, np.multiply, np.divide, np.power])
def test_operators_with_arrays_on_both_sides(operate):
    x, array = leaf(1.0, 2.0), np.array([3.0, 4.0])
    infix = {np.add: "+", np.subtract: "-", np.multiply: "*", np.divide: "/", np.power: "**"}[operate]
    for expression, expected in (
        (f"x {infix} array", operate([1.0, 2.0], array)),
        (f"array {infix} x", operate(array, [1.0, 2.0])),
    ):
        out = eval(expression, {"x": x, "array": array})
        assert type(out) is Tensor
        assert out.requires_grad
        assert out.tolist() == expected.tolist()


@pytest.mark.parametrize(
    "number", [np.float64(2), np.float32(2), np.int64(2), np.array(2.0)], ids=lambda n: type(n).__name__
)
def test_operators_with_numpy_numbers_on_both_sides(number):
    x = leaf(1.0, 4.0)
    for out, expected in (
        (x - number, [-1.0, 2.0]),
        (number - x, [1.0, -2.0]),
        (number / x, [2.0, 0.5]),
        (x @ np.ones(2), 5.0),
    ):
        assert type(out) is Tensor
        assert out.tolist() == expected
    assert type(number < x) is Tensor
    assert (number < x).tolist() == [False, True]


def test_numpy_reads_tensors():
    x = Tensor([[1.0, 2.0]])
    assert np.asarray(x).dtype == np.float32
    assert np.array(x, dtype=np.float64).dtype == np.float64
    assert np.stack([x, x]).shape == (2, 1, 2)
    assert not np.shares_memory(np.array(x), x.numpy())


def test_conversions_to_python():
    x = Tensor([[1.5]])
    assert (x.item(), float(x), int(x), bool(x), x.tolist()) == (1.5, 1.5, 1, True, [[1.5]])
    assert f"{Tensor(1.25):.1f}" == "1.2"
    assert 2.0 in Tensor([1.0, 2.0])
    assert 3.0 not in Tensor([1.0, 2.0])


def test_shape_questions():
    x = Tensor(np.zeros((2, 3)))
    assert (x.shape, x.size(), x.size(-1), x.dim(), x.ndim, x.numel(), len(x)) == ((2, 3), (2, 3), 3, 2, 2, 6, 2)
    assert x.device == "cpu"
    assert (x.is_contiguous(), x.T.is_contiguous()) == (True, False)
    assert autograd.zeros(2, 3).shape == autograd.ones((2, 3)).shape == (2, 3)


def test_hash_is_of_the_node_and_comparison_of_the_elements():
    x, y = Tensor([1.0, 2.0]), Tensor([1.0, 3.0])
    assert (x == y).tolist() == [True, False]
    assert ((x < y) | (x == y)).all().item()
    assert (~(x != y)).tolist() == [True, False]
    assert len({x, y, x}) == 2
    assert (x == None) is False  # noqa: E711


UPSTREAM = [Tensor([1, 2]), Tensor([1.0, 2.0]), np.array([1, 2])]


@pytest.mark.parametrize("upstream", UPSTREAM, ids=["int64", "float32", "array"])
def test_an_upstream_gradient_in_another_dtype_is_converted(upstream):
    x = leaf(3.0, 4.0)
    x.backward(upstream)
    assert (x.grad.dtype, x.grad.tolist()) == (np.float64, [1.0, 2.0])


@pytest.mark.filterwarnings("ignore:Using backward")
def test_backward_of_several_is_torchs(torch):
    for lib in (autograd, torch):
        x, y = lib.tensor([1.0, 2.0], requires_grad=True), lib.tensor(3.0, requires_grad=True)
        a, b = x * y, (x * x).sum()
        lib.autograd.backward([a, b, a], [lib.tensor([1.0, 10.0]), None, lib.tensor([1.0, 1.0])], retain_graph=True)
        assert (x.grad.tolist(), y.grad.tolist()) == ([8.0, 37.0], 24.0)
        lib.autograd.backward(b, inputs=[x], retain_graph=True)
        assert (x.grad.tolist(), y.grad.tolist()) == ([10.0, 41.0], 24.0)
        lib.autograd.backward((b,), create_graph=True, inputs=(y, x))
        assert (x.grad.requires_grad, y.grad.requires_grad) == (True, False)
        for wrong in ((), ([],)):
            with pytest.raises(RuntimeError):
                lib.autograd.backward([a], *wrong)


def test_backward_takes_tensors():
    with pytest.raises(TypeError, match="backward: tensors must be"):
        autograd.backward([1.0])
    with pytest.raises(TypeError, match="of a Value itself"):
        autograd.backward(autograd.Value(1.0) * 2)


def test_a_gradient_is_deleted_as_in_torch(torch):
    for lib in (autograd, torch):
        x = lib.tensor([1.0], requires_grad=True)
        (x * 2).sum().backward()
        del x.grad
        assert x.grad is None


def test_zeros_instead_of_no_gradient_can_be_differentiated(torch):
    for lib in (autograd, torch):
        x, a = lib.tensor(0.5, requires_grad=True), lib.tensor(1.0, requires_grad=True)
        (first,) = lib.autograd.grad(x * a, x, create_graph=True)
        (second,) = lib.autograd.grad(first, x, create_graph=True, materialize_grads=True)
        (third,) = lib.autograd.grad(second, x, materialize_grads=True)
        assert (second.item(), third.item(), third.requires_grad) == (0.0, 0.0, False)


SWITCHES = {
    "no_grad": (lambda lib: lib.no_grad(), False),
    "enable_grad": (lambda lib: lib.enable_grad(), True),
    "set_grad_enabled": (lambda lib: lib.set_grad_enabled(False), False),
    "inference_mode": (lambda lib: lib.inference_mode(), False),
    "inference_mode off": (lambda lib: lib.inference_mode(mode=False), True),
}


@pytest.mark.parametrize("name", SWITCHES)
def test_a_generator_takes_its_own_steps_within_the_block(name, torch):
    for lib in (autograd, torch):
        switch, mode = SWITCHES[name]
        seen = []

        @switch(lib)
        def steps(lib=lib, seen=seen):
            try:
                given = yield lib.is_grad_enabled()
                try:
                    yield given, lib.is_grad_enabled()
                except KeyError:
                    yield lib.is_grad_enabled()
                return "done"
            finally:
                seen.append(lib.is_grad_enabled())

        with lib.set_grad_enabled(not mode):
            running = steps()
            assert next(running) is mode
            assert lib.is_grad_enabled() is not mode
            assert running.send(7) == (7, mode)
            assert running.throw(KeyError()) is mode
            with pytest.raises(StopIteration) as end:
                next(running)
            assert (end.value.value, seen) == ("done", [mode])
            next(stopped := steps())
            stopped.close()
            assert (seen, lib.is_grad_enabled()) == ([mode, mode], not mode)


def test_inference_mode_is_a_block_and_a_decorator(torch):
    for lib in (autograd, torch):
        x = lib.tensor(1.0, requires_grad=True)
        with lib.inference_mode():
            assert not (x * 2).requires_grad
        with lib.no_grad(), lib.inference_mode(False):
            assert (x * 2).requires_grad
        assert not lib.inference_mode(lambda x: x * 2)(x).requires_grad
        assert lib.inference_mode(mode=False)(lambda x: x * 2)(x).requires_grad
