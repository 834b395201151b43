# Every target does its own set-up: all it asks for is Python 3.11 or newer.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
CLIENTS := $(VENV)/.clients
WORKERS ?= 2
DEMO_VENV ?= .venv-demo
DEMO_READY := $(DEMO_VENV)/.ready
SITE_VENV ?= .venv-site
SITE_READY := $(SITE_VENV)/.ready

# A module is compiled once for all that is run here, whatever the shell says: hundreds of commands import the same.
export PYTHONDONTWRITEBYTECODE :=

.DEFAULT_GOAL := help
.PHONY: help setup demo test test-anywhere check rehearse rehearse-clean mutants docs docs-site release serve bench soak image clean

help: ## Say what each target does
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

$(READY): pyproject.toml constraints.txt tools/environment.py
	@$(PYTHON) tools/environment.py $(VENV) dev compat
	@touch $(READY)

# The demo needs a tenth of what the tests need, so it has an environment of its own, unless there is the other one.
$(DEMO_READY): pyproject.toml tools/environment.py
	@$(PYTHON) tools/environment.py $(DEMO_VENV)
	@touch $(DEMO_READY)

# Clients and libraries from npm that some tests run, where there is an npm; without one those tests are skipped, visibly.
$(CLIENTS): $(READY)
	@if command -v npm >/dev/null; then \
	  npm install --silent --no-audit --no-fund --prefix $(VENV)/node servicenow-rest-api@1 \
	    mustache@4.2.0 moment@2.31.0 moment-timezone@0.6.6 hjson@3.2.2 axe-core@4.14.1 @servicenow/sdk@4.9.0 >/dev/null 2>&1 \
	  || echo "npm could not install what some tests run: they are skipped"; fi
	@touch $(CLIENTS)

setup: $(READY) ## Make the virtual environment in .venv

demo: $(or $(wildcard $(READY)),$(DEMO_READY)) ## Play a story: alerts become incidents, are updated, and are closed
	@$(dir $<)bin/python -m sandtable.demo $(ARGS)

check: $(READY) ## Lint, format and types
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

# ARGS that name tests are a part of the suite: those start at once, in this process and without the lint.
PART := $(findstring tests/,$(ARGS))

test: $(if $(PART),$(READY),check $(CLIENTS)) ## Lint, types, architecture, and every test in process and over a live socket
	SANDTABLE_COMPAT_NODE_MODULES=$(abspath $(VENV))/node/node_modules \
	  $(BIN)/python -m pytest -n $(if $(PART),0,$(WORKERS)) $(ARGS)

test-anywhere: $(CLIENTS) ## Run the tests on other days, in other places and in other ways: hours
	$(BIN)/python tools/anywhere.py $(ARGS)

rehearse: $(READY) ## Run the scenarios against our own connector and simulator
	$(BIN)/sandtable rehearse --profile quick $(ARGS)

rehearse-clean: $(READY) ## Tell twenty random seeds to our connector and to the plain client: neither may break a rule
	$(BIN)/python -m tests.scenarios.twenty_seeds $(ARGS)

mutants: $(READY) ## Plant each known bug and print which scenario catches it
	$(BIN)/python -m tests.mutants $(ARGS)

docs: $(READY) ## Write the generated pages again
	$(BIN)/python docs/generate.py

$(SITE_READY): pyproject.toml tools/environment.py
	@$(PYTHON) tools/environment.py $(SITE_VENV) docs
	@touch $(SITE_READY)

docs-site: $(SITE_READY) ## Build the pages as a searchable site in build/site
	$(SITE_VENV)/bin/python -m sphinx -q -W --keep-going -n -b html docs build/site
	@echo "build/site/index.html"

release: $(READY) ## Build wheel and sdist in dist, and try each as a stranger; ARGS=3.11 names one Python
	@$(BIN)/python -m pip --version >/dev/null 2>&1 || $(BIN)/python -m ensurepip >/dev/null
	@$(PYTHON) tools/environment.py $(VENV) dev compat release
	$(BIN)/python tools/release.py dist $(ARGS)

serve: $(READY) ## Start an instance on this machine
	$(BIN)/sandtable serve $(ARGS)

soak: $(READY) ## Kill the server, ask it at random, and let it work for an hour: two hours in all
	$(BIN)/python -m tests.reliability.soak $(ARGS)

bench: $(READY) ## Measure, as ratios; BASE=, MOTO=, WIREMOCK= name what to stand beside, PAGE= the page to write
	$(BIN)/python -m bench $(if $(BASE),--base $(BASE)) $(if $(MOTO),--moto $(MOTO)) $(if $(WIREMOCK),--wiremock $(WIREMOCK)) $(if $(PAGE),--page $(PAGE)) $(ARGS)

# The format of Docker: the other one, which buildah and podman write by themselves, leaves the health check out.
image: ## Build the container image with buildah (or docker: make image BUILDER=docker)
	$(or $(BUILDER),buildah) build $(if $(filter docker,$(BUILDER)),,--format docker) $(if $(BASE),--build-arg BASE=$(BASE)) -t sandtable -f docker/Dockerfile .

clean: ## Remove what these targets made
	rm -rf $(VENV) $(DEMO_VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis build dist
