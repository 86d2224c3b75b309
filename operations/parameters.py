"""A job from its name and its parameters, which come from a command line or the schedule."""

from collections.abc import Mapping
from dataclasses import MISSING, fields
from typing import Any

import msgspec

from operations.job import Job
from operations.jobs import JOBS


class InvalidParameters(Exception):
    """The name or the parameters of a job; the text is for people."""


def made(name: str, parameters: Mapping[str, Any]) -> Job:
    """The job; a parameter that is missing has its default. Raises InvalidParameters."""
    kind = JOBS.get(name)
    if kind is None:
        raise InvalidParameters(f"There is no job {name!r}. There are: {', '.join(sorted(JOBS))}.")
    known = [column.name for column in fields(kind)]  # type: ignore[arg-type] # each is a dataclass
    if unknown := sorted(set(parameters) - set(known)):
        allowed = f"It has: {', '.join(known)}." if known else "It has none."
        raise InvalidParameters(f"{name} has no parameter {', '.join(unknown)}. {allowed}")
    try:
        return msgspec.convert(dict(parameters), kind)
    except msgspec.ValidationError as error:
        raise InvalidParameters(f"{name}: {error}") from None


def defaults(kind: type[Job]) -> dict[str, Any]:
    """The parameters that a job has when none are given, as JSON values."""
    given = {}
    for column in fields(kind):  # type: ignore[arg-type]
        value = column.default if column.default is not MISSING else column.default_factory()  # type: ignore[misc]
        given[column.name] = msgspec.to_builtins(value)
    return given
