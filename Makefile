# The tasks of this project. A fresh checkout needs Python >= 3.11 and make; everything else goes into .venv.

PYTHON ?= python3
JOBS   ?= 4
VENV   := .venv
BIN    := $(VENV)/bin
STAMP  := $(VENV)/.installed
PIP    := $(BIN)/python -m pip --quiet --disable-pip-version-check

.PHONY: setup demo test check fix bench soak lock node safety

setup: $(STAMP)                 ## make .venv and install everything, pinned by hash; does nothing when nothing changed

$(STAMP): requirements/dev.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.version_info >= (3, 11) or sys.exit("Python 3.11 or newer is needed (this is %s): make PYTHON=python3.12 ..." % sys.version.split()[0])'
	$(PYTHON) -m venv $(VENV)
	$(PIP) install --require-hashes -r requirements/dev.txt
	$(PIP) install --no-deps --no-build-isolation -e .
	@touch $@

demo: setup                     ## the main job on the sandbox; KEEP=1 leaves it running
	$(BIN)/tendlc sandbox run $(if $(filter 1,$(KEEP)),--keep)

test: setup                     ## the whole test suite; ARGS="-k inbox" picks
	$(BIN)/python -m pytest -n $(JOBS) --dist worksteal $(ARGS)

check: setup                    ## linters, types and the contracts between the floors
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo

fix: setup                      ## what the linters can mend themselves
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

node:                           ## the language server that one test runs, pinned by hash; needs npm. Without it that test skips
	cd requirements/node && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error

safety: setup                   ## the table of failures and the tests that show what is promised, from the marks on the tests
	$(BIN)/python -m tests.house.safety

bench: setup                    ## the measurements
	$(BIN)/python -m benchmarks

soak: setup                     ## kill -9, 100 times in ten minutes; ARGS="--minutes 1 --kills 10 --seed 7"
	$(BIN)/python -m tests.soak $(ARGS)

# requirements/*.txt: every release and every hash, for every platform and Python >= 3.11. UPGRADE=1 takes the newest.
COMPILE = $(BIN)/uv --no-config pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--custom-compile-command "make lock" $(if $(filter 1,$(UPGRADE)),--upgrade)

lock: setup                     ## write requirements/*.txt anew from pyproject.toml
	$(COMPILE) pyproject.toml --group dev --output-file requirements/dev.txt
	$(COMPILE) pyproject.toml --constraint requirements/dev.txt --output-file requirements/runtime.txt
	$(COMPILE) --group build --constraint requirements/dev.txt --output-file requirements/build.txt
