"""The demos of calculus, shortened: the numbers they find and the pictures they leave."""

import pytest

from demos.report import Options


@pytest.fixture
def options(tmp_path):
    pytest.importorskip("matplotlib", reason="the demos need the extra 'demos'")
    return Options(tmp_path, seed=0, quick=True)


def test_the_gradient_points_uphill(options):
    from demos.partials import run

    report = run(options)
    assert (report.numbers["partials_x"], report.numbers["partials_y"]) == (10, 10)
    assert report.numbers["partials_steepest"] == 45
    assert report.numbers["partials_random"] > report.numbers["partials_before"] - 0.1
    assert report.numbers["partials_fooled"] < report.numbers["partials_before"] - 0.3
    assert report.pictures[0].stat().st_size > 10_000


def test_a_layer_is_differentiated_as_by_hand_and_by_torch(options, torch):
    from demos.chain_rule import run

    report = run(options)
    assert report.numbers["chain_rule_sine"] < 1e-15
    assert report.numbers["chain_rule_hand"] < 1e-14
    assert report.numbers["chain_rule_torch"] < 1e-14
    assert report.pictures[0].stat().st_size > 10_000


def test_descent_goes_as_its_factor_says(options):
    from demos.descent import run

    report = run(options)
    assert report.numbers["descent_after_6"] == pytest.approx(3 + 7 * 0.8**6, rel=1e-12)
    assert report.numbers["descent_0.5"] == 3
    assert report.numbers["descent_1.0"] in (10, -4)
    assert abs(report.numbers["descent_1.1"] - 3) > 100
    assert (
        report.numbers["descent_below"] < 0.6 < report.numbers["descent_slow"] < 0.9 < report.numbers["descent_above"]
    )
    assert report.pictures[0].stat().st_size > 10_000


def test_momentum_and_adam_come_out_of_the_ravine(options):
    from demos.ravine import run

    found = run(options).numbers
    assert found["ravine_straight"] == pytest.approx(100)
    assert found["ravine_tumours"] > 100
    for ravine in ("straight", "tumours"):
        assert found[f"ravine_{ravine}_SGD"] == 200, "not there"
        assert found[f"ravine_{ravine}_momentum"] < 100
        assert found[f"ravine_{ravine}_Adam"] < 150
    assert (options.out / "ravine.png").stat().st_size > 10_000


def test_only_the_right_order_is_right(options):
    from demos.walk_order import run

    found = run(options).numbers
    assert abs(found["walk_order_depth_first"]) > 0.1
    assert abs(found["walk_order_in_order"]) < 1e-12
    assert abs(found["walk_order_every_path"]) < 1e-12
    assert found["walk_order_visits"] > 100
    assert found["walk_order_layer1"] > 0.5
    assert found["walk_order_layer3"] == 0
    assert (options.out / "walk_order.png").stat().st_size > 10_000
