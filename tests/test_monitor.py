"""`nn.Monitor`: its numbers against direct ones, its line, its pictures, and that it leaves the training as it was."""

import copy
import io
import math
import re
import sys
import xml.etree.ElementTree as ET

import numpy as np
import pytest

import nn
import optim
from autograd import Tensor, manual_seed
from nn.monitor import sparkline

X = Tensor(np.random.default_rng(0).standard_normal((24, 4)).astype(np.float32))
Y = Tensor(np.arange(24) % 3)


def training(steps, lr=0.1, model=None, **settings):
    manual_seed(0)
    model = model or nn.MLP(4, [8, 3])
    optimizer = optim.SGD(model.parameters(), lr=lr)
    monitor = nn.Monitor(model, optimizer, classes=3, **{"live": False, "every": 1, **settings})
    for _ in range(steps):
        logits = model(X)
        loss = nn.functional.cross_entropy(logits, Y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        monitor.record(loss, accuracy=(logits.argmax(dim=1) == Y).float().mean())
    return model, monitor


def test_gradient_norms_and_updates_are_those_of_the_step():
    model, monitor = training(4, lr=0.1)
    for name, p in model.named_parameters():
        norm = np.linalg.norm(p.grad.numpy())
        before = p.numpy() + 0.1 * p.grad.numpy()
        assert monitor.gradient_norms[name][-1] == pytest.approx(norm, rel=1e-5)
        assert monitor.update_ratios[name][-1] == pytest.approx(0.1 * norm / np.linalg.norm(before), rel=1e-4)
    assert monitor.rates == [0.1] * 4


def test_measuring_only_some_steps_finds_the_same_numbers_there():
    _, all_steps = training(12)
    _, some = training(12, every=5)
    assert some.measured == [1, 6, 11]
    for name, ratios in some.update_ratios.items():
        assert ratios == [all_steps.update_ratios[name][k - 1] for k in some.measured]
    assert len(some.losses) == 12


def test_the_training_is_left_as_it_was():
    model, monitor = training(5)
    manual_seed(0)
    alone = nn.MLP(4, [8, 3])
    optimizer = optim.SGD(alone.parameters(), lr=0.1)
    for _ in range(5):
        optimizer.zero_grad()
        nn.functional.cross_entropy(alone(X), Y).backward()
        optimizer.step()
    for ours, theirs in zip(model.parameters(), alone.parameters(), strict=True):
        assert np.array_equal(ours.numpy(), theirs.numpy())
    monitor.close()
    assert not any(module._hooks.get("after") for module in model.modules())
    copy.deepcopy(model)(X)


def dying(kill):
    model = nn.MLP(4, [8, 3])
    model[0].bias.data = Tensor(np.where(np.arange(8) < kill, -100.0, 0.5).astype(np.float32))
    return model


def test_dead_units_are_those_that_were_0_for_a_whole_window():
    model, monitor = training(6, model=dying(kill=3), window=4, lr=1e-6)
    assert monitor.dead["1"] == [0, 0, 0, 3, 3, 3]
    assert "dead 3/8" in str(monitor)
    model.eval()
    model[0].bias.data = Tensor(np.full(8, -100.0, dtype=np.float32))
    for _ in range(9):
        model(X)
    assert monitor._units["1"].dead(4) == 3, "only training counts"


def test_units_of_images_are_channels_and_one_relu_may_serve_several_layers():
    class Twice(nn.Module):
        def __init__(self):
            self.relu = nn.ReLU()

        def forward(self, x):
            return self.relu(x), self.relu(x.sum(dim=(2, 3)) @ Tensor(np.ones((2, 5))))

    model = Twice()
    monitor = nn.Monitor(model, window=1, live=False)
    images = np.ones((3, 2, 4, 4))
    images[:, 1] = -1
    model(Tensor(images))
    assert {name: units.dead(1) for name, units in monitor._units.items()} == {"relu": 1, "relu (5 wide)": 5}


def test_findings_name_what_is_wrong():
    assert training(30)[1].findings() == []
    _, monitor = training(110, lr=0.0)
    assert any("no better than chance, 1.1" in sentence for sentence in monitor.findings())
    _, monitor = training(6, model=dying(kill=5), window=4, lr=1e-6)
    assert any("5 of 8 units of 1 are dead" in sentence for sentence in monitor.findings())
    monitor.record(math.nan)
    assert any("loss is nan at step 7" in sentence for sentence in monitor.findings())
    _, monitor = training(3, lr=50.0)
    assert any("0.weight changes by" in sentence for sentence in monitor.findings())
    model = nn.MLP(4, [8, 3])
    monitor = nn.Monitor(model, live=False)
    monitor.record(1.0)
    assert any("0.weight never had a gradient" in sentence for sentence in monitor.findings())


class Terminal(io.StringIO):
    def isatty(self):
        return True


def test_a_terminal_has_one_line_that_renews_itself():
    screen = Terminal()
    _, monitor = training(3, live=True, stream=screen)
    monitor.close()
    shown = screen.getvalue()
    assert "\n" not in shown[:-1]
    last = shown.split("\r")[-1]
    assert re.match(r"step 3  loss 1\.\d+ █.▁  chance 1.099  accuracy \d", last), last
    assert shown.endswith("\n")


def test_a_file_has_a_line_every_so_many_steps(capsys):
    training(25, live=True, lines=10)
    printed = capsys.readouterr().out.splitlines()
    assert [line.split()[1] for line in printed] == ["1", "10", "20"]


def test_sparklines():
    assert sparkline([1.0, 1.0]) == "▁▁"
    assert sparkline([1.0, math.nan, -3.0]) == "█×▁"
    assert sparkline([math.inf]) == "×"
    assert len(sparkline(range(1000))) == 20


def test_the_report_needs_no_network_and_has_everything(tmp_path):
    _, monitor = training(450, window=4)
    page = monitor.save(tmp_path / "run.html").read_text(encoding="utf-8")
    assert not re.search(r"https?://|<script|<link|@import|url\(", page)
    for said in ("Loss", "chance: log 3 = 1.1", "Accuracy", "Norm of each gradient", "Dead units", "2.weight", "450"):
        assert said in page
    assert page.count("<figure>") == 5
    assert "nan" not in page.lower().replace("finance", "")
    drawing = ET.fromstring(monitor.save(tmp_path / "run.svg").read_text(encoding="utf-8"))
    lines = [path for path in drawing.iter("{http://www.w3.org/2000/svg}path") if path.get("class") == "line"]
    assert len(lines) == 2 * (1 + 1 + 4 + 4 + 1), "each in its panel and in its legend"


def test_a_run_that_went_wrong_can_still_be_drawn(tmp_path):
    model, monitor = nn.MLP(4, [8, 3]), None
    monitor = nn.Monitor(model, live=False)
    for loss in (math.nan, math.inf, -1.0):
        monitor.record(loss)
    ET.fromstring(monitor.save(tmp_path / "run.svg").read_text(encoding="utf-8"))
    assert "×" in monitor.save(tmp_path / "run.html").read_text(encoding="utf-8")


def test_pictures_are_by_matplotlib_or_name_the_extra(tmp_path, monkeypatch):
    _, monitor = training(3)
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    with pytest.raises(ModuleNotFoundError, match=r"matplotlib: pip install \"chainrule\[demos\]\""):
        monitor.save(tmp_path / "run.png")
    monkeypatch.undo()
    pytest.importorskip("matplotlib")
    assert monitor.save(tmp_path / "run.png").read_bytes().startswith(b"\x89PNG")


def test_what_makes_no_sense_is_refused(tmp_path):
    model = nn.MLP(4, [8, 3])
    with pytest.raises(TypeError, match="model is a list"):
        nn.Monitor([model])
    with pytest.raises(ValueError, match="every is 0"):
        nn.Monitor(model, every=0)
    with pytest.raises(ValueError, match="classes is 1"):
        nn.Monitor(model, classes=1)
    monitor = nn.Monitor(model, live=False)
    with pytest.raises(ValueError, match="nothing recorded"):
        monitor.save(tmp_path / "run.html")
    with pytest.raises(TypeError, match="loss must be one number"):
        monitor.record(Tensor([1.0, 2.0]))
    with pytest.raises(ValueError, match=r"accuracy is 93\.0; it is a share"):
        monitor.record(1.0, accuracy=93.0)
    assert monitor.steps == 0
    monitor.record(1.0)
    with pytest.raises(ValueError, match=r"must end in \.html"):
        monitor.save(tmp_path / "run.gif")
