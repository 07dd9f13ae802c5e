"""``python -m demos``: list the demos, or run one."""

from __future__ import annotations

import argparse
import ast
import importlib
import sys
import time
from pathlib import Path

from demos import CHAPTERS
from demos.report import Options


def title(name: str) -> str:
    """The first line of a demo's docstring, read without importing what the demo needs."""
    path = Path(__file__).parent / name
    text = (path / "__init__.py" if path.is_dir() else path.with_suffix(".py")).read_text(encoding="utf-8")
    return (ast.get_docstring(ast.parse(text)) or "").partition("\n")[0]


def listing() -> str:
    """All demos by chapter."""
    lines = ["python -m demos NAME [--out DIR] [--seed N] [--quick]"]
    for chapter, names in CHAPTERS.items():
        lines += ["", chapter, *(f"  {name:12} {title(name)}" for name in names)]
    return "\n".join(lines)


def main(arguments: list[str] | None = None) -> int:
    """Run the command line; the exit status is 2 for a demo that does not exist or cannot run here."""
    parser = argparse.ArgumentParser(prog="python -m demos", description="Demonstrations of chainrule.")
    parser.add_argument("name", nargs="?", help="the demo to run; without it, all are listed")
    parser.add_argument("--out", type=Path, default=Path("out"), help="where pictures go (default: out)")
    parser.add_argument("--seed", type=int, default=0, help="seed of the random numbers (default: 0)")
    parser.add_argument("--quick", action="store_true", help="a shorter run, of a few seconds")
    parser.add_argument("--port", type=int, default=8000, help="of the playground (default: 8000; 0: a free one)")
    parser.add_argument("--no-browser", action="store_true", help="do not open the playground in the browser")
    options = parser.parse_args(arguments)
    if options.name is None:
        print(listing())
        return 0
    names = [name for chapter in CHAPTERS.values() for name in chapter]
    if options.name not in names:
        print(f"there is no demo {options.name!r}; there are {', '.join(names)}", file=sys.stderr)
        return 2
    print(title(options.name))
    start = time.perf_counter()
    try:
        chosen = Options(options.out, options.seed, options.quick, options.port, not options.no_browser)
        report = importlib.import_module(f"demos.{options.name}").run(chosen)
    except ModuleNotFoundError as error:
        if error.name is None or error.name.split(".")[0] not in ("matplotlib", "sklearn", "tqdm"):
            raise
        print(f'this demo needs {error.name}: pip install "chainrule[demos]"', file=sys.stderr)
        return 2
    print(f"\nIn {time.perf_counter() - start:.0f} s:\n{report}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
