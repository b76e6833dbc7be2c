"""How Vietnam writes numbers, dates, marks and money: pure functions, text out."""

from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation

NO_VALUE = "–"

Number = int | float | Decimal


def number(value: Number | str | None, decimals: int | None = None) -> str:
    """Write `1234.5` as `1.234,5`. Without `decimals` a value keeps its own, less trailing zeros.

    An empty value becomes a dash, because an empty cell does not say whether the figure is zero or missing.
    Text that is no number comes back as it is.
    """
    exact = _decimal(value)
    if exact is None:
        return NO_VALUE if value in (None, "") else str(value)
    if decimals is None:
        text = f"{exact:,f}"
        text = text.rstrip("0").rstrip(".") if "." in text else text
    else:
        text = f"{exact.quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP):,f}"
    return _swap(text)


def mark(value: Number | str | None, decimals: int = 1) -> str:
    """Write a mark as `8,5`, whole marks as `8,0` (an average) – and a comment such as `Đ` as it is."""
    return number(value, decimals)


def entered_mark(value: Number | str | None) -> str:
    """Write a mark as a teacher types it: `8,5`, `10`, and nothing for a mark not yet given."""
    return "" if value in (None, "") else number(value)


def money(value: Number | None) -> str:
    """Write an amount of đồng as `150.000 đ`."""
    text = number(value, 0)
    return text if text == NO_VALUE else f"{text} đ"


def percent(value: Number | None, decimals: int = 1) -> str:
    """Write the share 0.375 as `37,5%`."""
    exact = _decimal(value)
    return NO_VALUE if exact is None else f"{number(exact * 100, decimals)}%"


def day(value: date | datetime | None) -> str:
    """Write a date as `05/09/2022`."""
    return NO_VALUE if value is None else value.strftime("%d/%m/%Y")


def moment(value: datetime | None) -> str:
    """Write a time as `05/09/2022 07:15`."""
    return NO_VALUE if value is None else value.strftime("%d/%m/%Y %H:%M")


def _decimal(value: object) -> Decimal | None:
    if value is None or isinstance(value, bool) or value == "":
        return None
    try:
        exact = Decimal(str(value))
    except InvalidOperation:
        return None
    return exact if exact.is_finite() else None


def _swap(text: str) -> str:
    return text.replace(",", " ").replace(".", ",").replace(" ", ".")
