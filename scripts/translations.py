"""Vietnamese is the source language; English stands in src/sen/locale/en. Checks, updates and compiles it.

python scripts/translations.py            check: every text has its English, none is left over (exit code 1)
python scripts/translations.py --update   write missing texts into the catalogue, empty, and drop unused ones
python scripts/translations.py --compile  make the .mo file that Django reads
"""

import io
import sys
from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.catalog import Message as Entry
from babel.messages.extract import extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from django.conf import settings
from django.utils.translation.template import templatize

ROOT = Path(__file__).parent.parent
SOURCE = ROOT / "src"
PO = SOURCE / "sen/locale/en/LC_MESSAGES/django.po"
KEYWORDS = {
    "_": None, "gettext": None, "gettext_lazy": None, "ngettext": (1, 2), "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2), "pgettext_lazy": ((1, "c"), 2), "gettext_noop": None, "npgettext": ((1, "c"), 2, 3),
}  # fmt: skip

Message = tuple[str | tuple[str, ...], str | None, str]  # text (or singular and plural), context, where


def texts() -> Iterator[Message]:
    """Every marked text of Python files and templates."""
    for path in sorted(SOURCE.rglob("*")):
        if path.suffix not in (".py", ".html", ".txt") or "tests" in path.parts or "migrations" in path.parts:
            continue
        content = path.read_text(encoding="utf-8")
        if path.suffix != ".py":
            content = templatize(content, origin=str(path))
        for line, message, _comments, context in extract("python", io.BytesIO(content.encode()), KEYWORDS):
            yield (
                (tuple(message) if isinstance(message, (tuple, list)) else message),
                context,
                f"{path.relative_to(ROOT)}:{line}",
            )


def catalogue() -> Catalog:
    if not PO.exists():
        return Catalog(locale="en", domain="django", charset="utf-8")
    with PO.open("rb") as stream:
        return read_po(stream, locale="en", domain="django")


def is_translated(message: Entry | None) -> bool:
    if message is None:
        return False
    return bool(message.string) if isinstance(message.string, str) else all(message.string)


def main(arguments: list[str]) -> int:
    settings.configure(USE_I18N=True)
    known = catalogue()
    if "--compile" in arguments:
        with PO.with_suffix(".mo").open("wb") as stream:
            write_mo(stream, known)
        return 0
    wanted = {
        (message if isinstance(message, str) else message[0], context): (message, where)
        for message, context, where in texts()
    }
    if "--update" in arguments:
        renewed = Catalog(locale="en", domain="django", charset="utf-8", fuzzy=False)
        for (text, context), (message, _where) in sorted(wanted.items(), key=lambda item: item[0][0]):
            old = known.get(text, context)
            renewed.add(message, old.string if old else ("" if isinstance(message, str) else ("", "")), context=context)
        PO.parent.mkdir(parents=True, exist_ok=True)
        with PO.open("wb") as stream:
            write_po(stream, renewed, width=0, no_location=True, omit_header=False)
        known = renewed
    missing = [
        (text, where) for (text, context), (_message, where) in wanted.items()
        if not is_translated(known.get(text, context))
    ]  # fmt: skip
    unused = [
        message.id
        for message in known
        if message.id and (message.id if isinstance(message.id, str) else message.id[0], message.context) not in wanted
    ]
    for text, where in missing:
        sys.stdout.write(f"{where}: no English for “{text}”\n")
    for text in unused:
        sys.stdout.write(f"unused: “{text}”\n")
    return 1 if missing or unused else 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
