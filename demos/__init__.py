"""Demonstrations: one idea a file. ``python -m demos`` lists them, ``python -m demos NAME`` runs one."""

from __future__ import annotations

CHAPTERS = {
    "The main job": ["tour"],
    "Putting it together": ["moons", "digits", "nanogpt"],
    "Calculus": ["gradients", "neuron"],
    "Seeing it": ["pages", "playground"],
}

DISTRIBUTED = ("nanogpt",)  # those that `mpiexec` may start on several ranks
