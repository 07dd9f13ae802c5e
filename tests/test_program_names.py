"""Small names and arguments that public programs for PyTorch use, beside PyTorch where it can be asked."""

import weakref

import numpy as np
import pytest

import autograd
import nn
import optim
from autograd import DtypeError, GraphError, Tensor
from autograd.function import FunctionCtx


class WrittenOut(optim.Optimizer):
    """AMSGrad, as optimizers of papers are written: parameter by parameter, with a state of their own."""

    def __init__(self, params, lr):
        super().__init__(params, {"lr": lr})

    @autograd.no_grad()
    def step(self):
        for group in self.param_groups:
            for p in group["params"]:
                if p.grad is None:
                    continue
                grad = p.grad.data
                if grad.is_sparse:
                    raise RuntimeError("no sparse gradients")
                state = self.state[p]
                if not state:
                    for name in ("exp_avg", "exp_avg_sq", "max_exp_avg_sq"):
                        state[name] = autograd.zeros_like(p, memory_format=autograd.preserve_format)
                    state["step"] = 0
                state["step"] += 1
                mean, square, largest = state["exp_avg"], state["exp_avg_sq"], state["max_exp_avg_sq"]
                mean.mul_(0.9).add_(grad, alpha=0.1)
                square.mul_(0.999).addcmul_(grad, grad, value=0.001)
                autograd.max(largest, square, out=largest)
                n = state["step"]
                denominator = (largest / (1 - 0.999**n)).sqrt().add_(1e-8)
                p.data.addcdiv_(mean, denominator, value=-group["lr"] / (1 - 0.9**n))


def test_an_optimizer_written_out_steps_as_adam_does():
    x = Tensor(np.random.default_rng(0).normal(size=(6, 3)))
    losses = []
    for make in (WrittenOut, lambda params, lr: optim.Adam(params, lr, amsgrad=True)):
        p = nn.Parameter(Tensor(np.linspace(-1, 1, 3)))
        optimizer = make([p], 0.1)
        for _ in range(20):
            optimizer.zero_grad()
            loss = ((x * p).sum(1) - 1).square().mean()
            loss.backward()
            optimizer.step()
        losses.append((loss.item(), p.tolist()))
    np.testing.assert_allclose(losses[0][1], losses[1][1], rtol=1e-6)


def test_out_takes_the_result_and_is_refused_where_it_does_not_fit():
    x, y, out = Tensor([1.0, 5.0]), Tensor([3.0, 2.0]), Tensor([0.0, 0.0])
    memory = out.numpy()
    assert autograd.maximum(x, y, out=out) is out
    assert memory.tolist() == [3.0, 5.0]
    assert autograd.min(x, y, out=out).tolist() == [1.0, 2.0]
    autograd.minimum(x, x * 2, out=x)
    assert x.tolist() == [1.0, 5.0]
    with pytest.raises(autograd.ShapeError, match="maximum: a result of shape"):
        autograd.maximum(x, y, out=Tensor([0.0]))
    with pytest.raises(GraphError, match="maximum"):
        autograd.maximum(Tensor([1.0], requires_grad=True), 0.0, out=out)
    with pytest.raises(autograd.ShapeError, match="max: 2 results and 1 tensors in out"):
        autograd.max(x, 0, out=out)
    assert out.tolist() == [1.0, 2.0]


@pytest.mark.parametrize("name", ["zeros_like", "ones_like", "empty_like", "rand_like", "randn_like"])
def test_memory_formats_are_accepted_and_misspelt_ones_refused(name):
    like = getattr(autograd, name)
    assert like(Tensor([[1.0]]), memory_format=autograd.channels_last).shape == (1, 1)
    with pytest.raises(DtypeError, match="memory_format"):
        like(Tensor([[1.0]]), memory_format="channels_lost")


def test_memory_formats_of_tensors_and_modules():
    x = Tensor(np.ones((1, 2, 3, 3), np.float32))
    assert x.to(memory_format=autograd.channels_last) is x
    assert x.contiguous(memory_format=autograd.contiguous_format) is x
    assert x.clone(memory_format=autograd.preserve_format) is not x
    conv = nn.Conv2d(2, 1, 3)
    assert conv.to(memory_format=autograd.channels_last) is conv
    for refused in (x.to, x.contiguous, x.clone, conv.to):
        with pytest.raises(DtypeError, match="memory_format"):
            refused(memory_format="rows")


def test_what_a_tensor_is(torch):
    ours, theirs = Tensor(np.ones((2, 3), np.float32)), torch.ones(2, 3)
    for name in ("is_sparse", "nbytes", "is_quantized"):
        assert getattr(ours, name) == getattr(theirs, name)
    assert ours.is_complex() is theirs.is_complex() is autograd.is_complex(ours) is False
    assert ours.data_ptr() == ours.detach().data_ptr() != ours.clone().data_ptr()
    assert ours[1].data_ptr() - ours.data_ptr() == 12 == theirs[1].data_ptr() - theirs.data_ptr()


@pytest.mark.parametrize("pair", [("float32", "int64"), ("int8", "uint8"), ("bool", "int16"), ("float16", "float32")])
def test_promote_types(torch, pair):
    ours = autograd.promote_types(*(np.dtype(name) for name in pair))
    assert str(torch.promote_types(*(getattr(torch, name) for name in pair))) == f"torch.{ours}"


def test_parameters_take_attributes_and_weak_references():
    p = nn.Linear(2, 2).weight
    p.weight_decay = 0.0
    assert weakref.ref(p)() is p
    assert weakref.ref(t := Tensor([1.0]))() is t
    assert p.weight_decay == 0.0
    with pytest.raises(AttributeError):
        Tensor([1.0]).weight_decay = 0.0


def test_the_older_name_of_saved_tensors():
    ctx = FunctionCtx((True,))
    x = Tensor([1.0])
    ctx.save_for_backward(x)
    assert ctx.saved_variables[0] is x


def test_decorators_of_mixed_precision_change_nothing():
    @autograd.amp.custom_fwd(device_type="cuda", cast_inputs=np.float32)
    def forward(x):
        return x

    @autograd.cuda.amp.custom_bwd
    def backward(x):
        return x

    assert forward(1) == backward(1) == 1


def test_jit_runs_functions_and_modules_as_python_does():
    @autograd.jit.script
    def double(x):
        return x * 2 if not autograd.jit.is_scripting() else x

    linear = nn.Linear(2, 2)
    assert double(3) == 6
    assert autograd.jit.script(linear) is linear


def test_split_by_the_methods_own_name():
    assert [part.shape for part in Tensor(np.ones((2, 5))).split(split_size=[2, 3], dim=1)] == [(2, 2), (2, 3)]


def test_lists_of_modules_have_holes(torch):
    ours = nn.ModuleList([None, nn.Linear(2, 2), None])
    theirs = torch.nn.ModuleList([None, torch.nn.Linear(2, 2), None])
    for layers, linear in ((ours, nn.Linear), (theirs, torch.nn.Linear)):
        layers.append(linear(1, 1))
        assert [layer is None for layer in layers] == [True, False, True, False]
        assert len(layers[1:]) == 3
    assert list(ours.state_dict()) == list(theirs.state_dict())
    with pytest.raises(TypeError, match="Sequential"):
        nn.Sequential(None)


def test_data_parallel_without_gpus_calls_its_module(torch):
    ours, theirs = nn.DataParallel(nn.Linear(2, 2), device_ids=[0, 1]), torch.nn.DataParallel(torch.nn.Linear(2, 2))
    assert list(ours.state_dict()) == list(theirs.state_dict())
    x = Tensor([[1.0, 2.0]])
    assert ours(x).tolist() == ours.module(x).tolist()
    with pytest.raises(TypeError, match="DataParallel"):
        nn.DataParallel(3)


def test_a_scheduler_of_ones_own():
    class Halving(optim.lr_scheduler._LRScheduler):
        def get_lr(self):
            return [base / 2**self.last_epoch for base in self.base_lrs]

    optimizer = optim.SGD([nn.Parameter([1.0])], lr=0.8)
    scheduler, rates = Halving(optimizer), []
    for _ in range(3):
        optimizer.step()
        scheduler.step()
        rates.append(optimizer.param_groups[0]["lr"])
    assert rates == [0.4, 0.2, 0.1]


def test_fans_by_the_name_that_programs_use(torch):
    shape = (4, 3, 5, 5)
    expected = torch.nn.init._calculate_fan_in_and_fan_out(torch.zeros(shape))
    assert nn.init._calculate_fan_in_and_fan_out(Tensor(np.zeros(shape))) == expected


def test_grad_takes_the_parameters_of_a_model_as_they_come(torch):
    model = nn.Linear(2, 1)
    loss = model(Tensor([[1.0, 2.0]])).square().sum()
    expected = autograd.grad(loss, list(model.parameters()))
    for given in (model.parameters(), nn.ParameterList(model.parameters())):
        assert [g.tolist() for g in autograd.grad(loss, given)] == [g.tolist() for g in expected]
    with pytest.raises(TypeError, match="several of them"):
        autograd.grad(loss, 3)


class Relative(optim.Optimizer):
    """An optimizer that finds its rate itself, as Adafactor does."""

    def __init__(self, params, lr=None, eps=(1e-30, 1e-3)):
        super().__init__(params, {"lr": lr, "eps": eps})

    def step(self):
        for group in self.param_groups:
            for p in group["params"]:
                p.data.sub_(p.grad * 0.5)


def test_settings_of_an_optimizer_with_a_step_of_its_own_mean_what_it_likes():
    p = nn.Parameter([2.0])
    optimizer = Relative([p])
    p.square().sum().backward()
    optimizer.step()
    assert p.item() == 0.0
    with pytest.raises(TypeError, match="settings are numbers"):
        optim.SGD([p], lr=None)


SCHEDULERS = {
    "StepLR": {"step_size": 2},
    "MultiStepLR": {"milestones": [1, 3]},
    "ConstantLR": {"total_iters": 3},
    "LinearLR": {"total_iters": 4},
    "ExponentialLR": {"gamma": 0.9},
    "PolynomialLR": {"total_iters": 6},
    "CosineAnnealingLR": {"T_max": 5, "eta_min": 0.01},
    "LambdaLR": {"lr_lambda": lambda epoch: 1 / (1 + epoch)},
}


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", SCHEDULERS)
def test_schedulers_go_to_the_epoch_they_are_told(torch, name):
    rates = []
    for library, parameter in ((optim, nn.Parameter([1.0])), (torch.optim, torch.nn.Parameter(torch.ones(1)))):
        optimizer = library.SGD([parameter], lr=0.5)
        scheduler = getattr(library.lr_scheduler, name)(optimizer, **SCHEDULERS[name])
        rates.append([])
        for epoch in (1, 2, 5, None, 0, 3, None):
            scheduler.step(epoch)
            rates[-1].append(optimizer.param_groups[0]["lr"])
    np.testing.assert_allclose(*rates, rtol=1e-12)


def test_index_fill(torch):
    array = np.arange(12.0).reshape(3, 4)
    for dim, index in ((0, [2, 0, 2]), (1, [3]), (-1, [])):
        ours, theirs = Tensor(array, requires_grad=True), torch.tensor(array, requires_grad=True)
        places = np.array(index, np.int64)
        out, expected = ours.index_fill(dim, Tensor(places), -1.0), theirs.index_fill(dim, torch.tensor(places), -1.0)
        assert out.tolist() == expected.tolist()
        (out * out).sum().backward()
        (expected * expected).sum().backward()
        assert ours.grad.tolist() == theirs.grad.tolist()
    assert Tensor([1, 2, 3]).index_fill_(0, Tensor([1]), 9).tolist() == [1, 9, 3]
    with pytest.raises(autograd.DimensionError, match="index_fill"):
        Tensor([1.0]).index_fill(0, Tensor([1]), 0.0)


def test_integers_like_another_tensor_up_to_high():
    drawn = autograd.randint_like(Tensor(np.zeros((100,))), high=2)
    assert set(drawn.tolist()) == {0.0, 1.0}


def test_classes_by_the_files_that_pytorch_has_them_in():
    found = [isinstance(m, nn.modules.batchnorm._BatchNorm) for m in (nn.BatchNorm2d(2), nn.Linear(2, 2))]
    assert found == [True, False]
    assert isinstance(nn.Conv2d(1, 1, 1), nn.modules.conv._ConvNd)
    assert nn.modules.Module is nn.Module


def test_the_transforms_by_pytorchs_module(torch):
    x = np.array([1.0, 2.0])
    ours = autograd.autograd.functional.jacobian(lambda x: x * x, Tensor(x))
    assert ours.tolist() == torch.autograd.functional.jacobian(lambda x: x * x, torch.tensor(x)).tolist()


def test_the_parts_of_a_module_by_pytorchs_private_names(torch):
    ours, theirs = (
        nn.Sequential(nn.Linear(2, 3), nn.ReLU()),
        torch.nn.Sequential(torch.nn.Linear(2, 3), torch.nn.ReLU()),
    )
    for model, replacement in ((ours, nn.Tanh), (theirs, torch.nn.Tanh)):
        assert list(model._modules) == ["0", "1"]
        assert list(model[0]._parameters) == ["weight", "bias"]
        model._modules["1"] = replacement()
        assert isinstance(model[1], replacement)
        assert model._modules.get("7") is None
        with pytest.raises(KeyError):
            model._modules["7"]
        del model._modules["1"]
        assert len(model) == 1


@pytest.mark.parametrize("kind", ["RNN", "GRU", "LSTM"])
def test_the_weights_of_a_recurrent_network_by_name(torch, kind):
    ours, theirs = (getattr(library, kind)(2, 3, 2, bidirectional=True) for library in (nn, torch.nn))
    assert ours._flat_weights_names == theirs._flat_weights_names
    for name in ours._flat_weights_names:
        if "weight" in name:
            nn.init.zeros_(ours._parameters[name])
    assert not ours.weight_hh_l1_reverse.detach().numpy().any()
