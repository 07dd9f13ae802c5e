"""What programs set and ask about PyTorch itself."""

import sys
from itertools import product

import numpy as np
import pytest

import autograd
from autograd import DtypeError, ShapeError, Tensor, ones

DTYPES = ("bool", "uint8", "int8", "int16", "int32", "int64", "float16", "float32", "float64")


def test_what_has_no_effect_is_kept_and_checked():
    autograd.set_float32_matmul_precision("high")
    assert autograd.get_float32_matmul_precision() == "high"
    autograd.set_float32_matmul_precision("highest")
    with pytest.raises(ValueError, match="'highest', 'high' or 'medium'"):
        autograd.set_float32_matmul_precision("low")
    autograd.use_deterministic_algorithms(True, warn_only=True)
    assert autograd.are_deterministic_algorithms_enabled()
    autograd.use_deterministic_algorithms(False)
    autograd.set_num_interop_threads(4)
    assert autograd.get_num_interop_threads() == 1
    autograd.set_default_device("cpu")
    assert autograd.get_default_device().type == "cpu"
    with pytest.raises(DtypeError, match="CPU"):
        autograd.set_default_device("cuda")


def test_threads():
    pytest.importorskip("threadpoolctl")
    before = autograd.get_num_threads()
    autograd.set_num_threads(2)
    assert autograd.get_num_threads() == 2
    autograd.set_num_threads(before)
    assert np.array_equal((ones(64, 64) @ ones(64, 64)).numpy(), np.full((64, 64), 64.0))
    for function in (autograd.set_num_threads, autograd.set_num_interop_threads):
        with pytest.raises(ValueError, match="not a number of threads"):
            function(0)


def test_threads_without_the_package_for_it(monkeypatch):
    monkeypatch.setitem(sys.modules, "threadpoolctl", None)
    monkeypatch.setenv("OMP_NUM_THREADS", "3")
    with pytest.warns(UserWarning, match="OMP_NUM_THREADS=2 before"):
        autograd.set_num_threads(2)
    assert autograd.get_num_threads() == 3


def test_dtypes_beside_torch(torch):
    for a, b in product(DTYPES, DTYPES):
        ours, theirs = (getattr(lib, "bool_" if lib is autograd and a == "bool" else a) for lib in (autograd, torch))
        other, another = (getattr(lib, "bool_" if lib is autograd and b == "bool" else b) for lib in (autograd, torch))
        assert autograd.can_cast(ours, other) == torch.can_cast(theirs, another), (a, b)
        assert str(torch.promote_types(theirs, another)) == f"torch.{autograd.promote_types(ours, other)}"
        x, y = torch.ones(2, dtype=theirs), torch.ones((), dtype=another)
        met = autograd.result_type(Tensor(np.ones(2, ours)), Tensor(np.ones((), other)))
        assert str(torch.result_type(x, y)) == f"torch.{met}"
    assert autograd.result_type(ones(2), 1) == autograd.float32
    assert not autograd.is_complex(ones(2))


def test_shapes():
    assert autograd.broadcast_shapes((2, 1), (3,), 1, (1, 1, 3)) == (1, 2, 3)
    with pytest.raises(ShapeError, match=r"\(2,\), \(3,\) do not fit"):
        autograd.broadcast_shapes(2, 3)
