"""A school's readings of the open points: from the stored map to `rules.Policy` and back."""

import json
from collections.abc import Mapping
from dataclasses import fields
from functools import lru_cache
from typing import Any

from django.utils.translation import gettext as _

from sen.school.gradebook.rules import DEFAULT_POLICY, Outcome, Policy
from sen.shared.kit.errors import Invalid

ROUNDINGS = ("ROUND_HALF_UP", "ROUND_HALF_EVEN", "ROUND_HALF_DOWN")
CHOICES: Mapping[str, tuple[str, ...]] = {
    "rounding": ROUNDINGS,
    "cluster_term": ("last_topic", "term1", "term2"),
    "adjustment_reading": ("drop", "raise_to_ten"),
    "too_few_subjects": ("principal", "count_available"),
    "both_fail_outcome": (Outcome.RETAINED.value, Outcome.SUMMER_CONDUCT.value),
}
NAMES = tuple(field.name for field in fields(Policy))
MOST_LESSONS = 70


def policy_of(values: Mapping[str, Any] | None) -> Policy:
    """The policy of a stored map; what is not in it stays at its default. Equal maps give the same object."""
    if not values:
        return DEFAULT_POLICY
    return _policy(json.dumps(values, sort_keys=True))


@lru_cache(maxsize=512)
def _policy(text: str) -> Policy:
    return Policy(**checked(json.loads(text)))


def checked(values: Mapping[str, Any]) -> dict[str, Any]:
    """The values in the types of `Policy`. Raises Invalid for an unknown name or value."""
    return {name: _checked(name, value) for name, value in values.items()}


def _checked(name: str, value: Any) -> Any:
    wrong = Invalid("gradebook.unknown_policy", _("Lựa chọn “{name}” không hợp lệ.").format(name=name), place=name)
    if name not in NAMES:
        raise wrong
    if name in CHOICES:
        if value not in CHOICES[name]:
            raise wrong
        return Outcome(value) if name == "both_fail_outcome" else value
    if name == "few_lessons_up_to":
        if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < MOST_LESSONS:
            raise wrong
        return value
    if not isinstance(value, bool):
        raise wrong
    return value


def stored(policy: Policy) -> dict[str, Any]:
    """Only what differs from the defaults: a later, better default then holds for who chose nothing."""
    return {
        name: value.value if isinstance(value := getattr(policy, name), Outcome) else value
        for name in NAMES
        if getattr(policy, name) != getattr(DEFAULT_POLICY, name)
    }
