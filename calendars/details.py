"""What people see of a meeting beside its time, and how one occurrence's exception lies over its series."""

from typing import NamedTuple, Protocol


class Details(NamedTuple):
    title: str
    description: str
    is_all_day: bool


class Overriding(Protocol):
    """An exception: a row, or a message's. None is "as the series"."""

    @property
    def title(self) -> str | None: ...
    @property
    def description(self) -> str | None: ...
    @property
    def is_all_day(self) -> bool | None: ...


def over(series: Details, exception: Overriding | None) -> Details:
    """The occurrence's details; its times are `recurrence.overridden`'s business."""
    if exception is None:
        return series
    own = (exception.title, exception.description, exception.is_all_day)
    return Details._make(said if value is None else value for said, value in zip(series, own, strict=True))
