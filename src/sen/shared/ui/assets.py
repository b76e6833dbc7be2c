"""Names of the built front end files, read from the manifest that the build writes."""

import json
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from django.core.checks import CheckMessage, Warning

BUILD = Path(__file__).parent / "static" / "ui" / "build"


@dataclass(frozen=True)
class Asset:
    """One entry of the build: its script, the styles it brings, and the chunks to fetch early (static paths)."""

    script: str | None
    styles: tuple[str, ...]
    chunks: tuple[str, ...]


def find(entry: str) -> Asset:
    """Return the files of an entry such as `main.ts`, `mark-grid.ts` or `print.css`.

    Before the front end is built there are none: pages then work as plain HTML, and `manage check` says so.
    A name that no build ever made is a mistake in the template and raises `LookupError`.
    """
    manifest = _manifest(_built_at())
    if not manifest:
        return Asset(None, (), ())
    key = next((key for key in manifest if Path(key).name == entry and manifest[key].get("isEntry")), None)
    if key is None:
        raise LookupError(f"The front end has no entry named {entry!r}.")
    chunk = manifest[key]
    chunks = _imports(manifest, key)
    styles = [style for name in [*chunks, key] for style in manifest[name].get("css", [])]
    if chunk["file"].endswith(".css"):
        return Asset(None, (_path(chunk["file"]),), ())
    return Asset(
        _path(chunk["file"]),
        tuple(_path(style) for style in dict.fromkeys(styles)),
        tuple(_path(manifest[name]["file"]) for name in chunks),
    )


def font(name: str) -> str | None:
    """Return the static path of a built font file, so that a page can ask for it before the styles have come."""
    manifest = _manifest(_built_at())
    return next((_path(chunk["file"]) for key, chunk in manifest.items() if key.endswith(f"/{name}.woff2")), None)


def check_front_end_is_built(**_: Any) -> list[CheckMessage]:
    """System check: warn when the styles and islands are missing."""
    if _built_at():
        return []
    return [
        Warning(
            "The front end is not built; pages show without styles.",
            hint="Run `python frontend/npm.py ci` and `python frontend/npm.py run build`.",
            id="ui.W001",
        )
    ]


def _built_at() -> float:
    """Time of the last build, so that a new build is seen without a restart; 0 when there is none."""
    path = BUILD / "manifest.json"
    return path.stat().st_mtime if path.exists() else 0.0


@lru_cache(maxsize=2)
def _manifest(built_at: float) -> dict[str, Any]:
    if not built_at:
        return {}
    manifest: dict[str, Any] = json.loads((BUILD / "manifest.json").read_text(encoding="utf-8"))
    return manifest


def _imports(manifest: dict[str, Any], key: str) -> list[str]:
    found: list[str] = []
    for name in manifest[key].get("imports", []):
        found += [inner for inner in [*_imports(manifest, name), name] if inner not in found]
    return found


def _path(file: str) -> str:
    return f"ui/build/{file}"
