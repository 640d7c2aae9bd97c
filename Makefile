# Two commands on a fresh machine: `make run` and `make test`. Needed: Python 3.11+, make, the package registries.
export TZ := UTC
export PYTHONUTF8 := 1
export PORT ?= 8000
unexport PYTHONPATH PYTHONHOME VIRTUAL_ENV

UV_VERSION := 0.13.9
BIN := .venv/bin
PYTHON := $(BIN)/python
STAMPS := .venv/stamps
PAGES := $(shell find web -path web/node_modules -prune -o -path web/dist -prune -o -type f -print 2>/dev/null)

.DEFAULT_GOAL := help
.PHONY: help run test check bench reset demo lock clean install pages

help: ## this list
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1|\2/p' Makefile | awk -F'|' '{printf "%-16s %s\n", $$1, $$2}'

run: install pages ## start everything, with demo data, at http://localhost:8000 (PORT=9000 moves the block of ten)
	@exec $(PYTHON) app.py run

test: install pages ## every test, in Python and in the pages
	$(PYTHON) -m pytest -n auto --dist loadgroup -rs
	$(STAMPS)/npm --prefix web run --silent test

check: install pages ## style, types, import contracts, migrations, locks
	$(BIN)/ruff check .
	$(BIN)/ruff format --check --quiet .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(PYTHON) app.py check-migrations
	$(STAMPS)/npm --prefix web run --silent check

bench: install ## measured ratios (ONLY=routing)
	$(PYTHON) -m bench $(ONLY)

reset: install ## clear the data of this PORT
	@$(PYTHON) app.py reset

lock: ## pin every dependency anew
	$(BIN)/uv pip compile -q --upgrade --universal --generate-hashes --no-annotate --no-header pyproject.toml -o requirements.lock
	$(BIN)/uv pip compile -q --upgrade --universal --generate-hashes --no-annotate --no-header --extra local --extra dev pyproject.toml -o requirements-dev.lock
	$(BIN)/uv pip compile -q --upgrade --universal --generate-hashes --no-annotate --no-header --extra node pyproject.toml -o requirements-node.lock
	cd web && ../$(STAMPS)/npm install --package-lock-only && ../$(PYTHON) ../config/strip_lock.py package-lock.json

clean: ## remove the environment and everything built (not the data)
	rm -rf .venv web/node_modules web/dist

install: $(STAMPS)/python
pages: $(STAMPS)/pages

$(STAMPS)/python: requirements-dev.lock
	@sh config/environment.sh $(UV_VERSION)
	@mkdir -p $(STAMPS) && touch $@

$(STAMPS)/npm: $(STAMPS)/python requirements-node.lock
	@sh config/node.sh $@

$(STAMPS)/modules: $(STAMPS)/npm web/package-lock.json
	@echo "installing the pages' packages" && cd web && ../$(STAMPS)/npm ci --silent
	@touch $@

$(STAMPS)/pages: $(STAMPS)/modules $(PAGES)
	@echo "building the pages" && $(STAMPS)/npm --prefix web run --silent build
	@touch $@
