"""Lists and dictionaries of modules and parameters, beside PyTorch's."""

import copy

import pytest

import autograd
import nn


def anything_in_a_list(lib):
    layers = lib.nn
    inner = layers.ParameterList([lib.ones(2), lib.zeros(1, 3)])
    held = layers.ParameterList([lib.zeros(2, 3), inner, "a note", None, layers.Linear(2, 1), 1.5])
    told = [len(held), [type(element).__name__ for element in held], list(held.state_dict())]
    told += [[name for name, _ in held.named_modules()], held[2], held[-1], len(held[1:4]), held[1] is inner]
    held.append(layers.ParameterList([lib.ones(1)]))
    held += [7, lib.ones(2)]
    held[2] = lib.ones(1)
    held[3] = 8
    again = copy.deepcopy(held)
    return [*told, sorted(again.state_dict()), len(again), again[3], again[7], str(held).count("Object of type: int")]


def anything_in_a_dictionary(lib):
    layers = lib.nn
    held = layers.ParameterDict({"a": lib.ones(2), "b": 3, "c": layers.Linear(1, 1), "d": layers.ParameterList()})
    held["e"] = None
    held.update([["f", lib.ones(1)]])
    told = [list(held), list(reversed(held)), list(held.state_dict()), held["b"], held["e"], "e" in held, len(held)]
    both = held | layers.ParameterDict({"b": 4, "z": lib.zeros(1)})
    held |= layers.ParameterDict({"b": lib.ones(1)})
    made = held.fromkeys(["u", "v"], lib.ones(1))
    told += [list(both), both["b"], type(held["b"]).__name__, list(made), type(made["v"]).__name__]
    del held["b"]
    told += [held.pop("e"), held.setdefault("g"), held.popitem(), list(held), list(held.keys() & {"a", "b"})]
    held.clear()
    return [*told, len(held), list(copy.deepcopy(both)), str(both).count("Object of type: ParameterList")]


def repeated(lib):
    net = lib.nn.Sequential(lib.nn.Linear(2, 2), lib.nn.Tanh())
    twice = net * 2
    told = [len(twice), len(3 * net), twice[0] is twice[2] is net[0], list(twice.state_dict())]
    net *= 3
    return [*told, len(net), net[4] is net[0], str(net)]


def made_of_nothing_or_by_name(lib):
    layers = lib.nn
    kinds = (layers.ModuleList, layers.ModuleDict, layers.ParameterList, layers.ParameterDict)
    told = [str(kind(given)) for kind in kinds for given in (None, [])]
    told += [str(layers.ModuleList(modules=[layers.Tanh()])), str(layers.ModuleDict(modules={"a": layers.Tanh()}))]
    return [*told, len(layers.ParameterList(values=[lib.ones(1)])), len(layers.ParameterDict(parameters={"a": 1}))]


PROGRAMS = (anything_in_a_list, anything_in_a_dictionary, repeated, made_of_nothing_or_by_name)


@pytest.mark.parametrize("program", PROGRAMS)
def test_containers_hold_and_tell_what_pytorchs_do(torch, program):
    assert program(autograd) == program(torch)


def test_parameters_within_lists_learn():
    held = nn.ParameterList([autograd.ones(2), nn.ParameterList([autograd.ones(2)])])
    (held[0] * held[1][0] * 3).sum().backward()
    assert [p.grad.tolist() for p in held.parameters()] == [[3.0, 3.0]] * 2


def test_how_parameters_in_containers_are_shown():
    named = nn.ParameterDict({"w": autograd.ones(2, 3), "n": 4})
    lines = ["ParameterDict(", "  (w): Parameter containing: [float32 of size 2x3]", "  (n): Object of type: int", ")"]
    assert str(named).splitlines() == lines
    assert str(nn.ParameterList([autograd.ones(1)])) == "ParameterList((0): Parameter containing: [float32 of size 1])"


@pytest.mark.parametrize(
    "wrong",
    [
        *(lambda lib, kind=kind: getattr(lib.nn, kind)(3) for kind in ("ModuleList", "ParameterList")),
        lambda lib: lib.nn.ModuleList(lib.nn.Tanh()),
        lambda lib: lib.nn.ParameterList(lib.ones(2, 2)),
        lambda lib: lib.nn.ParameterList().extend(lib.ones(2, 2)),
        lambda lib: lib.nn.ParameterList([lib.ones(1)]).__setitem__(0, 3),
        lambda lib: lib.nn.ModuleDict({"a": lib.ones(1)}),
        lambda lib: lib.nn.Sequential(lib.nn.Tanh()) * 1.5,
    ],
)
def test_what_containers_refuse(torch, wrong):
    for lib in (torch, autograd):
        with pytest.raises(TypeError):
            wrong(lib)


def test_a_network_is_not_repeated_zero_times(torch):
    for lib in (torch, autograd):
        with pytest.raises(ValueError, match="0"):
            lib.nn.Sequential(lib.nn.Tanh()) * 0
