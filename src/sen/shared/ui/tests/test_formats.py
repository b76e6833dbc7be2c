from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from sen.shared.ui import formats


@pytest.mark.parametrize(
    ("value", "decimals", "written"),
    [
        (1234.5, None, "1.234,5"),
        (1234567, None, "1.234.567"),
        (Decimal("8.50"), None, "8,5"),
        (Decimal("8.0"), None, "8"),
        (0, None, "0"),
        (-1234.5, 1, "-1.234,5"),
        (Decimal("2.25"), 1, "2,3"),
        (Decimal("0.05"), 1, "0,1"),
        (7, 2, "7,00"),
        ("12.5", None, "12,5"),
        (None, None, "–"),
        ("", None, "–"),
        ("Đ", 1, "Đ"),
        (float("nan"), None, "nan"),
        (Decimal("1E+3"), None, "1.000"),
    ],
)
def test_numbers_are_written_as_in_vietnam(value, decimals, written):
    assert formats.number(value, decimals) == written


@pytest.mark.parametrize(("value", "written"), [(8, "8,0"), (Decimal("8.5"), "8,5"), (None, "–"), ("Đ", "Đ")])
def test_an_average_always_has_one_decimal(value, written):
    assert formats.mark(value) == written


@pytest.mark.parametrize(
    ("value", "written"), [(Decimal("8.5"), "8,5"), (10, "10"), (None, ""), ("CĐ", "CĐ"), (0, "0")]
)
def test_an_entered_mark_stands_as_a_teacher_types_it(value, written):
    assert formats.entered_mark(value) == written


def test_money_and_shares():
    assert formats.money(150000) == "150.000 đ"
    assert formats.money(None) == "–"
    assert formats.percent(0.375) == "37,5%"
    assert formats.percent(None) == "–"


def test_days_and_times():
    assert formats.day(date(2022, 9, 5)) == "05/09/2022"
    assert formats.moment(datetime(2022, 9, 5, 7, 15, tzinfo=UTC)) == "05/09/2022 07:15"
    assert formats.day(None) == "–"
