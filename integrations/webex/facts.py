"""What is looked up once for all activities of a page."""

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from activity.models import Activity

Found = TypeVar("Found")


class Facts:
    """Nothing is looked up before a format asks: `facts.of(lookups.emails)`."""

    def __init__(self, activities: Sequence[Activity]) -> None:
        self._activities = activities
        self._found: dict[Any, Any] = {}

    def of(self, look_up: Callable[[Sequence[Activity]], Found]) -> Found:
        if look_up not in self._found:
            self._found[look_up] = look_up(self._activities)
        found: Found = self._found[look_up]
        return found
