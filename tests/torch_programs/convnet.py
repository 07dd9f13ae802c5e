"""A convolutional classifier of digits, as such programs are written for PyTorch."""

import torch
import torch.nn as nn
import torch.nn.functional as F
import torch.optim as optim
from torch.optim.lr_scheduler import StepLR
from torch.utils.data import DataLoader, TensorDataset


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.features = nn.Sequential(
            nn.Conv2d(1, 4, kernel_size=3, padding=1),
            nn.BatchNorm2d(4),
            nn.ReLU(inplace=True),
            nn.MaxPool2d(2),
            nn.Conv2d(4, 6, 3, stride=1, padding="same", bias=False),
            nn.LeakyReLU(0.1),
            nn.AvgPool2d(kernel_size=2),
        )
        self.dropout1 = nn.Dropout(0.0)
        self.fc1 = nn.Linear(6 * 2 * 2, 8)
        self.fc2 = nn.Linear(8, 10)

    def forward(self, x):
        x = self.features(x)
        x = torch.flatten(x, 1)
        x = self.dropout1(F.relu(self.fc1(x)))
        return F.log_softmax(self.fc2(x), dim=1)


def build():
    return Net().to(torch.device("cuda" if torch.cuda.is_available() else "cpu"))


def train(model, numbers, steps):
    images = torch.tensor(numbers.normal(size=(4 * steps, 1, 8, 8)))
    labels = torch.tensor(numbers.integers(0, 10, 4 * steps))
    loader = DataLoader(TensorDataset(images, labels), batch_size=4, shuffle=False, num_workers=0)
    optimizer = optim.SGD(model.parameters(), lr=0.05, momentum=0.9, weight_decay=1e-3, nesterov=True)
    scheduler = StepLR(optimizer, step_size=2, gamma=0.7)
    losses = []
    model.train()
    for data, target in loader:
        data, target = data.to("cpu"), target.to("cpu")
        optimizer.zero_grad()
        loss = F.nll_loss(model(data), target)
        loss.backward()
        optimizer.step()
        scheduler.step()
        losses.append(loss.item())
    model.eval()
    with torch.no_grad():
        output = model(images)
        losses.append(F.nll_loss(output, labels, reduction="sum").item() / len(images))
        pred = output.argmax(dim=1, keepdim=True)
        losses.append(float(pred.eq(labels.view_as(pred)).sum().item()))
    return losses
