# One word for each common task; `make` alone lists them.
UV ?= uv# not part of the project: what `make lock` needs, see CONTRIBUTING.md
BIN = .venv/bin
CODE = pipeline tests scripts

.PHONY: help setup run fresh up test lint format lock hooks

help: ## show this
	@sed -n 's/^\([a-z]*\):.*## /\1|/p' Makefile | awk -F'|' '{ printf "  %-8s %s\n", $$1, $$2 }'

setup: ## set up .venv with everything, for work on the code
	scripts/setup requirements-test.txt

run: ## play the sample season and stay up
	scripts/run

fresh: ## the same, throwing away first what the home holds
	scripts/run --fresh

up: ## start everything in real time
	scripts/setup && $(BIN)/pipeline up

test: ## run every check
	scripts/test

lint: setup ## run the checks that take seconds
	$(BIN)/ruff check $(CODE)
	$(BIN)/ruff format --check $(CODE)
	$(BIN)/mypy --strict $(CODE)
	$(BIN)/lint-imports

format: setup ## let ruff lay out the code and repair what it can
	$(BIN)/ruff check --fix $(CODE)
	$(BIN)/ruff format $(CODE)

COMPILE = $(UV) pip compile --universal --python-version 3.11 --generate-hashes --no-header --no-annotate \
	--no-emit-index-url pyproject.toml --group build --extra embedded --extra replay

lock: ## bring both locks in line with pyproject.toml; UPGRADE=--upgrade takes newer versions
	$(COMPILE) $(UPGRADE) --extra test -o requirements-test.txt
	$(COMPILE) -c requirements-test.txt -o requirements.txt

hooks: ## let git run the checks at every commit
	pre-commit install
