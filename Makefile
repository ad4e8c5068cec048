# Every target sets the environment up by itself: Python 3.11 or later, pip and make are enough.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := check
.PHONY: check lint fast-tests test test-postgres hunt bench demo docs fmt clean

PYTHON ?= $(shell for p in python3.11 python3.12 python3.13 python3.14 python3; do \
	command -v $$p >/dev/null && $$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' && { echo $$p; break; }; done)
BIN := .venv/bin
STAMP := .venv/.stamp-$(shell cksum pyproject.toml | cut -d' ' -f1)
JOBS ?= auto
BENCH ?=

$(STAMP):
	@test -n "$(PYTHON)" || { echo "seqlang needs Python 3.11 or later; set PYTHON=/path/to/python" >&2; exit 2; }
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@echo "setting up .venv (once)"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -e '.[dev]'
	@rm -f .venv/.stamp-*
	@touch $@

check: $(STAMP) ## lint, types, layers and the fast tests, side by side: under a minute
	@$(MAKE) --no-print-directory -j2 lint fast-tests

lint: $(STAMP)
	$(BIN)/ruff check .
	$(BIN)/lint-imports --no-logo
	$(BIN)/mypy

fast-tests: $(STAMP)
	$(BIN)/python -m pytest -q -n $(JOBS) --dist worksteal -m "not slow and not postgres and not hunt"

test: $(STAMP) ## the whole suite, PostgreSQL and wheels included
	$(BIN)/python -m pytest -q -n $(JOBS) --dist worksteal -m "not hunt"

test-postgres: $(STAMP) ## all that knows nothing of databases, once more on PostgreSQL (`make test` plays a sample of it)
	$(BIN)/python -m pytest -q -n $(JOBS) -m "postgres and not hunt" --database postgres

hunt: $(STAMP) ## made-up projects of all kinds: the oracle against the engine, on both databases
	$(BIN)/python -m pytest -q -n $(JOBS) -m hunt

bench: $(STAMP) ## the table of speeds; sizes: make bench BENCH="--contacts 10000"
	$(BIN)/python -m benchmarks $(BENCH)

demo: $(STAMP) ## the quickstart, end to end, on this machine
	$(BIN)/seqlang demo

docs: $(STAMP) ## the site, into build/site, without the network
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict

fmt: $(STAMP) ## what can be put right without thinking
	$(BIN)/ruff check --fix .
	$(BIN)/seqlang fmt examples

clean: ## forget the environment and what the tools keep
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache build dist
