"""The demos of probability, shortened: the numbers they find and the pictures they leave."""

import numpy as np
import pytest

from demos.report import Options


@pytest.fixture
def options(tmp_path):
    pytest.importorskip("matplotlib", reason="the demos need the extra 'demos'")
    return Options(tmp_path, seed=0, quick=True)


def drawn(report, *names):
    return [path.name for path in report.pictures] == [*names] and all(p.stat().st_size > 8000 for p in report.pictures)


def test_softmax_gives_probabilities_where_the_definition_gives_nan(options):
    from demos.softmax import run

    report = run(options)
    assert report.numbers["softmax_largest"] == pytest.approx(0.634295, abs=1e-6)
    assert report.numbers["softmax_stable"] == pytest.approx(np.exp(2) / (1 + np.e + np.exp(2)))
    assert report.numbers["softmax_jacobian"] < 1e-14
    assert any("nan, nan, nan" in sentence for sentence in report.findings)
    assert drawn(report, "softmax.png")


def test_cross_entropy_is_the_cost_of_predictions_and_of_digits(options):
    from demos.cross_entropy import run

    found = (report := run(options)).numbers
    assert found["cross_entropy_good"] == pytest.approx(-np.log(0.9))
    assert found["cross_entropy_sure"] == pytest.approx(-np.log(0.001))
    assert found["cross_entropy_gradient"] < 1e-14
    assert found["cross_entropy_digits"] < 0.5
    assert drawn(report, "cross_entropy.png")


def test_bayes_rule_and_two_classifiers_agree_with_scikit_learn(options):
    from demos.bayes import run

    found = (report := run(options)).numbers
    assert found["bayes_spam"] == pytest.approx(0.1 / 0.116)
    assert found["bayes_slope"] < 1e-12
    assert found["bayes_naive_gap"] < 1e-9
    assert found["bayes_naive"] > 0.85
    assert found["bayes_logistic"] > 0.95
    assert drawn(report, "bayes.png")


def test_steps_of_noise_are_one_jump(options):
    from demos.noising import run

    found = (report := run(options)).numbers
    assert found["noising_gap"] < 0.05
    assert found["noising_left"] < 1e-4
    assert found["noising_score"] < 1e-5
    assert drawn(report, "noising.png")


def test_ddpm_makes_moons_of_noise(options):
    from demos.ddpm_moons import run

    found = (report := run(options)).numbers
    assert found["ddpm_moons_ratio"] < 0.7 * found["ddpm_moons_noise"]  # half the way; the full run arrives
    assert drawn(report, "ddpm_moons.png")


def test_ddpm_makes_digits_of_noise(options):
    from demos.ddpm_digits import run

    found = (report := run(options)).numbers
    assert found["ddpm_digits_new"] < 1.5  # noise is 4 times as far from the nearest example
    assert found["ddpm_digits_kinds"] >= 5
    assert drawn(report, "ddpm_digits.png")
