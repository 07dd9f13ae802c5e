"""Transforms of random variables, the distributions they make, and mixtures: beside PyTorch's."""

import math

import numpy as np
import pytest

import autograd
from autograd import ShapeError, Tensor, distributions, manual_seed
from autograd.distributions import constraints, transforms
from tests.test_distribution_catalogue import TRIGAMMA
from tests.test_distributions import both, made

RNG = np.random.default_rng(2)
A, B = RNG.normal(size=(2, 3)), RNG.normal(size=(2, 3))
SOME, P = RNG.uniform(0.5, 3, (2, 3)), RNG.uniform(0.1, 0.9, (2, 3))
SHARES = RNG.dirichlet(np.ones(4), 2)


def composed(D, lib):
    return D.transforms.ComposeTransform(
        [D.transforms.AffineTransform(0.3, -2.0), D.transforms.TanhTransform(), D.transforms.AffineTransform(1.0, 0.5)]
    )


TRANSFORMS = {  # how it is made, and numbers in its domain
    "affine": (lambda D, lib: D.transforms.AffineTransform(lib.tensor(B), lib.tensor(-SOME)), A),
    "affine by numbers": (lambda D, lib: D.transforms.AffineTransform(1.5, 2, event_dim=1), A),
    "exp": (lambda D, lib: D.transforms.ExpTransform(), A),
    "inverse of exp": (lambda D, lib: D.transforms.ExpTransform().inv, SOME),
    "sigmoid": (lambda D, lib: D.transforms.SigmoidTransform(), A),
    "tanh": (lambda D, lib: D.transforms.TanhTransform(), A),
    "softplus": (lambda D, lib: D.transforms.SoftplusTransform(), A),
    "power": (lambda D, lib: D.transforms.PowerTransform(lib.tensor(SOME)), SOME),
    "power by a number": (lambda D, lib: D.transforms.PowerTransform(-2.0), SOME),
    "stick": (lambda D, lib: D.transforms.StickBreakingTransform(), A),
    "composed": (composed, A),
    "nothing": (lambda D, lib: D.transforms.identity_transform, A),
    "independent": (lambda D, lib: D.transforms.IndependentTransform(D.transforms.ExpTransform(), 1), A),
    "stick after": (
        lambda D, lib: D.transforms.ComposeTransform(
            [D.transforms.TanhTransform(), D.transforms.StickBreakingTransform()]
        ),
        A,
    ),
}
PAIRS = {"argvalues": TRANSFORMS.values(), "ids": TRANSFORMS}


@pytest.mark.parametrize(("make", "array"), **PAIRS)
def test_transforms(torch, make, array):
    found = []
    for lib in (autograd, torch):
        t = make(lib.distributions, lib)
        x = Tensor(array, requires_grad=True) if lib is autograd else torch.tensor(array, requires_grad=True)
        y = t(x)
        stretch = t.log_abs_det_jacobian(x, y)
        back = t.inv(y)
        ((y * y).sum() + (stretch * stretch).sum() + (back**3).sum()).backward()
        found.append([y.detach().numpy(), stretch.detach().numpy(), back.detach().numpy(), x.grad.numpy()])
        np.testing.assert_allclose(found[-1][2], array, rtol=1e-7)
        assert t.inv.inv is t
        dims = (t.domain.event_dim, t.codomain.event_dim, t.inv.domain.event_dim)
        found[-1] += [np.array(dims), np.array(t.forward_shape((2, 3))), np.array(t.inverse_shape(y.shape))]
        assert t.bijective
        inside = t.codomain.check(y)
        assert inside.all()
        found[-1].append(inside.numpy())
    for ours, theirs in zip(*found, strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("name", ["affine", "exp", "sigmoid", "tanh", "softplus", "power by a number", "composed"])
def test_how_they_stretch_is_their_slope(name):
    make, array = TRANSFORMS[name]
    t = make(distributions, autograd)
    x = Tensor(array, requires_grad=True)
    y = t(x)
    y.sum().backward()
    np.testing.assert_allclose(t.log_abs_det_jacobian(x, y).detach().numpy(), np.log(abs(x.grad.numpy())), rtol=1e-9)
    np.testing.assert_array_equal(np.sign(x.grad.numpy()), np.broadcast_to(np.asarray(t.sign), (2, 3)))


def test_those_that_lose_something(torch):
    for lib in (autograd, torch):
        T = lib.distributions.transforms
        x = lib.tensor(A)
        soft, size = T.SoftmaxTransform(), T.AbsTransform()
        assert not soft.bijective
        assert not size.bijective
        np.testing.assert_allclose(soft(soft.inv(soft(x))).numpy(), soft(x).numpy(), rtol=1e-12)
        np.testing.assert_array_equal(size(x).numpy(), abs(A))
        with pytest.raises(NotImplementedError):
            size.log_abs_det_jacobian(x, size(x))
        with pytest.raises(NotImplementedError):
            soft.sign


def test_the_last_pair_is_remembered():
    x = Tensor([0.5, 30.0])
    for t in (transforms.TanhTransform(cache_size=1), transforms.TanhTransform().with_cache()):
        y = t(x)
        assert t.inv(y) is x
        assert t(x) is y
        assert t.inv(y.clone()).tolist()[1] == math.inf
    without = transforms.TanhTransform()
    assert without.inv(without(x)) is not x
    affine = transforms.AffineTransform(1.0, 2.0).with_cache(1)
    assert affine.inv(affine(x)) is x
    both = transforms.ComposeTransform([transforms.TanhTransform(), transforms.AffineTransform(0.0, 2.0)], cache_size=1)
    assert both.inv(both(x)) is x


def test_equal_transforms():
    T = transforms
    assert T.ExpTransform() == T.ExpTransform()
    assert T.ExpTransform() != T.TanhTransform()
    assert T.ExpTransform().inv == T.ExpTransform().inv
    assert T.AffineTransform(0.0, 1.0) == T.AffineTransform(0.0, 1.0)
    assert T.AffineTransform(0.0, 1.0) != T.AffineTransform(0.0, 2.0)
    assert T.ComposeTransform([T.ExpTransform()]) == T.ComposeTransform([T.ExpTransform()])
    assert repr(T.AffineTransform(0.0, 1.0)).startswith("AffineTransform(loc=0.0")


# Distributions that they make ----------------------------------------------------------------------------------------


def squashed(lib, base):
    T = lib.distributions.transforms
    return lib.distributions.TransformedDistribution(base, [T.TanhTransform(), T.AffineTransform(1.0, -2.0)])


def test_a_squashed_normal_is_that_of_torch(torch):
    normal = ("Normal", {"loc": A, "scale": SOME})
    value = 1 - 2 * np.tanh(B)
    both(torch, *normal, lambda lib, p: squashed(lib, p).log_prob(lib.tensor(value)))
    both(torch, *normal, lambda lib, p: squashed(lib, p).cdf(lib.tensor(value)))
    both(torch, *normal, lambda lib, p: squashed(lib, p).icdf(lib.tensor(P)))
    both(torch, *normal, lambda lib, p: squashed(lib, lib.distributions.Independent(p, 1)).log_prob(lib.tensor(value)))


def test_a_step_of_a_soft_actor_is_that_of_torch(torch):
    """A policy's action is tanh of a normal draw; its log-probability, at the saturated ends too."""
    noise = np.array([[0.3, -1.2, 30.0], [2.0, -25.0, 0.1]])

    def program(lib):
        D = lib.distributions
        leaf = (lambda x: Tensor(x, requires_grad=True)) if lib is autograd else (
            lambda x: torch.tensor(x, requires_grad=True)
        )  # fmt: skip
        mean, log_std = leaf(A), leaf(B / 3)

        class Noise(D.Normal):
            def rsample(self, sample_shape=()):
                return self.loc + self.scale * lib.tensor(noise)

        base = D.Independent(Noise(mean, log_std.exp()), 1)
        policy = D.TransformedDistribution(base, D.transforms.TanhTransform(cache_size=1))
        action = policy.rsample()
        log_prob = policy.log_prob(action)
        (0.2 * log_prob - action.sum(-1)).mean().backward()
        return log_prob.detach().numpy(), mean.grad.numpy(), log_std.grad.numpy()

    for found, expected in zip(program(autograd), program(torch), strict=True):
        np.testing.assert_allclose(found, expected, rtol=1e-8)  # to which PyTorch has softplus


def test_a_transform_of_ones_own(torch):
    """As programs write it: with domain, codomain, sign, and a cache."""

    def program(lib):
        D = lib.distributions

        class Cube(D.transforms.Transform):
            domain = D.constraints.real
            codomain = D.constraints.interval(-math.inf, math.inf)
            bijective = True
            sign = +1

            def __init__(self, cache_size=1):
                super().__init__(cache_size=cache_size)

            def __eq__(self, other):
                return isinstance(other, Cube)

            def _call(self, x):
                return x**3

            def _inverse(self, y):
                return y.sign() * y.abs() ** (1 / 3)

            def log_abs_det_jacobian(self, x, y):
                return math.log(3) + 2 * x.abs().log()

        cubed = D.TransformedDistribution(D.Normal(lib.tensor(A), 1.0), [Cube()])
        return cubed.log_prob(lib.tensor(B)).numpy(), cubed.cdf(lib.tensor(B)).numpy()

    for found, expected in zip(program(autograd), program(torch), strict=True):
        np.testing.assert_allclose(found, expected, rtol=1e-12)


def test_shapes_are_those_of_torch(torch):
    def of(lib):
        D = lib.distributions
        T = D.transforms
        normal = D.Normal(lib.zeros(2, 3), lib.ones(2, 3))
        return [
            D.TransformedDistribution(normal, T.StickBreakingTransform()),
            D.TransformedDistribution(normal, [T.ExpTransform(), T.AffineTransform(0.0, 1.0, event_dim=1)]),
            D.TransformedDistribution(D.Normal(lib.tensor(0.0), lib.tensor(1.0)), T.AffineTransform(lib.zeros(4), 1.0)),
            D.TransformedDistribution(D.Dirichlet(lib.ones(2, 3)), T.AffineTransform(0.0, 2.0)),
            D.TransformedDistribution(D.Independent(normal, 1), []),
        ]

    for ours, theirs in zip(of(autograd), of(torch), strict=True):
        assert (ours.batch_shape, ours.event_shape) == (tuple(theirs.batch_shape), tuple(theirs.event_shape))
        draw = ours.rsample((5,))
        assert draw.shape == tuple(theirs.rsample((5,)).shape)
        found, expected = ours.log_prob(draw).numpy(), theirs.log_prob(torch.tensor(draw.numpy())).numpy()
        np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-5)
        wide = ours.expand((7, *ours.batch_shape))
        assert (wide.batch_shape, wide.sample().shape) == ((7, *ours.batch_shape), (7, *draw.shape[1:]))


def test_divergences_of_transformed_ones(torch):
    def divergence(lib, p):
        q = made(lib, "Normal", {"loc": B, "scale": SOME + 1})[0]
        D = lib.distributions
        return D.kl_divergence(squashed(lib, D.Independent(p, 1)), squashed(lib, D.Independent(q, 1)))

    both(torch, "Normal", {"loc": A, "scale": SOME}, divergence, **TRIGAMMA)
    one, other = distributions.LogNormal(0.0, 1.0), squashed(autograd, distributions.Normal(0.0, 1.0))
    with pytest.raises(NotImplementedError, match="transformed differently"):
        distributions.kl_divergence(one, other)


# Samples beside their cdf ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "parameters"),
    [
        ("Cauchy", (1.0, 2.0)),
        ("Exponential", (2.0,)),
        ("Gamma", (0.3, 2.0)),
        ("Gamma", (4.0, 2.0)),
        ("Gumbel", (1.0, 2.0)),
        ("HalfCauchy", (2.0,)),
        ("HalfNormal", (2.0,)),
        ("Laplace", (1.0, 2.0)),
        ("LogNormal", (1.0, 0.5)),
        ("Pareto", (1.0, 0.5)),
        ("Weibull", (1.0, 0.5)),
    ],
)
def test_draws_are_distributed_as_the_cdf_says(name, parameters):
    """The largest distance of their own cdf from it (Kolmogorov and Smirnov)."""
    manual_seed(5)
    n = 10_000
    distribution = getattr(distributions, name)(*(Tensor(x, dtype="float64") for x in parameters))
    cdf = distribution.cdf(Tensor(np.sort(distribution.sample((n,)).numpy()))).numpy()
    assert abs(cdf - (np.arange(n) + 0.5) / n).max() < 1.7 / math.sqrt(n)  # once in three hundred


# Relaxed and mixed ---------------------------------------------------------------------------------------------------


def test_relaxed_draws_lie_near_the_corners(torch):
    manual_seed(0)
    weights = Tensor([0.2, 0.3, 0.5], requires_grad=True)
    draws = distributions.RelaxedOneHotCategorical(0.05, probs=weights).rsample((4000,))
    np.testing.assert_allclose(draws.sum(-1).detach().numpy(), 1, rtol=1e-5)
    np.testing.assert_allclose((draws.detach().numpy() > 0.5).mean(0), [0.2, 0.3, 0.5], atol=0.03)
    (draws[:, 0] * 2).sum().backward()
    assert np.isfinite(weights.grad.numpy()).all()
    near = distributions.RelaxedBernoulli(0.05, probs=0.3).sample((4000,)).numpy()
    np.testing.assert_allclose((near > 0.5).mean(), 0.3, atol=0.03)
    wide = distributions.RelaxedOneHotCategorical(autograd.tensor(0.5), logits=autograd.zeros(2, 3)).expand((4, 2))
    assert wide.rsample().shape == (4, 2, 3)
    assert wide.temperature.item() == 0.5


def test_straight_through_gives_the_gradient_of_the_probabilities():
    probs = Tensor(SHARES, requires_grad=True)
    draw = distributions.OneHotCategoricalStraightThrough(probs=probs).rsample()
    assert sorted(np.round(draw.detach().numpy(), 6).ravel().tolist()) == [0.0] * 6 + [1.0] * 2
    weights = np.arange(8.0).reshape(2, 4)
    (draw * Tensor(weights)).sum().backward()
    np.testing.assert_allclose(probs.grad.numpy(), weights - (SHARES * weights).sum(-1, keepdims=True), rtol=1e-12)


def mixtures(lib, weights, loc, scale):
    D = lib.distributions
    numbers = D.MixtureSameFamily(D.Categorical(logits=weights), D.Normal(loc, scale))
    vectors = D.MixtureSameFamily(D.Categorical(logits=weights[0]), D.Independent(D.Normal(loc.mT, scale.mT), 1))
    return numbers, vectors


def test_mixtures(torch):
    results = []
    for lib in (autograd, torch):
        leaf = (lambda x: Tensor(x, requires_grad=True)) if lib is autograd else (
            lambda x: torch.tensor(x, requires_grad=True)
        )  # fmt: skip
        leaves = [leaf(x) for x in (P, A, SOME)]
        numbers, vectors = mixtures(lib, *leaves)
        assert (tuple(numbers.batch_shape), tuple(vectors.event_shape)) == ((2,), (2,))
        outs = [
            numbers.log_prob(lib.tensor(B[0, :2])),
            numbers.log_prob(lib.tensor(B[:, :1])),
            numbers.cdf(lib.tensor(B[1, :2])),
            numbers.mean,
            numbers.variance,
            vectors.log_prob(lib.tensor(B[:, :2])),
            vectors.mean,
            vectors.variance,
        ]
        sum((out * out).sum() for out in outs).backward()
        results.append([*(out.detach().numpy() for out in outs), *(x.grad.numpy() for x in leaves)])
        assert numbers.expand((4, 2)).sample((5,)).shape == (5, 4, 2)
    for found, expected in zip(*results, strict=True):
        np.testing.assert_allclose(found, expected, rtol=1e-11)
    manual_seed(0)
    for mixture in mixtures(autograd, *map(Tensor, (P, A, SOME))):
        draws = mixture.sample((20_000,)).numpy()
        np.testing.assert_allclose(draws.mean(0), mixture.mean.numpy(), atol=0.06)
        np.testing.assert_allclose(draws.var(0), mixture.variance.numpy(), rtol=0.06)


def test_constraints(torch):
    x = np.array([[0.25, 0.75], [-1.0, 2.0]])
    for lib in (autograd, torch):
        C = lib.distributions.constraints
        t = lib.tensor(x)
        assert C.simplex.check(t).tolist() == [True, False]
        assert C.real_vector.check(t / t).tolist() == [True, True]
        assert C.unit_interval.check(t).tolist() == [[True, True], [False, False]]
        assert C.greater_than(0.5).check(t).tolist() == [[False, True], [False, True]]
        assert C.less_than(0.5).check(t).tolist() == [[True, False], [True, False]]
        assert C.nonnegative.check(t).tolist() == C.positive.check(t).tolist()
        assert (C.simplex.event_dim, C.real.event_dim, C.independent(C.real, 2).event_dim) == (1, 0, 2)
    assert repr(constraints.interval(0, 1)) == "interval(0, 1)"


D, T = distributions, transforms
REFUSED = {
    "cache": (lambda: T.ExpTransform(cache_size=2), ValueError, "must be 0 or 1"),
    "no transform": (lambda: D.TransformedDistribution(D.Normal(0.0, 1.0), [abs]), ValueError, "must be Transforms"),
    "too few dimensions": (
        lambda: D.TransformedDistribution(D.Normal(0.0, 1.0), T.StickBreakingTransform()),
        ShapeError,
        "needs 1 dimensions",
    ),
    "event_dim": (lambda: T.Transform()._call(1.0), NotImplementedError, "write _call"),
    "temperature": (lambda: D.RelaxedBernoulli(0.0, 0.5), ValueError, "temperature must be above 0"),
    "scale": (lambda: D.HalfNormal(-1.0), ValueError, "scale"),
    "left of scale": (lambda: D.Pareto(1.0, 1.0).log_prob(0.5), ValueError, "value - scale"),
    "negative": (lambda: D.HalfNormal(1.0).log_prob(-0.5), ValueError, "at least 0"),
    "mixture": (lambda: D.MixtureSameFamily(D.Normal(0.0, 1.0), D.Normal(0.0, 1.0)), ValueError, "Categorical"),
    "components": (
        lambda: D.MixtureSameFamily(D.Categorical(autograd.ones(3)), D.Normal(autograd.zeros(2), 1.0)),
        ShapeError,
        "3 outcomes choose among",
    ),
}


@pytest.mark.parametrize(("call", "error", "words"), REFUSED.values(), ids=REFUSED)
def test_refused(call, error, words):
    with pytest.raises(error, match=words):
        call()
