# Two commands do everything, from a clone with Python 3.11+ and make: `make demo` and `make test`.

PYTHON ?= python3
BIN := .venv/bin
EXAMPLES ?= 2000
INSTALLED := .venv/.installed
PIP := pip install --quiet --no-compile  # modules are compiled when they are imported: most never are
ONE_THREAD := OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1  # each: pytest has a process for every core

.PHONY: demo test oldest fuzz check bench docs pictures scaling clean

demo: $(INSTALLED)  ## the main job: train, check the gradients, draw
	$(BIN)/python -m demos tour --out out

test: check  ## lint, types, then every test with its doctests; torch and MPI must be there
	$(ONE_THREAD) CHAINRULE_REQUIRE_TORCH=1 CHAINRULE_REQUIRE_MPI=1 $(BIN)/python -m pytest -n auto

oldest:  ## every test that can do without torch, with the oldest NumPy that pyproject.toml allows
	$(PYTHON) -m venv .venv-oldest
	.venv-oldest/bin/python -m $(PIP) --editable '.[test]' 'numpy==2.0.0'
	$(ONE_THREAD) .venv-oldest/bin/python -m pytest -n auto

fuzz: $(INSTALLED)  ## random programs, shapes and indices, 2,000 of each kind: make fuzz EXAMPLES=100000
	CHAINRULE_REQUIRE_TORCH=1 CHAINRULE_FUZZ=$(EXAMPLES) $(BIN)/python -m pytest -n auto tests/test_fuzz.py
	$(BIN)/python -m tests.mutants

check: $(INSTALLED)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

bench: .venv-bench/.installed  ## side by side with other libraries, 15 minutes of an idle machine; writes docs/benchmarks.md
	.venv-bench/bin/python -m benchmarks all

pictures: $(INSTALLED)  ## those in README.md; the screenshots need Chromium and its driver
	$(BIN)/python -m demos tour --out docs/images
	rm docs/images/*.html
	PYTHONPATH=. $(BIN)/python docs/screenshots.py

docs: $(INSTALLED)  ## the pages made from the table
	PYTHONPATH=. $(BIN)/python docs/operators.py

scaling: $(INSTALLED)  ## measures for docs/scaling.md, on all cores, which should have nothing else to do
	PYTHONPATH=. $(BIN)/python docs/scaling.py

clean:
	rm -rf .venv .venv-oldest .venv-bench out .pytest_cache .mypy_cache .ruff_cache .hypothesis

.venv-bench/.installed: benchmarks/requirements.txt  # not with ours: one of them is imported as autograd, too
	$(PYTHON) -m venv .venv-bench
	.venv-bench/bin/python -m $(PIP) --requirement benchmarks/requirements.txt
	touch $@

$(INSTALLED): pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed; say which: make PYTHON=python3.11 ...")'
	$(PYTHON) -m venv .venv
	$(BIN)/python -m $(PIP) --editable '.[dev]'
	touch $@
