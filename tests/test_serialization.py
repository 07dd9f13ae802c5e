"""Files of tensors: what was saved comes back, other libraries read it, and a damaged one is refused."""

import io
import json
import os
import random
import signal
import subprocess
import sys
import time

import numpy as np
import pytest
import safetensors.numpy

import nn
from autograd import Tensor, convert, load, save, tensor

NESTED = {
    "step": 7,
    "loss": float("inf"),
    "name": "run",
    "none": None,
    "done": False,
    "state": {0: {"exp_avg": tensor([[1.0, 2.0], [3.0, 4.0]])}, 3: [tensor(5), (1, 2.5)]},
    "float64": tensor([1e-300], dtype="float64"),
    "bools": tensor([True, False]),
    "empty": tensor([]),
}


def same(x, y):
    if isinstance(x, Tensor):
        return isinstance(y, Tensor) and x.dtype == y.dtype and np.array_equal(x.raw, y.raw)
    if isinstance(x, dict):
        return list(x) == list(y) and all(same(x[key], y[key]) for key in x)
    if isinstance(x, list | tuple):
        return type(x) is type(y) and len(x) == len(y) and all(map(same, x, y))
    return type(x) is type(y) and x == y


def test_nested_collections_come_back(tmp_path):
    save(NESTED, tmp_path / "run.safetensors")
    assert same(NESTED, load(tmp_path / "run.safetensors"))


def test_one_tensor_and_a_buffer():
    buffer = io.BytesIO()
    save(tensor(2.5), buffer)
    buffer.seek(0)
    assert same(tensor(2.5), load(buffer))


def test_a_state_dict_is_a_plain_safetensors_file(tmp_path):
    model = nn.MLP(3, [4, 2])
    save(model.state_dict(), tmp_path / "model.safetensors")
    there = safetensors.numpy.load_file(tmp_path / "model.safetensors")
    assert there.keys() == model.state_dict().keys()
    safetensors.numpy.save_file({"0.weight": np.ones((4, 3), np.float32)}, tmp_path / "theirs.safetensors")
    assert load(tmp_path / "theirs.safetensors")["0.weight"].sum().item() == 12


@pytest.mark.parametrize(
    ("obj", "where"), [({"a": [1, object()]}, "at a.1 stands a object"), ({("x",): 1}, "has the key"), (len, "the top")]
)
def test_what_is_no_number_is_refused_and_nothing_written(tmp_path, obj, where):
    save({"old": 1}, tmp_path / "kept")
    with pytest.raises(TypeError, match=where):
        save(obj, tmp_path / "kept")
    assert load(tmp_path / "kept") == {"old": 1}


def test_every_cut_and_every_changed_byte_is_refused():
    buffer = io.BytesIO()
    save({"w": tensor([1.0, 2.0]), "n": 3}, buffer)
    content = buffer.getvalue()
    for n in range(len(content)):
        with pytest.raises(ValueError, match=r"damaged|pickle"):
            load(io.BytesIO(content[:n]))
    for i in range(len(content)):
        changed = content[:i] + bytes([content[i] ^ 1]) + content[i + 1 :]
        try:
            found = load(io.BytesIO(changed))
        except ValueError:
            continue
        assert same(found, {"w": tensor([1.0, 2.0]), "n": 3}), f"byte {i} changed unnoticed"


def hostile(header, length=None):
    text = json.dumps(header).encode() if not isinstance(header, bytes) else header
    return (len(text) if length is None else length).to_bytes(8, "little") + text


@pytest.mark.parametrize(
    "content",
    [
        hostile({}, length=2**62),
        hostile({"a": {"dtype": "F64", "shape": [2**40], "data_offsets": [0, 2**43]}}),
        hostile({"a": {"dtype": "F64", "shape": [-1], "data_offsets": [0, 0]}}),
        hostile({"__metadata__": {"structure": "[" * 10000, "crc32": "0"}}),
        hostile({"__metadata__": {"structure": '["tensor", "b"]'}}),
        hostile(b'{"a": 1, "a": 2}'),
        b"\x80\x04\x95 a pickle",
        b"",
    ],
    ids=["header of 4 EB", "tensor of 8 TB", "negative", "deep", "no such tensor", "no entries", "pickle", "empty"],
)
def test_hostile_files_are_refused(content):
    with pytest.raises(ValueError, match=r"damaged|pickle"):
        load(io.BytesIO(content))


SAVER = """
import sys, itertools
from autograd import full, save
for i in itertools.count():
    save({"number": i, "array": full((100_000,), float(i))}, sys.argv[1])
    print(i, flush=True)
"""


def test_a_kill_at_any_point_leaves_a_whole_file(tmp_path):
    path, chance = tmp_path / "kept.safetensors", random.Random(0)
    for _ in range(12):
        process = subprocess.Popen([sys.executable, "-c", SAVER, str(path)], stdout=subprocess.PIPE, cwd=os.getcwd())
        process.stdout.readline()
        time.sleep(chance.random() * 0.02)
        process.send_signal(signal.SIGKILL)
        process.communicate()
        kept = load(path)
        assert kept["array"].shape == (100_000,)
        assert (kept["array"].raw == kept["number"]).all()


def test_convert_there_and_back(torch, tmp_path):
    names = [str(tmp_path / name) for name in ("a.safetensors", "b.pt", "c.safetensors")]
    kept = {"model": nn.MLP(3, [4, 2]).state_dict(), "step": 3, "state": {0: tensor([1, 2])}}
    save(kept, names[0])
    subprocess.run([sys.executable, "-m", "autograd.convert", *names[:2]], check=True)
    there = torch.load(names[1], weights_only=True)
    assert there["step"] == 3
    assert there["state"][0].tolist() == [1, 2]
    with pytest.raises(ValueError, match=r"is a pickle.*autograd\.convert"):
        load(names[1])
    convert.convert(names[1], names[2])
    assert same(kept, load(names[2]))


def test_bfloat16_is_read_as_float32(torch, tmp_path):
    from safetensors.torch import save_file

    save_file({"w": torch.tensor([1.5, -3.0], dtype=torch.bfloat16)}, tmp_path / "x.safetensors")
    assert same(load(tmp_path / "x.safetensors"), {"w": tensor([1.5, -3.0])})
