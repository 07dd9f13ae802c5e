"""Jobs of several processes: the numbers of one process, and an end that names who is to blame."""

import importlib.util
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import time
from itertools import chain
from pathlib import Path

import numpy as np
import pytest

import autograd.distributed.ranks
import nn
import optim
from autograd import load
from autograd.convert import convert
from autograd.distributed import Ranks, world
from nn.data import DistributedSampler

ROOT = Path(__file__).parents[1]
PROGRAMS = Path(__file__).parent / "distributed_programs"
MPIEXEC = shutil.which("mpiexec", path=f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}")
HAS_MPI = importlib.util.find_spec("mpi4py") is not None and MPIEXEC is not None
assert HAS_MPI or os.environ.get("CHAINRULE_REQUIRE_MPI") != "1", "pip install 'chainrule[mpi]' for mpi4py and mpiexec"
with_mpi = pytest.mark.skipif(not HAS_MPI, reason="no mpi4py or no mpiexec: pip install 'chainrule[mpi]'")


def job(ranks, program, *arguments):
    """Run a program on so many ranks."""
    command = [MPIEXEC, "-n", str(ranks), sys.executable, *program.split(), *map(str, arguments)]
    settings = {**os.environ, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    return subprocess.run(command, capture_output=True, text=True, timeout=60, env=settings, check=False)


@with_mpi
@pytest.mark.parametrize("size", [1, 2, 4])
def test_ranks_together_are_one_process(size):
    done = job(size, str(PROGRAMS / "parity.py"))
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert max(found["differences"]) < 1e-12  # even shares, uneven ones, all on one rank
    assert found["bits_are_the_same"]
    last, mean = size - 1, (size - 1) / 2
    assert found["of_values"] == [1 - mean, [1 - mean, 2 - mean], [1 - 6 / size] * 2, True]
    moment = "[3.0, 3.0]"
    assert found["after_loading"] == [f"[[5.0, 5.0], [7.0, 7.0], {moment}]"] * size
    padded = [*range(10), *range(-10 % size)]
    assert found["shares"] == [str(padded[rank::size]) for rank in range(size)]
    assert found["means"] == pytest.approx([2 * (size - 1) / 3, 1.0])  # of rank, weighted with rank + 1
    if size == 1:
        return
    others = "0" if size == 2 else "0, 2, 3"
    on_others = f"on rank{'s' * (size > 2)} {others}"
    told = found["told"]
    assert all(found["told_to_all"])
    first = f"{on_others}, tensor 0 ('0.weight') is of shape (8, 6), float64; on rank 1, tensor 0"
    assert f"{first} ('1.weight') is of" in told["keys"]
    assert f"{first} ('0.weight') is of shape (9, 6), float64" in told["shapes"]
    assert "on rank 0, the seed is 0; on rank 1, the seed is 1" in told["seeds"]
    assert f"on rank {last}, group 0 is 4 parameters" in told["settings"]


SAID = {
    "kill": r"rank 1 \(pid \d+ on \S+\) ended without a word: it was killed",
    "raise": r"ValueError: no such batch\nchainrule: rank 1 \(pid \d+ on \S+\) raised ValueError; the job ends",
    "raise, and the launcher is slow": r"rank 1 \(pid \d+ on \S+\) raised ValueError; the job ends",
    "hang": r"rank 1 \(pid \d+ on \S+\) did not come within 1.5 s, while ranks 0, 2 wait for gradients",
    "exit": r"the program of rank 1 \(pid \d+ on \S+\) ended, while other ranks wait for gradients",
    "differ": r"DisagreementError: rank 0: the ranks make different calls; this one's was gradients",
}


@with_mpi
@pytest.mark.parametrize("how", SAID)
def test_one_ranks_end_is_the_jobs_end_and_says_whose(tmp_path, how):
    start, checkpoint = time.monotonic(), tmp_path / "run.safetensors"
    done = job(3, str(PROGRAMS / "ending.py"), how, checkpoint)
    assert time.monotonic() - start < 20
    assert done.returncode != 0
    assert re.search(SAID[how], done.stderr), done.stderr
    assert done.stderr.count("the job ends") == 1, done.stderr
    if how == "hang":
        assert re.search(r"ending.py\", line \d+ in hanging", done.stderr), "it shows where rank 1 hangs"
    model = nn.Linear(4, 4)
    optimizer = optim.SGD(model.parameters(), lr=0.1)
    assert nn.load_checkpoint(checkpoint, model=model, optimizer=optimizer) in (18, 19, 20)


@with_mpi
def test_a_run_goes_on_with_another_number_of_ranks(tmp_path):
    pytest.importorskip("matplotlib", reason="the demos need the extra 'demos'")
    from tests.distributed_programs.nanogpt import main

    whole, parts = tmp_path / "whole.safetensors", tmp_path / "parts.safetensors"
    main(whole, 8)
    done = job(2, str(PROGRAMS / "nanogpt.py"), parts, 4)
    assert done.returncode == 0, done.stderr
    main(parts, 4)
    one, several = (load(path)["parts"] for path in (whole, parts))
    np.testing.assert_allclose(several["history"]["losses"], one["history"]["losses"], rtol=1e-5)
    np.testing.assert_allclose(several["history"]["measured"][-1], one["history"]["measured"][-1], rtol=1e-5)


def test_a_run_goes_on_in_torch_with_two_processes(tmp_path, torch):
    pytest.importorskip("matplotlib", reason="the demos need the extra 'demos'")
    from tests.distributed_programs.nanogpt import main

    checkpoint, converted = tmp_path / "run.safetensors", tmp_path / "run.pt"
    main(checkpoint, 3)
    convert(str(checkpoint), str(converted))
    main(checkpoint, 4)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = {"MASTER_ADDR": "127.0.0.1", "MASTER_PORT": str(free.getsockname()[1]), "WORLD_SIZE": "2"}
    command = [sys.executable, "docs/continue_in_torch.py", "--quick", "--steps", "4", str(converted)]
    settings = {**os.environ, **address, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}
    started = [  # as torchrun does
        subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env={**settings, "RANK": rank}, cwd=ROOT)
        for rank in "01"
    ]
    written = [process.communicate(timeout=60)[0] for process in started]
    assert [process.returncode for process in started] == [0, 0]
    ours = load(checkpoint)["parts"]["history"]["losses"][3:]
    np.testing.assert_allclose(json.loads(written[0]), ours, rtol=1e-5)


@with_mpi
def test_a_demo_for_one_process_says_so_once(tmp_path):
    done = job(2, "-m demos", "neuron", "--out", tmp_path)
    assert done.returncode == 2
    assert "neuron runs in one process, without mpiexec; on several ranks run nanogpt" in done.stderr


def test_a_job_of_one_needs_no_mpi(monkeypatch):
    monkeypatch.setitem(sys.modules, "mpi4py", None)
    assert (world().rank, world().size, world().first) == (0, 1, True)
    ranks = Ranks()
    ranks.barrier()
    assert ranks.gather("text") == ["text"]
    assert ranks.broadcast([1]) == [1]
    assert ranks.sum_(np.ones(2)).tolist() == [1, 1]


def test_a_launched_process_without_mpi4py_names_the_extra(monkeypatch):
    monkeypatch.setitem(sys.modules, "mpi4py", None)
    monkeypatch.setenv("PMI_SIZE", "2")
    monkeypatch.setattr(autograd.distributed.ranks, "_world", [])
    with pytest.raises(ModuleNotFoundError, match=r"pip install 'chainrule\[mpi\]'"):
        world()


@with_mpi
def test_the_launcher_of_another_mpi_is_noticed():
    command = [sys.executable, "-c", "from autograd.distributed import world; world()"]
    settings = {**os.environ, "PYTHONPATH": str(ROOT), "OMPI_COMM_WORLD_SIZE": "4"}
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, env=settings, check=False)
    assert re.search(r"started 4 processes, but mpi4py's library \(.*\) sees 1", done.stderr)


@pytest.mark.parametrize("count", [1, 10, 11, 12])
@pytest.mark.parametrize("drop_last", [False, True])
def test_shares_are_torchs(torch, count, drop_last):
    for rank in range(3):
        settings = {"num_replicas": 3, "rank": rank, "shuffle": False, "drop_last": drop_last}
        ours = DistributedSampler(range(count), **settings)
        theirs = torch.utils.data.DistributedSampler(range(count), **settings)
        assert list(ours) == list(theirs)
        assert len(ours) == len(theirs)


def test_the_same_shuffle_from_the_same_seed_and_another_in_each_epoch():
    def epoch(number, seed=0):
        samplers = [DistributedSampler(range(12), 3, rank, seed=seed) for rank in range(3)]
        for sampler in samplers:
            sampler.set_epoch(number)
        return [list(sampler) for sampler in samplers]

    assert sorted(chain(*epoch(0))) == list(range(12))
    assert epoch(0) == epoch(0)
    assert len({str(shares) for shares in (epoch(0), epoch(1), epoch(0, seed=7))}) == 3


@pytest.mark.parametrize(
    ("call", "kind", "words"),
    [
        (lambda: DistributedSampler(range(3), 2, 2), ValueError, "rank 2 is none of the 2"),
        (lambda: Ranks(timeout=0), ValueError, "timeout"),
        (lambda: Ranks().mean([1.0], examples=0), ValueError, "no rank has any examples"),
        (lambda: optim.Distributed(nn.Linear(1, 1)), TypeError, "an optimizer of one process"),
        (
            lambda: optim.Distributed(optim.SGD(nn.Linear(1, 1).parameters(), lr=0.1)).reduce(-1),
            ValueError,
            "examples is -1",
        ),
    ],
)
def test_what_makes_no_sense_is_refused(call, kind, words):
    with pytest.raises(kind, match=words):
        call()
