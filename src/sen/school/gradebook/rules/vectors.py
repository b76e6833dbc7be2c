"""Checks the rules against tables of worked cases (test vectors): CSV files with `expected_...` columns.

What a file speaks of is recognised by its columns, not by its name. A case is one line; it passes if every expected
column agrees. An expected column nobody understands is a failure, never a silent pass. The only rules file that
reads files given from outside; run it as `sen check-assessment FOLDER`.
"""

import csv
import sys
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from sen.school.gradebook.rules.vector_pipeline import is_pipeline, run_pipeline
from sen.school.gradebook.rules.vector_reading import Row, agrees
from sen.school.gradebook.rules.vector_shapes import SHAPES, Checker

NOT_UNDERSTOOD = "cột không hiểu được (column not understood)"
EXIT_FAILED, EXIT_UNUSABLE = 1, 2


class UnusableFolder(ValueError):
    """There is nothing to check. The message is a Vietnamese sentence."""


@dataclass(frozen=True, slots=True)
class CaseFailure:
    """One expected column that does not agree, or a case or file that cannot be read."""

    file: str
    line: int
    case: str
    column: str
    expected: str
    got: str

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}"
        return f"{self.case}: {self.column}: expected “{self.expected}”, got “{self.got}” ({place})"


@dataclass(frozen=True, slots=True)
class CaseResult:
    """One case with everything in it that does not agree."""

    failures: tuple[CaseFailure, ...] = ()


@dataclass(frozen=True, slots=True)
class Report:
    """What a folder came to. Iterating gives the failures."""

    passed: int
    failed: int
    failures: tuple[CaseFailure, ...]

    def __iter__(self) -> Iterator[CaseFailure]:
        return iter(self.failures)


def checker_for(columns: frozenset[str]) -> Checker | None:
    """The calculation a table asks for, by its columns."""
    if is_pipeline(columns):
        return run_pipeline
    return next((shape.run for shape in SHAPES if shape.fits(columns)), None)


def read_rows(path: Path) -> list[tuple[int, Row]]:
    """The lines of a table with their line numbers. Raises ValueError with a Vietnamese sentence if it is no CSV."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as lines:
            reader = csv.DictReader(lines, strict=True)
            if not reader.fieldnames:
                raise ValueError("Tệp rỗng, không có dòng tiêu đề.")
            rows = []
            for row in reader:
                if None in row or None in row.values():
                    raise ValueError(f"Dòng {reader.line_num} có số ô khác với dòng tiêu đề.")
                clean = {key.strip(): unicodedata.normalize("NFC", text.strip()) for key, text in row.items()}
                rows.append((reader.line_num, clean))
            return rows
    except UnicodeDecodeError as error:
        raise ValueError("Tệp không phải văn bản UTF-8.") from error
    except csv.Error as error:
        raise ValueError(f"Tệp CSV hỏng: {error}.") from error
    except OSError as error:
        raise ValueError(f"Không đọc được tệp: {error.strerror}.") from error


def check_row(run: Checker, row: Row, *, blank_is_a_claim: bool) -> list[tuple[str, str, str]]:
    """(column, expected, got) of every expected column that does not agree."""
    wanted = {column: text for column, text in row.items() if column.startswith("expected_")}
    if not wanted:
        return [("expected_…", "ít nhất một cột", "không có cột expected_ nào")]
    try:
        got = run(row)
    except (ArithmeticError, LookupError, ValueError) as error:
        sentence = f"không tính được: {error}"
        return [(column, text, sentence) for column, text in list(wanted.items())[:1]]
    wrong = []
    for column, text in wanted.items():
        if column not in got:
            wrong.append((column, text, NOT_UNDERSTOOD))
        elif (text or blank_is_a_claim) and not agrees(text, got[column]):
            wrong.append((column, text, got[column]))
    return wrong


def check_file(path: Path) -> Iterator[CaseResult]:
    """Every case of one table."""
    try:
        rows = read_rows(path)
    except ValueError as error:
        yield CaseResult((CaseFailure(path.name, 1, path.stem, "tệp", "một bảng CSV đọc được", str(error)),))
        return
    if not rows:
        yield CaseResult((CaseFailure(path.name, 1, path.stem, "tệp", "ít nhất một trường hợp", "không có dòng nào"),))
        return
    run = checker_for(frozenset(rows[0][1]))
    for line, row in rows:
        case = row.get("case_id") or f"dòng {line}"
        if run is None:
            shape = ", ".join(row)
            failure = CaseFailure(path.name, line, case, "các cột", "một dạng bảng đã biết", f"chưa biết: {shape}")
            yield CaseResult((failure,))
            continue
        wrong = check_row(run, row, blank_is_a_claim=run is not run_pipeline)
        yield CaseResult(tuple(CaseFailure(path.name, line, case, *difference) for difference in wrong))


def check_folder(folder: Path | str) -> Report:
    """Runs every CSV of a folder. Raises UnusableFolder if there is no such folder or no CSV in it."""
    place = Path(folder)
    if not place.is_dir():
        raise UnusableFolder(f"Không có thư mục “{place}”. Hãy chỉ tới thư mục chứa các bảng CSV cần kiểm tra.")
    tables = sorted(place.glob("*.csv"))
    if not tables:
        raise UnusableFolder(f"Thư mục “{place}” không có tệp CSV nào để kiểm tra.")
    results = [result for table in tables for result in check_file(table)]
    failures = tuple(failure for result in results for failure in result.failures)
    failed = sum(1 for result in results if result.failures)
    return Report(len(results) - failed, failed, failures)


def main(folder: Path | str) -> int:
    """Prints one line per failed column and the count; returns the exit code (0 all passed, 1 failures, 2 unusable)."""
    try:
        report = check_folder(folder)
    except UnusableFolder as error:
        sys.stderr.write(f"{error}\n")
        return EXIT_UNUSABLE
    for failure in report:
        sys.stdout.write(f"{failure}\n")
    sys.stdout.write(f"{report.passed} passed, {report.failed} failed\n")
    return EXIT_FAILED if report.failed else 0
