"""The demos of information theory, shortened: the numbers they find and the pictures they leave."""

import pytest

from demos.report import Options


@pytest.fixture
def options(tmp_path):
    pytest.importorskip("matplotlib", reason="the demos need the extra 'demos'")
    return Options(tmp_path, seed=0, quick=True)


def drawn(report, *names):
    return [path.name for path in report.pictures] == [*names] and all(p.stat().st_size > 8000 for p in report.pictures)


def test_entropy_is_a_wall_for_a_compressor(options):
    from demos.entropy import run

    found = (report := run(options)).numbers
    assert (found["entropy_fair"], found["entropy_certain"]) == (1, 0)
    assert found["entropy_bent"] == pytest.approx(0.468996, abs=1e-6)
    assert found["entropy_best"] == pytest.approx(0.5, abs=1e-3)
    assert 0 < found["entropy_least_over"] < 2
    assert drawn(report, "entropy.png")


def test_kl_covers_both_hills_forward_and_chooses_one_in_reverse(options):
    from demos.kl import run

    found = (report := run(options)).numbers
    assert found["kl_there"] == pytest.approx(0.510826, abs=1e-6)
    assert found["kl_back"] == pytest.approx(0.368064, abs=1e-6)
    assert found["kl_forward"] < 0.01
    assert found["kl_reverse_-2.0"] < 0.02
    assert found["kl_reverse_2.5"] < 0.02
    assert drawn(report, "kl.png")
