"""Low-rank adaptation of a transformer, as such programs are written for PyTorch."""

import math

import torch
import torch.nn as nn
import torch.nn.functional as F


class LoRALayer(nn.Module):
    def __init__(self, linear, r=2, alpha=4):
        super().__init__()
        self.linear = linear
        self.linear.weight.requires_grad = False
        self.lora_A = nn.Parameter(linear.weight.new_zeros((r, linear.in_features)))
        self.lora_B = nn.Parameter(linear.weight.new_zeros((linear.out_features, r)))
        self.scaling = alpha / r
        nn.init.kaiming_uniform_(self.lora_A, a=math.sqrt(5))

    def forward(self, x):
        return self.linear(x) + (x @ self.lora_A.transpose(0, 1) @ self.lora_B.T) * self.scaling


class Classifier(nn.Module):
    def __init__(self):
        super().__init__()
        layer = nn.TransformerEncoderLayer(d_model=8, nhead=2, dim_feedforward=12, dropout=0.0, batch_first=True)
        self.encoder = nn.TransformerEncoder(layer, num_layers=2, enable_nested_tensor=False)
        self.cls = nn.Parameter(torch.zeros(1, 1, 8))
        self.head = nn.Linear(8, 3)

    def forward(self, x, padding=None):
        x = torch.cat([self.cls.expand(x.shape[0], -1, -1), x], dim=1)
        return self.head(self.encoder(x, src_key_padding_mask=padding)[:, 0])


def add_lora(model):
    for p in model.parameters():
        p.requires_grad_(False)
    for name, module in list(model.named_children()):
        if isinstance(module, nn.Linear):
            setattr(model, name, LoRALayer(module))
    for layer in model.encoder.layers:
        layer.linear1, layer.linear2 = LoRALayer(layer.linear1), LoRALayer(layer.linear2)
    return model


def build():
    return add_lora(Classifier())


def train(model, numbers, steps):
    trainable = [p for n, p in model.named_parameters() if p.requires_grad]
    assert sum(p.numel() for p in trainable) < sum(p.numel() for p in model.parameters())
    optimizer = torch.optim.Adam(filter(lambda p: p.requires_grad, model.parameters()), lr=5e-2)
    x = torch.tensor(numbers.normal(size=(steps, 4, 5, 8)))
    y = torch.tensor(numbers.integers(0, 3, (steps, 4)))
    padding = torch.zeros(4, 6, dtype=torch.bool)
    padding[0, 4:] = True
    losses = []
    for inputs, targets in zip(x, y):
        loss = F.cross_entropy(model(inputs, padding), targets, label_smoothing=0.1)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses
