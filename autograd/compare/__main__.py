"""``python -m autograd.compare SCRIPT.py:NAME``: compare a function of a script with PyTorch, from the shell."""

from __future__ import annotations

import argparse
import importlib.util
import inspect
import sys
from pathlib import Path
from typing import Any

from autograd import compare, creation
from autograd.errors import GraphError, ShapeError

USAGE = """\
NAME is a function of SCRIPT.py (or a generator function: a training run), or a tuple of arguments for
autograd.compare, such as (our module, PyTorch's, input). A parameter of the function is what the script has under
its name or, failing that, its default, or random numbers of the size given by --size x=3,4.
The exit status is 0 if all agrees, 1 if something differs, 2 if it could not be compared."""


def load(script: str) -> Any:
    """The script as a module; it may import what lies beside it."""
    path = Path(script).resolve()
    spec = importlib.util.spec_from_file_location(path.stem, path)
    if spec is None or spec.loader is None or not path.exists():
        raise FileNotFoundError(f"{script} is not a Python file")
    sys.path.insert(0, str(path.parent))
    module = importlib.util.module_from_spec(spec)
    sys.modules.setdefault(path.stem, module)
    spec.loader.exec_module(module)
    return module


def arguments_of(function: Any, module: Any, sizes: dict[str, tuple[int, ...]]) -> list[Any]:
    """An argument for each parameter of the function."""
    given = []
    for name, parameter in inspect.signature(function).parameters.items():
        if name in sizes:
            given.append(creation.randn(sizes[name], requires_grad=True))
        elif hasattr(module, name):
            given.append(getattr(module, name))
        elif parameter.default is not parameter.empty:
            given.append(parameter.default)
        else:
            raise LookupError(f"{name} has no value: define {name} in the script, or give --size {name}=3,4")
    return given


def main(arguments: list[str] | None = None) -> int:
    """Run the command line."""
    parser = argparse.ArgumentParser(
        prog="python -m autograd.compare",
        description=__doc__.partition(": ")[2],
        epilog=USAGE,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("what", metavar="SCRIPT.py:NAME")
    parser.add_argument(
        "--size", action="append", default=[], metavar="NAME=3,4", help="random numbers for a parameter"
    )
    parser.add_argument("--seed", type=int, default=0, help="of these (default: 0)")
    parser.add_argument("--rtol", type=float, help="how far apart numbers may be, as a share of the largest")
    parser.add_argument("--steps", type=int, help="how many steps of a training run")
    options = parser.parse_args(arguments)
    script, _, name = options.what.rpartition(":")
    try:
        sizes = {
            key: tuple(map(int, size.split(","))) for key, _, size in (each.partition("=") for each in options.size)
        }
        creation.manual_seed(options.seed)
        module = load(script)
        if not hasattr(module, name):
            raise LookupError(f"{script} has nothing called {name!r}")
        what = getattr(module, name)
        call = what if isinstance(what, tuple) else (what, *arguments_of(what, module, sizes))
        report = compare(*call, rtol=options.rtol, steps=options.steps)
    except (OSError, LookupError, ImportError, ValueError, TypeError, AttributeError, GraphError, ShapeError) as error:
        notes = "".join(f"\n{note}" for note in getattr(error, "__notes__", ()))
        print(f"{type(error).__name__}: {error}{notes}", file=sys.stderr)
        return 2
    print(report)
    return 0 if report else 1


if __name__ == "__main__":
    sys.exit(main())
