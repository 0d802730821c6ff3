# `make` alone lists the commands. Each sets up what it needs.
.DEFAULT_GOAL := help
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c

PORT ?= 8000
VENV := .venv
BIN  := $(VENV)/bin
UV   := $(shell command -v uv 2>/dev/null || echo .cache/uv/bin/uv)
export UV_PYTHON_PREFERENCE ?= system

include make/aws.mk
include make/bench.mk
include make/eval.mk
include make/frontend.mk
include make/fuzz.mk
include make/packages.mk
include make/test.mk

.PHONY: help
help: ## list the commands
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / { printf "  \033[36mmake %-16s\033[0m %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

# --- set-up ---------------------------------------------------------------------------------

.cache/uv/bin/uv: make/requirements-uv.txt
	@echo "Installing uv ..."
	@python3 -c 'import ensurepip' 2>/dev/null || { [ -x /usr/bin/apt-get ] && [ "$$(id -u)" = 0 ] && \
	  apt-get update -qq && apt-get install -y -qq python3-venv >/dev/null; } || \
	  { echo "This Python has no venv. Install it (Debian: apt-get install python3-venv) or uv itself."; exit 1; }
	@python3 -m venv .cache/uv && .cache/uv/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r $< && touch $@

$(VENV)/.installed: requirements-dev.txt pyproject.toml layers/shared/pyproject.toml layers/streaming/pyproject.toml | $(UV)
	@echo "Installing the locked packages ..."
	@[ -x $(BIN)/python ] || $(UV) venv --quiet --python 3.13 $(VENV)
	@$(UV) pip sync --quiet --python $(BIN)/python --require-hashes requirements-dev.txt
	@$(UV) pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation -e layers/shared -e layers/streaming -e .
	@touch $@

.PHONY: lock
lock: lock-aws | $(UV) ## update the locked requirement files to the newest versions
	$(UV) pip compile --quiet --upgrade --universal --generate-hashes --python-version 3.13 --no-emit-index-url \
	  --custom-compile-command "make lock" layers/dependencies/requirements.in -o layers/dependencies/requirements.txt
	$(UV) pip compile --quiet --upgrade --universal --generate-hashes --python-version 3.13 --no-emit-index-url \
	  --custom-compile-command "make lock" requirements-dev.in -o requirements-dev.txt
	for tool in uv node; do \
	  $(UV) pip compile --quiet --upgrade --universal --generate-hashes --python-version 3.9 --no-emit-index-url \
	    --custom-compile-command "make lock" make/requirements-$$tool.in -o make/requirements-$$tool.txt; \
	done

# --- development ----------------------------------------------------------------------------

.PHONY: dev
dev: $(VENV)/.installed frontend-build ## run everything on this machine, at http://127.0.0.1:$PORT; RELOAD=1 restarts on changes
	@PORT=$(PORT) RELOAD=$(RELOAD) $(BIN)/python -m local

.PHONY: format
format: $(VENV)/.installed ## format the code and apply the linter's fixes
	@$(BIN)/ruff check --quiet --fix . || true
	@$(BIN)/ruff format --quiet .

.PHONY: check
check: $(VENV)/.installed check-templates frontend-check ## check format, lint, types, import rules and templates
	@$(BIN)/ruff format --check --quiet .
	@$(BIN)/ruff check --quiet .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-cache

.PHONY: smoke
smoke: $(VENV)/.installed ## check a deployed endpoint from outside: URL=… TOKEN=… [CHAT_URL=… MCP_URL=…]
	@[ -n "$(URL)" ] && [ -n "$(TOKEN)" ] || { echo "make smoke URL=https://… TOKEN=… [CHAT_URL=https://… MCP_URL=https://…]"; exit 2; }
	@$(BIN)/python -m local.smoke $(URL) $(TOKEN) "$(CHAT_URL)" "$(MCP_URL)"
