"""What PyTorch calls each row of the table, where it calls it something else."""


def counterpart(torch, name):
    """The function of PyTorch with the meaning of row ``name``."""
    if name in BY_ANOTHER_NAME:
        return BY_ANOTHER_NAME[name](torch)
    for place in (torch, torch.nn.functional, torch.special, torch.Tensor):
        if hasattr(place, name):
            return getattr(place, name)
    raise LookupError(f"PyTorch has no {name}; say in tests/counterparts.py what it calls it")


def adjoint(torch, function, shape, x):
    """The adjoint at ``x`` of a linear ``function`` of arrays of ``shape``."""
    zeros = torch.zeros(shape, dtype=x.dtype)
    return torch.autograd.functional.vjp(function, zeros, x, create_graph=True)[1]


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


def padded(torch, x, widths, value):
    return torch.nn.functional.pad(x, [n for pair in reversed(widths) for n in pair], value=value)


BY_ANOTHER_NAME = {
    "chosen": lambda torch: lambda x, index: x.gather(-1, torch.tensor(index)),
    "conv": lambda torch: lambda x, w, *how: convolved(torch, x, w, *how),
    "conv_input": lambda torch: (
        lambda y, w, shape, *how: adjoint(torch, lambda x: convolved(torch, x, w, *how), shape, y)
    ),
    "conv_weight": lambda torch: (
        lambda x, y, shape, *how: adjoint(torch, lambda w: convolved(torch, x, w, *how), shape, y)
    ),
    "embedding": lambda torch: lambda x, index, share: torch.nn.functional.embedding(torch.tensor(index), x),
    "pad": lambda torch: lambda x, widths, value: padded(torch, x, widths, value),
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
    "unindex": lambda torch: lambda x, index, shape: adjoint(torch, lambda z: z[index], shape, x),
    "floor_divide": lambda torch: lambda x, y: torch.div(x, y, rounding_mode="floor"),  # its own has no derivative
    "to": lambda torch: lambda x, dtype: x.to(torch.float64),
    "getitem": lambda torch: None,
}
