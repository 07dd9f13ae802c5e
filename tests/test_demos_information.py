"""The demos of information theory, shortened: the numbers they find and the pictures they leave."""

import pytest

from demos.report import Options


@pytest.fixture
def options(tmp_path):
    pytest.importorskip("matplotlib", reason="the demos need the extra 'demos'")
    return Options(tmp_path, seed=0, quick=True)


def drawn(report, *names):
    return [path.name for path in report.pictures] == [*names] and all(p.stat().st_size > 4000 for p in report.pictures)


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


def test_temperature_raises_the_entropy_and_has_a_best(options):
    from demos.temperature import run

    found = (report := run(options)).numbers
    assert found["temperature_0.5"] < found["temperature_1.0"] < found["temperature_2.0"]
    assert found["temperature_least_rise"] > 0
    assert found["temperature_slope"] < 1e-12
    assert found["temperature_calibrated"] < 1e-3
    assert drawn(report, "temperature.png")


def test_a_vae_describes_digits_in_fewer_nats(options):
    from demos.vae import run

    found = (report := run(options)).numbers
    assert found["vae_formula"] < 1e-6
    assert -found["vae_elbo"] < found["vae_blind"] - 1
    assert found["vae_neighbours"] > 0.5
    assert drawn(report, "vae.png", "vae_reconstructions.png")


def test_a_reward_is_hacked_unless_kl_holds_it_back(options):
    from demos.rlhf import run

    found = (report := run(options)).numbers
    assert found["rlhf_reward_0.0"] > found["rlhf_before"] + 3
    assert found["rlhf_before"] < found["rlhf_reward_1.0"] < found["rlhf_reward_0.0"] - 2
    assert 0 < found["rlhf_kl_1.0"] < found["rlhf_kl_0.0"] / 3
    assert drawn(report, "rlhf.png")
