"""Help for a page: a short text in the package that owns the page, `help/<name of the address>.html`.

`gradebook:sheet` is explained by `help/sheet.html` of the package with label `gradebook`; addresses without a
namespace (sign-in) by this package. The first line is `<h1>title</h1>`. A page without a text has no help link.
"""

import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from django.apps import apps
from django.http import HttpRequest
from django.urls import reverse

from sen.shared.kit.names import fold

_TITLE = re.compile(r"\s*<h1>(.*?)</h1>", re.DOTALL)


@dataclass(frozen=True)
class HelpPage:
    """A help text. `body` is trusted HTML: it comes from the package's own files. `group` names the package."""

    key: str
    title: str
    body: str
    group: str


def url_for(request: HttpRequest) -> str:
    """Address of the help for the page of this request, or an empty string."""
    match = request.resolver_match
    key = match.view_name.replace(":", ".") if match and match.view_name else ""
    return reverse("identity:help", args=[key]) if key in _files() else ""


def find(key: str) -> HelpPage | None:
    if key not in _files():
        return None
    path, group = _files()[key]
    text = path.read_text(encoding="utf-8")
    title = _TITLE.match(text)
    return HelpPage(key, title[1] if title else key, text[title.end() :] if title else text, group)


def contents() -> dict[str, list[HelpPage]]:
    """All help texts by package, each package's by title."""
    groups: dict[str, list[HelpPage]] = {}
    for page in sorted((page for key in _files() if (page := find(key))), key=lambda page: fold(page.title)):
        groups.setdefault(page.group, []).append(page)
    return dict(sorted(groups.items(), key=lambda item: fold(item[0])))


@lru_cache(maxsize=1)
def _files() -> dict[str, tuple[Path, str]]:
    """Key -> (file, name of the package)."""
    found: dict[str, tuple[Path, str]] = {}
    for config in apps.get_app_configs():
        if not config.name.startswith("sen."):
            continue
        for path in sorted((Path(config.path) / "help").glob("*.html")):
            without_namespace = path.stem.startswith(("account_", "mfa_", "usersessions_"))
            key = path.stem if without_namespace else f"{config.label}.{path.stem}"
            found[key] = (path, str(config.verbose_name))
    return found
