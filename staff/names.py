"""What people call the kinds that rows keep as words of programs: of mails, callbacks, jobs.

Each app adds the names of its own when it is loaded. What another version of the site wrote keeps its word.
"""

from collections.abc import Mapping

from django.utils.functional import Promise

_NAMES: dict[str, dict[str, str | Promise]] = {}


def add_names(column: str, names: Mapping[str, str | Promise]) -> None:
    """`column` is written model.field, as `jobrun.job`."""
    _NAMES.setdefault(column, {}).update(names)


def name_of(column: str, word: str) -> str:
    return str(_NAMES.get(column, {}).get(word, word))


def names_of(column: str) -> list[tuple[str, str]]:
    """Word and name of each, by name in the reader's language."""
    return sorted(((word, str(name)) for word, name in _NAMES.get(column, {}).items()), key=lambda pair: pair[1])


def columns() -> list[str]:
    return list(_NAMES)
