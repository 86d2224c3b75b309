"""`manage.py tenants`: as of OpenTalk's controller."""

from typing import Any

from django.core.exceptions import ValidationError
from django.core.management import BaseCommand, CommandError, CommandParser
from django.db import transaction

from activity import setup
from activity.actors import Actor
from operations.management.output import write_rows
from users.models import Tenant


class Command(BaseCommand):
    help = "Lists the tenants, or gives one another id at the identity provider."

    def add_arguments(self, parser: CommandParser) -> None:
        actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
        actions.add_parser("list", help="id and external id of each").add_argument("--json", action="store_true")
        change = actions.add_parser("set-oidc-id", help="the id that the provider's tokens name")
        change.add_argument("id", metavar="ID")
        change.add_argument("new_oidc_id", metavar="NEW_OIDC_ID")

    def handle(self, *args: Any, action: str, **options: Any) -> None:
        if action == "list":
            rows = [{"id": str(pk), "oidc_id": name} for pk, name in Tenant.objects.values_list("pk", "external_id")]
            write_rows(self.stdout, rows, is_json=options["json"], none="no tenants")
            return
        self._set_oidc_id(options["id"], options["new_oidc_id"])

    @transaction.atomic
    def _set_oidc_id(self, pk: str, new: str) -> None:
        try:
            tenant = Tenant.objects.select_for_update().filter(pk=pk).first()
        except ValidationError:
            tenant = None
        if tenant is None:
            raise CommandError(f"There is no tenant with the id {pk}.")
        old, tenant.external_id = tenant.external_id, new
        try:
            tenant.full_clean()
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from None
        actor = Actor.by_service("manage.py tenants")
        setup.save_row(row=tenant, actor=actor, changes={"external_id": (old, new)})
        self.stdout.write(f"{tenant.pk}: {old} -> {new}")
