"""A file's way: kept, previewed, decided, queued, applied. One `ImportRun` row a file."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from sen.core.identity.actor import Actor
from sen.core.organisations.models import Organisation
from sen.core.people import dictionary
from sen.core.people.imports.reading import Table, read_table
from sen.core.people.imports.targets import (
    CHANGED,
    FAULTY,
    NEW,
    SUSPECT,
    UNCHANGED,
    Fault,
    Judged,
    Place,
    Target,
    kinds,
    target,
)
from sen.core.people.models import ImportRun
from sen.shared.audit import services as audit
from sen.shared.documents.headings import folded
from sen.shared.documents.xlsx_in import mark_faults
from sen.shared.documents.xlsx_out import Column as SheetColumn
from sen.shared.documents.xlsx_out import Sheet, cell_name, write_workbook
from sen.shared.files import services as files
from sen.shared.kit import scope
from sen.shared.kit.errors import Invalid, NotAllowed, RuleError

MOST_IN_REQUEST = 3_000
"""Rows up to which a preview is made while the clerk waits."""


@dataclass
class Preview:
    """What applying a file would do."""

    target: Target
    table: Table
    judged: list[Judged]

    @cached_property
    def counts(self) -> dict[str, int]:
        found = Counter(one.state for one in self.judged)
        return {state: found[state] for state in (NEW, CHANGED, UNCHANGED, FAULTY, SUSPECT)}

    @cached_property
    def faults(self) -> list[Fault]:
        return [fault for one in self.judged for fault in one.faults]

    @cached_property
    def doubts(self) -> list[Fault]:
        return [doubt for one in self.judged for doubt in one.doubts]

    @property
    def suspects(self) -> list[Judged]:
        return [one for one in self.judged if one.state == SUSPECT]

    @property
    def to_write(self) -> list[Judged]:
        return [one for one in self.judged if one.state in (NEW, CHANGED)]

    def place_of(self, fault: Fault) -> str:
        """ "C5", as the person sees it in Excel."""
        return cell_name(fault.row, self.table.column_of(fault.key))

    def label_of(self, fault: Fault) -> str:
        return next((column.label for column in self.target.columns if column.key == fault.key), "")

    def summary(self) -> dict[str, Any]:
        """For the row in the database: counts and headings, no value of any person."""
        return {
            "counts": self.counts,
            "rows": len(self.judged),
            "recognised": [
                [cell_name(0, place)[:-1], heading, column.key] for place, heading, column in self.table.recognised
            ],
            "unrecognised": [[cell_name(0, place)[:-1], heading] for place, heading in self.table.unrecognised],
            "doubts": len(self.doubts),
        }


def look(
    *, actor: Actor, school: Organisation, year: int, kind: str, data: bytes, decisions: Mapping[str, str] | None = None
) -> Preview:
    """Judge a file without writing anything. Raises Invalid when it is no file of this kind."""
    one = target(kind)
    place = Place(actor, school, year, decisions or {})
    one.require(place)
    table = read_table(data, one)
    return Preview(one, table, one.judge(place, table.rows))


@transaction.atomic
def start(*, actor: Actor, school: Organisation, year: int, kind: str, name: str, data: bytes) -> ImportRun:
    """Keep a file and its preview's counts. Nothing of it is written yet."""
    preview = look(actor=actor, school=school, year=year, kind=_kind(kind), data=data)
    run = _keep(actor, school, year, kind, name, data)
    run.total, run.preview = len(preview.judged), preview.summary()
    run.save()
    return run


@transaction.atomic
def bring_in(*, actor: Actor, school: Organisation, year: int, kind: str, name: str, data: bytes) -> ImportRun:
    """Keep a file and write its right rows at once, judged a single time (the command line)."""
    target(_kind(kind)).require(Place(actor, school, year))
    return apply(actor=actor, run=_keep(actor, school, year, kind, name, data))


def _kind(kind: str) -> str:
    if kind not in ImportRun.Kind.values or kind not in kinds():
        raise Invalid("people.import_kind", _("Không có loại tệp nhập này."))
    return kind


def _keep(actor: Actor, school: Organisation, year: int, kind: str, name: str, data: bytes) -> ImportRun:
    stored = files.store(
        content=data,
        name=name[:255],
        content_type="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        school_id=school.pk,
    )
    return ImportRun.objects.create(
        school=school,
        year=year,
        kind=kind,
        file_name=name[:255],
        file=stored,
        state=ImportRun.State.DONE,
        message=pgettext("import", "Đã xem trước, chưa ghi."),
        started_by_id=actor.account_id,
    )


def preview_of(*, actor: Actor, run: ImportRun) -> Preview:
    """The preview as of now: made anew, so that it is true and keeps no names in the database."""
    assert run.file is not None
    return look(
        actor=actor,
        school=run.school,
        year=run.year,
        kind=run.kind,
        data=files.read_checked(run.file),
        decisions=run.decisions,
    )


@transaction.atomic
def decide(*, actor: Actor, run: ImportRun, decisions: Mapping[str, str]) -> ImportRun:
    """Note what the clerk said of suspected duplicates: row number -> "another", a person id, or "" (not yet)."""
    row = _locked(actor, run)
    _must_be_open(row)
    known = {
        str(one.row.number): {str(other.id) for other in one.likely} for one in preview_of(actor=actor, run=row).judged
    }
    for number, decision in decisions.items():
        if (
            decision
            and decision != "another"
            and decision not in known.get(number, set())
            and row.decisions.get(number) != decision
        ):
            raise Invalid("people.import_decision", _("Không có hồ sơ này trong danh sách nghi trùng."))
    row.decisions = {key: value for key, value in {**row.decisions, **decisions}.items() if value}
    row.preview = preview_of(actor=actor, run=row).summary()
    row.save(update_fields=["decisions", "preview"])
    return row


@transaction.atomic
def queue(*, actor: Actor, run: ImportRun) -> ImportRun:
    """Let the worker write the right rows. The same again changes nothing."""
    row = _locked(actor, run)
    if row.state in (ImportRun.State.QUEUED, ImportRun.State.RUNNING):
        return row
    _must_be_open(row)
    row.state, row.message, row.queued_at = ImportRun.State.QUEUED, "", timezone.now()
    row.save(update_fields=["state", "message", "queued_at"])
    return row


@transaction.atomic
def apply(*, actor: Actor, run: ImportRun) -> ImportRun:
    """Write the new and changed rows of a run in one transaction; faulty and undecided ones wait in the file."""
    row = _locked(actor, run)
    if row.applied_at is not None:
        return row
    # Two imports into one school would both find a pupil missing: the second waits for the first.
    school = Organisation.objects.select_for_update().get(pk=row.school_id)
    row.school = school
    one = target(row.kind)
    with scope.because(_("nhập từ tệp Excel “%(name)s”") % {"name": row.file_name}):
        preview = preview_of(actor=actor, run=row)
        if preview.to_write:
            one.write(Place(actor, school, row.year, row.decisions), preview.to_write)
        now = timezone.now()
        row.state, row.applied_at, row.finished_at = ImportRun.State.DONE, now, now
        row.done, row.total = len(preview.to_write), len(preview.judged)
        row.preview = preview.summary()
        row.message = report(preview.counts)
        row.save()
    audit.record(
        action="people.file_imported",
        organisation_id=row.school_id,
        table="people_importrun",
        subject_id=row.pk,
        kind=row.kind,
        **preview.counts,
    )
    return row


def report(counts: Mapping[str, int]) -> str:
    """One sentence about an import."""
    return _(
        "%(new)d mới, %(changed)d thay đổi, %(unchanged)d giữ nguyên, %(faulty)d dòng lỗi, %(suspect)d chờ quyết định."
    ) % dict(counts)


def marked_copy(*, actor: Actor, run: ImportRun) -> bytes:
    """The file of a run with its faults marked (see `marked`)."""
    assert run.file is not None
    return marked(files.read_checked(run.file), preview_of(actor=actor, run=run))


def marked(data: bytes, preview: Preview) -> bytes:
    """The same workbook: a faulty cell is red with a comment; doubts and undecided rows carry a comment too."""
    marks = [(fault, _("Lỗi: ")) for fault in preview.faults]
    marks += [(doubt, _("Xin xem lại: ")) for doubt in preview.doubts]
    undecided = _("trường đã có hồ sơ giống dòng này; xin quyết định trên trang nhập Excel.")
    marks += [(Fault(one.row.number, "full_name", undecided), _("Nghi trùng: ")) for one in preview.suspects]
    places = [(fault.row, preview.table.column_of(fault.key), word + fault.sentence) for fault, word in marks]
    return mark_faults(data, [(preview.table.sheet, *place) for place in places])


def template(*, actor: Actor, school: Organisation, year: int, kind: str) -> bytes:
    """A blank file of a kind with drop-down lists, in which a clerk can start typing."""
    one = target(kind)
    place = Place(actor, school, year)
    one.require(place)
    from_school = one.choices(place)
    columns = []
    for column in one.columns:
        if not column.in_template:
            continue
        choices: Sequence[str] = from_school.get(column.key, ())
        if column.field is not None and column.field.code_list and column.field.type == "code":
            choices = [code.name_vi for code in dictionary.codes(column.field.code_list).values()]
        elif column.field is not None and column.field.type == "yesno":
            choices = ["x"]
        needed = any(column.key in keys for keys in one.required)
        columns.append(
            SheetColumn(
                column.label,
                width=max(12, min(32, len(column.label) + 4)),
                choices=tuple(choices),
                hint=column.hint or (_("bắt buộc") if needed else ""),
            )
        )
    labels = dict(ImportRun.Kind.choices)
    title = _("%(kind)s – năm học %(year)s") % {"kind": labels[ImportRun.Kind(kind)], "year": f"{year}-{year + 1}"}
    note = _("Ngày ghi ngày/tháng/năm. Có thể thêm, bớt, đổi chỗ các cột. Dòng nào sai sẽ được chỉ rõ khi nhập.")
    return write_workbook(
        [Sheet(_sheet_name(labels[ImportRun.Kind(kind)]), columns, titles=(title, note), blank_rows=300)]
    )


def _sheet_name(text: str) -> str:
    return " ".join(word for word in str(text).replace("/", " ").split())[:31] if folded(text) else "Sen"


def _locked(actor: Actor, run: ImportRun) -> ImportRun:
    row = ImportRun.objects.select_for_update().get(pk=run.pk)
    target(row.kind).require(Place(actor, row.school, row.year))
    if row.file is None:
        raise NotAllowed("people.import_no_file", _("Tệp của lần nhập này không còn."))
    return row


def _must_be_open(row: ImportRun) -> None:
    if row.applied_at is not None:
        raise RuleError("people.import_applied", _("Tệp này đã được ghi; xin gửi lại tệp đã sửa để nhập tiếp."))
