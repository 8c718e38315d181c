# Everything a person or CI does with the checkout. Needs make and Python 3.11 or later, and nothing else for `run`.

PYTHON ?= python3
PORT ?= 4000
TEAHOUSE_DATA ?= teahouse-data

.DEFAULT_GOAL := help
.PHONY: help run setup test test-parts test-unit check bench bench-report format lock clean

help: ## Lists these targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-13s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: .venv/run.stamp ## Serves a ready chat at http://127.0.0.1:4000/ (PORT and TEAHOUSE_DATA change where)
	TEAHOUSE_DATA="$(TEAHOUSE_DATA)" .venv/bin/teahouse serve --port "$(PORT)"

setup: .venv/dev.stamp node_modules/.package-lock.json ## Makes the development environment in .venv

test: test-parts .venv/dev.stamp ## Runs all tests, after installing the browser and servers that they need
	.venv/bin/python scripts/run_tests.py

test-parts: ## Installs the browser and servers that the tests need, where they are missing
	scripts/install-test-parts

test-unit: .venv/dev.stamp ## Runs the tests that need no server and no browser
	.venv/bin/python scripts/run_tests.py unit

check: setup ## Format, lint, types, JavaScript, migrations, what may not be committed, and the wheel
	scripts/check

bench: .venv/bench.stamp bench/rivals/node_modules/.package-lock.json ## Measures beside its rivals in half an hour (BENCH=--quick: in three minutes)
	.venv/bin/python -m bench.run $(BENCH)

bench-report: .venv/bench.stamp ## Writes docs/performance.md and its plots from RESULTS, a file of raw runs
	.venv/bin/python -m bench.report $(RESULTS)

format: .venv/dev.stamp ## Formats Python and mends what the linter can
	.venv/bin/ruff format .
	.venv/bin/ruff check --fix .

lock: .venv/dev.stamp ## Writes the locked versions anew, each the newest that pyproject.toml allows
	scripts/lock

clean: ## Removes environments and caches, never the chat's data
	rm -rf .venv .venvs node_modules bench/rivals/node_modules build dist .mypy_cache .pytest_cache .ruff_cache .hypothesis

.venv/bin/python:
	@"$(PYTHON)" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || \
		{ echo "teahouse needs Python 3.11 or later, and $(PYTHON) is" \
		"$$("$(PYTHON)" --version 2>&1 || true): make PYTHON=/path/to/python3.11" >&2; exit 1; }
	"$(PYTHON)" -m venv .venv || { rm -rf .venv; exit 1; }

# Editable installs build through the locked hatchling, so nothing comes in beside the lock.
.venv/run.stamp: .venv/bin/python requirements/run.txt pyproject.toml
	.venv/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/run.txt
	.venv/bin/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

.venv/dev.stamp: .venv/bin/python requirements/dev.txt pyproject.toml
	.venv/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/dev.txt
	.venv/bin/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch .venv/run.stamp $@

.venv/bench.stamp: .venv/dev.stamp requirements/bench.txt
	.venv/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/bench.txt
	@touch $@

bench/rivals/node_modules/.package-lock.json: bench/rivals/package.json bench/rivals/package-lock.json
	cd bench/rivals && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error
	@touch $@

node_modules/.package-lock.json: package.json package-lock.json
	@command -v npm >/dev/null || { echo "npm is missing: make test-parts installs it" >&2; exit 1; }
	npm ci --ignore-scripts --no-audit --no-fund --loglevel=error
	@touch $@
