"""The benchmarks: everyone computes the same thing, and what is said of it follows from what was measured."""

import importlib.util
import json
from pathlib import Path

import numpy as np
import pytest

from benchmarks import __main__ as program
from benchmarks import alone, driver, profiling, report
from benchmarks.cases import CASES, Case, Contender, Goal, mlp_arrays

PEERS = Path(driver.__file__).parent / "peers"
SMALL = Case(
    "a small network",
    mlp_arrays(5, (3, 4, 2)),
    (Contender("ours", "ours", "mlp"), Contender("by hand", "by_hand", "mlp"), Contender("nobody", "nobody", "mlp")),
    (Goal("ours", "by hand", 100.0), Goal("by hand", "ours", 1e-6)),
    {"algorithm": "Adam", "rate": 0.01},
)


@pytest.fixture(autouse=True)
def peers(monkeypatch):
    monkeypatch.syspath_prepend(str(PEERS))


@pytest.mark.parametrize("name", CASES)
def test_those_that_are_installed_agree(name):
    """The second loss has felt an update."""
    case, losses = CASES[name], {}
    arrays = case.arrays()
    arrays |= {key: array[:20] for key, array in arrays.items() if name != "char_gpt" and key in ("data.X", "data.y")}
    if "data.names" in arrays:
        arrays |= {"data.names": arrays["data.names"][:1], "data.lengths": np.array([5])}
    for contender in case.contenders:
        if contender.threads > 1 or contender.peer not in ("ours", "by_hand", "tuples", "torch_"):
            continue
        if contender.peer == "torch_" and importlib.util.find_spec("torch") is None:
            continue
        variant = getattr(importlib.import_module(contender.peer), contender.variant)
        training = variant(arrays, {**case.options, "threads": 1})
        losses[contender.label] = [float(training.step()) for _ in range(2)]
        training.restart()
        if case.options["algorithm"] == "SGD":
            assert float(training.step()) == pytest.approx(losses[contender.label][0], rel=case.tolerance)
    wanted = losses.pop("NumPy, by hand")
    assert wanted[1] != wanted[0]
    assert losses
    for found in losses.values():
        assert found == pytest.approx(wanted, rel=case.tolerance)


@pytest.fixture(scope="module")
def measured():
    return driver.run(SMALL, seconds=0.1)


def test_workers_take_turns(measured):
    ours, by_hand, nobody = measured
    assert len(ours.seconds) == len(by_hand.seconds) >= 5
    assert ours.losses == pytest.approx(by_hand.losses, rel=1e-5)
    assert "No module named 'nobody'" in nobody.failure
    assert driver.Ratio.of(ours, by_hand).median > 0


def test_what_is_said_of_it(measured):
    said = report.text(SMALL, measured)
    assert "ours takes" in said
    assert "within the goal of 100" in said
    assert "NOT within the goal of 1e-06" in said
    assert "the losses agree" in said
    assert "nobody did not run" in said
    wrong = [measured[0]._replace(losses=(9.0,) * 20), *measured[1:]]
    assert "THE LOSSES DIFFER" in report.text(SMALL, wrong)


def test_the_page_and_its_plots(measured, tmp_path):
    table = alone.Table("Imports", ("ms",), [alone.Row("numpy", (100.0,))], ["a claim"])
    page = report.page({"small": (SMALL, measured)}, {"imports": table})
    assert "![a small network](images/bench-small.svg)" in page
    assert "| numpy | 100 |" in page
    pytest.importorskip("matplotlib")
    report.save_plot("small", SMALL, measured, tmp_path)
    assert (tmp_path / "bench-small.svg").read_text().count("ms a step")


def test_all_of_them_make_the_page(measured, tmp_path, monkeypatch, capsys):
    (tmp_path / "images").mkdir()
    monkeypatch.setattr(report, "DOCS", tmp_path)
    monkeypatch.setattr(driver, "run", lambda case, seconds: measured)
    monkeypatch.setattr(program, "CASES", {"small": SMALL})
    table = alone.Table("Imports", ("ms",), [alone.Row("numpy", (100.0,))], ["a claim"])
    monkeypatch.setattr(program, "ALONE", {"imports": lambda quick, python: table})
    assert program.main(["all"]) == 0
    assert "### `small`: a small network" in (tmp_path / "benchmarks.md").read_text()
    assert (tmp_path / "images" / "bench-small.svg").exists()
    assert "a claim" in capsys.readouterr().out


def test_where_the_time_goes():
    training = importlib.import_module("ours").mlp(mlp_arrays(5, (300, 200, 2))(), {"algorithm": "Adam", "rate": 0.01})
    shares = profiling.profiled(training, 20)
    assert sum(shares.values()) == pytest.approx(1, abs=0.1)
    assert {"linear, forward", "linear, backward", "optimizer"} <= shares.keys()


def test_growth_and_memory_each_in_its_process():
    found = alone.process("growth", "eager", 1000)
    assert 20 < found["bytes"] / found["nodes"] < 400
    assert alone.process("memory", "mlp_moons_sgd", "ours", "mlp")["peak"] >= 0


def test_the_command_line(capsys):
    assert program.main([]) == 0
    listed = capsys.readouterr().out
    assert all(name in listed for name in (*CASES, *alone.ALONE))
    assert program.main(["nothing"]) == 2
    assert program.main(["growth", "--profile"]) == 2


def test_initial_weights_and_data_travel_by_file(tmp_path):
    """Also those of names that Python could not write as keywords."""
    arrays = SMALL.arrays()
    np.savez(tmp_path / "arrays.npz", **arrays)
    with np.load(tmp_path / "arrays.npz") as file:
        assert json.dumps(sorted(file)) == json.dumps(sorted(arrays))
