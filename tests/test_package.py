"""The packages as an installer and an importer see them."""

import importlib
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import autograd

ROOT = Path(autograd.__file__).parent.parent
LAYERS = ["rule", "rules", "graph", "functions", "backward", "value", "tensor", "transforms"]


def run(code, path):
    """Run ``code`` in a fresh interpreter with only ``path`` added to its own packages."""
    command = [sys.executable, "-c", code]
    return subprocess.run(command, capture_output=True, text=True, cwd=path, env={"PYTHONPATH": str(path)}, check=False)


def test_importing_autograd_imports_numpy_alone():
    code = "import sys, autograd; print(sorted({m.split('.')[0] for m in sys.modules} & {" + (
        "'graphviz', 'matplotlib', 'sklearn', 'torch', 'tqdm', 'scipy', 'nn', 'optim'}))"
    )
    assert run(code, ROOT).stdout.strip() == "[]"


def test_what_is_loaded_later_is_there():
    for module, names in autograd._LATER.items():
        loaded = importlib.import_module(f"autograd.{module}")
        assert set(names) <= set(loaded.__all__)
        assert all(getattr(autograd, name) is getattr(loaded, name) for name in names)
        assert {module, *names} <= {*dir(autograd)} & {*autograd.__all__}
    for module in ("serialization", "transforms", "typed"):  # of these, the package shows all
        assert set(autograd._LATER[module]) == set(importlib.import_module(f"autograd.{module}").__all__)


def test_another_package_named_autograd_in_the_same_folder_is_reported(tmp_path):
    shutil.copytree(ROOT / "autograd", tmp_path / "autograd")
    (tmp_path / "autograd" / "tracer.py").touch()  # a file of PyPI's autograd
    message = run("import autograd", tmp_path).stderr
    assert "ImportError: two distributions share this folder" in message
    assert "pip uninstall -y autograd chainrule" in message


@pytest.mark.parametrize("package", ["nn", "optim"])
def test_another_package_named_autograd_instead_of_ours_is_reported(tmp_path, package):
    (tmp_path / "autograd").mkdir()
    (tmp_path / "autograd" / "__init__.py").write_text("from .differential_operators import grad\n")
    (tmp_path / "autograd" / "differential_operators.py").write_text("grad = None\n")
    for ours in ("nn", "optim"):
        shutil.copytree(ROOT / ours, tmp_path / ours)
    message = run(f"import {package}", tmp_path).stderr
    assert "finds another package of that name" in message
    assert "pip uninstall -y autograd chainrule" in message


def test_imports_point_one_way():
    """No module of the engine imports one that stands on it."""
    for depth, name in enumerate(LAYERS):
        path = ROOT / "autograd" / name
        files = path.glob("*.py") if path.is_dir() else [path.with_suffix(".py")]
        text = "".join(file.read_text() for file in files)
        for later in LAYERS[depth + 1 :]:
            assert f"from autograd.{later} " not in text, f"{name} imports {later}, which stands on it"
        assert "import nn" not in text
        assert "import optim" not in text
