# Two commands do everything on a bare Debian machine with Python 3.11, pip and make:
#   make run    set up, then serve the shipped questionnaires and print links that work
#   make test   set up, then run every test
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# One process more than two cores: tests wait for browsers, servers and databases.
PYTEST ?= $(BIN)/pytest -n 3 --dist worksteal
NODE_TOOLS := .ci/node_modules/.package-lock.json
BIOME := BIOME_CONFIG_PATH=.ci .ci/node_modules/.bin/biome

.PHONY: run test unit check format attack proofs mutants bench faults load lock tools wheel translations clean

run: $(VENV)/.run
	$(BIN)/survey-engine demo

test: $(VENV)/.dev tools
	$(PYTEST)

# The core and what is checked without a store, a server or a browser.
CORE := tests/test_*.py tests/model tests/language tests/engine tests/analysis tests/publication tests/rendering \
	--ignore=tests/publication/test_registry.py --ignore=tests/publication/test_versions.py --ignore=tests/analysis/proof/test_respondents.py
unit: $(VENV)/.dev
	$(PYTEST) -m "not browser and not slow" $(CORE)

check: $(VENV)/.dev $(NODE_TOOLS)
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/vulture
	$(BIOME) check --error-on-warnings static
	$(BIN)/bandit -q -c pyproject.toml -r survey_engine
	$(BIN)/deptry .
	$(BIN)/hadolint .container/Containerfile
	$(BIN)/check-jsonschema --builtin-schema vendor.compose-spec .container/compose.yaml
	$(BIN)/survey-engine check questionnaires

format: $(VENV)/.dev $(NODE_TOOLS)
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .
	$(BIOME) check --write static

# 100,000 hostile requests, each time others.
attack: $(VENV)/.dev
	SURVEY_FUZZ=100000 $(BIN)/pytest -s --timeout 0 tests/attacks

# Mistakes planted one by one into copies of the shipped questionnaires, and what finds each of them.
proofs: $(VENV)/.dev
	$(BIN)/python -m tests.analysis.proof.faults

# Mistakes planted one by one into the code that decides, stores and exports, and into the page's script: which do tests notice?
# A random sample of them, `make mutants SEED=1` the same one again, `make mutants ALL=1` all.
mutants: $(VENV)/.dev tools
	$(BIN)/python -m tests.browser.script_mutants $(if $(ALL),,--some 20) $(SEED:%=--seed %)
	$(BIN)/python -m tests.mutants $(if $(ALL),--all) $(SEED:%=--seed %)

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

LOCK := $(BIN)/uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-annotate --no-header -q
lock: $(VENV)/.dev
	$(LOCK) pyproject.toml --extra postgres --extra lms -o requirements.lock
	$(LOCK) --group build -o requirements-build.lock
	$(LOCK) pyproject.toml --all-extras --group build --group dev -c requirements.lock -c requirements-build.lock -o requirements-dev.lock
	npm update --prefix .ci --package-lock-only --no-audit --no-fund

wheel: $(VENV)/.dev
	$(BIN)/hatchling build -t wheel

clean:
	rm -rf $(VENV) .ci/node_modules build dist .mypy_cache .ruff_cache .pytest_cache

# The environment is made without ensurepip, which a bare Debian lacks; the system's pip installs into it.
$(VENV)/bin/python:
	$(PYTHON) -m venv --without-pip $(VENV)

$(VENV)/.run: requirements.lock requirements-build.lock pyproject.toml | $(VENV)/bin/python
	$(PYTHON) -m pip --python $(BIN)/python install -q --require-hashes -r requirements.lock -r requirements-build.lock
	$(PYTHON) -m pip --python $(BIN)/python install -q --no-deps --no-build-isolation -e .
	touch $@

$(VENV)/.dev: requirements-dev.lock pyproject.toml | $(VENV)/bin/python
	$(PYTHON) -m pip --python $(BIN)/python install -q --require-hashes -r requirements-dev.lock
	$(PYTHON) -m pip --python $(BIN)/python install -q --no-deps --no-build-isolation -e .
	touch $@ $(VENV)/.run

# Biome lints and formats script and style; its binary is an npm package.
$(NODE_TOOLS): .ci/package.json .ci/package-lock.json
	@command -v npm >/dev/null && node -e 'process.exit(parseInt(process.versions.node) < 18 ? 1 : 0)' || \
		{ echo "Install Node 18 or newer, with npm, to check script and style (on Debian: apt-get install nodejs npm)." >&2; exit 1; }
	npm ci --prefix .ci --no-audit --no-fund
	touch $@
