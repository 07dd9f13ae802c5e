"""A denoising diffusion model with a small U-Net, as such programs are written for PyTorch."""

import math

import torch
import torch.nn as nn
import torch.nn.functional as F

STEPS = 20


class TimeEmbedding(nn.Module):
    def __init__(self, dim):
        super().__init__()
        self.dim = dim

    def forward(self, t):
        half = self.dim // 2
        freqs = torch.exp(-math.log(10000) * torch.arange(half, device=t.device).to(torch.float64) / (half - 1))
        args = t[:, None].to(freqs.dtype) * freqs[None, :]
        return torch.cat([args.sin(), args.cos()], dim=-1)


class ResBlock(nn.Module):
    def __init__(self, cin, cout, tdim):
        super().__init__()
        self.norm1, self.norm2 = nn.GroupNorm(2, cin), nn.GroupNorm(2, cout)
        self.conv1, self.conv2 = nn.Conv2d(cin, cout, 3, padding=1), nn.Conv2d(cout, cout, 3, padding=1)
        self.temb = nn.Linear(tdim, cout)
        self.skip = nn.Conv2d(cin, cout, 1) if cin != cout else nn.Identity()

    def forward(self, x, t):
        h = self.conv1(F.silu(self.norm1(x)))
        h = h + self.temb(F.silu(t))[:, :, None, None]
        h = self.conv2(F.silu(self.norm2(h)))
        return h + self.skip(x)


class UNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.time = nn.Sequential(TimeEmbedding(8), nn.Linear(8, 8), nn.SiLU(), nn.Linear(8, 8))
        self.inp = nn.Conv2d(1, 4, 3, padding=1)
        self.down1 = ResBlock(4, 4, 8)
        self.pool = nn.Conv2d(4, 6, 4, stride=2, padding=1)
        self.mid = ResBlock(6, 6, 8)
        self.up = nn.ConvTranspose2d(6, 4, 4, 2, 1)
        self.near = nn.Upsample(scale_factor=2, mode="nearest")
        self.up1 = ResBlock(14, 4, 8)
        self.out = nn.Conv2d(4, 1, 3, padding=1)

    def forward(self, x, t):
        t = self.time(t)
        x = self.inp(x)
        skip = self.down1(x, t)
        h = self.mid(self.pool(skip), t)
        h = torch.cat((self.up(h), skip, self.near(h)), dim=1)
        return self.out(F.silu(self.up1(h, t)))


class DDPM(nn.Module):
    def __init__(self):
        super().__init__()
        self.eps_model = UNet()
        beta_t = torch.linspace(1e-4, 0.02, STEPS)
        alphabar_t = torch.cumsum(torch.log(1 - beta_t), dim=0).exp()
        for name, value in {"sqrtab": torch.sqrt(alphabar_t), "sqrtmab": torch.sqrt(1 - alphabar_t)}.items():
            self.register_buffer(name, value)
        self.criterion = nn.MSELoss()

    def forward(self, x, t, eps):
        x_t = self.sqrtab[t, None, None, None] * x + self.sqrtmab[t, None, None, None] * eps
        return self.criterion(eps, self.eps_model(x_t, t))


def build():
    return DDPM()


def train(model, numbers, steps):
    optim = torch.optim.Adam(model.parameters(), lr=2e-3)
    images = torch.tensor(numbers.normal(size=(steps, 2, 1, 8, 8)))
    noise = torch.tensor(numbers.normal(size=(steps, 2, 1, 8, 8)))
    times = torch.tensor(numbers.integers(0, STEPS, (steps, 2)))
    shadow = {k: v.clone() for k, v in model.state_dict().items()}
    losses = []
    for x, t, eps in zip(images, times, noise):
        optim.zero_grad()
        loss = model(x, t, eps)
        loss.backward()
        optim.step()
        with torch.no_grad():
            for k, v in model.state_dict().items():
                shadow[k].mul_(0.9).add_(v, alpha=0.1)
        losses.append(loss.item())
    return [*losses, sum(v.abs().sum().item() for v in shadow.values())]
