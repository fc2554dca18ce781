# Every target sets itself up. Two are enough to begin with: `make demo` and `make test`.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
CHECKOV := $(VENV)/checkov
CHECKOV_READY := $(CHECKOV)/.ready

.DEFAULT_GOAL := help
.PHONY: help demo test test-slow lint security unit e2e bench openapi modules screenshots clean

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

# checkov pins versions that the rest cannot live with, so it lives by itself.
$(CHECKOV_READY): constraints-checkov.txt | $(READY)
	@rm -f $@
	@test -x $(CHECKOV)/bin/python || $(PYTHON) -m venv $(CHECKOV)
	@echo "setting up: installing what is pinned in constraints-checkov.txt into $(CHECKOV)"
	@$(CHECKOV)/bin/python -m pip install --quiet --disable-pip-version-check --constraint constraints-checkov.txt checkov
	@touch $@

demo: $(READY)  ## open the dashboard on an embedded AWS with a sample fleet
	@$(BIN)/fleet demo

# Much of the time the tests wait, for Terraform and for the embedded AWS, so more of them go on than cores.
test: lint security  ## run every check
	$(BIN)/pytest -q -n 4 --dist loadfile --no-loadscope-reorder -m "not slow"
	@test -e $(CHECKOV_READY) || echo "$(UNCHECKED)"

lint: $(READY)  ## style, types and the contracts between parts
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

# Where changes are judged (CI is set) nothing may be left out; elsewhere the rest can be checked without it.
UNCHECKED := NOT CHECKED: the security rules for Terraform, because checkov could not be installed

# A file that checkov cannot read is a failure, and it asks nobody for a newer version.
security: export CKV_PARSE_ERROR_FAIL := true
security: export CKV_SKIP_PACKAGE_UPDATE_CHECK := true
security:  ## the security rules for Terraform
	@if $(MAKE) --silent --no-print-directory $(CHECKOV_READY); then $(CHECKOV)/bin/checkov; \
	else echo "$(UNCHECKED)"; test -z "$$CI"; fi

unit: $(READY)  ## the tests that need neither Terraform nor the embedded AWS
	$(BIN)/pytest -q -n 2 -m "not e2e and not terraform and not sandbox"

test-slow: $(READY)  ## what takes minutes more: kills at every moment, twelve in waves, two regions, floods
	$(BIN)/pytest -q -m slow

e2e: $(READY)  ## the whole way: console, Terraform, Lambdas
	$(BIN)/pytest -q -m e2e

bench: $(READY)  ## measure; figures land in bench/results
	@mkdir -p bench/results
	$(BIN)/python -m bench.accounts --out bench/results/accounts.json
	$(BIN)/python -m bench.grid.grid_latency --json bench/results/grid.json
	$(BIN)/python -m bench.startup --out bench/results/startup.json
	$(BIN)/python -m bench.lambdas --out bench/results/lambdas.json
	$(BIN)/python -m bench.plans --out bench/results/plans.json
	$(BIN)/python -m bench.orchestration --out bench/results/orchestration.json

openapi: $(READY)  ## write the description of the modules' APIs to docs/api
	@mkdir -p docs/api
	cd lambdas && ../$(BIN)/python openapi.py ../docs/api

modules: $(READY)  ## make every module alone from nothing to nothing; the table lands in docs/MODULES.md
	$(BIN)/python -m bench.modules --out bench/results/modules.json --table docs/MODULES.md

screenshots: $(READY)  ## draw the pictures of the README from the sandbox
	$(BIN)/fleet sandbox screenshots screenshots

clean:  ## remove what was set up
	rm -rf $(VENV)
