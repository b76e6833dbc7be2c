"""The addresses of the project, as Django resolves them."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.urls import URLPattern, URLResolver, get_resolver


@dataclass(frozen=True)
class Address:
    """A named address; `parts` are the names of its variable parts and how they are written (uuid, slug, str, int)."""

    name: str
    parts: dict[str, str]

    @property
    def ids(self) -> list[str]:
        opaque = ("uuid", "uuidstr")
        return [name for name, kind in self.parts.items() if kind in opaque or name == "pk" or name.endswith("_id")]


def addresses() -> list[Address]:
    return sorted(_walk(get_resolver().url_patterns, "", {}), key=lambda address: address.name)


def _walk(patterns: list[URLPattern | URLResolver], prefix: str, outer: dict[str, str]) -> Iterator[Address]:
    for pattern in patterns:
        parts = outer | {
            name: type(converter).__name__.removesuffix("Converter").lower().replace("string", "str")
            for name, converter in pattern.pattern.converters.items()
        }
        if isinstance(pattern, URLResolver):
            inner = f"{prefix}{pattern.namespace}:" if pattern.namespace else prefix
            yield from _walk(pattern.url_patterns, inner, parts)
        else:
            assert pattern.name, f"{pattern.pattern} has no name: the table of permissions needs one"
            yield Address(prefix + pattern.name, parts)
