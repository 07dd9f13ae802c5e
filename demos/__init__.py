"""Demonstrations: one idea a file. ``python -m demos`` lists them, ``python -m demos NAME`` runs one."""

from __future__ import annotations

CHAPTERS = {
    "The main job": ["tour"],
    "Linear algebra": ["layer", "word_vectors", "skip_gram", "retrieval", "attention", "pca", "svd", "lora"],
    "Calculus": ["partials", "chain_rule", "descent", "ravine", "walk_order", "gradients", "neuron"],
    "Probability": ["softmax", "bayes", "noising", "ddpm_moons", "ddpm_digits", "cross_entropy"],
    "Information": ["entropy", "temperature", "kl", "vae", "rlhf"],
    "Putting it together": ["moons", "digits", "microgpt", "nanogpt", "torch_gpt"],
    "Seeing it": ["pages", "playground"],
}

DISTRIBUTED = ("nanogpt",)  # those that `mpiexec` may start on several ranks
