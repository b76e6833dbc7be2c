#!/usr/bin/env bash
# Make .venv exactly as requirements.lock says. Needs Python 3.11+ and nothing else.
set -euo pipefail
cd "$(dirname "$0")/.."
python=${PYTHON:-python3}
"$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Cần Python 3.11 trở lên (đang có: $("$python" --version))." >&2; exit 2; }
if [ ! -x .tools/bin/uv ]; then
  "$python" -m venv .tools
  .tools/bin/python -m pip install --quiet --disable-pip-version-check uv
fi
[ -x .venv/bin/python ] || .tools/bin/uv venv --quiet --python "$python" .venv
.tools/bin/uv pip sync --quiet --python .venv/bin/python --require-hashes requirements.lock
.tools/bin/uv pip install --quiet --python .venv/bin/python --no-deps --editable .
touch .venv/.ready
