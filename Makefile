# Two commands on a fresh machine: `make run` and `make test`. Needed: Python 3.11+, make, the package registries.
PORT ?= 8000
export PORT
export TZ := UTC
export PYTHONUTF8 := 1
export PYTHONUNBUFFERED := 1
# The certificates of the machine, as pip does: many networks have their own.
export UV_SYSTEM_CERTS := 1
export NODE_USE_SYSTEM_CA := 1
unexport PYTHONPATH PYTHONHOME VIRTUAL_ENV

UV_VERSION := 0.13.9
# Every path is relative: the folder of the checkout may have spaces in its name.
BIN := .venv/bin
PYTHON := $(BIN)/python
NPM := .venv/npm
PAGES := $(shell find web -name node_modules -prune -o -name dist -prune -o -type f -print 2>/dev/null)
COMPILE := $(BIN)/uv pip compile --quiet --upgrade --universal --generate-hashes --no-annotate --no-header pyproject.toml

.DEFAULT_GOAL := help
.PHONY: help run restart test check bench simulate torture torture-proof reset lock clean install

help: ## this list
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/\1|\2/p' Makefile | awk -F'|' '{ printf "  make %-13s %s\n", $$1, $$2 }'

run: install ## start everything, with demo data, at http://localhost:8000 (PORT=9000 moves the block of ten)
	@exec $(PYTHON) app.py run

test: install ## every test, in Python and in the pages, with the reason of each that is skipped
	$(PYTHON) -m pytest -n auto --dist loadfile -rs
	$(NPM) --prefix web run --silent test

check: install ## style, types, allowed imports, migrations, locks
	$(PYTHON) -m ruff check .
	$(PYTHON) -m ruff format --check --quiet .
	$(PYTHON) -m mypy
	$(BIN)/lint-imports
	$(PYTHON) -m pytest --noconftest tests/house/test_locks.py
	$(PYTHON) app.py check-migrations
	mkdir -p var && $(PYTHON) app.py migrate --sql 0002 > var/migrations.sql && $(BIN)/squawk --config .squawk.toml var/migrations.sql
	$(NPM) --prefix web run --silent check

bench: install ## measured ratios against their bounds (ONLY=routing,throttle,live,api,search,voice; LONG=1 adds what takes long)
	$(PYTHON) -m bench $(ONLY)

simulate: install ## try a day in a second (SCENARIO=tax-season, or a file; ARGS="--days 1 --seed 2"; none: the list)
	@$(PYTHON) app.py simulate $(SCENARIO) $(ARGS)

torture: install ## kill everything at random under load, then count exactly (ONLY=chat or phone, FOR=120 SEED=1)
	$(PYTHON) -m bench.torture $(if $(ONLY),--only $(ONLY)) $(if $(FOR),--for $(FOR)) $(if $(SEED),--seed $(SEED))

torture-proof: install ## the torture can fail: each of the broken variants is caught (ONLY=unfenced)
	$(PYTHON) -m bench.torture.proof $(if $(ONLY),--only $(ONLY)) $(if $(FOR),--for $(FOR)) $(if $(SEED),--seed $(SEED))
restart: install ## replace what `make run` runs by the code that is here, without an outage
	@$(PYTHON) app.py restart

reset: install ## clear the data of this PORT (refused while it runs)
	@$(PYTHON) app.py reset

lock: $(NPM) ## pin every dependency anew
	$(COMPILE) -o requirements.lock
	$(COMPILE) --extra local --extra dev -o requirements-dev.lock
	$(COMPILE) --extra node -o requirements-node.lock
	$(NPM) --prefix web install --package-lock-only
	$(PYTHON) config/strip_lock.py web/package-lock.json

clean: ## remove the environment and everything built (not the data)
	rm -rf .venv web/node_modules web/dist

# Two makes may start side by side: one installs, the other waits and finds it done. (macOS has no flock.)
install:
	@if command -v flock >/dev/null; then exec flock Makefile $(MAKE) -s --no-print-directory web/dist/.built; \
	else exec $(MAKE) -s --no-print-directory web/dist/.built; fi

.venv/installed: requirements-dev.lock
	@sh config/environment.sh $(UV_VERSION)
	@touch $@

$(NPM): .venv/installed requirements-node.lock
	@sh config/node.sh $@

web/node_modules/.installed: $(NPM) web/package-lock.json
	@echo "installing the pages' packages"
	@cd web && ../$(NPM) ci --silent
	@touch $@

web/dist/.built: web/node_modules/.installed $(PAGES)
	@echo "building the pages"
	@$(NPM) --prefix web run --silent build -- --logLevel warn
	@touch $@
