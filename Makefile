# Two commands do everything on a fresh machine with Python 3.11+ and make: `make run` and `make test`.
SHELL := /bin/bash
PYTHON ?= python3
BIN := .venv/bin
WORKERS ?= auto

.PHONY: run test lint bench docs clean setup front browser

run: setup front
	@$(BIN)/sen run

test: setup front browser
	@scripts/test.sh

lint: setup front
	@scripts/lint.sh

bench: setup
	@$(BIN)/python -m bench

docs: setup
	@NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict -f docs/mkdocs.yml -d ../site

# The environment: uv in a folder of its own, packages exactly as locked.
setup: .venv/.ready

.venv/.ready: requirements.lock pyproject.toml scripts/setup.sh
	@PYTHON=$(PYTHON) scripts/setup.sh

# The front end: Node from its Python wheel; rebuilt when a source changed.
front: src/sen/shared/ui/static/ui/build/.ready

src/sen/shared/ui/static/ui/build/.ready: .venv/.ready $(shell find frontend -type f -not -path '*/node_modules/*' 2>/dev/null)
	@scripts/front.sh

browser: setup
	@scripts/browser.sh

clean:
	@rm -rf .venv .tools .mypy_cache .ruff_cache .pytest_cache .hypothesis frontend/node_modules src/sen/shared/ui/static/ui/build site test-results
	@echo "Đã xóa môi trường và bản dựng. Dữ liệu trong .data được giữ lại."

.PHONY: lock
lock: setup
	@.tools/bin/uv pip compile pyproject.toml --group dev --generate-hashes --quiet --no-header --output-file requirements.lock
