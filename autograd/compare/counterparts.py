"""What PyTorch calls each row of the table, where it calls it something else: for tests, and for pictures."""

import math


def counterpart(torch, name):
    """The function of PyTorch with the meaning of row ``name``."""
    if name in BY_ANOTHER_NAME:
        return BY_ANOTHER_NAME[name](torch)
    for place in (torch, torch.nn.functional, torch.special, torch.Tensor):
        if hasattr(place, name):
            return getattr(place, name)
    raise LookupError(f"PyTorch has no {name}; say in autograd/compare/counterparts.py what it calls it")


def of_each(torch, name, *operands, **arguments):
    """The loss ``name`` of each element."""
    together = torch.broadcast_tensors(*operands)  # losses would refuse, or warn
    return getattr(torch.nn.functional, name)(*together, reduction="none", **arguments)


def stirling(torch, x):
    return of_each(torch, "poisson_nll_loss", torch.zeros_like(x), x, full=True) - 1


def adjoint(torch, function, shape, x):
    """The adjoint at ``x`` of a linear ``function`` of arrays of ``shape``."""
    zeros = torch.zeros(shape, dtype=x.dtype)
    return torch.autograd.functional.vjp(function, zeros, x, create_graph=True)[1]


def replaced(x, y, index):
    x = x.clone()
    x[index] = y
    return x


def scatter_extreme(torch, x, y, index, largest):
    places = torch.arange(x.numel()).reshape(x.shape)[index].expand(y.shape)
    reduce = "amax" if largest else "amin"
    return x.reshape(-1).scatter_reduce(0, places.reshape(-1), y.reshape(-1), reduce).reshape(x.shape)


def shift(torch, x, dim, step, fill):
    end = torch.full_like(x.narrow(dim, 0, 1), fill)
    n = x.shape[dim] - 1
    return torch.cat((end, x.narrow(dim, 0, n)) if step > 0 else (x.narrow(dim, 1, n), end), dim)


def recurrence(torch, x, y, dim, step):
    outs = []
    for a, b in list(zip(x.unbind(dim), y.unbind(dim), strict=True))[::step]:
        outs.append(a * outs[-1] + b if outs else b)
    return torch.stack(outs[::step], dim)


def windows(x, size, stride, dilation):
    """Windows of `torch.Tensor.unfold`, which knows no dilation, over the last dimensions."""
    n = len(size)
    for k, s, d in zip(size, stride, dilation, strict=True):
        x = x.unfold(-n, d * (k - 1) + 1, s)[..., ::d]
    return x


def convolved(torch, x, w, stride, dilation, groups):
    return (torch.conv1d, torch.conv2d)[w.ndim - 3](x, w, stride=stride, dilation=dilation, groups=groups)


def standardized(torch, x, dim, eps):
    return (x - x.mean(dim, True)) / torch.sqrt(x.var(dim, correction=0, keepdim=True) + eps)


def residual(y, s, dim):
    return y - y.mean(dim, True) - s * (y * s).mean(dim, True)


def masked_softmax(torch, x, dim, seen, scale):
    return torch.softmax(x * scale if seen is None else (x * scale).masked_fill(~seen, -math.inf), dim)


def padded(torch, x, widths, value):
    return torch.nn.functional.pad(x, [n for pair in reversed(widths) for n in pair], value=value)


def cofactor(torch):
    return lambda x: torch.linalg.det(x)[..., None, None] * torch.linalg.inv(x).mT


def packed(torch, *parts):
    """The parts of a result below each other; of vectors, whose signs are free, the magnitudes."""
    return torch.cat(parts, -2).abs()


def lu_packed(torch, x):
    """Elimination without exchanges, which PyTorch does not do on a CPU."""
    rows = list(x.unbind(-2))
    for k in range(len(rows)):
        for i in range(k + 1, len(rows)):
            factor = (rows[i][..., k] / rows[k][..., k])[..., None]
            rest = (rows[i] - factor * rows[k])[..., k + 1 :]
            rows[i] = torch.cat((rows[i][..., :k], factor, rest), -1)
    return torch.stack(rows, -2)


def packed_eigh(torch):
    def eigh(x, uplo):
        values, vectors = torch.linalg.eigh(x, uplo)
        return packed(torch, values[..., None, :], vectors)

    return eigh


def packed_qr(torch):
    def qr(x):
        q, r = torch.linalg.qr(x)
        return packed(torch, q, r.mT)

    return qr


def packed_svd(torch):
    def svd(x):
        u, s, vh = torch.linalg.svd(x, full_matrices=False)
        return packed(torch, u, s[..., None, :], vh.mT)

    return svd


def max_pool(torch, x, size):
    return (torch.max_pool1d, torch.max_pool2d)[len(size) - 1](x, size)


def entered_from(torch, before, fill):
    """What ``before`` (N, S) is in the three states that each state may be entered from."""
    return torch.nn.functional.pad(before, (2, 0), value=fill).unfold(-1, 3, 1)


def trellis(torch, x, jumps):
    steps = [x[0]]
    for now in x[1:]:
        reached = entered_from(torch, steps[-1], -math.inf).masked_fill(~jumps, -math.inf)
        steps.append(now + reached.logsumexp(-1))
    return torch.stack(steps)


def trellis_walk(torch, w, y):
    steps = [y[0]]
    for edges, now in zip(w[1:], y[1:], strict=True):
        steps.append(now + (edges * entered_from(torch, steps[-1], 0.0)).sum(-1))
    return torch.stack(steps)


def at_peaks(torch, x, places, size):
    return (windows(x, size, size, (1,) * len(size)).flatten(-len(size)) * torch.tensor(places).movedim(0, -1)).sum(-1)


BY_ANOTHER_NAME = {
    "at_peaks": lambda torch: lambda x, *where: at_peaks(torch, x, *where),
    "max_pool": lambda torch: lambda x, size: max_pool(torch, x, size),
    "onto_peaks": lambda torch: (
        lambda x, places, size, shape: adjoint(torch, lambda z: at_peaks(torch, z, places, size), shape, x)
    ),
    "euclidean": lambda torch: lambda x, dim, keepdim=False: torch.linalg.vector_norm(x, 2, dim, keepdim),
    "power": lambda torch: lambda x, p: x.abs() ** p,
    "power_norm": lambda torch: torch.linalg.vector_norm,
    "recurrence": lambda torch: lambda x, y, dim, step: recurrence(torch, x, y, dim, step),
    "safe_div": lambda torch: torch.div,
    "scatter_extreme": lambda torch: lambda x, y, *where: scatter_extreme(torch, x, y, *where),
    "setitem": lambda torch: replaced,
    "shift": lambda torch: lambda x, dim, step, fill: shift(torch, x, dim, step, fill),
    "signed_power": lambda torch: lambda x, p: x.sign() * x.abs() ** p,
    "std": lambda torch: lambda x, dim, correction, keepdim: x.std(dim, correction=correction, keepdim=keepdim),
    "var": lambda torch: lambda x, dim, correction, keepdim: x.var(dim, correction=correction, keepdim=keepdim),
    "chosen": lambda torch: lambda x, index: x.gather(-1, torch.tensor(index)),
    "conv": lambda torch: lambda x, w, *how: convolved(torch, x, w, *how),
    "conv_bias": lambda torch: lambda x, w, b, *how: convolved(torch, x, w, *how) + b.reshape(-1, *[1] * (x.ndim - 2)),
    "conv_input": lambda torch: (
        lambda y, w, shape, *how: adjoint(torch, lambda x: convolved(torch, x, w, *how), shape, y)
    ),
    "conv_weight": lambda torch: (
        lambda x, y, shape, *how: adjoint(torch, lambda w: convolved(torch, x, w, *how), shape, y)
    ),
    "embedding": lambda torch: lambda x, index, share: torch.nn.functional.embedding(torch.as_tensor(index), x),
    "pad": lambda torch: lambda x, widths, value: padded(torch, x, widths, value),
    "centered": lambda torch: lambda x, y, dim: y * (x - (x * y).sum(dim, True)),
    "inverse_std": lambda torch: lambda x, dim, eps: (x.var(dim, correction=0, keepdim=True) + eps) ** -0.5,
    "masked_softmax": lambda torch: lambda x, *how: masked_softmax(torch, x, *how),
    "layer_norm": lambda torch: lambda x, w, b, dim, eps: torch.nn.functional.layer_norm(x, w.shape, w, b, eps),
    "residual": lambda torch: residual,
    "standardize": lambda torch: lambda x, dim, eps: standardized(torch, x, dim, eps),
    "unchosen": lambda torch: (
        lambda x, index, shape: torch.zeros(shape, dtype=x.dtype).scatter_add(-1, torch.tensor(index), x)
    ),
    "unit_rms": lambda torch: lambda x, dim, eps: x / torch.sqrt((x * x).mean(dim, True) + eps),
    "unwindows": lambda torch: lambda x, shape, *how: adjoint(torch, lambda z: windows(z, *how), shape, x),
    "window_sum": lambda torch: (
        lambda x, size, stride: windows(x, size, stride, (1,) * len(size)).sum(tuple(range(-len(size), 0)))
    ),
    "windows": lambda torch: windows,
    "cholesky": lambda torch: torch.linalg.cholesky,
    "cofactor": cofactor,
    "cofactor_slope": lambda torch: (
        lambda x, y: torch.autograd.functional.vjp(cofactor(torch), x, y, create_graph=True)[1]
    ),
    "eigh": packed_eigh,
    "inv": lambda torch: torch.linalg.inv,
    "lu_packed": lambda torch: lambda x: lu_packed(torch, x),
    "pinv": lambda torch: lambda x, rtol, hermitian: torch.linalg.pinv(x, rtol=rtol, hermitian=hermitian),
    "qr": packed_qr,
    "slogdet": lambda torch: lambda x: torch.stack(torch.linalg.slogdet(x), -1),
    "solve": lambda torch: torch.linalg.solve,
    "svd": packed_svd,
    "unindex": lambda torch: lambda x, index, shape: adjoint(torch, lambda z: z[index], shape, x),
    "undiagonal": lambda torch: lambda x, *where: adjoint(torch, lambda z: z.diagonal(*where[:3]), where[3], x),
    "huber": lambda torch: lambda x, y, delta: of_each(torch, "huber_loss", x, y, delta=delta),
    "smooth_l1": lambda torch: lambda x, y, beta: of_each(torch, "smooth_l1_loss", x, y, beta=beta),
    "bce": lambda torch: lambda x, y: of_each(torch, "binary_cross_entropy", x, y),
    "bce_with_logits": lambda torch: lambda x, y: of_each(torch, "binary_cross_entropy_with_logits", x, y),
    "kl_div": lambda torch: lambda x, y: -torch.special.entr(y).masked_fill(y < 0, math.nan) - y * x,
    "stirling": lambda torch: lambda x: stirling(torch, x.clamp(1)),
    "hinge_embedding": lambda torch: lambda x, margin, y: of_each(torch, "hinge_embedding_loss", x, y, margin=margin),
    "trellis": lambda torch: lambda x, jumps: trellis(torch, x, jumps),
    "trellis_back": lambda torch: lambda w, y: adjoint(torch, lambda z: trellis_walk(torch, w, z), y.shape, y),
    "trellis_walk": lambda torch: lambda w, y: trellis_walk(torch, w, y),
    "floor_divide": lambda torch: lambda x, y: torch.div(x, y, rounding_mode="floor"),  # its own has no derivative
    "exp_gap": lambda torch: lambda x, y: torch.exp(x - y),
    # the derivative of its own is a sixth in float32, whatever the dtype
    "hardsigmoid": lambda torch: lambda x: torch.nn.functional.relu6(x + 3) / 6,
    "prelu_kernel": lambda torch: lambda x, y: torch._prelu_kernel(*torch.broadcast_tensors(x, y)),
    "normal_cdf": lambda torch: torch.special.ndtr,
    "polygamma": lambda torch: lambda x, n: torch.polygamma(n, x),
    "gammainc": lambda torch: lambda x, a: torch.special.gammainc(torch.full_like(x, a), x),
    "gammaincc": lambda torch: lambda x, a: torch.special.gammaincc(torch.full_like(x, a), x),
    "gamma_density": lambda torch: lambda x, a: torch.exp(torch.xlogy(a - 1, x) - x - math.lgamma(a)),
    "normal_pdf": lambda torch: lambda x: torch.exp(-x * x / 2) / (2 * math.pi) ** 0.5,
    "gelu_tanh": lambda torch: lambda x: torch.nn.functional.gelu(x, approximate="tanh"),
    "cubic_sigmoid": lambda torch: lambda x: torch.sigmoid((8 / math.pi) ** 0.5 * (x + 0.044715 * x**3)),
    "to": lambda torch: lambda x, dtype: x.to(torch.float64),
    "getitem": lambda torch: None,
}
