# Every target works from a fresh clone: the virtual environment is made on first use.
.DEFAULT_GOAL := help
SHELL := /bin/bash
PYTHON ?= python3
PORT ?= 8000
ONLY ?=
FUZZ_EXAMPLES ?= 100
SYNC_EXAMPLES ?= 200
SECONDS_OF_SOAK ?= 120
SEED ?=
OLD ?=
# Tests start a hundred processes: each would compile everything anew where the environment forbids to keep it.
export PYTHONDONTWRITEBYTECODE :=
BIN := .venv/bin
INSTALLED := .venv/.installed

.PHONY: help install demo demo-check test fuzz soak rolling soak-sync lint format ci bench pictures lock clean

help: ## Show this list
	@awk 'BEGIN {FS = ":.*## "} /^[a-z-]+:.*## / {printf "  \033[1m%-12s\033[0m %s\n", $$1, $$2}' $(MAKEFILE_LIST)

# URLLIB3_NO_OVERRIDE: a dependency of caldav would otherwise replace urllib3 for the whole environment.
# --no-deps: the lock is complete, and pip would look for a newer release of what is asked for with extras.
$(INSTALLED): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Creneau needs Python 3.11 or newer; set PYTHON=/path/to/python3"; exit 1; }
	$(PYTHON) -m venv .venv
	URLLIB3_NO_OVERRIDE=1 $(BIN)/pip install --quiet --disable-pip-version-check --require-hashes --no-deps -r requirements.lock
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

install: $(INSTALLED) ## Make the virtual environment (the other targets do it for you)

demo: $(INSTALLED) ## Run everything on this machine: web on PORT (8000), a local Slack on PORT+1, calendars on PORT+2
	$(BIN)/creneau demo --port $(PORT)

demo-check: $(INSTALLED) ## Walk one booking from Slack to the calendar, headless, and exit 0 or 1
	$(BIN)/creneau demo --check

# In the order of the files: those with the fewest tests take longest, and would come last, to one of the two alone.
test: $(INSTALLED) ## Run the tests (real Postgres, real CalDAV server, two at a time)
	$(BIN)/pytest -n 2 --dist loadfile --no-loadscope-reorder

fuzz: $(INSTALLED) ## Ask the API everything its document allows, and more (FUZZ_EXAMPLES=100 a route)
	FUZZ_EXAMPLES=$(FUZZ_EXAMPLES) $(BIN)/pytest -n 2 tests/web/test_api_fuzz.py

soak-sync: $(INSTALLED) ## Change calendars on both sides at random, for longer (SYNC_EXAMPLES=200)
	SYNC_EXAMPLES=$(SYNC_EXAMPLES) $(BIN)/pytest -o faulthandler_timeout=0 tests/calendar_sync/test_sync_machine.py

lint: $(INSTALLED) ## Style, types and the direction of imports
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo

format: $(INSTALLED) ## Let ruff rewrite what it can
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

ci: lint test ## What continuous integration runs

.venv/.bench: $(INSTALLED) bench/requirements.lock
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes --no-deps -r bench/requirements.lock
	@touch $@

bench: .venv/.bench ## Measure ratios against baselines, into bench/results.json (ONLY=name for one)
	$(BIN)/python -m bench $(if $(ONLY),--only $(ONLY))

soak: $(INSTALLED) ## Kill processes and cut wires while people book, then compare (SECONDS_OF_SOAK=120, SEED=n)
	$(BIN)/python -m soak --seconds $(SECONDS_OF_SOAK) $(if $(SEED),--seed $(SEED))

rolling: $(INSTALLED) ## Run another version beside this one while people book, then compare (OLD=tag or commit)
	$(BIN)/python -m soak.rolling --old $(or $(OLD),$(error say which version ran before: OLD=tag or commit))

pictures: $(INSTALLED) ## Take the pictures of docs/slack.md again (needs Debian's chromium)
	$(BIN)/python docs/pictures

lock: ## Pin the dependencies again (needs uv)
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --extra demo --extra dev --no-header --no-annotate pyproject.toml -o requirements.lock
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --extra bench --constraint requirements.lock --no-header --no-annotate pyproject.toml -o bench/requirements.lock

clean: ## Remove the virtual environment, caches and demo data
	rm -rf .venv .demo .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis
