"""One kind of error for "the rule says no"; everything else is left to crash and be reported."""


class RuleError(Exception):
    """A rule refuses. `code` is for machines ("gradebook.sheet_locked"), `message` a Vietnamese sentence for people."""

    status = 409

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message

    def __str__(self) -> str:
        return str(self.message)


class NotAllowed(RuleError):
    """The actor lacks the right."""

    status = 403


class Invalid(RuleError):
    """The input is wrong. `place` names where (field, cell, row) when it is known."""

    status = 400

    def __init__(self, code: str, message: str, place: str = "") -> None:
        super().__init__(code, message)
        self.place = place
