"""Distributions beside PyTorch's: densities, entropies, divergences with their gradients; and what samples are like."""

import numpy as np
import pytest

import autograd
from autograd import ShapeError, Tensor, compile, distributions, gradcheck, manual_seed
from autograd.distributions import Distribution, Normal, kl_divergence, register_kl

RNG = np.random.default_rng(0)
A, B = RNG.normal(size=(2, 3)), RNG.normal(size=(2, 3))
POSITIVE, MORE = RNG.uniform(0.5, 2, (2, 3)), RNG.uniform(0.5, 2, 3)
WEIGHTS, OTHERS = RNG.uniform(0.1, 1, (2, 4)), RNG.uniform(0.1, 1, (2, 4))
P, Q = RNG.uniform(0.1, 0.9, (2, 3)), RNG.uniform(0.1, 0.9, (2, 3))
TRIL = np.tril(RNG.normal(size=(2, 3, 3)), -1) + np.eye(3) * POSITIVE[:, :, None]
COVARIANCE = TRIL @ TRIL.swapaxes(-1, -2)
ONE_HOT = np.eye(4)[[1, 3]]
CASES = {  # a class, its parameters, those of another, a value
    "Normal": ("Normal", {"loc": A, "scale": POSITIVE}, {"loc": B, "scale": MORE}, B),
    "Laplace": ("Laplace", {"loc": A, "scale": POSITIVE}, {"loc": B, "scale": MORE}, B),
    "Exponential": ("Exponential", {"rate": POSITIVE}, {"rate": MORE}, P),
    "Uniform": ("Uniform", {"low": A, "high": A + POSITIVE}, {"low": A - 1, "high": A + 3}, A + 0.3),
    "Bernoulli": ("Bernoulli", {"probs": P}, {"probs": Q}, np.array([[0.0, 1, 1], [1, 0, 0]])),
    "Bernoulli by logits": ("Bernoulli", {"logits": A}, {"logits": B}, np.array([[0.0, 1, 1], [1, 0, 0]])),
    "Categorical": ("Categorical", {"probs": WEIGHTS}, {"probs": OTHERS}, np.array([3, 1])),
    "Categorical by logits": ("Categorical", {"logits": A}, {"logits": B}, np.array([[2, 1], [0, 0], [1, 2]])),
    "OneHotCategorical": ("OneHotCategorical", {"probs": WEIGHTS}, {"logits": OTHERS}, ONE_HOT),
    "covariance": (
        "MultivariateNormal",
        {"loc": A, "covariance_matrix": COVARIANCE},
        {"loc": B, "covariance_matrix": COVARIANCE[0]},
        B,
    ),
    "precision": (
        "MultivariateNormal",
        {"loc": A, "precision_matrix": COVARIANCE[0]},
        {"loc": B[0], "precision_matrix": COVARIANCE},
        B,
    ),
    "scale_tril": ("MultivariateNormal", {"loc": A, "scale_tril": TRIL}, {"loc": B, "scale_tril": TRIL[0]}, B),
}
HERE = {"argvalues": CASES.values(), "ids": CASES}


def made(lib, name, parameters):
    leaves = {
        key: Tensor(x, requires_grad=True) if lib is autograd else lib.tensor(x, requires_grad=True)
        for key, x in parameters.items()
    }
    return getattr(lib.distributions, name)(**leaves), list(leaves.values())


def both(torch, name, parameters, compute, rtol=1e-9, atol=1e-12):
    """A number here and there, and its gradients."""
    results = []
    for lib in (autograd, torch):
        distribution, leaves = made(lib, name, parameters)
        out = compute(lib, distribution)
        if out.requires_grad:
            (out * out).sum().backward()
        results.append([out.detach().numpy(), *(x.grad.numpy() for x in leaves if x.grad is not None)])
    for found, expected in zip(*results, strict=True):
        assert found.shape == expected.shape
        np.testing.assert_allclose(found, expected, rtol=rtol, atol=atol)


@pytest.mark.parametrize(("name", "parameters", "others", "value"), **HERE)
def test_log_prob(torch, name, parameters, others, value):
    both(torch, name, parameters, lambda lib, p: p.log_prob(lib.tensor(value)))


@pytest.mark.parametrize(("name", "parameters", "others", "value"), **HERE)
@pytest.mark.parametrize("what", ["entropy", "perplexity", "mean", "variance", "stddev", "mode", "cdf", "shapes"])
def test_properties(torch, name, parameters, others, value, what):
    if what == "shapes":
        ours, theirs = (made(lib, name, parameters)[0] for lib in (autograd, torch))
        assert (ours.batch_shape, ours.event_shape) == (tuple(theirs.batch_shape), tuple(theirs.event_shape))
        assert ours.sample((5, 2)).shape == tuple(theirs.sample((5, 2)).shape)
        assert ours.sample().dtype == theirs.sample().numpy().dtype
        assert ours.has_rsample == theirs.has_rsample
        return
    if what == "cdf":
        if getattr(distributions, name).cdf is not Distribution.cdf:
            both(torch, name, parameters, lambda lib, p: p.cdf(lib.tensor(value)))
        return
    if what in ("entropy", "perplexity"):
        both(torch, name, parameters, lambda lib, p: getattr(p, what)())
        return
    found, expected = (getattr(made(lib, name, parameters)[0], what).detach().numpy() for lib in (autograd, torch))
    np.testing.assert_allclose(found, expected, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize(("name", "parameters", "others", "value"), **HERE)
def test_divergence(torch, name, parameters, others, value):
    both(torch, name, parameters, lambda lib, p: lib.distributions.kl_divergence(p, made(lib, name, others)[0]))
    both(torch, name, others, lambda lib, q: lib.distributions.kl_divergence(made(lib, name, parameters)[0], q))


@pytest.mark.parametrize(("name", "parameters", "others", "value"), **HERE)
def test_samples_have_the_moments(name, parameters, others, value):
    manual_seed(0)
    distribution, leaves = made(autograd, name, parameters)
    draws = distribution.sample((20_000,))
    assert not draws.requires_grad
    if name != "Categorical":
        np.testing.assert_allclose(draws.numpy().mean(0), distribution.mean.detach().numpy(), atol=0.08)
        np.testing.assert_allclose(draws.numpy().var(0), distribution.variance.detach().numpy(), rtol=0.12, atol=0.02)
    else:
        shares = np.stack([(draws.numpy() == k).mean(0) for k in range(distribution.param_shape[-1])], -1)
        np.testing.assert_allclose(shares, distribution.probs.detach().numpy(), atol=0.02)
    if distribution.has_rsample:
        distribution.rsample((3,)).sum().backward()
        assert all(np.isfinite(x.grad.numpy()).all() for x in leaves)
        assert any(x.grad.numpy().any() for x in leaves)
    else:
        with pytest.raises(NotImplementedError, match="not differentiable"):
            distribution.rsample()
    distribution.log_prob(draws)  # which lie where they may


def test_a_drawn_sample_is_differentiable():
    def drawn(loc, scale):
        manual_seed(3)
        return Normal(loc, scale).rsample((4,))

    leaves = [Tensor(A, requires_grad=True), Tensor(POSITIVE, requires_grad=True)]
    assert gradcheck(drawn, leaves)


def test_independent(torch):
    def of(lib):
        return lambda p: lib.distributions.Independent(p, 1)

    both(torch, "Normal", CASES["Normal"][1], lambda lib, p: of(lib)(p).log_prob(lib.tensor(B)))
    both(torch, "Normal", CASES["Normal"][1], lambda lib, p: of(lib)(p).entropy())
    other = CASES["Normal"][2]
    both(
        torch,
        "Normal",
        CASES["Normal"][1],
        lambda lib, p: lib.distributions.kl_divergence(of(lib)(p), of(lib)(made(lib, "Normal", other)[0])),
    )
    joint = distributions.Independent(Normal(Tensor(A), 1.0), 1)
    assert (joint.batch_shape, joint.event_shape) == ((2,), (3,))
    assert joint.sample((4,)).shape == joint.rsample((4,)).shape == (4, 2, 3)
    np.testing.assert_array_equal(joint.mean.numpy(), A)


def test_numbers_become_tensors(torch):
    for lib in (autograd, torch):
        found = lib.distributions.Normal(0.0, 1.0)
        assert found.sample().shape == ()
        assert lib.distributions.Bernoulli(0.3).sample((2,)).shape == (2,)
    x = autograd.distributions.Normal(Tensor(A), 1.0).log_prob(0.5).numpy()
    y = torch.distributions.Normal(torch.tensor(A), 1.0).log_prob(torch.tensor(0.5)).numpy()
    np.testing.assert_allclose(x, y, rtol=1e-12)


def test_probabilities_of_0_and_1(torch):
    for name, p, q in (
        ("Bernoulli", {"probs": np.array([0.0, 1, 0.5])}, {"probs": np.array([1.0, 1, 0.5])}),
        ("Categorical", {"probs": np.array([[0.0, 1], [0.5, 0.5]])}, {"probs": np.array([[1.0, 0], [0.5, 0.5]])}),
        ("Uniform", {"low": np.array([0.0, 0]), "high": np.array([1.0, 2])}, {"low": np.zeros(2), "high": np.ones(2)}),
    ):
        found, expected = (
            lib.distributions.kl_divergence(made(lib, name, p)[0], made(lib, name, q)[0]).detach().numpy()
            for lib in (autograd, torch)
        )
        np.testing.assert_allclose(found, expected, rtol=1e-6, atol=1e-12)
        found, expected = (made(lib, name, p)[0].entropy().detach().numpy() for lib in (autograd, torch))
        np.testing.assert_allclose(found, expected, atol=1e-12)


def test_support(torch):
    for name, parameters in (("Bernoulli", {"probs": Q}), ("Categorical", {"probs": WEIGHTS})):
        for expand in (True, False):
            found, expected = (
                made(lib, name, parameters)[0].enumerate_support(expand).numpy() for lib in (autograd, torch)
            )
            np.testing.assert_array_equal(found, expected)


def test_a_step_of_reinforce_is_that_of_torch(torch):
    def program(lib):
        logits = Tensor(A, requires_grad=True) if lib is autograd else torch.tensor(A, requires_grad=True)
        policy = lib.distributions.Categorical(logits=logits)
        loss = -(policy.log_prob(lib.tensor([2, 0])) * lib.tensor([1.0, -0.5]).double()).sum() - 0.01 * (
            policy.entropy().mean()
        )
        loss.backward()
        return logits.grad.numpy()

    np.testing.assert_allclose(program(autograd), program(torch), rtol=1e-12)


def test_within_a_compiled_function():
    def loss(mean, scale, x):
        return -Normal(mean, scale).log_prob(x).sum() + kl_divergence(Normal(mean, scale), Normal(0.0, 1.0)).sum()

    compiled = compile(loss)
    for shift in (0.0, 1.0, 2.0):
        mean, scale = Tensor(A + shift, requires_grad=True), Tensor(POSITIVE, requires_grad=True)
        here, there = Tensor(A + shift, requires_grad=True), Tensor(POSITIVE, requires_grad=True)
        compiled(mean, scale, Tensor(B)).backward()
        loss(here, there, Tensor(B)).backward()
        np.testing.assert_allclose(mean.grad.numpy(), here.grad.numpy(), rtol=1e-12)
        np.testing.assert_allclose(scale.grad.numpy(), there.grad.numpy(), rtol=1e-12)
    with pytest.raises(ValueError, match="scale must be above 0"):
        compiled(mean, Tensor(-POSITIVE, requires_grad=True), Tensor(B))


def test_own_divergences():
    class Point(Distribution):
        pass

    @register_kl(Point, Normal)
    def point(p, q):
        return autograd.tensor(7.0)

    assert kl_divergence(Point(), Normal(0.0, 1.0)).item() == 7
    with pytest.raises(NotImplementedError, match="Normal and Point"):
        kl_divergence(Normal(0.0, 1.0), Point())


D = distributions
REFUSED = {
    "scale": (lambda: D.Normal(0.0, -1.0), ValueError, "scale must be above 0"),
    "nan": (lambda: D.Normal(0.0, float("nan")), ValueError, "scale"),
    "shapes": (lambda: D.Normal(autograd.ones(2), autograd.ones(3)), ShapeError, r"\(2,\)"),
    "probs": (lambda: D.Bernoulli(1.5), ValueError, "within"),
    "both": (lambda: D.Bernoulli(0.5, 0.5), ValueError, "one of probs, logits"),
    "neither": (lambda: D.Categorical(), ValueError, "one of probs, logits"),
    "number": (lambda: D.Categorical(0.5), ShapeError, "one dimension"),
    "weights": (lambda: D.Categorical(autograd.tensor([-1.0, 2.0])), ValueError, "weights"),
    "logits": (lambda: D.Categorical(logits=autograd.tensor([float("nan"), 2.0])), ValueError, "NaN"),
    "interval": (lambda: D.Uniform(2.0, 1.0), ValueError, "high - low"),
    "value": (lambda: D.Uniform(0.0, 1.0).log_prob(3.0), ValueError, "within"),
    "outcome": (lambda: D.Categorical(autograd.ones(3)).log_prob(autograd.tensor(3)), ValueError, "0 to 2"),
    "half": (lambda: D.Bernoulli(0.5).log_prob(0.5), ValueError, "0 or 1"),
    "one-hot": (lambda: D.OneHotCategorical(autograd.ones(3)).log_prob(autograd.ones(3)), ValueError, "one-hot"),
    "value's shape": (lambda: D.Normal(autograd.ones(2), 1.0).log_prob(autograd.ones(3)), ShapeError, r"\(3,\)"),
    "negative time": (lambda: D.Exponential(1.0).log_prob(-1.0), ValueError, "at least 0"),
    "independent": (lambda: D.Independent(D.Normal(0.0, 1.0), 1), ShapeError, "1 dimensions"),
    "matrix": (lambda: D.MultivariateNormal(autograd.ones(2), autograd.eye(3)), ShapeError, "covariance_matrix"),
    "tril": (lambda: D.MultivariateNormal(autograd.ones(2), scale_tril=-autograd.eye(2)), ValueError, "diagonal"),
    "covariance": (lambda: D.MultivariateNormal(autograd.ones(2), -autograd.eye(2)), autograd.LinAlgError, "cholesky"),
}


@pytest.mark.parametrize(("call", "error", "words"), REFUSED.values(), ids=REFUSED)
def test_refused(call, error, words):
    with pytest.raises(error, match=words):
        call()


def test_without_checks():
    assert np.isnan(D.Normal(0.0, -1.0, validate_args=False).log_prob(0.0).item())
    assert D.Uniform(0.0, 1.0, validate_args=False).log_prob(3.0).item() == -np.inf


def test_numbers_take_the_default_dtype():
    autograd.set_default_dtype(autograd.float64)
    try:
        assert Normal(0.1, 1.0).loc.dtype == np.float64
        assert Normal(0.1, 1.0).loc.item() == 0.1
        assert D.Bernoulli(0.1).probs.item() == 0.1
    finally:
        autograd.set_default_dtype(autograd.float32)
    assert Normal(autograd.tensor(0), 0.5).scale.item() == 0.5


def test_checks_may_be_left_out_everywhere(torch):
    for made in (autograd.distributions, torch.distributions):
        try:
            made.Distribution.set_default_validate_args(False)
            made.Normal(0.0, -1.0)
            with pytest.raises(ValueError, match="scale"):
                made.Normal(0.0, -1.0, validate_args=True)
        finally:
            made.Distribution.set_default_validate_args(True)
        with pytest.raises(ValueError, match="scale"):
            made.Normal(0.0, -1.0)
        with pytest.raises(ValueError, match="^$" if made is torch.distributions else "True or False"):
            made.Distribution.set_default_validate_args(None)
