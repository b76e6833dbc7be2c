#!/usr/bin/env bash
# Style, types, floors, templates, translations.
set -uo pipefail
cd "$(dirname "$0")/.."
bin=.venv/bin
failed=0
step() { echo "· $1"; shift; "$@" || failed=1; }
step "ruff" $bin/ruff check --quiet .
step "ruff format" $bin/ruff format --quiet --check .
step "mypy" $bin/mypy --no-error-summary src
step "import-linter" $bin/lint-imports --no-cache
step "templates" $bin/djlint --quiet --lint src
step "tables and migrations" env DJANGO_SETTINGS_MODULE=config.settings $bin/python -W ignore manage.py makemigrations --check --dry-run --verbosity 0
step "translations" $bin/python scripts/translations.py
step "islands" bash -c "cd frontend && ../$bin/python npm.py run --silent check"
exit $failed
