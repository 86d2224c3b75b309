"""What devices send as data: lists of JSON values, within limits. What is wrong is told for each member."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from itertools import islice
from typing import Any

from django.utils import timezone
from rest_framework.exceptions import ErrorDetail

from rest.errors import ValidationFailed

MOST_SAMPLES = 500  # of one report
MOST_VALUES = 100  # of one sample, with those of the lists in it
DEEPEST = 4
LONGEST = 255
LARGEST = 2**53  # JSON numbers beyond it are not the same everywhere
MOST_ERRORS = 100
AHEAD = timedelta(minutes=5)


def milliseconds(moment: datetime) -> int:
    return int(moment.timestamp() * 1000)


def checked_samples(given: Mapping[Any, Any]) -> dict[int, list[Any]]:
    """`{milliseconds: values}`. Raises ValidationFailed with one entry for each sample that is wrong."""
    if len(given) > MOST_SAMPLES:
        raise ValidationFailed({"data": [ErrorDetail(f"At most {MOST_SAMPLES} samples", "max_length")]})
    latest = milliseconds(timezone.now() + AHEAD)
    found: dict[int, list[Any]] = {}
    errors: dict[str, list[ErrorDetail]] = {}
    for key, values in given.items():
        at = _milliseconds_in(key)
        if at is None or at > latest:
            errors[str(key)[:32]] = [ErrorDetail("The key is no time in milliseconds until now", "invalid")]
        elif problem := problem_in(values):
            errors[str(key)] = [ErrorDetail(problem, "invalid")]
        else:
            found[at] = values
    if errors:
        raise ValidationFailed({"data": dict(islice(errors.items(), MOST_ERRORS))})
    return found


def _milliseconds_in(key: Any) -> int | None:
    if isinstance(key, int) and not isinstance(key, bool):
        return key if key >= 0 else None
    if isinstance(key, str) and key.isascii() and key.isdecimal() and len(key) <= 15:
        return int(key)
    return None


def checked_values(values: Any, field: str = "action") -> list[Any]:
    """The values of an action. Raises ValidationFailed."""
    if problem := problem_in(values):
        raise ValidationFailed({field: [ErrorDetail(problem, "invalid")]})
    found: list[Any] = values
    return found


def problem_in(values: Any) -> str:
    """ "" where it is a list that can be kept."""
    if not isinstance(values, list) or not values:
        return "This must be a list of values"
    waiting, count = [(values, 1)], 0
    while waiting:
        members, depth = waiting.pop()
        count += len(members)
        if count > MOST_VALUES or depth > DEEPEST:
            return f"At most {MOST_VALUES} values, in lists within {DEEPEST} lists"
        for member in members:
            if isinstance(member, list):
                waiting.append((member, depth + 1))
            elif problem := _problem_in_one(member):
                return problem
    return ""


def _problem_in_one(value: Any) -> str:
    match value:
        case None | bool():
            return ""
        case int() | float():
            return "" if abs(value) <= LARGEST else "A number is too large"
        case str():
            is_plain = len(value) <= LONGEST and "\x00" not in value
            return "" if is_plain else f"A text has at most {LONGEST} characters, and no NUL"
    return "Values are numbers, texts, true, false, null, and lists of them"
