"""Vietnamese names: folding for search, sorting by given name, splitting.

Sorting follows the practice of class lists (given name, then middle, then family name) with the Vietnamese
order of letters (a ă â ... d đ e ê ... o ô ơ ... u ư) and of tone marks (none, huyền, hỏi, ngã, sắc, nặng).
PostgreSQL here has no ICU, so the sort key is a column made in Python.
"""

import unicodedata

_LETTERS = {letter: f"{rank:02d}" for rank, letter in enumerate("aăâbcdđeêfghijklmnoôơpqrstuưvwxyz")}
_TONES = {"": "0", "\u0300": "1", "\u0309": "2", "\u0303": "3", "\u0301": "4", "\u0323": "5"}
_SHAPES = {"\u0306", "\u0302", "\u031b"}


def clean(text: str) -> str:
    """NFC, single spaces, no edges: the form in which names are stored."""
    return " ".join(unicodedata.normalize("NFC", text).split())


def fold(text: str) -> str:
    """Search form: lower case, no marks, đ as d, single spaces. "Nguyễn Thị  Hường" -> "nguyen thi huong"."""
    plain = "".join(c for c in unicodedata.normalize("NFD", text.lower()) if not unicodedata.combining(c))
    return " ".join(plain.replace("đ", "d").split())


def split(full_name: str) -> tuple[str, str]:
    """(family and middle names, given name). A single word is a given name."""
    head, _, given = clean(full_name).rpartition(" ")
    return head, given


def _word_key(word: str) -> str:
    letters, tones = [], []
    for char in unicodedata.normalize("NFC", word.lower()):
        base, shape, tone = "", "", ""
        for part in unicodedata.normalize("NFD", char):
            if part in _TONES:
                tone = part
            elif part in _SHAPES:
                shape = part
            else:
                base += part
        letter = unicodedata.normalize("NFC", base + shape)
        letters.append(_LETTERS.get(letter, letter))
        tones.append(_TONES[tone])
    return "".join(letters) + " " + "".join(tones)


def sort_key(full_name: str) -> str:
    """Plain-ASCII-comparable key: given name, then family and middle names (byte order = Vietnamese order)."""
    head, given = split(full_name)
    return "|".join(_word_key(word) for word in [given, *head.split()])
