"""Keeping tensors in files: safetensors, which hold numbers and nothing that could run.

A ``state_dict`` becomes a plain safetensors file that any other library reads. Anything nested (a checkpoint) keeps
its tensors in the same way; what is around them stands as JSON in the file's metadata, with a checksum of it all.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from autograd import devices, dtypes
from autograd.files import write_whole
from autograd.graph import Node
from autograd.tensor import Tensor

__all__ = ["load", "save"]

_PLAIN = (type(None), bool, int, float, str)
_NUMPY = {
    "BOOL": np.bool_,
    "U8": np.uint8,
    "I8": np.int8,
    "I16": np.int16,
    "I32": np.int32,
    "I64": np.int64,
    "F16": np.float16,
    "F32": np.float32,
    "F64": np.float64,
}


def save(obj: Any, f: Any) -> None:
    """Write ``obj`` to the path or binary file ``f``.

    ``obj`` is a Tensor, an array, a number, a string, None, or dictionaries, lists and tuples of these, to any depth.
    A path is written beside and renamed, so that it never holds half a file. TypeError says where in ``obj`` there
    stands something else.

    >>> from autograd import tensor
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     save({"step": 3, "weights": [tensor([1.0, 2.0])]}, f"{folder}/run.safetensors")
    ...     load(f"{folder}/run.safetensors")
    {'step': 3, 'weights': [tensor([1., 2.])]}
    """
    numpy = _safetensors("save").numpy
    arrays: dict[str, np.ndarray[Any, Any]] = {}
    structure = json.dumps(_described(obj, "", arrays))
    metadata = {"format": "pt", "structure": structure, "crc32": str(_checksum(structure, arrays))}
    content = numpy.save(arrays, metadata)
    if hasattr(f, "write"):
        f.write(content)
    else:
        write_whole(Path(f), content)


def load(f: Any, map_location: Any = None, weights_only: bool = True) -> Any:
    """What `save` wrote to ``f``, or the dictionary of tensors in another's safetensors file.

    ``map_location`` can only be the CPU. A file holds numbers only, so ``weights_only=False`` reads no more than True.
    ValueError if the file is damaged or is none of safetensors.
    """
    devices.check(map_location)
    content = f.read() if hasattr(f, "read") else Path(f).read_bytes()
    name = getattr(f, "name", "the file") if hasattr(f, "read") else str(f)
    safetensors = _safetensors("load")
    try:
        entries = safetensors.deserialize(content)
        length = int.from_bytes(content[:8], "little")
        metadata = json.loads(content[8 : 8 + length]).get("__metadata__", {})
        arrays = {key: _array(entry) for key, entry in entries}
        structure = metadata.get("structure")
        if structure is None and "crc32" not in metadata:  # not written by save()
            return {key: Tensor.of(array) for key, array in arrays.items()}
        if metadata.get("crc32") != str(_checksum(str(structure), arrays)):
            raise ValueError("its checksum is wrong: some of its bytes were changed")
        return _built(json.loads(structure), arrays)
    except (safetensors.SafetensorError, ValueError, KeyError, TypeError, IndexError, RecursionError) as error:
        if content[:4] == b"PK\x03\x04" or content[:1] == b"\x80":
            raise ValueError(
                f"load: {name} is a pickle, as torch.save writes; a pickle can run programs, so it is not read here. "
                "Where torch is installed, python -m autograd.convert makes a safetensors file of it"
            ) from None
        raise ValueError(
            f"load: {name} is damaged, cut off, or no safetensors file: {error}; use an earlier copy"
        ) from None


def _safetensors(name: str) -> Any:
    try:
        import safetensors.numpy
    except ImportError:
        raise ImportError(f"{name}: safetensors is not installed; run: pip install safetensors") from None
    return safetensors


def _described(obj: Any, path: str, arrays: dict[str, np.ndarray[Any, Any]]) -> Any:
    """``obj`` as JSON: a list of its kind and its contents; its arrays go into ``arrays`` by path."""
    if isinstance(obj, Node | np.ndarray | np.generic):
        key = path or "tensor"
        array = obj.raw if isinstance(obj, Node) else obj
        arrays[key] = np.ascontiguousarray(array).reshape(np.shape(array))  # safetensors mixes up transposed ones
        dtypes.check(arrays[key].dtype)
        return ["tensor", key]
    if isinstance(obj, _PLAIN):
        return ["plain", obj]
    within = f"{path}." if path else ""
    if isinstance(obj, Mapping):
        strange = [key for key in obj if not isinstance(key, _PLAIN)]
        if strange:
            raise TypeError(f"save: the dictionary at {path or 'the top'} has the key {strange[0]!r}; use strings")
        return ["dict", [[key, _described(value, f"{within}{key}", arrays)] for key, value in obj.items()]]
    if isinstance(obj, list | tuple):
        kind = "list" if isinstance(obj, list) else "tuple"
        return [kind, [_described(value, f"{within}{i}", arrays) for i, value in enumerate(obj)]]
    raise TypeError(
        f"save: at {path or 'the top'} stands a {type(obj).__name__}, which is no tensor, number, string or "
        "collection of these; save its state_dict() or its numbers"
    )


def _built(described: Any, arrays: dict[str, np.ndarray[Any, Any]]) -> Any:
    kind, content = described
    if kind == "tensor":
        return Tensor.of(arrays[content])
    if kind == "dict":
        return {key: _built(value, arrays) for key, value in content}
    if kind in ("list", "tuple"):
        return (list if kind == "list" else tuple)(_built(value, arrays) for value in content)
    if kind != "plain" or not isinstance(content, _PLAIN):
        raise ValueError(f"it says {kind!r} where a kind should stand")
    return content


def _array(entry: dict[str, Any]) -> np.ndarray[Any, Any]:
    shape, kind = entry["shape"], entry["dtype"]
    if kind == "BF16":  # the upper half of a float32
        return (np.frombuffer(entry["data"], "<u2").astype(np.uint32) << 16).view(np.float32).reshape(shape)
    if kind not in _NUMPY:
        raise ValueError(f"it holds numbers of the type {kind}, which this library does not have")
    return np.frombuffer(entry["data"], np.dtype(_NUMPY[kind]).newbyteorder("<")).reshape(shape).astype(_NUMPY[kind])


def _checksum(structure: str, arrays: dict[str, np.ndarray[Any, Any]]) -> int:
    """Of everything: names, types, shapes, numbers, and the structure around them."""
    crc = zlib.crc32(structure.encode())
    for key in sorted(arrays):
        crc = zlib.crc32(f"{key}{arrays[key].dtype}{arrays[key].shape}".encode(), crc)
        crc = zlib.crc32(arrays[key].tobytes(), crc)
    return crc
