"""What answers of other apps show or need of a person, as plain rows (database/rows.py)."""

import uuid
from typing import NamedTuple


class Person(NamedTuple):
    """The columns of a public profile."""

    id: uuid.UUID
    email: str
    title: str
    first_name: str
    last_name: str
    display_name: str
    avatar_url: str


class Limits(NamedTuple):
    """The columns of a tariff that decide about features."""

    disabled_modules: list[str]
    disabled_features: list[str]
