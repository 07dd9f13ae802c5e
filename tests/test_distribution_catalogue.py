"""The distributions beyond the first few, beside PyTorch's; their samples beside their own moments and cdf."""

import numpy as np
import pytest

import autograd
from autograd import GraphError, ShapeError, Tensor, distributions, manual_seed, special
from autograd.arrays.incomplete_gamma import log_gamma_shift
from autograd.distributions import kl_divergence
from tests.test_distributions import both, made

D = distributions
RNG = np.random.default_rng(1)
A, B = RNG.normal(size=(2, 3)), RNG.normal(size=(2, 3))
SOME, MORE, OTHER = RNG.uniform(0.5, 3, (2, 3)), RNG.uniform(0.5, 3, 3), RNG.uniform(0.5, 3, (2, 3))
P, Q = RNG.uniform(0.1, 0.9, (2, 3)), RNG.uniform(0.1, 0.9, 3)
COUNTS = np.array([[0.0, 1, 2], [3, 1, 4]])
SEVEN = np.full((2, 3), 7.0)
SHARES = RNG.dirichlet(np.ones(3), 2)
CASES = {  # a class, its parameters, those of another, a value
    "Gamma": ("Gamma", {"concentration": SOME, "rate": MORE}, {"concentration": OTHER, "rate": SOME}, OTHER),
    "Chi2": ("Chi2", {"df": SOME * 3}, {"df": OTHER}, SOME),
    "StudentT": ("StudentT", {"df": SOME + 2.5, "loc": A, "scale": MORE}, None, B),
    "StudentT of few": ("StudentT", {"df": np.array([0.5, 1.0, 1.5]), "loc": A, "scale": MORE}, None, B),
    "Beta": (
        "Beta",
        {"concentration1": SOME, "concentration0": OTHER},
        {"concentration1": OTHER, "concentration0": MORE},
        P,
    ),
    "Dirichlet": ("Dirichlet", {"concentration": SOME}, {"concentration": OTHER}, SHARES),
    "Dirichlet at corners": ("Dirichlet", {"concentration": P}, {"concentration": OTHER}, SHARES),
    "LogNormal": ("LogNormal", {"loc": A, "scale": SOME / 2}, {"loc": B, "scale": MORE}, SOME),
    "HalfNormal": ("HalfNormal", {"scale": SOME}, {"scale": MORE}, OTHER),
    "HalfCauchy": ("HalfCauchy", {"scale": SOME}, None, OTHER),
    "Cauchy": ("Cauchy", {"loc": A, "scale": SOME}, {"loc": B, "scale": MORE}, B),
    "Gumbel": ("Gumbel", {"loc": A, "scale": SOME}, {"loc": B, "scale": MORE}, B),
    "Weibull": ("Weibull", {"scale": SOME, "concentration": OTHER + 1}, None, MORE * np.ones((2, 1))),
    "Pareto": ("Pareto", {"scale": SOME, "alpha": OTHER + 5}, {"scale": SOME / 2, "alpha": MORE}, SOME + OTHER),
    "Pareto without moments": ("Pareto", {"scale": SOME, "alpha": P}, {"scale": SOME * 2, "alpha": P}, SOME + OTHER),
    "RelaxedBernoulli": ("RelaxedBernoulli", {"temperature": np.array(0.7), "probs": P}, None, Q * np.ones((2, 1))),
    "RelaxedOneHot": ("RelaxedOneHotCategorical", {"temperature": np.array(0.7), "logits": A}, None, SHARES),
    "straight through": ("OneHotCategoricalStraightThrough", {"probs": SHARES}, {"logits": A}, np.eye(3)[:2]),
    "Poisson": ("Poisson", {"rate": SOME}, {"rate": OTHER}, COUNTS),
    "Geometric": ("Geometric", {"probs": P}, {"probs": Q}, COUNTS),
    "Geometric by logits": ("Geometric", {"logits": A}, {"logits": B}, COUNTS),
    "Binomial": ("Binomial", {"total_count": SEVEN, "probs": P}, {"total_count": SEVEN, "probs": Q}, COUNTS),
    "Binomial by logits": ("Binomial", {"total_count": SEVEN, "logits": A}, {"total_count": SEVEN, "probs": Q}, COUNTS),
    "NegativeBinomial": ("NegativeBinomial", {"total_count": SOME, "probs": P}, None, COUNTS),
    "NegativeBinomial by logits": ("NegativeBinomial", {"total_count": SOME, "logits": A}, None, COUNTS),
}
TRIGAMMA = {"rtol": 1e-8, "atol": 3e-9}  # to so many digits PyTorch has it, and the gradients that it is in
HERE = {"argvalues": CASES.values(), "ids": CASES}
PROPERTIES = ("entropy", "mean", "variance", "stddev", "mode", "cdf", "icdf", "shapes")


def asked(lib, distribution, what, value):
    if what in ("cdf", "icdf"):
        x = lib.tensor(value) if what == "cdf" else lib.tensor(P)
        return getattr(distribution, what)(x)
    found = getattr(distribution, what)
    return found() if what == "entropy" else found


@pytest.mark.parametrize(("name", "parameters", "others", "value"), **HERE)
def test_log_prob(torch, name, parameters, others, value):
    both(torch, name, parameters, lambda lib, p: p.log_prob(lib.tensor(value)), rtol=1e-10)


@pytest.mark.parametrize(("name", "parameters", "others", "value"), **HERE)
@pytest.mark.parametrize("what", PROPERTIES)
def test_properties(torch, name, parameters, others, value, what):
    ours, theirs = (made(lib, name, parameters)[0] for lib in (autograd, torch))
    if what == "shapes":
        assert (ours.batch_shape, ours.event_shape) == (tuple(theirs.batch_shape), tuple(theirs.event_shape))
        assert ours.sample((5, 2)).shape == tuple(theirs.sample((5, 2)).shape)
        assert ours.sample().dtype == theirs.sample().numpy().dtype
        assert ours.has_rsample == theirs.has_rsample
        wide = ours.expand((4, *ours.batch_shape))
        assert (type(wide), wide.batch_shape) == (type(ours), (4, *ours.batch_shape))
        assert wide.log_prob(Tensor(value)).tolist() == [ours.log_prob(Tensor(value)).tolist()] * 4
        return
    try:
        asked(torch, theirs, what, value)
    except (NotImplementedError, RuntimeError, AttributeError):
        with pytest.raises((NotImplementedError, AttributeError, TypeError)):
            asked(autograd, ours, what, value)
        return
    if what == "cdf" and name in ("Gamma", "Chi2"):  # neither has all its gradients
        with pytest.raises(GraphError, match="first argument"):
            ours.cdf(Tensor(value))
        with autograd.no_grad():
            found = ours.cdf(Tensor(value))
        np.testing.assert_allclose(found.numpy(), theirs.cdf(torch.tensor(value)).detach().numpy(), rtol=1e-12)
        return
    found, expected = asked(autograd, ours, what, value), asked(torch, theirs, what, value)
    np.testing.assert_allclose(found.detach().numpy(), expected.detach().numpy(), rtol=1e-10, atol=1e-12)
    if what in ("entropy", "cdf", "icdf"):
        both(torch, name, parameters, lambda lib, p: asked(lib, p, what, value), **TRIGAMMA)


@pytest.mark.parametrize(("name", "parameters", "others", "value"), [c for c in CASES.values() if c[2]])
def test_divergence(torch, name, parameters, others, value):
    both(
        torch,
        name,
        parameters,
        lambda lib, p: lib.distributions.kl_divergence(p, made(lib, name, others)[0]),
        **TRIGAMMA,
    )
    both(torch, name, others, lambda lib, q: lib.distributions.kl_divergence(made(lib, name, parameters)[0], q))


@pytest.mark.parametrize(("name", "parameters", "others", "value"), **HERE)
def test_samples_have_the_moments(name, parameters, others, value):
    manual_seed(0)
    distribution, leaves = made(autograd, name, parameters)
    n = 20_000
    draws = distribution.sample((n,))
    assert not draws.requires_grad
    if "Relaxed" in name:
        distribution.log_prob(draws)
        return
    mean, variance = (x.detach().numpy() for x in (distribution.mean, distribution.variance))
    usual = np.isfinite(mean) & np.isfinite(variance)
    error = np.sqrt(np.where(usual, variance, 1) / n)
    assert (np.abs(draws.numpy().mean(0) - mean)[usual] < 4.5 * error[usual]).all()
    light = usual if "Student" not in name else usual & (parameters["df"] > 4)
    np.testing.assert_allclose(draws.numpy().var(0)[light], variance[light], rtol=0.2)
    distribution.log_prob(draws)  # which lie where they may
    manual_seed(0)
    assert (distribution.sample((n,)) == draws).all()
    if distribution.has_rsample:
        distribution.rsample((3,)).sum().backward()
        assert all(np.isfinite(x.grad.numpy()).all() for x in leaves)
        assert any(x.grad.numpy().any() for x in leaves) or name == "Dirichlet"
    else:
        with pytest.raises(NotImplementedError, match="not differentiable"):
            distribution.rsample()


# The draws of the gamma distribution ------------------------------------------------------------------------------


def test_a_gamma_draw_moves_with_its_shape_and_keeps_its_probability(torch):
    a = np.array([0.02, 0.3, 0.9, 1.0, 2.5, 7.0, 40.0, 900.0])[:, None] * np.ones(40)
    x = np.random.default_rng(3).gamma(a)
    shift = x * log_gamma_shift(np.log(x), a)
    h = 1e-5 * a
    slope = [special.gammainc(Tensor(a + k * h), Tensor(x)).numpy() for k in (1, -1, 2, -2)]
    by_shape = (8 * (slope[0] - slope[1]) - (slope[2] - slope[3])) / (12 * h)
    density = distributions.Gamma(Tensor(a), 1.0).log_prob(Tensor(x)).exp().numpy()
    np.testing.assert_allclose(-by_shape / density, shift, rtol=1e-6, atol=1e-9)
    theirs = torch._standard_gamma_grad(torch.tensor(a), torch.tensor(x)).numpy()
    np.testing.assert_allclose(shift, theirs, rtol=2e-3)  # theirs are approximations
    tiny = log_gamma_shift(
        np.array([-2000.0]), np.array([0.01])
    )  # log(x) and log(Gamma(a + 1)) / a, of x^a / Gamma(a + 1)
    np.testing.assert_allclose(tiny, (2000 + special.psi(Tensor([1.01], dtype="float64")).item()) / 0.01, rtol=1e-12)


def test_gradients_of_expectations():
    manual_seed(1)
    n = 40_000
    a, b = (Tensor(x, requires_grad=True, dtype="float64") for x in (1.7, 0.6))
    distributions.Gamma(a, b).rsample((n,)).square().mean().backward()  # of a (a + 1) / b^2
    np.testing.assert_allclose([a.grad.item(), b.grad.item()], [4.4 / 0.36, -2 * 1.7 * 2.7 / 0.216], rtol=0.03)
    a.grad = b.grad = None
    distributions.Beta(a, b).rsample((n,)).mean().backward()  # of a / (a + b)
    np.testing.assert_allclose([a.grad.item(), b.grad.item()], [0.6 / 2.3**2, -1.7 / 2.3**2], rtol=0.03)
    c = Tensor(np.array([0.2, 1.0, 3.0]), requires_grad=True)
    distributions.Dirichlet(c).rsample((n,))[:, 2].mean().backward()  # of c_2 / sum(c)
    np.testing.assert_allclose(c.grad.numpy(), np.array([-3, -3, 1.2]) / 4.2**2, rtol=0.05)


def test_tiny_concentrations_choose_one(torch):
    manual_seed(0)
    draws = distributions.Dirichlet(Tensor(np.full(4, 1e-3), requires_grad=True)).rsample((1000,))
    assert np.isfinite(draws.detach().numpy()).all()
    shares = draws.detach().numpy().mean(0)
    np.testing.assert_allclose(shares, 0.25, atol=0.05)
    assert (draws.detach().numpy().max(1) > 0.99).mean() > 0.98
    draws.sum(0)[0].backward()


def test_a_second_derivative_of_a_draw_is_refused():
    a = Tensor([1.5], requires_grad=True)
    with pytest.raises(GraphError, match="none of its own"):
        autograd.grad(distributions.Gamma(a, 1.0).rsample().sum(), a, create_graph=True)


# Of whole numbers -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("how", ["probs", "logits"])
def test_multinomial(torch, how):
    value = np.array([[2.0, 3, 1], [0, 6, 0]])

    def of(lib):
        leaf = Tensor(SOME, requires_grad=True) if lib is autograd else torch.tensor(SOME, requires_grad=True)
        return lib.distributions.Multinomial(6, **{how: leaf}), leaf

    for compute in (lambda lib, p: p.log_prob(lib.tensor(value)), lambda lib, p: p.entropy(), lambda lib, p: p.mean):
        results = []
        for lib in (autograd, torch):
            p, leaf = of(lib)
            out = compute(lib, p)
            (out * out).sum().backward()
            results.append((out.detach().numpy(), leaf.grad.numpy()))
        for found, expected in zip(*results, strict=True):
            np.testing.assert_allclose(found, expected, rtol=1e-7, atol=1e-12)  # its entropy in single precision
    ours, theirs = of(autograd)[0], of(torch)[0]
    np.testing.assert_allclose(ours.variance.detach().numpy(), theirs.variance.detach().numpy(), rtol=1e-12)
    draws = ours.sample((5000,))
    assert draws.shape == (5000, 2, 3)
    assert (draws.sum(-1) == 6).all()
    np.testing.assert_allclose(draws.numpy().mean(0), ours.mean.detach().numpy(), atol=0.1)
    ours.log_prob(draws)
    certain = distributions.Multinomial(2, logits=Tensor([-np.inf, 0.0]))
    assert certain.log_prob(Tensor([0.0, 2.0])).item() == 0


def test_at_the_ends_of_probability(torch):
    for lib in (autograd, torch):
        D = lib.distributions
        assert D.Geometric(probs=lib.tensor(1.0)).log_prob(lib.tensor(0.0)).item() == 0
        assert D.Poisson(lib.tensor(0.0)).log_prob(lib.tensor(0.0)).item() == 0
        zero, one = D.Poisson(lib.tensor(0.0)), D.Poisson(lib.tensor(1.0))
        assert lib is torch or D.kl_divergence(zero, one).item() == 1  # there NaN
        assert D.kl_divergence(one, zero).item() == np.inf
        assert lib is torch or D.kl_divergence(zero, zero).item() == 0
        five, three = (D.Binomial(lib.tensor(n), probs=lib.tensor(0.5)) for n in (5.0, 3.0))
        assert D.kl_divergence(five, three).item() == np.inf
        with pytest.raises(NotImplementedError):
            D.kl_divergence(three, five)
    assert distributions.NegativeBinomial(0.0, probs=0.5).sample().item() == 0


def test_angles(torch):
    parameters = {"loc": A, "concentration": SOME * 3}
    few = {"rtol": 2e-6, "atol": 1e-6}  # digits of PyTorch's Bessel functions
    both(torch, "VonMises", parameters, lambda lib, p: p.log_prob(lib.tensor(B)), **few)
    both(torch, "VonMises", parameters, lambda lib, p: p.variance, **few)
    manual_seed(0)
    angles, _ = made(autograd, "VonMises", parameters)
    draws = angles.sample((20_000,)).numpy()
    assert (angles.mean.numpy() == A).all()
    assert (abs(draws) <= np.pi).all()
    np.testing.assert_allclose(1 - np.cos(draws - A).mean(0), angles.variance.detach().numpy(), rtol=0.05)
    np.testing.assert_allclose(np.sin(draws - A).mean(0), 0, atol=0.02)
    whole = np.linspace(-np.pi, np.pi, 1001)[1:]  # the density over the circle has the integral 1
    density = D.VonMises(Tensor(0.3, dtype="float64"), 20.0).log_prob(Tensor(whole)).exp().mean() * (2 * np.pi)
    assert density.item() == pytest.approx(1, rel=1e-12)


MIXED = [
    ("Exponential", {"rate": SOME}, "Gamma", {"concentration": OTHER, "rate": MORE}),
    ("Gamma", {"concentration": OTHER, "rate": MORE}, "Exponential", {"rate": SOME}),
    ("Beta", {"concentration1": SOME, "concentration0": OTHER}, "Normal", {"loc": A, "scale": MORE}),
    ("Exponential", {"rate": SOME}, "Normal", {"loc": A, "scale": MORE}),
    ("Gamma", {"concentration": OTHER, "rate": MORE}, "Normal", {"loc": A, "scale": SOME}),
    ("Laplace", {"loc": B, "scale": SOME}, "Normal", {"loc": A, "scale": MORE}),
    ("Uniform", {"low": B, "high": B + SOME}, "Normal", {"loc": A, "scale": MORE}),
    ("Normal", {"loc": B, "scale": SOME}, "Laplace", {"loc": A, "scale": MORE}),
]


@pytest.mark.parametrize(("p", "of_p", "q", "of_q"), MIXED, ids=[f"{p} to {q}" for p, _, q, _ in MIXED])
def test_divergences_of_two_families(torch, p, of_p, q, of_q):
    both(torch, p, of_p, lambda lib, x: lib.distributions.kl_divergence(x, made(lib, q, of_q)[0]), **TRIGAMMA)
    both(torch, q, of_q, lambda lib, x: lib.distributions.kl_divergence(made(lib, p, of_p)[0], x))


@pytest.mark.parametrize("name", ["Normal", "Laplace", "Exponential", "Uniform"])
def test_icdf(torch, name):
    parameters = {
        "Exponential": {"rate": SOME},
        "Uniform": {"low": A, "high": A + SOME},
    }.get(name, {"loc": A, "scale": SOME})
    both(torch, name, parameters, lambda lib, p: p.icdf(lib.tensor(P)))
    p, _ = made(autograd, name, parameters)
    np.testing.assert_allclose(p.cdf(p.icdf(Tensor(P))).detach().numpy(), P, rtol=1e-12)


def test_in_single_precision_and_of_whole_numbers():
    for name, (kind, parameters, _, value) in CASES.items():
        narrow = {key: Tensor(x.astype(np.float32)) for key, x in parameters.items()}
        p = getattr(distributions, kind)(**narrow)
        assert p.sample().dtype == p.log_prob(Tensor(value.astype(np.float32))).dtype == np.float32, name
    two = Tensor([2])
    for p in (D.Gamma(two, 1.0), D.Chi2(two), D.StudentT(two), D.Beta(two, two), D.Poisson(two), D.Weibull(two, two)):
        assert p.sample().dtype == np.float32
    assert D.Geometric(logits=-200.0).mean.item() == np.inf
    assert D.NegativeBinomial(3.0, logits=30.0).sample().item() > 0


def test_expand_reaches_within(torch):
    def of(lib):
        D = lib.distributions
        return [
            D.Independent(D.Normal(lib.zeros(2, 3), 1.0), 1),
            D.OneHotCategorical(logits=lib.zeros(2, 3)),
            D.MultivariateNormal(lib.zeros(3), lib.eye(3)),
            D.Bernoulli(lib.zeros(2)),
        ]

    for ours, theirs in zip(of(autograd), of(torch), strict=True):
        wide, there = ours.expand((5, *ours.batch_shape)), theirs.expand((5, *theirs.batch_shape))
        assert (wide.batch_shape, wide.event_shape) == (tuple(there.batch_shape), tuple(there.event_shape))
        assert wide.sample((4,)).shape == tuple(there.sample((4,)).shape)
        assert wide.entropy().shape == tuple(there.entropy().shape)
    with pytest.raises(ShapeError, match=r"expand from \(2,\) to \(3,\)"):
        of(autograd)[0].expand((3,))


REFUSED = {
    "concentration": (lambda: D.Gamma(0.0, 1.0), ValueError, "concentration must be above 0"),
    "rate": (lambda: D.Gamma(1.0, -1.0), ValueError, "rate must be above 0"),
    "df": (lambda: D.StudentT(-1.0), ValueError, "df must be above 0"),
    "a negative time": (lambda: D.Gamma(1.0, 1.0).log_prob(-1.0), ValueError, "at least 0"),
    "a number of Dirichlet": (lambda: D.Dirichlet(1.0), ShapeError, "one dimension"),
    "a sum": (lambda: D.Dirichlet(autograd.ones(3)).log_prob(autograd.ones(3)), ValueError, "sum 1"),
    "a share": (lambda: D.Beta(1.0, 1.0).log_prob(1.5), ValueError, "within"),
    "a half": (lambda: D.Poisson(1.0).log_prob(0.5), ValueError, "whole number"),
    "more than all": (lambda: D.Binomial(3, 0.5).log_prob(4.0), ValueError, "total_count - value"),
    "a whole count": (lambda: D.Binomial(2.5, 0.5), ValueError, "total_count"),
    "many counts": (lambda: D.Multinomial(2.5, autograd.ones(3)), ValueError, "whole number"),
    "another sum": (lambda: D.Multinomial(2, autograd.ones(3)).log_prob(autograd.ones(3)), ValueError, "sum 2"),
    "never": (lambda: D.Geometric(0.0), ValueError, "above 0"),
    "always": (lambda: D.NegativeBinomial(1.0, 1.0), ValueError, "below 1"),
    "no cdf": (lambda: D.Poisson(1.0).cdf(1.0), NotImplementedError, "no cdf"),
    "no icdf": (lambda: D.Gamma(1.0, 1.0).icdf(0.5), NotImplementedError, "no icdf"),
    "no divergence": (
        lambda: kl_divergence(D.Gamma(1.0, 1.0), D.Poisson(1.0)),
        NotImplementedError,
        "Gamma and Poisson",
    ),
}


@pytest.mark.parametrize(("call", "error", "words"), REFUSED.values(), ids=REFUSED)
def test_refused(call, error, words):
    with pytest.raises(error, match=words):
        call()
