"""What the interactive page says, and what pictures show of modules, names and parts: without a browser."""

from __future__ import annotations

import json
import random
import re
import sys

import numpy as np
import pytest

import nn
from autograd import Tensor, Value, draw, manual_seed, no_grad, origins
from autograd.draw.arithmetic import plugged
from autograd.draw.drawing import Drawing
from autograd.draw.page import NO_ORIGINS
from tests.rows import EVERY_CALL
from tests.test_draw import neuron, tangle, texts


def network(points: int = 1) -> tuple[nn.scalar.MLP, Value]:
    random.seed(1)
    model = nn.scalar.MLP(2, (3, 1))
    with origins.recording():
        scores = [model([Value(random.uniform(-1, 1)), Value(0.3)]) for _ in range(points)]
        loss = sum((1 - score).relu() for score in scores) + 0.01 * sum(p * p for p in model.parameters())
    return model, loss


def classifier() -> tuple[nn.MLP, Tensor]:
    manual_seed(0)
    model = nn.MLP(4, [8, 3])
    X = Tensor(np.random.default_rng(0).normal(size=(6, 4)).astype(np.float32))
    with origins.recording():
        loss = nn.functional.cross_entropy(model(X), Tensor([0, 1, 2, 0, 1, 2]))
    return model, loss


def data(drawing: Drawing) -> dict:
    return drawing.page.data()


def by_name(page: dict, name: str) -> dict:
    (found,) = (node for node in page["nodes"] if name in (node.get("full"), node["id"]))
    return found


def steps(page: dict) -> list[str]:
    return [edge["step"] for edge in page["edges"] if "step" in edge]


# The chain rule in words ------------------------------------------------------------------------------------------


def test_every_edge_states_upstream_times_local_though_nobody_called_backward():
    o = neuron()
    page = data(draw(o))
    assert all(node["own"] == "-" for node in page["nodes"])
    assert by_name(page, "x1")["grad"] == "-1.5"
    assert steps(page) == [
        "0.5 × 0 = 0",
        "0.5 × 1 = 0.5",
        "0.5 × 2 = 1",
        "0.5 × -3 = -1.5",
        "0.5 × 1 = 0.5",
        "0.5 × 1 = 0.5",
        "0.5 × 1 = 0.5",
        "0.5 × 1 = 0.5",
        "1 × 0.5 = 0.5",
    ]
    assert all(node.grad == 0.0 for node in (o, *o.parents)), "no gradient of the program is touched"


def test_sums_build_up_at_fan_outs():
    a = Value(3.0)
    page = data(draw(a * a + a))
    assert by_name(page, "a")["sum"] == "1 + 3 + 3"
    assert by_name(page, "a")["of"] == 3
    assert sorted(edge["sum"] for edge in page["edges"] if "sum" in edge) == ["1", "4", "7"]


def test_a_picture_shows_how_contributions_add_up_once_they_have():
    a = Value(3.0)
    b = a * a
    assert "3 + 3" not in str(draw(b))
    b.backward()
    assert dict(draw(b).picture.boxes[0].rows) == {"data": "3", "grad": "6", "": "= 3 + 3"}
    b.backward()
    assert dict(draw(b).picture.boxes[0].rows) == {"data": "3", "grad": "12"}, "of two passes it is not the sum"


def test_the_numbers_of_a_large_graph_are_those_of_backward():
    out = tangle(300)
    nodes = {node["id"]: node for node in data(draw(out))["nodes"]}
    out.backward()
    after = draw(out).picture.boxes
    assert {box.id: dict(box.rows)["grad"] for box in after if len(box.rows) > 1} == {
        id: node["grad"] for id, node in nodes.items() if "grad" in node
    }


def test_arrays_name_the_element_where_most_flows():
    x = Tensor([[1.0, 2.0], [3.0, 0.5]], requires_grad=True, dtype=np.float64)
    b = Tensor([1.0, 2.0], requires_grad=True, dtype=np.float64)
    page = data(draw(((x + b).square()).sum()))
    assert steps(page) == [
        "at [0, 1]: 8 × 1 = 8; contribution: [[4, 8], [8, 5]]",
        "at [0, 1]: 8 × 1 = 8; contribution, summed over its copies: [12, 13]",
        "at [0, 1]: 1 × 8 = 8; contribution: [[4, 8], [8, 5]]",
        "g = 1; contribution [[1, 1], [1, 1]]",
    ]


def test_a_branch_not_taken_says_why_its_nan_does_not_count():
    import autograd

    x = Tensor([-1.0, 0.0], requires_grad=True)
    page = data(draw(autograd.where(x > 1, x.sqrt(), 0.0).sum()))
    assert any("which counts as 0: where() did not take this branch" in step for step in steps(page))


def test_numbers_are_plugged_into_formulas():
    x, y = Value(-3.0), Value(2.0)

    def name(node):
        return "?"

    assert plugged("x * y", x * y, name) == "(-3) * 2"
    assert plugged("-out / y", x / y, name) == "-(-1.5) / 2"
    assert plugged("maximum(x, y)", x.max(y), name) == "maximum(-3, 2)"
    assert plugged("clip(x, low, high)", x.clip(-1.0, 1.0), name) == "clip(-3, -1.0, 1.0)"
    w = Tensor(np.ones((2, 3)), requires_grad=True)
    assert plugged("x @ y", w @ Tensor(np.ones((3, 2))), lambda node: "w" if node is w else "n1") == "w @ n1"


def test_what_has_no_gradient_says_so():
    assert "requires a gradient" in data(draw(Tensor([1.0]) + 1.0))["trouble"]
    x = Tensor([2.0], requires_grad=True)
    y = x.exp().sum()
    y.backward(retain_graph=False)
    assert "retain_graph=False" in data(draw(y))["trouble"]
    z = (x * x).sum()
    with no_grad():
        x.add_(1.0)
    assert "changed in place" in data(draw(z))["trouble"]


def test_a_page_is_of_the_moment_it_was_drawn():
    model, loss = classifier()
    drawing = draw(loss)
    with no_grad():
        for p in model.parameters():
            p.zero_()
    assert all(not node.get("differs") for node in data(drawing)["nodes"])
    assert "mean 0, std 0" not in json.dumps(data(drawing))


def test_torchs_gradients_stand_beside_ours(torch):
    _, loss = classifier()
    page = data(draw(loss))
    known = [node for node in page["nodes"] if "torch" in node]
    assert page["torch"] == torch.__version__
    assert len(known) == sum("grad" in node for node in page["nodes"]) > 7
    assert not any(node.get("differs") for node in known)
    assert all("torch" in node for node in data(draw(tangle(100)))["nodes"] if "grad" in node)


@pytest.mark.parametrize("call", EVERY_CALL)
def test_every_operator_is_told_on_a_page(call, torch):
    leaves = [Tensor(x, requires_grad=True) if x.dtype.kind == "f" else Tensor(x) for x in call.arrays]
    page = data(draw(call(*leaves)))
    assert not page["trouble"]
    assert all("step" in edge for edge in page["edges"] if "grad" in page["nodes"][edge["from"]])
    assert not any(node.get("differs") for node in page["nodes"]), "PyTorch has another gradient"


def test_a_wrong_gradient_differs_from_torchs(torch):
    x = Value(2.0)
    y = x.sin()
    drawing = draw(y)
    drawing.page._replay._flow.gradients[x] = 7.0
    assert by_name(data(drawing), "x")["differs"]


# Names ------------------------------------------------------------------------------------------------------------


def test_names_are_labels_or_the_callers_variables():
    first, given = Value(1.0), Value(2.0, label="a label")
    weights, table = [Value(3.0), Value(4.0)], {"bias": Value(5.0)}
    _hidden = Value(6.0)
    total = first * given + weights[0] * weights[1] + table["bias"] + _hidden
    drawing = draw(total)
    names = {box.name for box in drawing.picture.boxes}
    assert names == {"first", "a label", "weights[0]", "weights[1]", "table['bias']", "total", ""}
    assert drawing.source == draw(total).source
    assert [box.id for box in drawing.picture.boxes] == [f"n{i}" for i in range(len(drawing.picture.boxes))]


def test_parameters_are_called_by_their_place_in_the_model():
    model, loss = classifier()
    page = data(draw(loss))
    assert len(model) == 3
    assert by_name(page, "model.0.weight")["name"] == "weight"
    assert page["modules"][by_name(page, "model.0.weight")["module"]] == "MLP.0"


# Modules and lines ------------------------------------------------------------------------------------------------


def test_modules_and_lines_are_known_within_recording():
    _, loss = network()
    drawing = draw(loss)
    page = data(drawing)
    place, code = page["lines"][by_name(page, "loss")["line"]]
    assert place.startswith("test_draw_page.py:")
    assert place.endswith("in network")
    assert code.startswith("loss = sum(")
    assert "hint" not in page or not page["hint"]
    assert 'subgraph "cluster_MLP.layers[0].neurons[2]"' in drawing.source
    assert data(draw(neuron()))["hint"] == NO_ORIGINS


def test_clusters_are_drawn_without_graphviz_too(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setitem(sys.modules, "pygraphviz", None)
    _, loss = network()
    assert "MLP.layers[0].neurons[2]" in texts(draw(loss).svg)


def test_fold_makes_a_module_one_box():
    _, loss = network()
    whole = draw(loss, fold=1).picture
    assert [box.name for box in whole.boxes if box.kind == "module"] == ["MLP"]
    (mlp,) = (box for box in whole.boxes if box.kind == "module")
    assert dict(mlp.rows)["numbers given"] == "15", "13 parameters and the inputs"
    layers = draw(loss, fold=2).picture
    assert [box.name for box in layers.boxes if box.kind == "module"] == ["MLP.layers[0]", "MLP.layers[1]"]
    first, second = (i for i, box in enumerate(layers.boxes) if box.kind == "module")
    assert layers.ends.count((first, second)) == 1, "one edge for all uses"
    with pytest.raises(ValueError, match="fold is a level of modules"):
        draw(loss, fold=0)


def test_a_module_that_is_called_twice_in_a_row_is_two_boxes():
    cell = nn.Sequential(nn.Linear(2, 2), nn.Tanh())
    with origins.recording():
        h = cell(cell(Tensor([1.0, 2.0])) * 2.0)
    picture = draw(h.sum(), fold=1).picture
    assert [box.name for box in picture.boxes if box.kind == "module"] == ["Sequential", "Sequential"]
    assert all(source < target for source, target in picture.ends), "operands before results"


def test_folding_keeps_operands_before_results_whatever_the_modules():
    choose = random.Random(0)
    for _ in range(20):
        with origins.recording():
            nodes = [Value(1.0), Value(2.0)]
            for _ in range(60):
                with origins.entered(choose.choice("ABC")):
                    nodes.append(choose.choice(nodes) + choose.choice(nodes[-6:]))
        for level in (1, 2):
            picture = draw(nodes[-5:], fold=level).picture
            assert all(source < target for source, target in picture.ends)


def test_above_the_limit_modules_are_folded_and_the_page_has_them_all():
    _, loss = network(points=14)
    drawing = draw(loss)
    assert "modules are folded" in drawing.picture.notice
    assert len(drawing.picture.boxes) < 400
    assert len(data(drawing)["nodes"]) > 400
    assert "modules are folded" in str(drawing)


# Parts -------------------------------------------------------------------------------------------------------------


def test_depth_is_how_many_steps_back():
    o = neuron()
    assert len(draw(o, depth=0).picture.boxes) == 1
    assert [box.name or box.symbol for box in draw(o, depth=2).picture.boxes] == ["b", "+", "+", "o"]
    assert [box.cut for box in draw(o, depth=2).picture.boxes] == [False, True, False, False]
    assert "4 of 10 nodes shown" in draw(o, depth=2).picture.notice
    with pytest.raises(ValueError, match="depth is how many steps"):
        draw(o, depth=-1)


def test_focus_is_a_node_a_name_or_a_module():
    o = neuron()
    around = [box.name or box.symbol for box in draw(o, focus="x1", depth=1).picture.boxes]
    assert around == ["x1", "*"]
    assert len(draw(o, focus="b").picture.boxes) == 4
    model, loss = network()
    part = draw(loss, focus="MLP.layers[0].neurons[1]", depth=0).picture
    assert {".".join(box.module) for box in part.boxes} == {"MLP.layers[0].neurons[1]"}
    assert draw(loss, focus=model.layers[1].neurons[0].b, depth=0).picture.boxes[0].name == "b"
    with pytest.raises(ValueError, match="neither the name of a node nor the path of a module; there are b, o, w1"):
        draw(neuron(), focus="x9")
    with pytest.raises(ValueError, match="not among"):
        draw(o, focus=Value(1.0))
    with pytest.raises(TypeError, match="focus is a node"):
        draw(o, focus=3)


# The file -----------------------------------------------------------------------------------------------------------


def test_one_file_without_network_and_small(tmp_path):
    _, loss = network(points=18)
    loss.backward()
    drawing = draw(loss, title="</script><b>& so on")
    content = drawing.save(tmp_path / "page.html").read_bytes()
    assert len(drawing.page.data()["nodes"]) > 500
    assert len(content) < 300_000
    page = content.decode()
    assert not re.findall(r"""(?:src|href)=|@import|url\((?!#)|fetch\(|https?://(?!www\.w3\.org/2000/svg)""", page)
    assert page.count("</script>") == 2, "what a name says ends no script"
    assert page.count("{{") == 0
    (baked,) = re.findall(r'<script type="application/json" id="data">(.*?)</script>', page, re.DOTALL)
    assert json.loads(baked)["title"] == "</script><b>& so on"


def test_the_same_graph_gives_the_same_page():
    assert draw(tangle(60)).page.html() == draw(tangle(60)).page.html()
