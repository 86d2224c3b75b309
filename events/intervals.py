"""Which intervals hold a moment: an interval tree in one column, so that an ordinary index finds them.

Time is a binary tree of minutes. An interval lies at its node, the highest one between its ends; whatever holds a
moment lies at a node on the way from the root to that moment (H.-P. Kriegel and others, "Managing Intervals Efficiently
in Object-Relational Databases", 2000). Knows nothing of events.
"""

from datetime import UTC, datetime

_ZERO = datetime(1, 1, 1, tzinfo=UTC)
_LEVELS = int((datetime.max.replace(tzinfo=UTC) - _ZERO).total_seconds() // 60).bit_length()


def node_of(start: datetime, end: datetime) -> int:
    first, last = _minute(start), _minute(end)
    level = max((first ^ last).bit_length() - 1, 0)
    return last >> level << level


def nodes_at(moment: datetime) -> list[int]:
    """Where all intervals lie that hold the moment, with others that begin later or ended before."""
    minute = _minute(moment)
    return [(minute >> level | 1) << level for level in range(_LEVELS)]


def _minute(moment: datetime) -> int:
    """From 1 on: zero would be a node of no level."""
    return int((moment - _ZERO).total_seconds() // 60) + 1
