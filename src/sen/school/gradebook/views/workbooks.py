"""A sheet out to Excel and back in: preview first, then written by the same service as the grid."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core import signing
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from sen.core.identity.actor import Actor
from sen.core.organisations.queries import name_on
from sen.school.gradebook import permissions
from sen.school.gradebook.queries.facts import Facts
from sen.school.gradebook.queries.grid import rows_of
from sen.school.gradebook.services.entry import CellEdit, require_writable, save_cells
from sen.school.gradebook.views import common
from sen.school.gradebook.workbooks import Preview, read_sheet, write_sheet
from sen.shared.audit import services as audit
from sen.shared.documents.xlsx_in import mark_faults
from sen.shared.files import services as files
from sen.shared.files.models import StoredFile
from sen.shared.kit.errors import Invalid
from sen.shared.kit.names import fold

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
SALT = "sen.gradebook.workbook"
AN_HOUR = 3600


@require_GET
def workbook(request: HttpRequest, sheet_id: UUID) -> HttpResponse:
    """The sheet as .xlsx, filled or (?trong=1) blank. Exports are noted in the history."""
    actor, when = common.actor_of(request), common.when_of(request)
    facts = common.sheet_of(actor, sheet_id)
    actor.require(permissions.EXPORT, facts.school_id)
    blank = bool(common.text(request, "trong", 1))
    content = write_sheet(facts, rows_of(facts), name_on(facts.school_id, when.day), blank=blank)
    audit.record(
        action="gradebook.sheet_exported", organisation_id=facts.school_id, table="gradebook_sheet",
        subject_id=facts.sheet_id, blank=blank,
    )  # fmt: skip
    return _file(content, _file_name(facts, "trong" if blank else ""))


def _file(content: bytes, name: str) -> HttpResponse:
    return HttpResponse(content, content_type=XLSX, headers={"Content-Disposition": f'attachment; filename="{name}"'})


def _file_name(facts: Facts, suffix: str) -> str:
    words = f"{facts.subject_name} {facts.class_name} hk{facts.term} {suffix}"
    return "so-diem-" + "-".join("".join(c if c.isalnum() else " " for c in fold(words)).split()) + ".xlsx"


@require_http_methods(["GET", "POST"])
def bring_in(request: HttpRequest, sheet_id: UUID) -> HttpResponse:
    """Choose a file, see what it changes, then write it; a file with faults comes back with them marked."""
    actor = common.actor_of(request)
    facts = common.sheet_of(actor, sheet_id)
    require_writable(actor, facts)
    context: dict[str, Any] = {"facts": facts, "term": common.TERMS[facts.term]}
    if request.method == "GET":
        if token := request.GET.get("tep", ""):
            return _marked(actor, facts, token)
        return render(request, "gradebook/bring_in.html", context)
    if token := request.POST.get("edits", ""):
        return _apply(request, actor, facts, token)
    upload = request.FILES.get("file")
    if upload is None:
        raise Invalid("gradebook.no_file", _("Xin chọn tệp Excel."), place="file")
    data = upload.read()
    preview = read_sheet(data, facts, rows_of(facts))
    context |= {"preview": preview, "file_name": upload.name, "edits": _pack(facts, preview)}
    if preview.faults:
        context["marked"] = _keep_marked(facts, preview, data)
    return render(request, "gradebook/bring_in.html", context)


def _pack(facts: Facts, preview: Preview) -> str:
    rows = [[str(edit.row), edit.col, edit.value, edit.version] for edit in preview.edits]
    return signing.dumps({"sheet": str(facts.sheet_id), "edits": rows}, salt=SALT, compress=True)


def _unpack(token: str) -> Any:
    try:
        return signing.loads(token, salt=SALT, max_age=AN_HOUR)
    except signing.BadSignature:
        message = _("Bản xem trước đã quá một giờ hoặc bị thay đổi; xin nhập lại tệp.")
        raise Invalid("gradebook.stale_preview", message, place="file") from None


def _apply(request: HttpRequest, actor: Actor, facts: Facts, token: str) -> HttpResponse:
    packed = _unpack(token)
    if packed.get("sheet") != str(facts.sheet_id) or "edits" not in packed:
        raise Http404
    edits = [CellEdit(UUID(row), col, value, version) for row, col, value, version in packed["edits"]]
    saved = save_cells(actor=actor, sheet=facts.sheet_id, edits=edits)
    done = sum(1 for cell in saved.cells if cell.state == "saved")
    audit.record(
        action="gradebook.sheet_imported", organisation_id=facts.school_id, table="gradebook_sheet",
        subject_id=facts.sheet_id, cells=done,
    )  # fmt: skip
    messages.success(request, _("Đã ghi {n} ô từ tệp Excel.").format(n=done))
    if done < len(edits):
        words = _("{n} ô không ghi được vì vừa được người khác sửa.").format(n=len(edits) - done)
        messages.warning(request, words)
    return redirect("gradebook:sheet", facts.sheet_id)


def _keep_marked(facts: Facts, preview: Preview, data: bytes) -> str:
    """Store the same file with its faults marked; the token in the address leads only who was here to it."""
    faults = [(preview.sheet_name, fault.row, fault.column, fault.sentence) for fault in preview.faults]
    name = _file_name(facts, "danh dau loi")
    kept = files.store(content=mark_faults(data, faults), name=name, content_type=XLSX, school_id=facts.school_id)
    return signing.dumps({"file": str(kept.pk), "sheet": str(facts.sheet_id)}, salt=SALT)


def _marked(actor: Actor, facts: Facts, token: str) -> HttpResponse:
    packed = _unpack(token)
    if packed.get("sheet") != str(facts.sheet_id) or "file" not in packed:
        raise Http404
    kept = StoredFile.objects.filter(pk=packed["file"], school_id=facts.school_id).first()
    if kept is None:
        raise Http404
    return _file(files.read_checked(kept), kept.name)
