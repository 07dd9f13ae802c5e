"""One neuron's computation graph, with every value, every gradient, and every local derivative on its edge."""

from __future__ import annotations

from autograd import Value, draw
from demos.report import Options, Report


def neuron() -> tuple[Value, dict[str, Value]]:
    """tanh(w1 x1 + w2 x2 + b): the numbers of micrograd's lecture, for which the derivatives come out round."""
    x1, x2 = Value(2.0, label="x1"), Value(0.0, label="x2")
    w1, w2 = Value(-3.0, label="w1"), Value(1.0, label="w2")
    b = Value(6.8813735870195432, label="b")
    out = (x1 * w1 + x2 * w2 + b).tanh()
    out.label = "out"
    return out, {"x1": x1, "x2": x2, "w1": w1, "w2": w2, "b": b}


def run(options: Options) -> Report:
    """Run the neuron forward and backward, and draw what happened."""
    out, inputs = neuron()
    out.backward()
    options.out.mkdir(parents=True, exist_ok=True)
    path = options.out / "neuron.svg"
    drawing = draw(out, title="out = tanh(w1 x1 + w2 x2 + b)")
    drawing.save(path)
    print(drawing)
    report = Report(pictures=[path])
    gradients = ", ".join(f"d out/d {name} = {value.grad:.4f}" for name, value in inputs.items())
    report.found("neuron_w1", inputs["w1"].grad, gradients)
    report.findings.append(f"drawn by {drawing.renderer}")
    return report
