"""A drawing shows itself in a notebook: proved by executing one."""

import os

import pytest

CELLS = (
    "from autograd import Tensor, Value, draw",
    "x = Value(2.0)\ny = x.exp() * x\ny.backward()\ndraw(y, title='in a notebook')",
    "w = Tensor([1.0, 2.0], requires_grad=True)\nloss = w.exp().sum()\nloss.backward(retain_graph=False)\ndraw(loss)",
    "import sys\nsys.modules['pygraphviz'] = None\nimport os\nos.environ['PATH'] = ''\ndraw([y, x])",
)


def test_a_notebook_shows_drawings(tmp_path, monkeypatch):
    nbformat, nbclient = pytest.importorskip("nbformat"), pytest.importorskip("nbclient")
    pytest.importorskip("ipykernel")
    from autograd.draw import drawing

    monkeypatch.setenv("PYTHONPATH", os.path.abspath(os.path.join(os.path.dirname(drawing.__file__), "..", "..")))
    monkeypatch.setenv("JUPYTER_PLATFORM_DIRS", "1")
    cells = [nbformat.v4.new_code_cell(cell) for cell in CELLS]
    notebook = nbformat.v4.new_notebook(cells=cells)
    nbclient.NotebookClient(
        notebook, timeout=60, kernel_name="python3", resources={"metadata": {"path": tmp_path}}
    ).execute()
    shown = [cell.outputs[0].data for cell in notebook.cells[1:]]
    assert all(output["image/svg+xml"].lstrip().startswith(("<?xml", "<svg")) for output in shown)
    assert "in a notebook" in shown[0]["image/svg+xml"]
    assert "y  *  data 14.78  grad 1" in shown[0]["text/plain"], "the notebook's variables are names"
    assert "(graph released)" in shown[1]["text/plain"]
    assert "Built-in layout" in shown[2]["image/svg+xml"]
