"""strict_broadcast refuses what stretches both operands, and nothing else."""

import asyncio
import threading

import numpy as np
import pytest

import nn
import optim
from autograd import ShapeError, Tensor, Value, add, full, graph, no_grad, ones, strict_broadcast, where

ROW, COLUMN, TABLE = ones(3), ones(3, 1), ones(3, 3)

REFUSED = {
    "sub": (lambda: COLUMN - ROW, r"sub: \(3, 1\) and \(3,\) would both be stretched, to \(3, 3\)"),
    "reflected": (lambda: np.ones((3, 1), np.float32) * ROW, "mul"),
    "two dimensions": (lambda: ones(2, 1) * ones(1, 4), r"mul: \(2, 1\) and \(1, 4\) .* to \(2, 4\)"),
    "three dimensions": (lambda: ones(5, 1, 3) + ones(2, 1), r"to \(5, 2, 3\)"),
    "new axes": (lambda: ROW[:, None] * ROW[None], "mul"),
    "integers": (lambda: Tensor([[1], [2]]) + Tensor([1, 2]), "add"),
    "other dtypes": (lambda: Tensor([[1], [2]]) + ones(2), "add"),
    "maximum": (lambda: COLUMN.maximum(ROW), "maximum"),
    "comparison": (lambda: COLUMN < ROW, "less"),
    "equality": (lambda: COLUMN == ROW, "equal"),
    "alpha": (lambda: add(COLUMN, ROW, alpha=3), "add"),
    "where": (lambda: where(COLUMN > 0, ROW, 0.0), r"where: .*\(3,\) and \(3, 1\)"),
    "batches": (lambda: ones(2, 1, 3, 3) @ ones(4, 3, 3), r"matmul: batches \(2, 1\) and \(4,\)"),
    "within a module": (lambda: Subtracting()(COLUMN), "sub.*\n.*in Subtracting"),
    "under no_grad": (lambda: no_grad(lambda: COLUMN - ROW)(), "sub"),
}

ALLOWED = {
    "equal shapes": lambda: TABLE + TABLE,
    "a row to a table": lambda: TABLE + ROW,
    "a column to a table": lambda: COLUMN * TABLE,
    "more dimensions": lambda: ones(2, 1, 3) * ones(3),
    "a number": lambda: COLUMN * 2.0,
    "a 0-d tensor": lambda: COLUMN * Tensor(2.0),
    "one element": lambda: COLUMN * ones(1, 1, 1),
    "expanded": lambda: COLUMN.expand(3, 3) - ROW,
    "a bias": lambda: nn.Linear(3, 5)(ones(4, 3)),
    "softmax": lambda: TABLE.softmax(0) + TABLE.var(0, keepdim=True),
    "batches to one": lambda: ones(2, 4, 3, 3) @ ones(3, 3),
    "indexing": lambda: TABLE[ROW.long()[:, None], ROW.long()],
    "a mask": lambda: where(COLUMN > 0, TABLE, 0.0),
    "Values": lambda: Value(2.0) * Value(3.0),
}


class Subtracting(nn.Module):
    def forward(self, x):
        return x - ROW


@pytest.mark.parametrize("what", REFUSED)
def test_refused(what):
    call, message = REFUSED[what]
    call()
    with pytest.raises(ShapeError, match=message), strict_broadcast():
        call()
    assert not graph.switched


@pytest.mark.parametrize("what", ALLOWED)
def test_allowed(what):
    with strict_broadcast():
        ALLOWED[what]()


def outer(x, y):
    """As the library would write it: it makes the column and the row itself."""
    return x.reshape(-1, 1) * y


def test_a_function_of_the_library_may_make_a_table_on_purpose(monkeypatch):
    with strict_broadcast(), pytest.raises(ShapeError):
        outer(ROW, ROW)
    monkeypatch.setattr("autograd.origins._OURS", (__file__,))
    entered = {}
    exec(compile("def call(f, x, y): return f(x, y)", "users.py", "exec"), entered)  # the user's frame
    with strict_broadcast():
        assert entered["call"](outer, ROW, ROW).shape == (3, 3)


def test_a_huge_table_is_refused_before_it_is_made():
    n = 1_000_000
    with pytest.raises(ShapeError, match=r"\(1000000, 1000000\)"), strict_broadcast():
        full((n, 1), 1.0) - full((n,), 1.0)


def test_sizes_that_do_not_fit_are_told_as_ever():
    with pytest.raises(ShapeError, match="sizes 2 and 3"), strict_broadcast():
        ones(4, 2) + ones(3)


def test_a_decorated_function():
    @strict_broadcast
    def loss(x, y):
        return (x - y).square().mean()

    assert loss(ROW, ROW).item() == 0.0
    with pytest.raises(ShapeError):
        loss(COLUMN, ROW)
    assert (COLUMN - ROW).shape == (3, 3)


def test_a_training_step():
    model = nn.MLP(2, [4, 1])
    optimizer = optim.Adam(model.parameters())
    with strict_broadcast():
        nn.functional.mse_loss(model(ones(5, 2)), ones(5, 1)).backward()
        optimizer.step()
        with pytest.raises(ShapeError):
            (model(ones(5, 2)) - ones(5)).square().mean()


def test_it_holds_in_its_own_thread_and_task_only():
    shapes = []
    with strict_broadcast():
        thread = threading.Thread(target=lambda: shapes.append((COLUMN - ROW).shape))
        thread.start()
        thread.join()

    async def strictly():
        with strict_broadcast():
            await asyncio.sleep(0.001)
            with pytest.raises(ShapeError):
                COLUMN - ROW

    async def loosely():
        await asyncio.sleep(0.0005)
        shapes.append((COLUMN - ROW).shape)

    async def both():
        await asyncio.gather(strictly(), loosely())

    asyncio.run(both())
    assert shapes == [(3, 3), (3, 3)]
