"""Networks as programs for PyTorch write them, for PyTorch and for us: the library is an argument."""

from __future__ import annotations

from typing import Any

from training import Training, weights_of


def mlp(lib: Any, arrays: dict[str, Any]) -> Any:
    """Linear layers with relu in between; the classes' logits or, of one output, a score."""
    nn, layers = lib.nn, []
    names = [name for name in arrays if name.endswith(".weight")]
    for name in names:
        m, n = arrays[name].shape
        layers += [nn.Linear(n, m), nn.ReLU()]
    return nn.Sequential(*layers[:-1])


def convnet(lib: Any, arrays: dict[str, Any]) -> Any:
    nn = lib.nn
    return nn.Sequential(
        *(nn.Conv2d(1, 16, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2)),
        *(nn.Conv2d(16, 32, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2)),
        *(nn.Flatten(), nn.Linear(128, 10)),
    )


def gpt(lib: Any, arrays: dict[str, Any]) -> Any:
    """4 layers of 4 heads, 128 wide; normalization comes first."""
    nn, F = lib.nn, lib.nn.functional

    class Block(nn.Module):  # type: ignore[misc,name-defined]
        def __init__(self) -> None:
            super().__init__()
            self.norm1, self.norm2 = nn.LayerNorm(128), nn.LayerNorm(128)
            self.qkv, self.out = nn.Linear(128, 384), nn.Linear(128, 128)
            self.up, self.down = nn.Linear(128, 512), nn.Linear(512, 128)

        def forward(self, x: Any) -> Any:
            batch, time, _ = x.shape
            q, k, v = (
                part.view(batch, time, 4, 32).transpose(1, 2) for part in self.qkv(self.norm1(x)).split(128, dim=2)
            )
            mixed = F.scaled_dot_product_attention(q, k, v, is_causal=True)
            x = x + self.out(mixed.transpose(1, 2).reshape(batch, time, 128))
            return x + self.down(F.gelu(self.up(self.norm2(x)), approximate="tanh"))

    class GPT(nn.Module):  # type: ignore[misc,name-defined]
        def __init__(self) -> None:
            super().__init__()
            self.wte, self.wpe = nn.Embedding(65, 128), nn.Embedding(64, 128)
            self.blocks = nn.Sequential(*(Block() for _ in range(4)))
            self.norm, self.head = nn.LayerNorm(128), nn.Linear(128, 65, bias=False)

        def forward(self, letters: Any) -> Any:
            x = self.wte(letters) + self.wpe(lib.arange(letters.shape[1]))
            return self.head(self.norm(self.blocks(x))).flatten(0, 1)

    return GPT()


def training(lib: Any, model: Any, arrays: dict[str, Any], options: dict[str, Any], compile: Any = None) -> Training:
    """The step that every program for PyTorch has."""
    F = lib.nn.functional
    optimizer = getattr(lib.optim, options["algorithm"])(model.parameters(), lr=options["rate"])
    X, y = lib.tensor(arrays["data.X"]), lib.tensor(arrays["data.y"]).flatten()
    model.load_state_dict({name: lib.tensor(array) for name, array in weights_of(arrays).items()})

    def loss_of(X: Any, y: Any) -> Any:
        out = model(X)
        if out.shape[1] == 1:
            return F.relu(1 - y * out[:, 0]).mean()
        return F.cross_entropy(out, y)

    function = compile(loss_of) if compile else loss_of

    def step() -> float:
        loss = function(X, y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        return loss.item()

    def restart() -> None:
        with lib.no_grad():
            for name, p in model.named_parameters():
                p.copy_(lib.tensor(arrays[name]))

    return Training(step, restart)
