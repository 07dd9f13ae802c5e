"""``python -m benchmarks``: list the cases, run one, say where its time goes, or run all and write the report."""

from __future__ import annotations

import argparse
import sys
import time

from benchmarks import driver, report
from benchmarks.alone import ALONE
from benchmarks.cases import CASES


def listing() -> str:
    lines = ["python -m benchmarks NAME [--profile] [--seconds N] [--quick]", ""]
    lines += [f"  {name:16} {case.title}" for name, case in CASES.items()]
    lines += [f"  {name:16} {(measure.__doc__ or '').partition(chr(10))[0]}" for name, measure in ALONE.items()]
    return "\n".join([*lines, "", "  all              every case; writes docs/benchmarks.md and its plots"])


def run_one(name: str, seconds: float, quick: bool) -> None:
    if name in ALONE:
        print(report.table_text(ALONE[name](quick, sys.executable)))
    else:
        print(report.text(CASES[name], driver.run(CASES[name], seconds)))


def run_all(seconds: float, quick: bool) -> None:
    """Everything, each result printed as it comes; then the page and the plots."""
    start = time.perf_counter()
    cases, tables = {}, {}
    for name, case in CASES.items():
        found = driver.run(case, seconds)
        cases[name] = case, found
        print(f"{report.text(case, found)}\n", flush=True)
        report.save_plot(name, case, found, report.DOCS / "images")
    for name, measure in ALONE.items():
        tables[name] = measure(quick, sys.executable)
        print(f"{report.table_text(tables[name])}\n", flush=True)
    page = report.DOCS / "benchmarks.md"
    page.write_text(report.page(cases, tables), encoding="utf-8")
    print(f"wrote {page} in {time.perf_counter() - start:.0f} s")


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description="Side by side with other libraries.")
    parser.add_argument("name", nargs="?", help="the case to run; without it, all are listed")
    parser.add_argument("--profile", action="store_true", help="say where the time of our step goes")
    parser.add_argument("--seconds", type=float, default=20.0, help="how long rounds are measured (default: 20)")
    parser.add_argument("--quick", action="store_true", help="2 seconds of rounds, and smaller graphs")
    options = parser.parse_args(arguments)
    if options.name is None:
        print(listing())
        return 0
    if options.name not in (*CASES, *ALONE, "all"):
        print(f"there is no case {options.name!r}; there are {', '.join((*CASES, *ALONE, 'all'))}", file=sys.stderr)
        return 2
    if options.profile and options.name not in CASES:
        print(f"--profile is for one of {', '.join(CASES)}", file=sys.stderr)
        return 2
    seconds = 2.0 if options.quick else options.seconds
    if options.profile:
        from benchmarks import profiling

        print(profiling.text(CASES[options.name]))
    elif options.name == "all":
        run_all(seconds, options.quick)
    else:
        run_one(options.name, seconds, options.quick)
    return 0


if __name__ == "__main__":
    sys.exit(main())
