"""The demos of linear algebra, shortened: the numbers they find and the pictures they leave."""

import numpy as np
import pytest

from autograd import Tensor
from demos.report import Options


@pytest.fixture(scope="module")
def options(tmp_path_factory):
    pytest.importorskip("matplotlib", reason="the demos need the extra 'demos'")
    return Options(tmp_path_factory.mktemp("out"), seed=0, quick=True)


def test_a_layer_is_its_neurons(options):
    from demos.layer import run

    report = run(options)
    assert report.numbers["layer_gap"] < 1e-5
    assert report.numbers["layer_faster"] > 10
    assert report.numbers["layer_accuracy"] >= 0.85
    assert report.pictures[0].stat().st_size > 10_000


def test_king_less_man_plus_woman_is_queen(options):
    from demos.word_vectors import run

    report = run(options)
    assert report.numbers["word_vectors_queen"] == pytest.approx(1, abs=1e-6)
    assert "0.95" in report.findings[0], "what the guide prints is said, too"
    assert report.numbers["word_vectors_plural"] >= 0.25  # by chance 0.01
    assert report.pictures[0].stat().st_size > 10_000


def test_words_that_keep_the_same_company_are_near(options):
    from demos.skip_gram import run

    report = run(options)
    assert report.numbers["skip_gram_loss"] < 2.8  # 4.16 at the start
    assert report.numbers["skip_gram_rank"] <= 10
    assert report.pictures[0].stat().st_size > 10_000


def test_meaning_is_found_without_a_shared_word(options):
    from demos.retrieval import run

    report = run(options, question="what is a tuple")
    assert report.numbers["retrieval_10"] >= 0.3  # by chance 0.15
    assert any(finding.startswith("what is a tuple?") for finding in report.findings)
    assert report.pictures[0].stat().st_size > 10_000


def test_attention_is_its_formula(options):
    from demos.attention import run

    report = run(options)
    assert report.numbers["attention_gap"] < 1e-6
    assert report.numbers["attention_as"] == pytest.approx(8, rel=0.2)
    assert report.numbers["attention_divided"] == pytest.approx(1, rel=0.2)
    assert report.numbers["attention_the_character_before"] > 0.9  # of what evenly spread weight gives: hardly trained
    assert report.pictures[0].stat().st_size > 10_000


def test_what_heads_look_at_is_recognized(options):
    from demos.attention import looked_at, patterns

    text = "ab ab\nab"
    fits = patterns(text)
    assert np.flatnonzero(fits["the word so far"][7]).tolist() == [6, 7]
    assert np.flatnonzero(fits["the start of the line"][7]).tolist() == [5]
    assert np.flatnonzero(fits["the same character, earlier"][7]).tolist() == [1, 4]
    before = Tensor(np.eye(8, k=-1)[None, None])  # one layer, one head
    share, even = looked_at(before, text)["the character before"]
    assert share == 7 / 8
    assert even == pytest.approx(sum(1 / n for n in range(2, 9)) / 8)


def test_descent_finds_the_principal_plane(options):
    from demos.pca import run

    report = run(options)
    assert report.numbers["pca_eigen"] < 1e-6  # degrees
    assert report.numbers["pca_descent"] < 1
    assert report.numbers["pca_error"] == pytest.approx(1, abs=1e-3)
    assert report.pictures[0].stat().st_size > 10_000


def test_the_error_of_rank_r_is_what_was_cut_off(options):
    from demos.svd import run

    report = run(options)
    assert report.numbers["svd_gap"] < 1e-5
    assert report.numbers["svd_random"] == pytest.approx(0.96, abs=0.01)
    assert report.numbers["svd_neighbours"] < 0.6
    assert 1 <= report.numbers["svd_descent"] < 1.5, "descent does not beat it, but comes near"
    assert report.pictures[0].stat().st_size > 10_000


def test_few_parameters_are_enough_to_adapt(options):
    from demos.lora import run

    report = run(options)
    assert report.numbers["lora_share"] <= 0.05
    assert report.numbers["lora_before"] < 0.4
    assert report.numbers["lora_behind"] < 0.1
    assert report.numbers["lora_merged"] < 1e-4
    assert report.pictures[0].stat().st_size > 10_000
