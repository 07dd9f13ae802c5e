"""``python -m demos``: list the demos, or run one."""

from __future__ import annotations

import argparse
import ast
import importlib
import inspect
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, get_args

from autograd.distributed import world
from demos import CHAPTERS, DISTRIBUTED
from demos.report import Options, Report

# Which extra brings what a demo imports.
EXTRAS = {
    "matplotlib": "demos",
    "mpi4py": "mpi",
    "names": "demos",
    "sklearn": "demos",
    "tqdm": "demos",
    "torch": "torch",
}


def title(name: str) -> str:
    """The first line of a demo's docstring, read without importing what the demo needs."""
    path = Path(__file__).parent / name
    text = (path / "__init__.py" if path.is_dir() else path.with_suffix(".py")).read_text(encoding="utf-8")
    return (ast.get_docstring(ast.parse(text)) or "").partition("\n")[0]


def listing() -> str:
    """All demos by chapter."""
    lines = ["python -m demos NAME [--out DIR] [--seed N] [--quick]; python -m demos NAME --help tells of the others"]
    for chapter, names in CHAPTERS.items():
        lines += ["", chapter, *(f"  {name:13} {title(name)}" for name in names)]
    return "\n".join(lines)


def parsed(name: str, run: Callable[..., Report], arguments: list[str]) -> tuple[Options, dict[str, Any]]:
    """The options that every demo has, and the demo's own: those that its ``run`` takes by keyword only."""
    parser = argparse.ArgumentParser(prog=f"python -m demos {name}", description=title(name))
    parser.add_argument("--out", type=Path, default=Path("out"), help="where pictures go (default: out)")
    parser.add_argument("--seed", type=int, default=0, help="seed of the random numbers (default: 0)")
    parser.add_argument("--quick", action="store_true", help="a shorter run, of a few seconds")
    own = [p for p in inspect.signature(run, eval_str=True).parameters.values() if p.kind is p.KEYWORD_ONLY]
    for parameter in own:
        annotation, explanation = get_args(parameter.annotation)  # Annotated[kind, "explanation"]
        kind = (get_args(annotation) or (annotation,))[0]  # of Path | None: Path
        how: dict[str, Any] = {"action": argparse.BooleanOptionalAction} if kind is bool else {"type": kind}
        shown = explanation if parameter.default is None else f"{explanation} (default: {parameter.default})"
        parser.add_argument(f"--{parameter.name.replace('_', '-')}", default=parameter.default, help=shown, **how)
    given = vars(parser.parse_args(arguments))
    common = Options(given.pop("out"), given.pop("seed"), given.pop("quick"))
    return common, given


def main(arguments: list[str] | None = None) -> int:
    """Run the command line; the exit status is 2 for a demo that does not exist or cannot run here."""
    name, *rest = (sys.argv[1:] if arguments is None else arguments) or [""]
    if name in ("", "-h", "--help"):
        print(listing())
        return 0
    names = [each for chapter in CHAPTERS.values() for each in chapter]
    if name not in names:
        print(f"there is no demo {name!r}; there are {', '.join(names)}", file=sys.stderr)
        return 2
    start = time.perf_counter()
    try:
        ranks = world()
        if ranks.size > 1 and name not in DISTRIBUTED:
            print(
                f"{name} runs in one process, without mpiexec; on several ranks run {', '.join(DISTRIBUTED)}",
                file=sys.stderr,
            )
            return 2
        run = importlib.import_module(f"demos.{name}").run
        options, own = parsed(name, run, rest)
        if ranks.first:
            print(title(name))
        report = run(options, **own)
    except ModuleNotFoundError as error:
        if error.name is None or error.name.split(".")[0] not in EXTRAS:
            raise
        extra = EXTRAS[error.name.split(".")[0]]
        print(f'this demo needs {error.name}: pip install "chainrule[{extra}]"', file=sys.stderr)
        return 2
    if ranks.first:
        print(f"\nIn {time.perf_counter() - start:.0f} s:\n{report}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
