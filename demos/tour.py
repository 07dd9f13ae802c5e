"""The main job: train on moons and on digits, check the gradients, draw the pictures."""

from __future__ import annotations

from demos import digits, gradients, moons, neuron, pages
from demos.report import Options, Report


def run(options: Options) -> Report:
    """Run the five in turn."""
    report = Report()
    for demo in (moons, digits, gradients, neuron, pages):
        assert demo.__doc__ is not None
        print(f"\n{demo.__doc__.strip()}")
        report.add(demo.run(options))
    return report
