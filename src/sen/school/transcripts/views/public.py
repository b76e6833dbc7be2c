"""The verifier, for anybody: a file by upload, or the id of the QR with the pupil's year of birth. No account,
nothing kept.
"""

from allauth.core.internal import ratelimit
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from sen.school.transcripts import register
from sen.school.transcripts.forms import LookUpForm, VerifyForm

RATES = {"verify": "20/m/ip,200/h/ip", "look_up": "30/m/ip,10/h/key"}
"""A staff room shares one address; guessing a birth year behind an id of 128 bits gets ten tries an hour."""


@login_not_required
@require_http_methods(["GET", "POST"])
def verify(request: HttpRequest) -> HttpResponse:
    form = VerifyForm(request.POST or None, request.FILES or None) if request.method == "POST" else VerifyForm()
    context: dict[str, object] = {"form": form}
    if request.method == "POST":
        if _too_often(request, "verify"):
            return _slow_down(request, "transcripts/verify.html", context)
        if form.is_valid():
            judged = register.judge(form.cleaned_data["file"].read())
            context |= {"judged": judged, "tone": _tone(judged), "headline": _headline(judged)}
    return render(request, "transcripts/verify.html", context)


@login_not_required
@require_http_methods(["GET", "POST"])
def look_up(request: HttpRequest, public_id: str) -> HttpResponse:
    """What the QR leads to. Says nothing about the pupil before the year of birth is given."""
    form = LookUpForm(request.POST) if request.method == "POST" else LookUpForm()
    context: dict[str, object] = {"form": form, "public_id": public_id}
    if request.method == "POST":
        if _too_often(request, "look_up", key=public_id):
            return _slow_down(request, "transcripts/look_up.html", context)
        if form.is_valid():
            entry = register.look_up(public_id, form.cleaned_data["birth_year"])
            context |= {"entry": entry, "asked": True}
    return render(request, "transcripts/look_up.html", context)


def _too_often(request: HttpRequest, action: str, key: str | None = None) -> bool:
    return not ratelimit.consume(request, app="sen.transcripts", action=action, config=RATES, key=key)


def _slow_down(request: HttpRequest, page: str, context: dict[str, object]) -> HttpResponse:
    # Answered with 200: a refused request is undone as a whole, and the counter would be undone with it.
    context["refusal"] = _("Có quá nhiều lượt kiểm tra từ nơi này. Vui lòng thử lại sau ít phút.")
    return render(request, page, context)


def _tone(judged: register.Judged) -> str:
    if judged.proof.status != "valid":
        return "warning" if judged.proof.status in ("incomplete", "unsigned", "unreadable") else "error"
    return (
        "success" if judged.is_registered and judged.entry is not None and judged.entry.status == "valid" else "warning"
    )


def _headline(judged: register.Judged) -> str:
    """One sentence: the file's own proof first, then what the register knows."""
    if judged.proof.status != "valid":
        return judged.proof.sentence_vi
    entry = judged.entry
    if entry is None:
        return _("Tệp còn nguyên vẹn, mọi chữ ký hợp lệ; nhưng học bạ này không có trong sổ đăng ký của hệ thống này.")
    if not judged.is_registered:
        return _("Các chữ ký hợp lệ, nhưng đây không phải bản đã phát hành trong sổ đăng ký.")
    if entry.status == "superseded":
        return _("Tệp là học bạ thật nhưng đã được thay bằng bản số {version}.").format(version=entry.successor)
    if entry.being_renewed:
        return _("Học bạ thật và đang có hiệu lực. Một bản sửa đổi đang được ký.")
    return _("Học bạ thật, còn nguyên vẹn và đang có hiệu lực.")
