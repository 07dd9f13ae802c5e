"""A recurrent network on characters, as such programs are written for PyTorch."""

import torch
import torch.nn as nn


class CharRNN(nn.Module):
    def __init__(self, input_size=9, hidden_size=7, model="lstm", n_layers=2):
        super().__init__()
        self.model, self.hidden_size, self.n_layers = model.lower(), hidden_size, n_layers
        self.encoder = nn.Embedding(input_size, hidden_size)
        if self.model == "gru":
            self.rnn = nn.GRU(hidden_size, hidden_size, n_layers)
        else:
            self.rnn = nn.LSTM(hidden_size, hidden_size, n_layers, batch_first=True)
        self.decoder = nn.Linear(hidden_size, input_size)

    def forward(self, input, hidden):
        output, hidden = self.rnn(self.encoder(input), hidden)
        return self.decoder(output), hidden

    def init_hidden(self, batch_size):
        weight = next(self.parameters()).data
        shape = self.n_layers, batch_size, self.hidden_size
        if self.model == "lstm":
            return weight.new_zeros(shape), weight.new(*shape).zero_()
        return weight.new_zeros(shape)


class Both(nn.Module):
    def __init__(self):
        super().__init__()
        self.lstm, self.gru = CharRNN(), CharRNN(model="gru")


def build():
    return Both()


def train(model, numbers, steps):
    criterion = nn.CrossEntropyLoss()
    optimizer = torch.optim.RMSprop(model.parameters(), lr=1e-2, alpha=0.9, momentum=0.5)
    scheduler = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=steps)
    text = torch.tensor(numbers.integers(0, 9, (3, 5 * steps + 1)))
    hidden, state = model.lstm.init_hidden(3), model.gru.init_hidden(3)
    losses = []
    for i in range(0, 5 * steps, 5):
        x, y = text[:, i : i + 5], text[:, i + 1 : i + 6]
        hidden = tuple(h.detach() for h in hidden)
        output, hidden = model.lstm(x, hidden)
        loss = criterion(output.reshape(-1, 9), y.reshape(-1))
        output, state = model.gru(x.t(), state.detach())
        loss += criterion(output.transpose(0, 1).reshape(-1, 9), y.reshape(-1))
        model.zero_grad()
        loss.backward()
        nn.utils.clip_grad_value_(model.parameters(), 0.5)
        optimizer.step()
        scheduler.step()
        losses.append(loss.data.item())
    return losses
