"""THIRD_PARTY_LICENSES.md: what Sen is built with, from the installed metadata of the two lock files.

    python scripts/licences.py           write the file
    python scripts/licences.py --check   exit code 1 when it is not what the lock files say

Python packages: `requirements.lock` and the metadata of the installed distributions. Front end: `package-lock.json`,
which carries the licence of each package. Fonts and data that stand in the repository are named by hand below.
"""

import importlib.metadata
import json
import re
import sys
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parent.parent
TARGET = ROOT / "THIRD_PARTY_LICENSES.md"

HEAD = """# Third-party software / Phần mềm của bên thứ ba

Sen itself is licensed under Apache-2.0 (see `LICENSE`). The packages below keep their own licences. Made by
`scripts/licences.py` from `requirements.lock` and `frontend/package-lock.json`; please do not edit by hand.

Bản thân Sen dùng giấy phép Apache-2.0. Các gói dưới đây giữ giấy phép riêng của chúng.

"""

IN_THE_REPOSITORY = """
## Kept in the repository

| what | where | licence |
|---|---|---|
| Be Vietnam Pro (font) | `src/sen/shared/documents/fonts/` | OFL-1.1 (`OFL-BeVietnamPro.txt`) |
| Liberation Serif (font) | `src/sen/shared/documents/fonts/` | OFL-1.1 (`OFL-LiberationSerif.txt`) |
| Tabler Icons (outlines of the icons in use) | `src/sen/shared/ui/icons.json` | MIT |
"""

# Texts of old "License" fields and trove classifiers -> SPDX identifiers. What is not here is shown as it stands.
_SPDX = {
    "apache 2.0": "Apache-2.0",
    "apache license 2.0": "Apache-2.0",
    "apache license, version 2.0": "Apache-2.0",
    "apache software license": "Apache-2.0",
    "bsd": "BSD",
    "bsd 2-clause license": "BSD-2-Clause",
    "bsd license": "BSD",
    "bsd-3-clause": "BSD-3-Clause",
    "3-clause bsd license": "BSD-3-Clause",
    "isc license (iscl)": "ISC",
    "mit": "MIT",
    "mit license": "MIT",
    "mozilla public license 2.0 (mpl 2.0)": "MPL-2.0",
    "python software foundation license": "PSF-2.0",
    "gnu lesser general public license v3 (lgplv3)": "LGPL-3.0-only",
    "gnu library or lesser general public license (lgpl)": "LGPL",
}
_LONGEST = 60  # a longer "License" field is the whole text, not its name
_SAYS_NOTHING = ("", "unknown", "dual license")


def python_packages() -> list[tuple[str, str, str, str]]:
    """(name, version, licence, use) of every package of requirements.lock; use: shipped with Sen, or build."""
    needed = needed_to_run()
    rows = []
    for line in (ROOT / "requirements.lock").read_text(encoding="utf-8").splitlines():
        if found := re.match(r"([A-Za-z0-9_.-]+)(?:\[[^\]]*\])?==([^\s;\\]+)", line):
            use = "shipped" if canonicalize_name(found[1]) in needed else "build"
            rows.append((found[1], found[2], licence_of(found[1]), use))
    return rows


def needed_to_run() -> set[str]:
    """Canonical names of what an installation of Sen pulls in, extras included."""
    needed: set[tuple[str, str]] = set()
    waiting = [("sen", "")]
    while waiting:
        name, extra = one = waiting.pop()
        if one in needed:
            continue
        needed.add(one)
        try:
            declared = importlib.metadata.requires(name) or []
        except importlib.metadata.PackageNotFoundError:
            continue
        for requirement in map(Requirement, declared):
            if requirement.marker is None or requirement.marker.evaluate({"extra": extra}):
                waiting += [(canonicalize_name(requirement.name), wanted) for wanted in ("", *requirement.extras)]
    return {name for name, _extra in needed}


def licence_of(package: str) -> str:
    """The licence an installed distribution declares; a sentence when the package is for another system."""
    try:
        metadata = importlib.metadata.metadata(package)
    except importlib.metadata.PackageNotFoundError:
        return "not installed on this system"
    if expression := metadata.get("License-Expression"):
        return expression
    classifiers = [
        entry.rsplit(" :: ", 1)[1]
        for entry in metadata.get_all("Classifier") or []
        if entry.startswith("License :: ") and entry != "License :: OSI Approved"
    ]
    declared = (metadata.get("License") or "").strip()
    is_name = declared.lower() not in _SAYS_NOTHING and len(declared) <= _LONGEST and "\n" not in declared
    named = [declared] if is_name else classifiers
    return " / ".join(_SPDX.get(name.lower(), name) for name in named) or "see the package"


def node_packages() -> list[tuple[str, str, str, str]]:
    """(name, version, licence, use) of every package of package-lock.json; use: shipped to browsers, or build."""
    lock = json.loads((ROOT / "frontend/package-lock.json").read_text(encoding="utf-8"))
    rows = []
    for path, package in sorted(lock["packages"].items()):
        if path.startswith("node_modules/"):
            name = path.rsplit("node_modules/", 1)[1]
            use = "build" if package.get("dev") else "shipped"
            rows.append((name, package["version"], package.get("license", "see the package"), use))
    return rows


def table(heads: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    lines = ["| " + " | ".join(heads) + " |", "|" + "---|" * len(heads)]
    return "\n".join(lines + ["| " + " | ".join(cell.replace("|", "/") for cell in row) + " |" for row in rows])


def text() -> str:
    python, node = python_packages(), node_packages()
    heads = ("package", "version", "licence", "use")
    return (
        f"{HEAD}## Python ({len(python)})\n\n{table(heads, list(python))}\n\n"
        f"## Front end ({len(node)})\n\n{table(heads, list(node))}\n"
        f"{IN_THE_REPOSITORY}"
    )


def main(arguments: list[str]) -> int:
    wanted = text()
    if "--check" in arguments:
        current = TARGET.exists() and TARGET.read_text(encoding="utf-8") == wanted
        if not current:
            sys.stdout.write("THIRD_PARTY_LICENSES.md is not up to date: run python scripts/licences.py\n")
        return 0 if current else 1
    TARGET.write_text(wanted, encoding="utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
