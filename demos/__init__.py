"""Demonstrations: one idea a file. ``python -m demos`` lists them, ``python -m demos NAME`` runs one."""

from __future__ import annotations

CHAPTERS = {
    "The main job": ["tour"],
    "Putting it together": ["moons", "digits", "nanogpt"],
    "Linear algebra": ["layer", "word_vectors", "skip_gram", "retrieval", "attention", "pca", "svd", "lora"],
    "Calculus": ["partials", "chain_rule", "descent", "ravine", "walk_order", "gradients", "neuron"],
    "Seeing it": ["pages", "playground"],
}
