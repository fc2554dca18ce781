# Every target sets itself up. Two are enough to begin with: `make demo` and `make test`.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready

.DEFAULT_GOAL := help
.PHONY: help demo test lint unit e2e bench screenshots clean

help:  ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

# Installed anew only when what it is made from has changed.
$(READY): pyproject.toml constraints.txt
	@command -v $(PYTHON) >/dev/null || { echo "Python 3.11 or later is needed: python.org/downloads"; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or later is needed, this is $$($(PYTHON) --version)"; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV) || { echo "Python's venv module is needed (on Debian: apt-get install python3-venv)"; exit 1; }
	@echo "setting up: installing what is pinned in constraints.txt into $(VENV)"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[dev]'
	@touch $@

demo: $(READY)  ## open the dashboard on an embedded AWS with a sample fleet
	@$(BIN)/fleet demo

# Much of the time the tests wait, for Terraform and for the embedded AWS, so more of them go on than cores.
test: lint  ## run every check
	$(BIN)/pytest -q -n 4 --dist loadfile --no-loadscope-reorder

lint: $(READY)  ## style, types and the contracts between parts
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

unit: $(READY)  ## the tests that need neither Terraform nor the embedded AWS
	$(BIN)/pytest -q -n 2 -m "not e2e and not terraform and not sandbox"

e2e: $(READY)  ## the whole way: console, Terraform, Lambdas
	$(BIN)/pytest -q -m e2e

bench: $(READY)  ## measure; figures land in bench/results
	@mkdir -p bench/results
	$(BIN)/python -m bench.accounts --out bench/results/accounts.json
	$(BIN)/python -m bench.grid.grid_latency --json bench/results/grid.json
	$(BIN)/python -m bench.startup --out bench/results/startup.json

screenshots: $(READY)  ## draw the pictures of the README from the sandbox
	$(BIN)/fleet sandbox screenshots screenshots

clean:  ## remove what was set up
	rm -rf $(VENV)
