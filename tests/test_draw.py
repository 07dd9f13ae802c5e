"""Pictures: what is in them, that every renderer draws it, and that our own layout is sound."""

from __future__ import annotations

import os
import random
import subprocess
import sys
from itertools import combinations, pairwise
from xml.etree import ElementTree

import numpy as np
import pytest

from autograd import Tensor, Value
from autograd.draw import draw
from autograd.draw.drawing import Drawing
from autograd.draw.layout import layout
from autograd.draw.picture import Picture
from autograd.draw.render import BUILT_IN, RendererError

AWKWARD = "a & <b> \"q\" 'r' \\N é 重み \x00\x1b\nend"
AWKWARD_SHOWN = "a & <b> \"q\" 'r' \\N é 重み end"


@pytest.fixture
def bare(monkeypatch, tmp_path):
    """A machine without Graphviz."""
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setitem(sys.modules, "pygraphviz", None)


@pytest.fixture(params=["this machine's renderer", "none"])
def renderers(request):
    if request.param == "none":
        request.getfixturevalue("bare")


def neuron() -> Value:
    x1, x2 = Value(2.0, label="x1"), Value(0.0, label="x2")
    w1, w2 = Value(-3.0, label="w1"), Value(1.0, label="w2")
    o = (w1 * x1 + w2 * x2 + Value(6.8813735870195432, label="b")).tanh()
    o.label = "o"
    return o


def tangle(size: int) -> Value:
    """About ``size`` nodes, each made of any earlier ones, so that edges are long and cross."""
    choose = random.Random(size)
    nodes = [Value(choose.uniform(0.5, 1.5), label=f"leaf {i}") for i in range(max(2, size // 6))]
    while len(nodes) < size:
        x, y = choose.choice(nodes[-12:]), choose.choice(nodes)
        nodes.append(choose.choice((Value.__add__, Value.__mul__, Value.logaddexp))(x, choose.choice((y, 2.0))))
    return sum(nodes[-8:], Value(0.0))


def chain(length: int) -> Value:
    x = Value(0.5)
    for _ in range(length):
        x = x + 1.0
    return x


def box(drawing: Drawing, name: str):
    (found,) = (box for box in drawing.picture.boxes if box.name == name)
    return found


def labels(picture: Picture) -> list[str]:
    return [edge.full_label for edge in picture.edges]


def texts(svg: str) -> str:
    return " ".join(" ".join(ElementTree.fromstring(svg).itertext()).replace("\xa0", " ").split())


# What is in a picture --------------------------------------------------------------------------------------------


def test_an_operand_used_twice_has_two_edges():
    a = Value(3.0, label="a")
    drawing = draw(a * a)
    assert drawing.picture.ends == [(0, 1), (0, 1)]
    assert labels(drawing.picture) == ["dx: y = 3", "dy: x = 3"]
    assert drawing.source.count("n0 -> n1") == 2


def test_a_gradient_is_shown_once_it_was_computed():
    o = neuron()
    before = draw(o)
    assert {dict(box.rows)["grad"] for box in before.picture.boxes} == {"-"}
    o.backward()
    after = draw(o)
    assert [dict(box(after, name).rows)["grad"] for name in ("x1", "x2", "w1", "w2", "o")] == [
        "-1.5",
        "0.5",
        "1",
        "0",
        "1",
    ]
    assert dict(box(before, "x1").rows)["grad"] == "-", "a picture is a snapshot"


def test_a_gradient_of_zero_is_not_made_up_above_where_the_pass_began():
    x = Value(2.0, label="x")
    h, c = x * 3.0, Value(0.0, label="c")
    h.label = "h"
    loss = h * c
    loss.label = "loss"
    h.backward()
    drawing = draw(loss)
    shown = {name: dict(box(drawing, name).rows)["grad"] for name in ("x", "h", "c", "loss")}
    assert shown == {"x": "3", "h": "1", "c": "-", "loss": "-"}


def test_edges_carry_formula_and_number():
    x, y = Value(1.0), Value(4.0)
    assert labels(draw(x.sin()).picture) == ["cos(x) = 0.5403"]
    assert labels(draw(x.tanh()).picture) == ["1 - out * out = 0.42"]
    assert labels(draw(x - y).picture) == ["1", "-1"]
    assert labels(draw(x / y).picture) == ["dx: 1 / y = 0.25", "dy: -out / y = -0.0625"]
    assert labels(draw(x.clip(-2.0, 0.5)).picture) == ["eq(out, x) = 0"], "parameters reach the slope"
    assert labels(draw(Value(0.0).log()).picture) == ["1 / x = inf"]


def test_plain_numbers_are_constants_of_their_own():
    drawing = draw(2.0 * Value(3.0, label="x") + 2.0)
    constants = [box for box in drawing.picture.boxes if box.kind == "constant"]
    assert [box.rows for box in constants] == [(("", "2"),), (("", "2"),)]
    assert labels(drawing.picture) == ["", "dy: x = 2", "1", ""]


def test_leaves_constants_results_and_the_output_differ():
    x = Value(1.0, label="x")
    picture = draw((x + 1.0).exp()).picture
    assert [box.kind for box in picture.boxes] == ["leaf", "constant", "result", "output"]
    assert [box.symbol for box in picture.boxes] == ["", "", "+", "exp"]
    assert draw(Tensor([1.0])).picture.boxes[0].kind == "output"


def test_tensors_small_ones_in_full_others_by_their_statistics():
    w = Tensor(np.arange(6.0).reshape(2, 3), requires_grad=True)
    x = Tensor(np.ones((3, 4), np.float32))
    w.label, x.label = "w", "x"
    loss = (w @ x.double()).relu().sum()
    assert dict(box(draw(loss), "w").rows)["grad"] == "-"
    loss.backward()
    drawing = draw(loss)
    assert box(drawing, "w").rows == (("data", "[[0, 1, 2], [3, 4, 5]]"), ("grad", "[[4, 4, 4], [4, 4, 4]]"))
    hidden = next(box for box in drawing.picture.boxes if box.symbol == "@")
    assert hidden.rows == (("data", "(2, 4) float64"), ("", "mean 7.5, std 4.5"), ("grad", "-"))
    assert "x > 0" in labels(drawing.picture), "many elements have no one slope"
    assert "dx: g @ mT(y)" in labels(drawing.picture)


def test_a_tensor_of_one_element_has_a_slope_with_a_number():
    x = Tensor([[1.0]], requires_grad=True)
    assert labels(draw(x.sin()).picture) == ["cos(x) = 0.5403"]
    assert labels(draw(x.sum()).picture) == ["broadcast_to(restore(g, x.shape, dim), x.shape)"]


def test_odd_arrays_are_drawn():
    for array in (
        np.zeros((0, 3)),
        np.full(9, np.nan),
        np.array([np.inf] * 9),
        np.arange(9) > 4,
        np.float16([6e4] * 9),
    ):
        assert str(array.dtype) in str(draw(Tensor(array)))
    assert "[True, False]" in str(draw(Tensor([True, False])))


def test_a_released_graph_says_so():
    x = Tensor([2.0], requires_grad=True)
    y = x.exp().sum()
    y.backward(retain_graph=False)
    assert "(graph released)" in str(draw(y))


def test_several_outputs_share_what_they_were_computed_from():
    x = Value(2.0, label="x")
    drawing = draw([x.exp(), x.sin(), x])
    assert [box.kind for box in drawing.picture.boxes].count("output") == 3
    assert len(drawing.picture.boxes) == 3


def test_the_same_graph_gives_the_same_dot(tmp_path):
    assert draw(tangle(50)).source == draw(tangle(50)).source
    script = (
        "from autograd import Value; from autograd.draw import draw; "
        "x = Value(2.0, label='x'); print(draw((x * x + 3.0).sin() / x).source)"
    )
    runs = {
        subprocess.run(
            [sys.executable, "-c", script],
            env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": os.pathsep.join(sys.path)},
            capture_output=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert len(runs) == 1


def test_above_the_limit_the_nearest_nodes_are_drawn(bare):
    drawing = draw(chain(20_000))
    assert drawing.picture.notice.startswith("400 of 20,001 nodes shown; those farthest from the output are left out")
    assert sum(box.kind != "constant" for box in drawing.picture.boxes) == 400
    assert [box.cut for box in drawing.picture.boxes if box.kind != "constant"] == [True] + [False] * 399
    assert drawing.picture.notice in texts(drawing.svg)
    assert "400 of 20,001 nodes shown" in drawing.source
    assert "400 of 20,001 nodes shown" in str(drawing)
    assert not draw(chain(399)).picture.notice


def test_what_cannot_be_drawn_is_refused():
    with pytest.raises(TypeError, match="draw: needs a Value or a Tensor"):
        draw(3.0)
    with pytest.raises(TypeError, match="not \\[\\]"):
        draw([])
    with pytest.raises(ValueError, match='direction is "LR"'):
        draw(Value(1.0), direction="RL")


# Renderers ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("direction", ["LR", "TB"])
def test_a_saved_svg_contains_every_text(renderers, tmp_path, direction):
    o = neuron()
    o.backward()
    drawing = draw(o, direction=direction, title="A <neuron> & co.")
    path = drawing.save(tmp_path / "neuron.svg")
    shown = texts(path.read_text(encoding="utf-8"))
    for item in (*drawing.picture.boxes, *drawing.picture.edges):
        wanted = (item.name, item.symbol, *sum(item.rows, ())) if hasattr(item, "rows") else item.lines
        assert all(text in shown for text in wanted)
    assert "A <neuron> & co." in shown
    assert os.listdir(tmp_path) == ["neuron.svg"]


def test_awkward_names_are_safe(renderers, tmp_path):
    x = Value(2.0, label=AWKWARD)
    drawing = draw(x.exp(), title=AWKWARD)
    shown = texts(drawing.save(tmp_path / "x.svg").read_text(encoding="utf-8"))
    assert shown.count(AWKWARD_SHOWN) >= 2
    assert AWKWARD_SHOWN in str(drawing)


@pytest.mark.parametrize("name", [" ", "<>", "<b>", "&amp;", "\\", "a\\lb", "%", "\ud800"])
def test_names_that_mean_something_to_graphviz(renderers, name):
    x = Value(2.0)
    x.label = name
    assert " ".join(name.replace("\ud800", "").split()) in texts(draw(x.exp()).svg)


def test_the_renderer_is_named_and_our_own_says_how_to_get_a_better_one(bare):
    drawing = draw(neuron())
    assert drawing.renderer == BUILT_IN == "built-in layout"
    assert 'pip install "chainrule[draw]"' in texts(drawing.svg)


def test_pygraphviz_is_used_where_there_is_no_dot(monkeypatch, tmp_path):
    pytest.importorskip("pygraphviz")
    monkeypatch.setenv("PATH", str(tmp_path))
    drawing = draw(neuron())
    assert drawing.renderer == "pygraphviz"
    assert drawing.save(tmp_path / "x.png").read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize("suffix", [".png", ".pdf"])
def test_what_needs_graphviz_names_the_remedies(bare, tmp_path, suffix):
    with pytest.raises(
        RendererError, match=r'install Graphviz, or run: pip install "chainrule\[draw\]", or save as .svg'
    ):
        draw(neuron()).save(tmp_path / f"x{suffix}")
    assert not os.listdir(tmp_path)


def test_a_graph_that_would_stall_graphviz_is_drawn_by_our_own_layout():
    w = x = Value(0.9, label="w")
    for _ in range(399):
        x = x * w
    drawing = draw(x)
    assert drawing.renderer == BUILT_IN
    assert "Graphviz would take minutes" in texts(drawing.svg)


def test_saving(tmp_path):
    drawing = draw(neuron())
    assert drawing.save(str(tmp_path / "x.dot")).read_text(encoding="utf-8") == drawing.source
    for bad in ("x.jpg", "x", ".svg"):
        with pytest.raises(ValueError, match=r"\.dot, \.svg, \.png, \.pdf, \.html"):
            drawing.save(tmp_path / bad)
    with pytest.raises(FileNotFoundError, match="create it first"):
        drawing.save(tmp_path / "missing" / "x.dot")


def test_a_save_that_fails_leaves_the_old_file(tmp_path, monkeypatch):
    (tmp_path / "x.dot").write_text("old")

    def full(*_):
        raise OSError("disk full")

    monkeypatch.setattr(os, "replace", full)
    with pytest.raises(OSError, match="disk full"):
        draw(neuron()).save(tmp_path / "x.dot")
    assert (tmp_path / "x.dot").read_text() == "old"
    assert os.listdir(tmp_path) == ["x.dot"]


def test_a_notebook_shows_svg(renderers):
    drawing = draw(neuron())
    bundle = drawing._repr_mimebundle_()
    assert set(bundle) == {"image/svg+xml", "text/plain"}
    ElementTree.fromstring(bundle["image/svg+xml"])
    assert bundle["text/plain"] == str(drawing)
    assert set(drawing._repr_mimebundle_(include=["text/plain"])) == {"text/plain"}
    assert set(drawing._repr_mimebundle_(exclude=["text/plain"])) == {"image/svg+xml"}


def test_a_notebook_is_never_shown_an_error(monkeypatch):
    drawing = draw(neuron())

    def broken(*_):
        raise MemoryError("too large")

    monkeypatch.setattr(sys.modules["autograd.draw.drawing"], "render", broken)
    monkeypatch.setattr(sys.modules["autograd.draw.drawing"], "tree", broken)
    assert drawing._repr_mimebundle_() == {
        "text/plain": "<Drawing: 10 boxes, 9 edges>: no text/plain, since MemoryError: too large"
    }


def test_the_tree_for_terminals_shows_each_node_once():
    x = Value(2.0, label="x")
    h = x.exp()
    y = h * h + x
    y.backward()
    assert str(draw(y, title="T")).splitlines() == [
        "T",
        "y  +  data 56.6  grad 1",
        "├─ *  data 54.6  grad 1  [1]",
        "│  ├─ h  exp  data 7.389  grad 14.78  = 7.389 + 7.389  [dx: y = 7.389]",
        "│  │  └─ x  data 2  grad 110.2  = 1 + 109.2  [out = 7.389]",
        "│  └─ h, as above  [dy: x = 7.389]",
        "└─ x, as above  [1]",
    ]
    assert repr(draw(y, title="T")) == "<Drawing: 'T', 4 boxes, 5 edges>"


def test_importing_the_engine_loads_no_renderer():
    script = "import sys, autograd.draw; assert not {'graphviz', 'pygraphviz'} & set(sys.modules)"
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    subprocess.run([sys.executable, "-c", script], check=True, env=environment)


# Our own layout ------------------------------------------------------------------------------------------------------


def overlap(a, b, size_a, size_b) -> bool:
    return all(abs(a[k] - b[k]) < (size_a[k] + size_b[k]) / 2 - 1e-6 for k in (0, 1))


@pytest.mark.parametrize("size", [5, 50, 300])
def test_nothing_overlaps_and_edges_run_forward(size):
    picture = draw(tangle(size)).picture
    choose = random.Random(0)
    sizes = [(choose.uniform(20, 160), choose.uniform(20, 60)) for _ in picture.boxes]
    plates = [(choose.uniform(0, 120), 14.0) for _ in picture.edges]
    placed = layout(sizes, picture.ends, plates)
    everything = [*zip(placed.boxes, sizes, strict=True), *zip(placed.labels, plates, strict=True)]
    assert not any(overlap(a, b, size_a, size_b) for (a, size_a), (b, size_b) in combinations(everything, 2))
    for source, target in picture.ends:
        assert placed.layers[source] < placed.layers[target]
        assert placed.boxes[source][0] + sizes[source][0] / 2 < placed.boxes[target][0] - sizes[target][0] / 2
    for (x, y), (along, across) in everything:
        assert along / 2 - 1e-6 <= x <= placed.size[0] - along / 2 + 1e-6
        assert across / 2 - 1e-6 <= y <= placed.size[1] - across / 2 + 1e-6


@pytest.mark.parametrize("size", [5, 50, 300])
def test_no_edge_crosses_a_box_or_a_label_of_another(size):
    picture = draw(tangle(size)).picture
    sizes, plates = [(90.0, 50.0)] * len(picture.boxes), [(70.0, 14.0)] * len(picture.edges)
    placed = layout(sizes, picture.ends, plates)
    for k, route in enumerate(placed.routes):
        assert route[0][0] == pytest.approx(placed.boxes[picture.edges[k].source][0] + 45.0)
        assert route[-1][0] == pytest.approx(placed.boxes[picture.edges[k].target][0] - 45.0)
        assert all(a[0] <= b[0] + 1e-6 for a, b in pairwise(route)), "an edge never turns back"
        own = {picture.edges[k].source, picture.edges[k].target}
        for (x, y), (x1, _) in zip(route[::2], route[1::2], strict=True):
            for i, centre in enumerate(placed.boxes):
                assert i in own or not overlap(((x + x1) / 2, y), centre, (x1 - x, 0.0), (90.0, 50.0))
            for i, centre in enumerate(placed.labels):
                assert i == k or not overlap(((x + x1) / 2, y), centre, (x1 - x, 0.0), (70.0, 14.0))


def test_a_tree_is_drawn_without_crossings():
    picture = draw(neuron()).picture
    placed = layout([(80.0, 50.0)] * len(picture.boxes), picture.ends, [(40.0, 14.0)] * len(picture.edges))
    for (a, b), (c, d) in combinations(picture.ends, 2):
        if placed.layers[b] == placed.layers[d] and b != d:
            assert (placed.boxes[a][1] < placed.boxes[c][1]) == (placed.boxes[b][1] < placed.boxes[d][1])


@pytest.mark.parametrize("direction", ["LR", "TB"])
def test_the_svg_keeps_its_texts_within_their_boxes(bare, direction):
    root = ElementTree.fromstring(draw(tangle(50), direction=direction).svg)
    width, height = float(root.get("width", 0)), float(root.get("height", 0))
    for rect in root.iter("{http://www.w3.org/2000/svg}rect"):
        assert float(rect.get("width", 0)) <= width
        assert float(rect.get("height", 0)) <= height
