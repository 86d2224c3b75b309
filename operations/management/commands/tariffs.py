"""`manage.py tariffs`: with the arguments of OpenTalk's controller."""

from argparse import ArgumentParser
from collections.abc import Sequence
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management import BaseCommand, CommandError, CommandParser
from django.db import transaction

from activity import setup
from activity.actors import Actor
from activity.changes import changes_of
from operations.management.output import write_rows
from users.models import Tariff, User
from users.services import update_account
from users.tariffs import MODULES

ACTOR = Actor.by_service("manage.py tariffs")
LISTS = {
    "external-tariff-ids": "external_ids",
    "disabled-modules": "disabled_modules",
    "disabled-features": "disabled_features",
}


class Command(BaseCommand):
    help = "Lists, makes, changes and deletes tariffs. `modules list` has the modules and features."

    def add_arguments(self, parser: CommandParser) -> None:
        actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
        actions.add_parser("list", help="all tariffs").add_argument("--json", action="store_true", help="for programs")
        create = actions.add_parser("create", help="make one")
        create.add_argument("name", metavar="NAME")
        create.add_argument("external_tariff_id", metavar="EXTERNAL_ID")
        for option in ("--disabled-modules", "--disabled-features"):
            create.add_argument(option, type=_words, default=[], metavar="A,B")
        create.add_argument("--quotas", type=_quotas, default={}, metavar="NAME=NUMBER,…")
        edit = actions.add_parser("edit", help="change one: what is removed goes first, then what is added comes")
        edit.add_argument("name", metavar="NAME")
        edit.add_argument("--set-name", metavar="NAME")
        for option in LISTS:
            edit.add_argument(f"--add-{option}", type=_words, default=[], metavar="A,B")
            edit.add_argument(f"--remove-{option}", type=_words, default=[], metavar="A,B")
        edit.add_argument("--add-quotas", type=_quotas, default={}, metavar="NAME=NUMBER,…", help="overwrites")
        edit.add_argument("--remove-quotas", type=_words, default=[], metavar="NAME,…")
        self._add_delete(actions.add_parser("delete", help="delete one"))

    def _add_delete(self, parser: ArgumentParser) -> None:
        parser.add_argument("name", metavar="NAME")
        parser.add_argument(
            "--reassign",
            metavar="NAME",
            help="the tariff that its people get",
        )

    def handle(self, *args: Any, action: str, **options: Any) -> None:
        match action:
            case "list":
                rows = [_row(tariff) for tariff in Tariff.objects.all()]
                write_rows(self.stdout, rows, is_json=options["json"], none="no tariffs")
                return
            case "create":
                tariff = self._create(**options)
            case "edit":
                tariff = self._edit(**options)
            case _:
                self._delete(options["name"], options["reassign"])
                return
        write_rows(self.stdout, [_row(tariff)], is_json=False, none="")

    @transaction.atomic
    def _create(self, *, name: str, external_tariff_id: str, quotas: dict[str, int], **options: Any) -> Tariff:
        lists = {column: _sorted(options[column]) for column in ("disabled_modules", "disabled_features")}
        tariff = Tariff(name=name, external_ids=[external_tariff_id], quotas=quotas, **lists)
        self._check(tariff)
        setup.save_row(row=tariff, actor=ACTOR, changes={})
        return tariff

    @transaction.atomic
    def _edit(self, *, name: str, set_name: str | None, **options: Any) -> Tariff:
        tariff = _found(name)
        columns: dict[str, Any] = {"name": set_name or name}
        for option, column in LISTS.items():
            words = option.replace("-", "_")
            left = set(getattr(tariff, column)) - set(options[f"remove_{words}"])
            columns[column] = _sorted([*left, *options[f"add_{words}"]])
        left_quotas = {key: quota for key, quota in tariff.quotas.items() if key not in options["remove_quotas"]}
        columns["quotas"] = left_quotas | options["add_quotas"]
        changes = changes_of(tariff, columns)
        for column, value in columns.items():
            setattr(tariff, column, value)
        self._check(tariff)
        setup.save_row(row=tariff, actor=ACTOR, changes=changes)
        return tariff

    @transaction.atomic
    def _delete(self, name: str, reassign: str | None) -> None:
        tariff, other = _found(name), _found(reassign) if reassign else None
        if other == tariff:
            raise CommandError("--reassign needs another tariff.")
        people = User.objects.filter(tariff=tariff)
        if other is None and (count := people.count()):
            raise CommandError(f"{count} people have the tariff {name}. Say with --reassign which one they get.")
        for user in people.order_by("pk"):
            update_account(user=user, actor=ACTOR, tariff=other)
        setup.delete_row(row=tariff, actor=ACTOR)
        self.stdout.write(f"{name} is deleted.")

    def _check(self, tariff: Tariff) -> None:
        """Names of modules that this server does not know are let through: another version may."""
        try:
            tariff.full_clean()
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from None
        if unknown := sorted(set(tariff.disabled_modules) - set(MODULES)):
            self.stderr.write(f"This server has no module {', '.join(unknown)}.")


def _found(name: str) -> Tariff:
    tariff = Tariff.objects.select_for_update().filter(name=name).first()
    if tariff is None:
        raise CommandError(f"There is no tariff {name}.")
    return tariff


def _row(tariff: Tariff) -> dict[str, Any]:
    columns = ("name", "external_ids", "quotas", "disabled_modules", "disabled_features")
    return {"id": str(tariff.pk)} | {column: getattr(tariff, column) for column in columns}


def _sorted(words: Sequence[str]) -> list[str]:
    return sorted(set(words))


def _words(text: str) -> list[str]:
    return [word.strip() for word in text.split(",") if word.strip()]


def _quotas(text: str) -> dict[str, int]:
    """Raises ValueError, which argparse tells."""
    pairs = [pair.partition("=") for pair in _words(text)]
    if any(not name or not number.strip().isdecimal() for name, _sign, number in pairs):
        raise ValueError(text)
    return {name.strip(): int(number) for name, _sign, number in pairs}
