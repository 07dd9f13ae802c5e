"""docs/trust.md: every script on the page is run, and every report on it is what was printed."""

import contextlib
import io
import re
import runpy
import shlex
from pathlib import Path

import pytest

from autograd import manual_seed
from autograd.compare.__main__ import main

PAGE = Path(__file__).parent.parent / "docs" / "trust.md"
SCRIPT = re.compile(r"```python\n# (\w+\.py)\n(.*?)```", re.DOTALL)
RUN = re.compile(r"```console\n\$ (python [^\n]*)\n(.*?)```", re.DOTALL)

# Numbers that depend on how a machine's kernels round are compared in kind: errors and ULPs, wide or narrow.
# Values of many digits are compared to six of them.
ROUNDED = re.compile(r" *(\d\.\de[+-]\d\d|(?<= )[\d.e+]+$)", re.MULTILINE)
LONG = re.compile(r"-?\d+\.\d{6,}")


def in_kind(text):
    return re.sub(" +", " ", LONG.sub("N", ROUNDED.sub(" N", text)))


def values(text):
    return [float(number) for number in LONG.findall(text)]


def printed(command, folder):
    """What a command of the page prints, in this process, which has imported torch already."""
    _, *arguments = shlex.split(command)
    out = io.StringIO()
    with contextlib.chdir(folder), contextlib.redirect_stdout(out):
        if arguments[:2] == ["-m", "autograd.compare"]:
            main(arguments[2:])
        else:
            runpy.run_path(str(folder / arguments[0]), run_name="__main__")
    manual_seed(0)
    return out.getvalue()


@pytest.fixture
def folder(tmp_path):
    for name, text in SCRIPT.findall(PAGE.read_text(encoding="utf-8")):
        (tmp_path / name).write_text(f"# {name}\n{text}", encoding="utf-8")
    return tmp_path


@pytest.mark.parametrize(("command", "expected"), RUN.findall(PAGE.read_text(encoding="utf-8")))
def test_the_page_says_what_is_printed(torch, folder, command, expected):
    text = printed(command, folder)
    assert in_kind(text) == in_kind(expected)
    assert values(text) == pytest.approx(values(expected), rel=1e-6)


def test_every_script_is_run():
    text = PAGE.read_text(encoding="utf-8")
    run = " ".join(command for command, _ in RUN.findall(text))
    assert all(name in run for name, _ in SCRIPT.findall(text))


def rewrite(folder):
    """Put on the page what is printed now: ``python -m tests.test_trust_page``."""
    text = PAGE.read_text(encoding="utf-8")
    for name, script in SCRIPT.findall(text):
        (folder / name).write_text(f"# {name}\n{script}", encoding="utf-8")
    filled = RUN.sub(lambda m: f"```console\n$ {m[1]}\n{printed(m[1], folder)}```", text)
    PAGE.write_text(filled, encoding="utf-8")


if __name__ == "__main__":
    import tempfile

    with tempfile.TemporaryDirectory() as place:
        rewrite(Path(place))
