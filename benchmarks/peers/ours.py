"""This library: `Tensor`s by the same programs as PyTorch's, `Value`s by the same as micrograd's and microgpt's."""

from __future__ import annotations

from functools import partial
from typing import Any

import modules
import numpy as np
import scalar_programs
from training import Training, restarted

import autograd
import nn
import optim
from autograd import Value, compile

VERSION = f"chainrule, numpy {np.__version__}"


def _trained(network: Any, compiler: Any, arrays: dict[str, Any], options: dict[str, Any]) -> Training:
    return modules.training(autograd, network(autograd, arrays), arrays, options, compiler)


mlp, convnet, gpt = (partial(_trained, network, None) for network in (modules.mlp, modules.convnet, modules.gpt))
mlp_compiled, convnet_compiled, gpt_compiled = (
    partial(_trained, network, compile) for network in (modules.mlp, modules.convnet, modules.gpt)
)


def moons(arrays: dict[str, Any], options: dict[str, Any], loss_of: Any = scalar_programs.moons_loss) -> Training:
    model = nn.scalar.MLP(2, [16, 16, 1])
    parameters = scalar_programs.moons_parameters(model, arrays)
    optimizer = optim.SGD(parameters, lr=options["rate"])
    X, y = arrays["data.X"], arrays["data.y"]
    start = [p.data for p in parameters]

    def step() -> float:
        loss = loss_of(model, X, y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        return loss.data

    return Training(step, lambda: restarted(parameters, start))


def moons_compiled(arrays: dict[str, Any], options: dict[str, Any]) -> Training:
    return moons(arrays, options, compile(scalar_programs.moons_loss))


def scalar_gpt(arrays: dict[str, Any], options: dict[str, Any], compiler: Any = None) -> Training:
    model = scalar_programs.ScalarGPT(Value, arrays)
    optimizer = optim.Adam(model.parameters, lr=options["rate"])
    embedding, names, start = model.state["wte"], scalar_programs.sequences(arrays), [p.data for p in model.parameters]
    rows = [[float(letter == k) for k in range(27)] for letter in range(27)]
    loss_of, at = compiler(model.loss) if compiler else model.loss, 0

    def step() -> float:
        nonlocal at
        letters = names[at % len(names)]
        at += 1
        targets = [rows[letter] for letter in letters[1:]] if compiler else letters[1:]
        loss = loss_of([embedding[letter] for letter in letters[:-1]], targets)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        return loss.data

    def restart() -> None:
        nonlocal at
        at = 0
        restarted(model.parameters, start)

    return Training(step, restart)


def scalar_gpt_compiled(arrays: dict[str, Any], options: dict[str, Any]) -> Training:
    return scalar_gpt(arrays, options, compile)
