"""What can be imported. Each kind is a class in its app, which reads rows, checks them and hands them to a service."""

import uuid
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.db import models
from django.http import Http404
from django.utils.functional import Promise

from activity.actors import Actor
from imports.models import Import, ImportRow
from staff.effects import Effect
from staff.tables.reading import Column, Row

Problem = tuple[str, str]  # the column, "" for the whole row; what is wrong
State = ImportRow.State


@dataclass(frozen=True, kw_only=True)
class Field(Column):
    """A column, and what its cells are checked by; `example` stands in the template that people download."""

    check: forms.Field = field(default_factory=lambda: forms.CharField(required=False, max_length=255))
    example: str = ""


@dataclass(frozen=True)
class Line:
    """A row whose cells are right, one by one."""

    row: ImportRow
    values: dict[str, Any]


@dataclass(frozen=True)
class Finding:
    state: str
    problems: Sequence[Problem] = ()
    object_id: Any = None


@dataclass(frozen=True)
class Findings:
    """One for each line, in their order; `effects` are counted together with those of other batches."""

    rows: Sequence[Finding]
    effects: Counter[str] = field(default_factory=Counter)


def outcome(lines: Sequence[Line], found: Sequence[Finding], made: Mapping[Any, models.Model]) -> Findings:
    """What was found, and done for the rows of which something was made; `made` is by the key of the row."""
    return Findings([
        Finding(State.DONE, object_id=made[line.row.pk].pk) if line.row.pk in made else finding
        for line, finding in zip(lines, found, strict=True)
    ])  # fmt: skip


class ImportKind(ABC):
    name: ClassVar[str]  # in addresses and rows
    title: ClassVar[str | Promise]  # of the first page
    label: ClassVar[str | Promise]  # of what is in the list
    right: ClassVar[str]  # beside imports.add_import
    target: ClassVar[str] = ""  # the admin's page of what a row becomes
    is_of_tenant: ClassVar[bool] = True
    takes_text: ClassVar[bool] = False  # a pasted list, beside a file
    batch_size: ClassVar[int] = 200
    fields: ClassVar[Sequence[Field]]

    def __init__(self, job: Import) -> None:
        self.job = job

    @classmethod
    def is_open(cls) -> bool:
        """Whether this server takes such lists at all."""
        return True

    @classmethod
    def about(cls, user: Any, about_id: uuid.UUID | None) -> models.Model | None:
        """What the list is for, None where it stands for itself. Raises Http404 for what the person may not change."""
        if about_id is not None:
            raise Http404
        return None

    @classmethod
    def options(cls) -> dict[str, forms.Field]:
        """What is asked beside the list; the answers are in the row's `options`."""
        return {}

    @classmethod
    def fields_for(cls, user: Any) -> Sequence[Field]:
        """The columns that this person may bring; others are left out."""
        return cls.fields

    def clean(self, cells: Mapping[str, str]) -> tuple[dict[str, Any], list[Problem]]:
        values: dict[str, Any] = {}
        problems: list[Problem] = []
        for column in self.fields:
            try:
                values[column.name] = column.check.clean(cells.get(column.name, ""))
            except ValidationError as error:
                problems.append((column.name, " ".join(error.messages)))
        return values, problems

    @classmethod
    def pasted(cls, text: str) -> Iterator[Row]:
        """The rows of a text, for kinds that take one."""
        raise NotImplementedError

    @abstractmethod
    def key(self, values: dict[str, Any]) -> str:
        """Rows of one list with the same key are the same."""

    def prepare(self, lines: Sequence[Line]) -> Any:  # noqa: B027 - most kinds need nothing
        """What `check` and `carry_out` need of other servers, asked before rows are locked."""

    @abstractmethod
    def check(self, lines: Sequence[Line], prepared: Any) -> Findings:
        """Says of each line whether it is new, and changes nothing. Constant statements."""

    @abstractmethod
    def carry_out(self, lines: Sequence[Line], prepared: Any, actor: Actor) -> Findings:
        """Makes what is still new, through the services, in the caller's transaction. Constant statements."""

    @abstractmethod
    def effect(self, new: int) -> Effect:
        """What confirming it does, of so many new rows."""


KINDS: dict[str, type[ImportKind]] = {}


def register(kind: type[ImportKind]) -> type[ImportKind]:
    KINDS[kind.name] = kind
    return kind


def kind_of(job: Import) -> ImportKind:
    return KINDS[job.kind](job)
