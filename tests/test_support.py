"""Which values the draws of distributions may have, beside PyTorch's."""

import numpy as np
import pytest

import autograd
from autograd import distributions, manual_seed
from tests.test_distribution_catalogue import CASES

VALUES = np.array([-2.0, -1.0, 0.0, 0.25, 0.5, 1.0, 2.0, 2.5, 7.0, 8.0])
VECTORS = np.array([[0.2, 0.3, 0.5], [0, 1, 0], [1, 1, 0], [-1, 1, 1], [3, 3, 1], [3, 9, 1.0]])


def catalogued(name, parameters, *_):
    return lambda lib, D: getattr(D, name)(**{key: lib.tensor(value) for key, value in parameters.items()})


EXAMPLES = {
    **{name: catalogued(*case) for name, case in CASES.items()},
    "Normal": lambda lib, D: D.Normal(lib.zeros(2, 3), 1.0),
    "Laplace": lambda lib, D: D.Laplace(0.0, 1.0),
    "Exponential": lambda lib, D: D.Exponential(1.0),
    "Uniform": lambda lib, D: D.Uniform(lib.tensor([-1.0, 0.0, 1.0]), 2.0),
    "VonMises": lambda lib, D: D.VonMises(0.0, 1.0),
    "Bernoulli": lambda lib, D: D.Bernoulli(0.3),
    "Categorical": lambda lib, D: D.Categorical(lib.ones(2, 3)),
    "OneHotCategorical": lambda lib, D: D.OneHotCategorical(lib.ones(2, 3)),
    "Multinomial": lambda lib, D: D.Multinomial(7, lib.ones(3)),
    "MultivariateNormal": lambda lib, D: D.MultivariateNormal(lib.zeros(3), lib.eye(3)),
    "Independent": lambda lib, D: D.Independent(D.Exponential(lib.ones(2, 3)), 1),
    "Independent, discrete": lambda lib, D: D.Independent(D.Bernoulli(lib.ones(3) / 2), 1),
    "mixture": lambda lib, D: D.MixtureSameFamily(D.Categorical(lib.ones(2)), D.Exponential(lib.ones(2))),
    "mixture of vectors": lambda lib, D: D.MixtureSameFamily(
        D.Categorical(lib.ones(2)), D.Independent(D.Uniform(lib.zeros(2, 3), 2.0), 1)
    ),
    "transformed": lambda lib, D: D.TransformedDistribution(D.Normal(lib.zeros(3), 1.0), [D.SigmoidTransform()]),
    "transformed vectors": lambda lib, D: D.TransformedDistribution(
        D.Independent(D.Normal(lib.zeros(3), 1.0), 1), [D.ExpTransform()]
    ),
}


@pytest.mark.parametrize("name", EXAMPLES)
def test_supports_are_pytorchs_and_hold_what_is_drawn(torch, name):
    ours, theirs = (EXAMPLES[name](lib, D) for lib, D in ((autograd, distributions), (torch, torch.distributions)))
    assert ours.support.is_discrete == theirs.support.is_discrete
    assert ours.support.event_dim == theirs.support.event_dim == len(ours.event_shape)
    values = VECTORS if ours.event_shape else VALUES[:, None, None]
    if len(ours.batch_shape) == 1 and ours.event_shape:
        values = values[:, None]
    if len(ours.batch_shape) == 2 and ours.event_shape:
        values = values[:, None, None]
    found, expected = ours.support.check(autograd.tensor(values)), theirs.support.check(torch.tensor(values))
    np.testing.assert_array_equal(found.numpy(), np.broadcast_to(expected.numpy(), found.shape))
    manual_seed(0)
    assert ours.support.check(ours.sample((50,))).all()


@pytest.mark.parametrize("expand", [True, False])
@pytest.mark.parametrize("name", ["Bernoulli", "Categorical", "OneHotCategorical", "Binomial", "straight through"])
def test_values_are_listed(torch, name, expand):
    ours, theirs = (EXAMPLES[name](lib, D) for lib, D in ((autograd, distributions), (torch, torch.distributions)))
    assert ours.has_enumerate_support
    found, expected = (d.enumerate_support(expand=expand) for d in (ours, theirs))
    np.testing.assert_array_equal(found.numpy(), expected.numpy())


def test_values_that_cannot_be_listed(torch):
    for lib, D in ((autograd, distributions), (torch, torch.distributions)):
        for wrong in (D.Normal(0.0, 1.0), D.Poisson(1.0), D.Independent(D.Bernoulli(lib.ones(3)), 1)):
            assert not wrong.has_enumerate_support
            with pytest.raises(NotImplementedError):
                wrong.enumerate_support()
        alone = D.Independent(D.Bernoulli(lib.ones(3) / 2), 0)
        assert alone.has_enumerate_support
        assert alone.enumerate_support().tolist() == [[0.0] * 3, [1.0] * 3]
        with pytest.raises(NotImplementedError):
            D.Distribution(validate_args=False).support
