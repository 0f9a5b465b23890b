# Two commands do everything on a bare Debian machine with Python 3.11, pip and make:
#   make run    set up, then serve the shipped questionnaires and print links that work
#   make test   set up, then run every test
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PYTEST ?= $(BIN)/pytest -n 2 --dist loadfile

.PHONY: run test unit check format attack proofs mutants bench faults load lock tools wheel translations clean

run: $(VENV)/.run
	$(BIN)/survey-engine demo

test: $(VENV)/.dev tools
	$(PYTEST)

# The core and what is checked without a store, a server or a browser.
CORE := tests/test_*.py tests/model tests/language tests/engine tests/analysis tests/publication tests/rendering
unit: $(VENV)/.dev
	$(BIN)/pytest -n 2 -m "not browser and not slow" $(CORE)

check: $(VENV)/.dev
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/vulture
	$(BIN)/bandit -q -c pyproject.toml -r survey_engine
	$(BIN)/deptry .
	$(BIN)/hadolint .container/Containerfile
	$(BIN)/check-jsonschema --builtin-schema vendor.compose-spec .container/compose.yaml
	$(BIN)/survey-engine check questionnaires

format: $(VENV)/.dev
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

# 100,000 hostile requests, each time others.
attack: $(VENV)/.dev
	SURVEY_FUZZ=100000 $(BIN)/pytest -s tests/attacks

# Mistakes planted one by one into copies of the shipped questionnaires, and what finds each of them.
proofs: $(VENV)/.dev
	$(BIN)/python -m tests.analysis.proof.faults

# Mistakes planted one by one into the code that decides, stores and exports, and into the page's script: which do tests notice?
mutants: $(VENV)/.dev tools
	$(BIN)/mutmut run
	$(BIN)/python -m tests.mutants
	$(BIN)/python -m tests.browser.script_mutants

bench: $(VENV)/.dev tools
	$(BIN)/python -m tests.bench

faults: $(VENV)/.dev tools
	$(BIN)/python -m tests.faults --full

load: $(VENV)/.dev tools
	$(BIN)/python -m tests.load

# Catalogues: all texts into templates, changed and new ones into every variant's catalogue, and what is left to do.
translations: $(VENV)/.dev
	$(BIN)/survey-engine translations extract
	$(BIN)/survey-engine translations update
	$(BIN)/survey-engine translations status

# What tests need beside Python: Chromium and PostgreSQL, from Debian's packages.
tools:
	sh tests/tools.sh

LOCK := $(BIN)/uv pip compile pyproject.toml --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-annotate --no-header -q
lock: $(VENV)/.dev
	$(LOCK) --extra postgres --group build -o requirements.lock
	$(LOCK) --all-extras --group build --group dev -c requirements.lock -o requirements-dev.lock

wheel: $(VENV)/.dev
	$(BIN)/hatchling build -t wheel

clean:
	rm -rf $(VENV) build dist .mypy_cache .ruff_cache .pytest_cache

# The environment is made without ensurepip, which a bare Debian lacks; the system's pip installs into it.
$(VENV)/bin/python:
	$(PYTHON) -m venv --without-pip $(VENV)

$(VENV)/.run: requirements.lock pyproject.toml | $(VENV)/bin/python
	$(PYTHON) -m pip --python $(BIN)/python install -q --require-hashes -r requirements.lock
	$(PYTHON) -m pip --python $(BIN)/python install -q --no-deps --no-build-isolation -e .
	touch $@

$(VENV)/.dev: requirements-dev.lock pyproject.toml | $(VENV)/bin/python
	$(PYTHON) -m pip --python $(BIN)/python install -q --require-hashes -r requirements-dev.lock
	$(PYTHON) -m pip --python $(BIN)/python install -q --no-deps --no-build-isolation -e .
	touch $@ $(VENV)/.run
