# `make demo` and `make test` do all set-up on a bare machine with Python 3.11+: what locks/ names, by hash, and then us.
PYTHON ?= python3
VENV   ?= .venv
BIN    := $(VENV)/bin
PIP    := -m pip install --quiet --disable-pip-version-check
LOCKED := $(PIP) --require-hashes --requirement
OURS   := $(PIP) --no-deps --no-build-isolation

# `make lock` and nothing else uses it; another version may order or word the locks differently.
UV     := uv==0.13.9
LOCK   := UV_CUSTOM_COMPILE_COMMAND="make lock" bin/uv --no-config pip compile --quiet --universal \
	--python-version 3.11 --fork-strategy fewest --generate-hashes --no-annotate --no-emit-index-url
# Cores take tests from each other at the end. pytest-benchmark would measure nothing beside others, and is off anyway.
TESTS  := -m pytest -q --numprocesses auto --dist worksteal
NEWEST := build/newest
HIGHS  := 1.10.0 1.15.1 1.16.0
SOLVES := test_answer or test_expected

# What the compiled machine floor is made of, and the record that its build leaves (sim/ahead/active.py reads it).
FLOOR  := setup.py sim/ahead/leaf.h sim/ahead/leaf.pxd sim/ahead/leaf.pyx sim/ahead/floor.py plants/floor/kernel.py
BUILT  := sim/ahead/_built.py

.PHONY: demo build test test-all golden lint check format bench lock newest highs clean
.DEFAULT_GOAL := demo

$(BIN)/plantsync: pyproject.toml locks/run.txt
	@$(PYTHON) -c 'import sys, ensurepip, venv; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "PlantSync needs Python 3.11 or newer with venv (Debian: apt-get install python3-venv)"; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python $(LOCKED) locks/run.txt
	$(BIN)/python $(OURS) --editable .
	@touch $@

# Without a C compiler this succeeds too: the floor is then interpreted, and the record says why.
$(BUILT): $(FLOOR) | $(BIN)/plantsync
	$(BIN)/python setup.py --quiet build_ext --inplace
	@touch $@

$(VENV)/.dev: locks/dev.txt $(BIN)/plantsync
	$(BIN)/python $(LOCKED) locks/dev.txt
	@touch $@

build: | $(BIN)/plantsync      ## the compiled machine floor anew, whatever there is
	$(BIN)/python setup.py --quiet build_ext --inplace

demo: $(BIN)/plantsync $(BUILT)  ## line-stoppage three ways, compared and narrated
	$(BIN)/plantsync demo

test: $(VENV)/.dev $(BUILT)     ## the specification, under 8 minutes on 2 cores
	$(BIN)/python $(TESTS) -m "not slow"

test-all: $(VENV)/.dev $(BUILT) ## the same with the slow campaigns
	$(BIN)/python $(TESTS)

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

# dev.txt is everything; run.txt is the part of it that the program is built with and needs, in the same versions.
lock:                           ## the newest of everything that pyproject.toml allows, with hashes, for Python 3.11 to 3.14
	$(PYTHON) -m venv build/lock
	build/lock/bin/python $(PIP) $(UV)
	$(PYTHON) .ci/requirements.py build > build/lock/build.in
	cd build/lock && $(LOCK) --upgrade --extra dev ../../pyproject.toml build.in --output-file ../../locks/dev.txt
	cd build/lock && $(LOCK) --constraint ../../locks/dev.txt ../../pyproject.toml build.in --output-file ../../locks/run.txt

# A copy, since what is compiled here must not be what is compiled with the locked versions.
newest:                         ## the tests against the newest release of everything, whatever pyproject.toml allows
	rm -rf $(NEWEST) && mkdir -p $(NEWEST)
	git ls-files -z | tar --null --files-from - --create --file - | tar --extract --file - --directory $(NEWEST)
	$(PYTHON) -m venv $(NEWEST)/.venv
	cd $(NEWEST) && $(PYTHON) .ci/requirements.py newest > newest.in
	cd $(NEWEST) && .venv/bin/python $(PIP) --requirement newest.in
	cd $(NEWEST) && .venv/bin/python $(OURS) --editable .
	cd $(NEWEST) && PLANTSYNC_DATA="$${PLANTSYNC_DATA:-$(CURDIR)/../shared/data}" .venv/bin/python $(TESTS) -m "not slow"

highs: $(VENV)/.dev $(BUILT)    ## one document and the same answers with every solver that pyproject.toml allows
	for v in $(HIGHS); do \
	  $(BIN)/python $(PIP) --no-deps --upgrade --target build/highs/$$v highspy==$$v && \
	  PYTHONPATH=$(CURDIR)/build/highs/$$v $(BIN)/python $(TESTS) -m "not slow" -k "$(SOLVES)" || exit 1; \
	done

clean:
	rm -rf $(VENV) build dist *.egg-info $(BUILT) sim/ahead/*.so plants/floor/*.so
