#!/usr/bin/env bash
# All tests: the islands' (Vitest), then everything else in parallel, browser journeys included.
set -euo pipefail
cd "$(dirname "$0")/.."
(cd frontend && ../.venv/bin/python npm.py test --silent)
.venv/bin/python -m pytest -q -n "${WORKERS:-2}" --dist loadgroup "$@"
