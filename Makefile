# The one door, for people and for CI. Needs make and Python 3.11 or newer; everything else lands in .venv/ and var/.

.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory --no-builtin-rules
# Else each process of a test run compiles all tests and pytest's plugins anew, two seconds for each.
unexport PYTHONDONTWRITEBYTECODE

# The first that runs and is new enough; a pyenv shim may exist and refuse.
PYTHON ?= $(shell for python in python3 python3.13 python3.12 python3.11; do \
	$$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$python && break; done)
BIN := .venv/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet --no-input install --require-hashes
PYTEST := $(BIN)/python -m pytest -q -n 2
POSTGRESQL := postgresql://postgres@127.0.0.1:5432/opentalk_site_$(shell echo $$PPID)
# The published document names the addresses of an installation with no settings.
SCHEMA = env -u FRONTEND_URL -u OIDC_ISSUER BASE_URL=http://127.0.0.1:8000 \
	$(BIN)/python -W ignore manage.py spectacular --lang en --format openapi-json --validate --fail-on-warn
UV = $(CURDIR)/$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
	--custom-compile-command "make lock"

.PHONY: help setup run test test-postgresql test-deep test-judges test-browser test-admin test-tree test-pythons check lint format types bench schema messages goldens contact-sheets lock

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-16s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

# ---- Run it ----

setup: $(BIN)/.installed ## Install, migrate, compile the messages; safe to repeat
	@$(BIN)/python manage.py setup

run: export EVENT_INVITE_EXTERNAL ?= true
run: $(BIN)/.installed ## Run the whole site with demonstration accounts at HOST and PORT
	@exec $(BIN)/python manage.py run --demo

$(BIN)/python:
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer is needed; python3 is older or missing."; exit 1; }
	@echo "Making .venv with $$($(PYTHON) --version)"
	@$(PYTHON) -m venv .venv || { echo "Python's venv module is needed (Debian: apt install python3-venv)."; exit 1; }

# The stamps are newer than what is installed by them; the tools' lock holds the product's at the same versions.
$(BIN)/.installed: requirements.txt | $(BIN)/python
	@echo "Installing what the site runs on"
	@$(PIP) -r requirements.txt
	@touch $@

$(BIN)/.installed-tools: requirements-dev.txt | $(BIN)/python
	@echo "Installing the tools"
	@$(PIP) -r requirements-dev.txt
	@touch $@ $(BIN)/.installed

# ---- Test it ----

test: $(BIN)/.installed-tools ## Run the fast tests on SQLite, without other services; PYTEST_ADDOPTS adds options
	@$(PYTEST)

test-postgresql: $(BIN)/.installed-tools ## Run the fast and slow tests on the PostgreSQL of this machine
	@DATABASE_URL=$(POSTGRESQL) $(PYTEST) --migrations -m 'not browser and not tree and not deep and not judge'

test-deep: $(BIN)/.installed-tools ## Compare twenty thousand series with four other implementations, import 10,000 rows, look at 100,000, play 5,000 meetings (20 minutes)
	@$(PYTEST) -m deep tests/calendars tests/imports tests/signaling tests/staff

test-judges: $(BIN)/.installed-tools ## The OpenAPI document before redocly and spectral, calendar objects before ical.js, node-ical, libical and sabre/vobject, callbacks before the libraries of receivers, frames of a live meeting before the client's camelcase-keys
	@$(BIN)/python -m pytest -q -m judge tests/judges

test-browser: $(BIN)/.installed-tools ## Use the pages in Debian's chromium, with axe-core (Node 20, npm)
	@$(BIN)/python -m pytest -q -m 'browser and not deep' tests/browser

test-admin: $(BIN)/.installed-tools ## Walk every page of the admin in chromium, with axe-core (10 minutes)
	@$(BIN)/python -m pytest -q -m deep tests/browser

test-tree: $(BIN)/.installed-tools ## Test the real process tree, also with faults
	@$(PYTEST) --dist loadfile -m tree tests/tree

OTHER_PYTHONS := python3.12 python3.13 $(wildcard $(or $(PYENV_ROOT),$(HOME)/.pyenv)/versions/3.1[23]*/bin/python3)
test-pythons: $(BIN)/.installed-tools ## Test the process tree with the other Python versions on this machine
	@for python in $(OTHER_PYTHONS); do \
		$$python -c 'import sys; sys.exit(sys.version_info[:2] not in ((3, 12), (3, 13)))' 2>/dev/null || continue; \
		echo "$$($$python --version)"; room=$$(mktemp -d) && $$python -m venv $$room \
		&& $$room/bin/python -m pip --disable-pip-version-check --quiet install --require-hashes -r requirements-dev.txt \
		&& $$room/bin/python -m pytest -q -p no:cacheprovider $(SMOKE) || exit 1; rm -rf $$room; done

SMOKE := tests/test_catalogues.py tests/calendars/test_itip.py tests/events/test_main_job.py tests/mailer \
	tests/users/test_provider_sign_in.py tests/operations

# ---- Judge it ----

check: lint types check-django check-schema check-lock ## Run everything that CI runs
	@$(PYTEST)
	@$(MAKE) test-postgresql
	@$(MAKE) test-judges
	@$(MAKE) test-browser
	@$(MAKE) test-tree
	@$(MAKE) test-pythons

lint: $(BIN)/.installed-tools ## Check style, likely bugs and import rules
	@$(BIN)/ruff check
	@$(BIN)/ruff format --check
	@$(BIN)/lint-imports

format: $(BIN)/.installed-tools ## Fix what lint can fix automatically
	@$(BIN)/ruff check --fix
	@$(BIN)/ruff format

types: $(BIN)/.installed-tools ## mypy
	@$(BIN)/mypy .

.PHONY: check-django check-schema check-lock
check-django: $(BIN)/.installed-tools
	@$(BIN)/python manage.py makemigrations --check --dry-run
	@BASE_URL=https://meet.example.com $(BIN)/python manage.py check --deploy --fail-level WARNING

check-schema: $(BIN)/.installed-tools
	@mkdir -p var && $(SCHEMA) > var/openapi.json
	@cmp -s docs/openapi.json var/openapi.json || \
		{ diff -u docs/openapi.json var/openapi.json | head -40; echo "The API has changed: make schema"; exit 1; }

check-lock: $(BIN)/.installed-tools
	@mkdir -p var/locks && cp requirements*.in requirements*.txt var/locks
	@$(MAKE) lock IN=var/locks
	@for lock in requirements.txt requirements-s3.txt requirements-dev.txt; do \
		diff -u $$lock var/locks/$$lock || { echo "The requirements have changed: make lock"; exit 1; }; done

bench: $(BIN)/.installed-tools ## Measure the performance goals (docs/performance.md); BENCH="--only G1 --quick"
	@$(BIN)/python -m bench $(BENCH)

# ---- Write what is generated ----

schema: $(BIN)/.installed-tools ## Write docs/openapi.json
	@$(SCHEMA) --file docs/openapi.json && echo >> docs/openapi.json

messages: $(BIN)/.installed-tools ## Collect the texts to be translated into locale/ (needs gettext)
	@command -v xgettext >/dev/null || { echo "gettext is needed (Debian: apt install gettext)."; exit 1; }
	@$(BIN)/python manage.py makemessages --all --no-wrap --add-location file \
		--ignore '.venv/*' --ignore 'var/*' --ignore 'tests/*' --ignore 'bench/*'

goldens: $(BIN)/.installed-tools ## Write the expected mails in tests/mails/; read the difference
	@GOLDENS=write $(BIN)/python -m pytest -q tests/mails

contact-sheets: $(BIN)/.installed-tools ## Show mails side by side, rendered by chromium, in var/contact-sheets/
	@CONTACT_SHEETS=var/contact-sheets $(BIN)/python -m pytest -q -m 'browser and not deep' tests/browser/test_contact_sheets.py

IN := .
lock: $(BIN)/.installed-tools ## Write requirements*.txt from requirements*.in; LOCK=--upgrade for newer versions
	@cd $(IN) && $(UV) $(LOCK) requirements.in -o requirements.txt >/dev/null
	@cd $(IN) && $(UV) $(LOCK) requirements-s3.in -c requirements.txt -o requirements-s3.txt >/dev/null
	@cd $(IN) && $(UV) $(LOCK) requirements-dev.in -c requirements-s3.txt -c requirements.txt -o requirements-dev.txt >/dev/null
