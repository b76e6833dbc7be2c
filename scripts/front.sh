#!/usr/bin/env bash
# Build the islands and styles, and compile the English texts, with the Node of the Python wheel (frontend/npm.py).
set -euo pipefail
cd "$(dirname "$0")/../frontend"
python=../.venv/bin/python
if [ ! -f node_modules/.ready ] || [ package-lock.json -nt node_modules/.ready ]; then
  "$python" npm.py ci --no-audit --no-fund --loglevel=error
  touch node_modules/.ready
fi
"$python" npm.py run --silent build
"$python" ../scripts/translations.py --compile
touch ../src/sen/shared/ui/static/ui/build/.ready
