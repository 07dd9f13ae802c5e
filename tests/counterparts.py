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


BY_ANOTHER_NAME = {
    "unindex": lambda torch: lambda x, index, shape: adjoint(torch, lambda z: z[index], shape, x),
    "undiagonal": lambda torch: lambda x, *where: adjoint(torch, lambda z: z.diagonal(*where[:3]), where[3], x),
    "floor_divide": lambda torch: lambda x, y: torch.div(x, y, rounding_mode="floor"),  # its own has no derivative
    "to": lambda torch: lambda x, dtype: x.to(torch.float64),
    "getitem": lambda torch: None,
}
