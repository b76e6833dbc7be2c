"""The phrase bank, and the school's readings of the open points."""

from uuid import UUID

from django.contrib import messages
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from sen.core.curriculum.models import ClassSubject
from sen.school.gradebook import permissions
from sen.school.gradebook.forms import PhraseForm, PolicyForm
from sen.school.gradebook.models import Phrase, RegimeSetting
from sen.school.gradebook.policies import policy_of
from sen.school.gradebook.queries.sheets import built_in_phrases
from sen.school.gradebook.services.locks import TERM_NAMES, is_term_locked
from sen.school.gradebook.services.phrases import drop_phrase, keep_phrase
from sen.school.gradebook.services.settings import set_policy
from sen.school.gradebook.views import common


@require_http_methods(["GET", "POST"])
def phrases(request: HttpRequest) -> HttpResponse:
    """Own sentences, the school's, and those Sen brings along."""
    actor, when = common.actor_of(request), common.when_of(request)
    actor.require(permissions.ENTER_MARKS)
    school = common.school_of(actor)
    subjects = list(
        ClassSubject.objects.filter(school=school, school_class__year=when.year)
        .order_by("subject__name")
        .values_list("subject__key", "subject__name")
        .distinct()
    )
    may_share = actor.holds(permissions.APPROVE, school.pk)
    form = PhraseForm(request.POST or None, subjects=subjects, may_share=may_share)
    if request.method == "POST" and form.is_valid():
        keep_phrase(actor=actor, school=school, **form.cleaned_data)
        messages.success(request, _("Đã thêm câu nhận xét."))
        return redirect("gradebook:phrases")
    names = dict(subjects)
    kept = Phrase.objects.filter(Q(account=actor.account_id) | Q(account=None), school=school).order_by("text")
    rows = [
        {
            "phrase": phrase, "subject": names.get(phrase.subject_key, phrase.subject_key) or _("Mọi môn"),
            "may_drop": phrase.account_id == actor.account_id or may_share, "is_own": phrase.account_id is not None,
        }
        for phrase in kept
    ]  # fmt: skip
    context = {"form": form, "rows": rows, "built_in": built_in_phrases("", "")}
    return render(request, "gradebook/phrases.html", context)


@require_POST
def phrase_remove(request: HttpRequest, phrase_id: UUID) -> HttpResponse:
    actor = common.actor_of(request)
    drop_phrase(actor=actor, phrase=get_object_or_404(Phrase, pk=phrase_id, school=actor.organisation_id))
    messages.success(request, _("Đã xóa."))
    return redirect("gradebook:phrases")


@require_http_methods(["GET", "POST"])
def policy(request: HttpRequest) -> HttpResponse:
    """What the texts leave open, as the school reads it; fixed by the first lock of the year."""
    actor, when = common.actor_of(request), common.when_of(request)
    school = common.school_of(actor)
    actor.require(permissions.SET_POLICY, school.pk)
    setting = RegimeSetting.objects.filter(school=school, year=when.year).first()
    now = policy_of(setting.values if setting else None)
    initial = {"decision": setting.decision if setting else ""}
    form = PolicyForm(request.POST or None, policy=now, initial=initial)
    if request.method == "POST" and form.is_valid():
        set_policy(
            actor=actor, school=school, year=when.year, values=form.chosen, decision=form.cleaned_data["decision"]
        )
        messages.success(request, _("Đã lưu quy định. Điểm trung bình của các sổ đang mở đã được tính lại."))
        return redirect("gradebook:policy")
    locked = [TERM_NAMES[term] for term in (1, 2, 0) if is_term_locked(school.pk, when.year, term)]
    return render(request, "gradebook/policy.html", {"form": form, "when": when, "locked": locked})
