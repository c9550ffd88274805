PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

.PHONY: demo test bench lint migration fingerprint clean

demo: $(VENV)/installed
	$(BIN)/wingman demo

test: $(VENV)/installed
	$(BIN)/pytest

# make bench, or make bench QUICK=1
bench: $(VENV)/installed
	$(BIN)/wingman bench $(if $(QUICK),--quick)

lint: $(VENV)/installed
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/python python_client/generate_sync.py --check
	$(BIN)/mypy
	$(BIN)/sqlfluff lint --disable-progress-bar sql
	$(BIN)/squawk migrations/versions/*.up.sql

# make migration m="what it is about"
migration: $(VENV)/installed
	$(BIN)/python -m wingmanmatch.database.revision "$(m)"

# what a database at head holds, once a revision is finished
fingerprint: $(VENV)/installed
	$(BIN)/python -m wingmanmatch.database.fingerprint --write

clean:
	rm -rf $(VENV) .wingman

$(VENV)/installed: pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check --editable '.[bench,demo,dev]'
	touch $@
