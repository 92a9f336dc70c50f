# Two commands to know: `make demo` and `make test`. Everything lands in this folder: .venv/, .cache/, demo/.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

FLOORS := engine cfd_rules resolver graph api fixtures
BIN := .venv/bin
# The first interpreter that is 3.11 or newer; say `make PYTHON=/path/to/python` to choose another.
PYTHON ?= $(shell for p in python3.11 python3.12 python3.13 python3.14 python3 python; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1 && { echo $$p; break; }; done)
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check

.PHONY: neo4j neo4j-stop help setup setup-dev setup-spark links demo test lint types spark docs tutorial saboteurs bench lock clean

help: ## what can be made
	@grep -hE '^[a-z0-9-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

.venv/bin/python:
	@test -n "$(PYTHON)" || { echo "找不到 Python 3.11 以上版本 / Python 3.11 or newer was not found: install it, or say make PYTHON=/path/to/python" >&2; exit 1; }
	$(PYTHON) -m venv .venv

.venv/.stamp-run: engine/requirements.lock pyproject.toml | .venv/bin/python
	$(PIP) --require-hashes -r engine/requirements.lock
	$(PIP) --no-deps --editable .
	@touch $@

.venv/.stamp-dev: requirements/dev.lock .venv/.stamp-run
	$(PIP) --require-hashes -r engine/requirements.lock -r requirements/dev.lock
	@touch $@

.venv/.stamp-spark: requirements/spark.lock .venv/.stamp-dev
	$(PIP) --require-hashes -r engine/requirements.lock -r requirements/spark.lock
	@touch $@

setup: .venv/.stamp-run ## a virtual environment from the exact lock
setup-dev: .venv/.stamp-dev links ## the same with what tests, lint and types need
setup-spark: .venv/.stamp-spark links ## the same with PySpark

# mypy finds the floors by a folder of links, because they stand at the top of the tree (docs/adr/0001).
links:
	@mkdir -p .cache/links/cityweave
	@for floor in $(FLOORS); do ln -sfn ../../../$$floor .cache/links/cityweave/$$floor; done

demo: setup ## a city of 20,000 people, from its departments' files to answers
	@$(BIN)/cityweave demo

test: setup-dev ## every test; what needs Java 17 and PySpark is skipped without them, and the summary says so
	@if [ "$$(tests/java17.sh)" = yes ]; then $(MAKE) --no-print-directory setup-spark; fi
	$(BIN)/python -m pytest -n auto --dist loadfile --no-loadscope-reorder

lint: setup-dev ## ruff
	$(BIN)/ruff check .

types: setup-dev ## mypy, strict
	$(BIN)/mypy -p cityweave --namespace-packages

spark: setup-spark ## the tests that need PySpark and Java 17
	$(BIN)/python -m pytest -m spark

neo4j: ## start a real Neo4j without Docker (graph/neo4j); stop it by `make neo4j-stop`
	graph/neo4j/server.sh start

neo4j-stop: ## stop it
	graph/neo4j/server.sh stop

docs: setup-dev ## write docs/reference.md anew
	$(BIN)/python docs/generate.py

tutorial: setup-dev ## run every command of docs/tutorial.md
	$(BIN)/python -m pytest tests/project/test_tutorial.py

saboteurs: setup-dev ## break one claim at a time: the named test must fail
	$(BIN)/python tests/saboteurs/run.py

bench: setup-dev ## the figures of benchmarks/, one after another; let nothing else run meanwhile
	@for one in demo run city historical rules generate graph tender; do echo "== python -m benchmarks.$$one"; $(BIN)/python -m benchmarks.$$one; done

# Locks are made for every platform and hold hashes. engine/requirements.lock ships in the wheel: its digest enters the keys of Python steps.
lock: | .venv/bin/python ## solve the dependencies anew
	@test -x .cache/lock/bin/uv || { $(PYTHON) -m venv .cache/lock && .cache/lock/bin/pip install --quiet uv; }
	requirements/lock.sh .cache/lock/bin/uv

clean: ## remove what was built here (not .venv)
	rm -rf build dist .cache .mypy_cache .ruff_cache .pytest_cache .hypothesis demo *.egg-info
	find . -name __pycache__ -type d -not -path './.venv/*' -prune -exec rm -rf {} +
