# `make demo` and `make test` do all set-up on a bare machine with Python 3.11+.
PYTHON ?= python3
VENV   ?= .venv
BIN    := $(VENV)/bin

# What the compiled machine floor is made of, and the record that its build leaves (sim/ahead/active.py reads it).
FLOOR  := setup.py sim/ahead/leaf.h sim/ahead/leaf.pxd sim/ahead/leaf.pyx sim/ahead/floor.py plants/floor/kernel.py
BUILT  := sim/ahead/_built.py

.PHONY: demo build test test-all golden lint check format bench clean
.DEFAULT_GOAL := demo

$(BIN)/plantsync: pyproject.toml
	@$(PYTHON) -c 'import sys, ensurepip, venv; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "PlantSync needs Python 3.11 or newer with venv (Debian: apt-get install python3-venv)"; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e . 'setuptools>=77'
	@touch $@

# Without a C compiler this succeeds too: the floor is then interpreted, and the record says why.
$(BUILT): $(FLOOR) | $(BIN)/plantsync
	$(BIN)/python setup.py --quiet build_ext --inplace
	@touch $@

$(VENV)/.dev: pyproject.toml $(BIN)/plantsync
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e '.[dev]'
	@touch $@

build: | $(BIN)/plantsync      ## the compiled machine floor anew, whatever there is
	$(BIN)/python setup.py --quiet build_ext --inplace

demo: $(BIN)/plantsync $(BUILT)  ## line-stoppage three ways, compared and narrated
	$(BIN)/plantsync demo

test: $(VENV)/.dev $(BUILT)     ## the specification, under 10 minutes on 2 cores
	$(BIN)/python -m pytest -q -m "not slow"

test-all: $(VENV)/.dev $(BUILT) ## the same with the slow campaigns
	$(BIN)/python -m pytest -q

golden: $(VENV)/.dev $(BUILT)   ## today's golden worlds in place of those kept: say why in the commit
	$(BIN)/python -m pytest -q tests -k golden -m "slow or not slow" --renew-golden

lint: $(VENV)/.dev              ## format, style, types, storeys
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

check: lint test                ## everything a machine can check

format: $(VENV)/.dev
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

bench: $(VENV)/.dev $(BUILT)
	$(BIN)/python -m pytest bench/bench_*.py -q --benchmark-enable

clean:
	rm -rf $(VENV) build dist *.egg-info $(BUILT) sim/ahead/*.so plants/floor/*.so
