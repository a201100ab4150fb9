# Every target sets itself up on a fresh clone. `make help` lists them.
SHELL := /bin/bash
.DEFAULT_GOAL := help
PYTHON := .venv/bin/python
READY := .venv/.ready
ROOMS := api bench campaigns dialer kernel lab lists pacing robot runtime scripts_dsl sim storage telephony_adapter tests

.PHONY: help setup demo test coverage lint format bench serve simulate torture lock clean

help: ## list the targets
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 12

$(READY): requirements/dev.txt requirements/uv.txt pyproject.toml deploy/setup.sh
	bash deploy/setup.sh
	@touch $@

setup: $(READY) ## install everything the product, its tests and its tools need

demo: $(READY) ## the whole product once: list in, calls, results back in the workbook
	.venv/bin/waihu demo

test: $(READY) ## every test, a real PostgreSQL and a real Asterisk included
	$(PYTHON) -m pytest -n 2 --dist loadfile

PURE := kernel lists campaigns pacing scripts_dsl
coverage: $(READY) ## line coverage of each pure room by its own tests; fails below 95 %
	$(PYTHON) -m pytest -n 2 --dist loadfile -q $(PURE:%=--cov=%) --cov-report= $(PURE:%=tests/%)
	@for room in $(PURE); do \
	  printf '%-12s ' $$room; \
	  $(PYTHON) -m coverage report --include="$$room/*" --fail-under=95 | tail -n 1 || exit 1; \
	done

lint: $(READY) ## style, types and import contracts
	.venv/bin/ruff format --check .
	.venv/bin/ruff check .
	.venv/bin/lint-imports
	.venv/bin/mypy

format: $(READY) ## put the code into its one style
	.venv/bin/ruff check --fix .
	.venv/bin/ruff format .

bench: $(READY) ## measure: import, claims, engine, answer to agent
	$(PYTHON) -m bench

serve: $(READY) ## the product on http://127.0.0.1:8088, with its own database
	.venv/bin/waihu serve

simulate: $(READY) ## an hour of a campaign on the virtual clock
	.venv/bin/waihu simulate --seed 1 --hours 1 --agents 20

torture: $(READY) ## kill the engine in the middle of a campaign on a real Asterisk
	$(PYTHON) -m pytest tests/end_to_end/test_kill.py

lock: $(READY) ## resolve the dependencies anew
	.venv/bin/uv pip compile --quiet --upgrade --universal --python-version 3.11 --generate-hashes \
	  --no-emit-index-url --no-header --group dev --extra redis pyproject.toml -o requirements/dev.txt
	grep -A 40 '^uv==' requirements/dev.txt | sed '/# via/,$$d' > requirements/uv.txt

clean: ## remove what was built (not what was installed)
	rm -rf demo/out build .pytest_cache .mypy_cache .ruff_cache .import_linter_cache
