# Every target works in a fresh clone: it makes the environment first. `make help` lists them.
SHELL := /bin/bash
.DEFAULT_GOAL := help
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.homeward-stamp
# Any Python from 3.11 on; say PYTHON=… to choose.
PYTHON ?= $(shell command -v python3.11 || command -v python3.12 || command -v python3.13 || command -v python3)
# Tests on broker processes share the machine: two at a time unless said otherwise.
JOBS ?= 2
PYTEST := $(BIN)/python -m pytest -n $(JOBS) --dist loadgroup
# Only this project's virtual environment and settings count, not what the shell happens to hold.
unexport PYTHONPATH VIRTUAL_ENV

.PHONY: help env test quick check fault nightly demo bench kafka lock docs mutation clean

help: ## list the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sort | awk -F ':.*## ' '{printf "  make %-9s %s\n", $$1, $$2}'

env: $(STAMP) ## .venv from requirements.lock, with the homeward command

$(STAMP): requirements.lock pyproject.toml
	@test -n "$(PYTHON)" || { echo "Homeward needs Python 3.11 or later" >&2; exit 2; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

test: env ## the whole suite; on real Kafka too where Java 17 and Maven are (REQUIRE_KAFKA=1: or fail)
	$(PYTEST) --durations=30 --durations-min=10 $(ARGS)

quick: env ## the tests that need neither Kafka nor patience
	$(PYTEST) -m "not kafka and not slow and not fault and not nightly" $(ARGS)

fault: env ## only the tests that kill, pause and fence
	$(PYTEST) -m "fault and not nightly" $(ARGS)

nightly: env ## everything, long runs included
	$(PYTEST) -m "" $(ARGS)

check: env ## lint, types, import rules, dependencies
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/deptry .

demo: env ## a running place: broker, topics, workers, connectors, simulator, board (DEMO_SECONDS=60 ends by itself)
	@$(BIN)/homeward demo

bench: env ## the benchmark tables, side by side in one run; JSON in bench/results/
	@$(BIN)/python -m bench

kafka: env ## a real single-node Apache Kafka on a free loopback port, until interrupted
	@$(BIN)/homeward kafka start

mutation: $(STAMP) ## how many mutants of the core the tests kill (SAMPLE=300 drawn; 0 = all, hours); docs/mutation.md
	@test -x .venv-mutation/bin/python || $(PYTHON) -m venv .venv-mutation
	@.venv-mutation/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@.venv-mutation/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps \
	  -r requirements-mutation.lock 2>/dev/null
	@.venv-mutation/bin/python -m tests.mutation.run --sample $(or $(SAMPLE),300) --children $(JOBS)

docs: env ## the pages that list settings and metrics
	@$(BIN)/homeward docs

lock: env ## requirements.lock anew from requirements*.in
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
	  --no-header requirements.in requirements-dev.in -o requirements.lock
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
	  --no-header requirements-mutation.in -o requirements-mutation.lock

clean: ## remove the environment and every cache
	rm -rf $(VENV) .venv-mutation mutants .cache .demo .pytest_cache .mypy_cache .ruff_cache .hypothesis build *.egg-info
