# What can be done here; needs Python 3.11 or newer (with its venv module) and make, nothing else.
# PYTHON chooses the interpreter:  make run PYTHON=python3.12

PYTHON ?= python3
UV ?= uv
VENV := .venv
CONFORMANCE := .venv-conformance
BENCH := .venv-bench
RUN := $(VENV)/bin/python
LINT_DATA := $(CURDIR)/$(VENV)/.lint-data
CATALOGUES := $(wildcard notifier/locale/*/LC_MESSAGES/django.po)
PIP := -m pip --disable-pip-version-check install --quiet --no-input --no-deps --require-hashes
# Compiling all bytecode takes longer than Python needs to compile the part that is used, when it is first used.
PIP_QUICK := $(PIP) --no-compile

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help setup run test lint conformance bench bench-long faults check-long messages lock clean

help:  ## this list
	@echo "make TARGET, where TARGET is one of"
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  \1|\2/p' Makefile | while IFS='|' read -r name what; do printf '  %-14s%s\n' "$$name" "$$what"; done

setup: $(VENV)/.run $(VENV)/.messages  ## build .venv with what the program needs (run and test call it)

run: setup  ## start everything in one process: http://127.0.0.1:8000
	@$(RUN) manage.py run

test: setup $(VENV)/.test  ## every test, on SQLite and again on PostgreSQL
	@status=0; for database in sqlite postgres; do \
		echo "$(RUN) -m pytest -n 2 --dist worksteal --database=$$database"; \
		$(RUN) -m pytest -n 2 --dist worksteal --database=$$database || status=1; \
	done; exit $$status

bench: setup $(VENV)/.test $(BENCH)/.done  ## how fast it is here, on SQLite and PostgreSQL, beside other senders (docs/bench.md)
	$(RUN) -m tests.bench

bench-long: setup $(VENV)/.test $(BENCH)/.done  ## the same with up to ten million rows: an hour, and 15 GB of disk
	$(RUN) -m tests.bench --long

# make faults CASE="kills redis" for some of them, FAULTS=quick for smaller numbers
faults: setup $(VENV)/.test  ## processes killed, servers gone, disks full (docs/faults.md); CASE=kills: one of them
	$(RUN) -W ignore -m tests.faults $(if $(filter quick,$(FAULTS)),--quick) $(CASE)

check-long: setup $(VENV)/.test  ## the tests that take longer: many more games against the oracle, and mutants that must be killed
	@status=0; for database in sqlite postgres; do \
		echo "$(RUN) -m pytest -m long -n 2 --dist worksteal --database=$$database"; \
		$(RUN) -m pytest -m long -n 2 --dist worksteal --database=$$database || status=1; \
	done; exit $$status

lint: export DATA_DIR := $(LINT_DATA)
lint: export DATABASE_URL :=
lint: export REDIS_URL :=
lint: export EMAIL_URL :=
lint: export DEBUG :=
lint: setup $(VENV)/.lint  ## style, types, layers, templates, migrations, deployment checks
	@mkdir -p $(LINT_DATA)
	$(RUN) -m ruff check
	$(RUN) -m ruff format --check
	$(RUN) -m mypy
	$(VENV)/bin/lint-imports
	$(RUN) -m djlint --quiet --lint templates notifier
	$(RUN) -m djlint --quiet --check templates notifier
	$(RUN) manage.py makemigrations --check --dry-run
	SITE_URL=https://maintenance.example.com SECRET_KEY=lint-only-lint-only-8d1f5b07c3a94e26-lint-only-lint-only \
		$(RUN) manage.py check --deploy --fail-level WARNING

conformance: setup $(VENV)/.test $(CONFORMANCE)/.done  ## feeds and mails, read by another operator's parser
	rm -rf build/conformance && mkdir -p build/conformance
	$(RUN) -m tests.conformance.write build/conformance
	$(CONFORMANCE)/bin/python tests/conformance/check.py build/conformance

messages: setup $(VENV)/.test  ## bring the .po files in step with the source
	$(RUN) -m tests.messages

# All four come from one resolution: the largest is made first and binds the others. `make lock UPGRADE=--upgrade` takes newer versions.
LOCK = $(UV) pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --no-annotate $(UPGRADE)
lock:  ## pin the dependencies of pyproject.toml (for developers; needs uv)
	$(LOCK) pyproject.toml --extra lint --extra test --extra prod --output-file requirements-lint.txt
	$(LOCK) pyproject.toml --extra test --constraint requirements-lint.txt --output-file requirements-test.txt
	$(LOCK) pyproject.toml --extra prod --constraint requirements-lint.txt --output-file requirements-prod.txt
	$(LOCK) pyproject.toml --constraint requirements-lint.txt --output-file requirements.txt
	$(LOCK) --group conformance --output-file requirements-conformance.txt
	$(LOCK) --group bench --constraint requirements-lint.txt --output-file requirements-bench.txt

clean:  ## remove what was built; data/ stays
	rm -rf $(VENV) $(CONFORMANCE) $(BENCH) build .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache .coverage
	find customers maintenance notifier tests -name __pycache__ -type d -prune -exec rm -rf {} +
	find notifier/locale -name '*.mo' -delete 2>/dev/null || true

# -- environments; each stamp is newer than what it was made of, so a second call costs nothing
$(VENV)/.made $(CONFORMANCE)/.made $(BENCH)/.made:
	@command -v $(PYTHON) >/dev/null || { echo "make: $(PYTHON) was not found; install Python 3.11 or newer, or name it: make $(MAKECMDGOALS) PYTHON=/path/to/python3" >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "make: $$($(PYTHON) --version) is too old; Python 3.11 or newer is needed: make $(MAKECMDGOALS) PYTHON=python3.12" >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { echo "make: $(PYTHON) has no venv module; on Debian and Ubuntu: apt install python3-venv" >&2; exit 1; }
	@rm -rf $(@D) && mkdir $(@D) && echo "*" > $(@D)/.gitignore
	$(PYTHON) -m venv $(@D)
	@touch $@

$(VENV)/.run: requirements.txt | $(VENV)/.made
	$(RUN) $(PIP_QUICK) -r requirements.txt
	@touch $@

$(VENV)/.messages: $(CATALOGUES) | $(VENV)/.run
	$(if $(CATALOGUES),@$(RUN) -m babel.messages.frontend --quiet compile --domain django --directory notifier/locale)
	@touch $@

$(VENV)/.test: requirements-test.txt | $(VENV)/.run
	$(RUN) $(PIP_QUICK) -r requirements-test.txt
	@touch $@

$(VENV)/.lint: requirements-lint.txt | $(VENV)/.run
	$(RUN) $(PIP_QUICK) -r requirements-lint.txt
	@touch $@

$(CONFORMANCE)/.done: requirements-conformance.txt | $(CONFORMANCE)/.made
	$(CONFORMANCE)/bin/python $(PIP_QUICK) -r requirements-conformance.txt
	@touch $@

$(BENCH)/.done: requirements-bench.txt | $(BENCH)/.made
	$(BENCH)/bin/python $(PIP_QUICK) -r requirements-bench.txt
	@touch $@
