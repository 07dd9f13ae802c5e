"""The demos, shortened, in a directory of their own: the numbers they find and the pictures they leave."""

import sys

import pytest

from demos import CHAPTERS
from demos.__main__ import listing, main
from demos.report import Options

NAMES = [name for chapter in CHAPTERS.values() for name in chapter]


@pytest.fixture
def options(tmp_path):
    pytest.importorskip("matplotlib", reason="the demos need the extra 'demos'")
    return Options(tmp_path, seed=0, quick=True)


def test_scalars_and_arrays_learn_the_same(options):
    from demos.moons import run

    report = run(options)
    assert report.numbers["moons_difference"] < 1e-9
    assert report.numbers["moons_right"] >= 80  # of 100, after a tenth of the steps
    assert all(picture.stat().st_size > 10_000 for picture in report.pictures)


def test_digits_are_read(options):
    from demos.digits import run

    report = run(options)
    assert report.numbers["digits_accuracy"] >= 0.95
    assert len(report.pictures) == 2


def test_gradients_agree_with_differences_and_torch(options, torch, capsys):
    from demos.gradients import run

    report = run(options)
    assert report.numbers["gradients_differences"] < 1e-8
    assert report.numbers["gradients_torch"] < 1e-14
    assert "0.weight[" in capsys.readouterr().out


def test_the_neuron_is_drawn_with_its_numbers(options):
    from demos.neuron import run

    report = run(options)
    assert report.numbers["neuron_w1"] == pytest.approx(1.0, abs=1e-9)
    svg = report.pictures[0].read_text()
    assert "tanh" in svg
    assert "0.7071" in svg


def test_the_pages_play_a_network_of_values_and_one_of_tensors(options):
    from demos.pages import run

    report = run(options)
    assert [page.name for page in report.pictures] == ["moons.html", "iris.html"]
    for page in report.pictures:
        content = page.read_text(encoding="utf-8")
        assert "pages.py:" in content, "lines are known"
        assert page.stat().st_size < 100_000
    assert "MLP.layers[0].neurons[2]" in report.pictures[0].read_text(encoding="utf-8")


def test_an_interrupted_picture_leaves_nothing(options):
    class Interrupted:
        def savefig(self, path, **_):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        options.save(Interrupted(), "picture.png")
    assert list(options.out.iterdir()) == []


def test_all_demos_are_listed_with_their_titles():
    text = listing()
    for name in NAMES:
        assert f"  {name} " in text
    assert "Two moons told apart" in text


def test_a_missing_extra_is_named(options, monkeypatch, capsys):
    monkeypatch.setitem(sys.modules, "tqdm", None)
    monkeypatch.delitem(sys.modules, "demos.moons", raising=False)
    assert main(["moons"]) == 2
    assert 'this demo needs tqdm: pip install "chainrule[demos]"' in capsys.readouterr().err


def test_an_unknown_demo_is_an_error_that_names_those_there_are(capsys):
    assert main(["moonz"]) == 2
    message = capsys.readouterr().err
    assert "no demo 'moonz'" in message
    assert "moons" in message


def test_the_command_line_runs_a_demo(tmp_path, capsys):
    assert main(["neuron", "--out", str(tmp_path), "--quick"]) == 0
    assert str(tmp_path / "neuron.svg") in capsys.readouterr().out


def test_the_gpt_in_torch_learns_the_same(options, torch):
    from demos.torch_gpt import run

    report = run(options)
    assert report.numbers["torch_gpt_changed"] == 3
    assert report.numbers["torch_gpt_difference"] < 1e-12
    assert report.numbers["torch_gpt_weights"] < 1e-10
    assert report.pictures[0].stat().st_size > 10_000


def test_the_gpt_of_numbers_learns(options):
    from demos.microgpt import run

    report = run(options)
    assert report.numbers["microgpt_loss"] < 2.6
    assert report.numbers["microgpt_same"] < 1e-12
    assert report.numbers["microgpt_faster"] > 10


def test_a_gpt_that_was_interrupted_goes_on_where_it_stopped(options, monkeypatch):
    from demos import nanogpt

    report = nanogpt.run(options)
    assert report.numbers["nanogpt_loss"] < 3.5 < report.numbers["nanogpt_chance"]
    assert 2.2 < report.numbers["nanogpt_bigram"] < 2.5

    def interrupted(training):
        if training.step == 55:
            raise KeyboardInterrupt
        return once(training)

    once = nanogpt.Training.once
    monkeypatch.setattr(nanogpt.Training, "once", interrupted)
    with pytest.raises(KeyboardInterrupt):
        nanogpt.run(options)
    monkeypatch.setattr(nanogpt.Training, "once", once)
    assert nanogpt.run(options, resume=True).numbers == report.numbers
