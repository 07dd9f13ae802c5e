"""What all tests share: PyTorch as the reference, and a word to the reader where it is missing."""

import importlib.util
import os

import pytest

collect_ignore_glob = ["distributed_programs/*", "torch_programs/*"]  # programs that tests run

TORCH_IS_MISSING = importlib.util.find_spec("torch") is None


def pytest_configure(config):
    if TORCH_IS_MISSING and os.environ.get("CHAINRULE_REQUIRE_TORCH") == "1":
        raise pytest.UsageError(
            "CHAINRULE_REQUIRE_TORCH=1, but torch is not installed: pip install 'chainrule[torch]', or unset it"
        )


def pytest_report_collectionfinish(items):
    skipped = sum("torch" in getattr(item, "fixturenames", ()) for item in items)
    return f"torch is not installed: {skipped} comparisons will be skipped" if TORCH_IS_MISSING and skipped else []


@pytest.fixture(scope="session")
def torch():
    """The torch module, on one thread; where it is not installed, the test is skipped."""
    if TORCH_IS_MISSING:
        pytest.skip("torch is not installed")
    import torch

    torch.set_num_threads(1)
    return torch
