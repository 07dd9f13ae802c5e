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


def cofactor(torch):
    return lambda x: torch.linalg.det(x)[..., None, None] * torch.linalg.inv(x).mT


def packed(torch, *parts):
    """The parts of a result below each other; of vectors, whose signs are free, the magnitudes."""
    return torch.cat(parts, -2).abs()


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


BY_ANOTHER_NAME = {
    "cholesky": lambda torch: torch.linalg.cholesky,
    "cofactor": cofactor,
    "cofactor_slope": lambda torch: (
        lambda x, y: torch.autograd.functional.vjp(cofactor(torch), x, y, create_graph=True)[1]
    ),
    "eigh": packed_eigh,
    "inv": lambda torch: torch.linalg.inv,
    "pinv": lambda torch: lambda x, rtol, hermitian: torch.linalg.pinv(x, rtol=rtol, hermitian=hermitian),
    "qr": packed_qr,
    "slogdet": lambda torch: lambda x: torch.stack(torch.linalg.slogdet(x), -1),
    "solve": lambda torch: torch.linalg.solve,
    "svd": packed_svd,
    "unindex": lambda torch: lambda x, index, shape: adjoint(torch, lambda z: z[index], shape, x),
    "floor_divide": lambda torch: lambda x, y: torch.div(x, y, rounding_mode="floor"),  # its own has no derivative
    "to": lambda torch: lambda x, dtype: x.to(torch.float64),
    "getitem": lambda torch: None,
}
