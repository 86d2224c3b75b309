"""An account as a directory returns it."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Account:
    email: str
    first_name: str
    last_name: str
    language: str = ""
    time_zone: str = ""
    sub: str = ""
