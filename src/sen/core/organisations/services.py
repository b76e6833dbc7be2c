"""The only writers of the tree: dated operations that end one span and begin another, with the decision behind them.

Nothing is overwritten: a report of a past day reads the spans of that day. Every operation locks the organisations it
touches, so two officers cannot put two changes over each other.
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from sen.core.organisations import events, permissions, queries, rules
from sen.core.organisations.models import Change, Organisation, Span
from sen.core.organisations.permissions import Actor
from sen.shared.kit import names, scope
from sen.shared.kit.errors import Invalid, RuleError

_PLACE = ("parent_id", "province_id", "district_id", "commune_id", "address")


@dataclass(frozen=True)
class NewSchool:
    """A school to be founded by an opening, a merger or a split. Levels are `Organisation.Level` values."""

    code: str
    name: str
    levels: tuple[str, ...] = ()
    address: str = ""


@transaction.atomic
def establish(
    *, actor: Actor, kind: str, parent: Organisation, new: NewSchool, day: date, decision: str, reason: str = ""
) -> Organisation:
    """Found an office, school or department under `parent` (thành lập). Refused: code in use, closed parent."""
    decision = rules.check_decision(decision)
    permissions.require_add_under(actor, parent, day)
    rules.check_parent(kind, parent.kind)
    with _in_the_name_of(decision):
        organisation = _found(kind, new, _standing(parent, day), day)
        _record(Change.Kind.OPEN, day, decision, reason, [], [organisation])
    return organisation


@transaction.atomic
def add_campus(
    *, actor: Actor, school: Organisation, name: str, day: date, decision: str, address: str = "", code: str = ""
) -> Organisation:
    """Open a campus of a school (điểm trường). Without a code it gets the school's with the next number."""
    decision = rules.check_decision(decision)
    permissions.require_add_under(actor, school, day)
    rules.check_parent(Organisation.Kind.CAMPUS, school.kind)
    [school] = _lock([school])
    with _in_the_name_of(decision):
        new = NewSchool(code or _campus_code(school), name, tuple(school.levels), address)
        campus = _found(Organisation.Kind.CAMPUS, new, _standing(school, day), day)
        _record(Change.Kind.OPEN, day, decision, "", [], [campus])
    return campus


@transaction.atomic
def rename(
    *, actor: Actor, organisation: Organisation, name: str, day: date, decision: str, reason: str = ""
) -> Change:
    """Give another name from a day on (đổi tên)."""
    decision = rules.check_decision(decision)
    permissions.require_change(actor, [organisation], day)
    name = _clean_name(name)
    [organisation] = _lock([organisation])
    with _in_the_name_of(decision):
        span = _changeable(organisation, day)
        if span.name == name:
            raise Invalid("organisations.same_name", _("Tên mới giống hệt tên đang dùng."), "name")
        _begin_anew(span, day, name=name)
        return _record(Change.Kind.RENAME, day, decision, reason, [organisation], [organisation])


@transaction.atomic
def move(
    *, actor: Actor, organisation: Organisation, parent: Organisation, day: date, decision: str, reason: str = "",
    **place: Any,
) -> Change:  # fmt: skip
    """Put an organisation under another authority from a day on (chuyển cơ quan quản lý).

    The officer needs the right over both. `place` may set province_id, district_id, commune_id, address anew.
    """
    decision = rules.check_decision(decision)
    permissions.require_change(actor, [organisation], day)
    permissions.require_add_under(actor, parent, day)
    rules.check_parent(organisation.kind, parent.kind)
    [organisation] = _lock([organisation])
    with _in_the_name_of(decision):
        above = _standing(parent, day)
        if organisation.pk in {node.id for node in queries.path(parent.pk, day)}:
            raise RuleError("organisations.circle", _("Một đơn vị không thể trực thuộc chính nó."))
        span = _changeable(organisation, day)
        if span.parent_id == parent.pk:
            raise RuleError("organisations.same_parent", _("Đơn vị đang trực thuộc đúng cơ quan này."))
        # A school under a department or in another province keeps no district that its new authority does not have.
        inherited = {"province_id": above.province_id, "district_id": above.district_id or span.district_id}
        if above.province_id != span.province_id:
            inherited["district_id"] = above.district_id
        _begin_anew(span, day, parent_id=parent.pk, **(inherited | place))
        return _record(Change.Kind.MOVE, day, decision, reason, [organisation], [parent])


@transaction.atomic
def close(*, actor: Actor, organisation: Organisation, day: date, decision: str, reason: str = "") -> Change:
    """End an organisation (giải thể): `day` is the first day it no longer stands. Its campuses end with it.

    Refused while an authority still has schools or offices under it.
    """
    decision = rules.check_decision(decision)
    permissions.require_change(actor, [organisation], day)
    [organisation] = _lock([organisation])
    with _in_the_name_of(decision):
        span = _changeable(organisation, day)
        below = list(queries.children(organisation.pk, day))
        if waiting := [child for child in below if child.organisation.kind != Organisation.Kind.CAMPUS]:
            raise RuleError(
                "organisations.has_children",
                _("Còn %(count)s đơn vị trực thuộc (%(first)s…). Xin chuyển các đơn vị này trước khi giải thể.")
                % {"count": len(waiting), "first": waiting[0].name},
            )
        for campus in below:
            _end(_changeable(campus.organisation, day), day)
        _end(span, day)
        return _record(Change.Kind.CLOSE, day, decision, reason, [organisation], [])


@transaction.atomic
def merge(
    *, actor: Actor, sources: Sequence[Organisation], day: date, decision: str, into: Organisation | None = None,
    new: NewSchool | None = None, new_name: str = "", keep_sites: bool = True, reason: str = "",
) -> Organisation:  # fmt: skip
    """Merge organisations of one kind (sáp nhập) into one that goes on (`into`) or into a new one (`new`).

    The others end on `day`; what hangs under them moves along. With `keep_sites` the place of an ended school goes on
    as a campus of the result. `new_name` renames the one that goes on. Returns the result.
    """
    decision = rules.check_decision(decision)
    merged = {source.pk: source for source in (*sources, *([into] if into else []))}
    if len(merged) < 2 or (into is None) == (new is None):
        raise Invalid("organisations.merge_needs_two", _("Sáp nhập cần ít nhất hai đơn vị và một đơn vị kết quả."))
    permissions.require_change(actor, merged.values(), day)
    locked = {organisation.pk: organisation for organisation in _lock(merged.values())}
    kinds = {organisation.kind for organisation in locked.values()}
    if len(kinds) > 1 or kinds & {Organisation.Kind.MINISTRY, Organisation.Kind.CAMPUS}:
        raise Invalid(
            "organisations.merge_kinds", _("Chỉ sáp nhập được các đơn vị cùng loại: trường với trường, Sở với Sở.")
        )
    with _in_the_name_of(decision):
        spans = {key: _changeable(organisation, day) for key, organisation in locked.items()}
        if into is not None:
            result = locked[into.pk]
            if new_name:
                _begin_anew(spans[into.pk], day, name=_clean_name(new_name))
            _widen_levels(result, locked.values())
        else:
            assert new is not None  # one of the two, checked above
            first = spans[sources[0].pk]
            levels = new.levels or _union_of_levels(locked.values())
            result = _found(kinds.pop(), NewSchool(new.code, new.name, levels, new.address), first, day, beside=True)
        for key, span in spans.items():
            if key != result.pk:
                _take_over(locked[key], span, result, day, keep_site=keep_sites)
        _record(Change.Kind.MERGE, day, decision, reason, list(locked.values()), [result])
    return result


@transaction.atomic
def split(
    *, actor: Actor, organisation: Organisation, parts: Sequence[NewSchool], day: date, decision: str,
    closes: bool = False, campuses_to: dict[UUID, str] | None = None, reason: str = "",
) -> list[Organisation]:  # fmt: skip
    """Split a school (chia tách): new schools beside it, which goes on or ends (`closes`, then two parts or more).

    `campuses_to` sends campuses (by id) to the part with that code; the rest stay, or end with a school that ends.
    """
    decision = rules.check_decision(decision)
    permissions.require_change(actor, [organisation], day)
    if organisation.kind != Organisation.Kind.SCHOOL or len(parts) < (2 if closes else 1):
        raise Invalid(
            "organisations.split_parts",
            _("Chia tách cần một trường và ít nhất một trường mới (hai, nếu trường cũ kết thúc)."),
        )
    [organisation] = _lock([organisation])
    with _in_the_name_of(decision):
        span = _changeable(organisation, day)
        made = {
            part.code: _found(
                organisation.kind,
                NewSchool(part.code, part.name, part.levels or tuple(organisation.levels), part.address),
                span, day, beside=True,
            )
            for part in parts
        }  # fmt: skip
        for campus in queries.campuses(organisation.pk, day).select_related("organisation"):
            code = (campuses_to or {}).get(campus.organisation_id)
            if code is not None and code not in made:
                raise Invalid(
                    "organisations.unknown_part", _("Điểm trường được chuyển đến một trường không có trong quyết định.")
                )
            if code is not None:
                _begin_anew(_changeable(campus.organisation, day), day, parent_id=made[code].pk)
            elif closes:
                _end(_changeable(campus.organisation, day), day)
        if closes:
            _end(span, day)
        results = [*made.values()] if closes else [organisation, *made.values()]
        _record(Change.Kind.SPLIT, day, decision, reason, [organisation], results)
    return list(made.values())


# Steps of the operations


@contextmanager
def _in_the_name_of(decision: str) -> Iterator[None]:
    with scope.because(decision):
        yield


def _lock(organisations: Iterable[Organisation]) -> list[Organisation]:
    """Locked in the order of keys, so that two operations over the same schools wait instead of blocking each other."""
    wanted = sorted({organisation.pk for organisation in organisations})
    found = {o.pk: o for o in Organisation.objects.select_for_update().filter(pk__in=wanted).order_by("pk")}
    return [found[key] for key in wanted]


def _changeable(organisation: Organisation, day: date) -> Span:
    """The open span, when a change on `day` may follow it."""
    spans = list(organisation.spans.order_by("valid_from"))
    name = spans[-1].name if spans else str(organisation)
    rules.check_day([(span.valid_from, span.valid_to) for span in spans], day, name)
    return spans[-1]


def _standing(organisation: Organisation, day: date) -> Span:
    """The span of an authority that must stand on `day` and have no end yet."""
    span = Span.objects.on(day).filter(organisation=organisation).first()
    ended = organisation.spans.order_by("valid_from").last()
    if span is None or ended is None or ended.valid_to is not None:
        raise RuleError(
            "organisations.closed",
            _("%(name)s không hoạt động vào ngày %(day)s hoặc sắp kết thúc.")
            % {"name": queries.name_on(organisation.pk, day), "day": f"{day:%d/%m/%Y}"},
        )
    return span


def _end(span: Span, day: date) -> None:
    span.valid_to = day
    span.save(update_fields=["valid_to"])
    events.organisation_closed.send(sender=Organisation, organisation_id=span.organisation_id, day=day)


def _begin_anew(span: Span, day: date, **changes: Any) -> Span:
    """End the span on `day` and begin one like it with the changes."""
    Span.objects.filter(pk=span.pk).update(valid_to=day)
    fields: dict[str, Any] = {"name": span.name, **{name: getattr(span, name) for name in _PLACE}, **changes}
    return Span.objects.create(
        organisation_id=span.organisation_id, valid_from=day, name_folded=names.fold(fields["name"]), **fields
    )


def _found(kind: str, new: NewSchool, near: Span, day: date, *, beside: bool = False) -> Organisation:
    """A new organisation under the one `near` belongs to, or `beside` it under the same parent."""
    name, code = _clean_name(new.name), new.code.strip()
    if not code or Organisation.objects.filter(kind=kind, code=code).exists():
        raise Invalid(
            "organisations.code_taken", _("Mã %(code)s trống hoặc đã cấp cho đơn vị khác.") % {"code": code}, "code"
        )
    if unknown := set(new.levels) - set(Organisation.Level.values):
        raise Invalid(
            "organisations.unknown_level", _("Không có cấp học %(level)s.") % {"level": min(unknown)}, "levels"
        )
    organisation = Organisation.objects.create(kind=kind, code=code, levels=list(new.levels))
    Span.objects.create(
        organisation=organisation, name=name, name_folded=names.fold(name), valid_from=day,
        parent_id=near.parent_id if beside else near.organisation_id, province_id=near.province_id,
        district_id=near.district_id, commune_id=near.commune_id, address=new.address,
    )  # fmt: skip
    return organisation


def _take_over(ended: Organisation, span: Span, result: Organisation, day: date, *, keep_site: bool) -> None:
    for child in queries.children(ended.pk, day):
        _begin_anew(_changeable(child.organisation, day), day, parent_id=result.pk)
    _end(span, day)
    if keep_site and ended.kind == Organisation.Kind.SCHOOL:
        near = Span.objects.on(day).get(organisation=result)
        place = NewSchool(_campus_code(result), span.name, tuple(ended.levels), span.address)
        site = _found(Organisation.Kind.CAMPUS, place, near, day)
        Span.objects.filter(organisation=site).update(
            province_id=span.province_id, district_id=span.district_id, commune_id=span.commune_id
        )


def _campus_code(school: Organisation) -> str:
    number = Organisation.objects.filter(kind=Organisation.Kind.CAMPUS, code__startswith=f"{school.code}-").count() + 1
    return f"{school.code}-{number:02d}"


def _union_of_levels(organisations: Iterable[Organisation]) -> tuple[str, ...]:
    taught = {level for organisation in organisations for level in organisation.levels}
    return tuple(level for level in Organisation.Level.values if level in taught)


def _widen_levels(result: Organisation, merged: Iterable[Organisation]) -> None:
    levels = list(_union_of_levels(merged))
    if levels != result.levels:
        result.levels = levels
        result.save(update_fields=["levels"])


def _clean_name(name: str) -> str:
    cleaned = names.clean(name)
    if not cleaned:
        raise Invalid("organisations.no_name", _("Xin ghi tên đầy đủ của đơn vị."), "name")
    return cleaned


def _record(
    kind: str, day: date, decision: str, reason: str, sources: list[Organisation], results: list[Organisation]
) -> Change:
    change = Change.objects.create(kind=kind, effective_on=day, decision=decision, reason=reason)
    change.sources.set(sources)
    change.results.set(results)
    events.tree_changed.send(sender=Change, change_id=change.pk)
    return change
