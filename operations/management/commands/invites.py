"""`manage.py invites list --owner alice@example.com`: the guest links of somebody's rooms."""

from typing import Any

from django.core.management import BaseCommand, CommandError, CommandParser

from calendars.addresses import spellings
from invites.models import InviteCode
from mailer.links import guest_link
from operations.management.output import write_rows
from users.models import User


class Command(BaseCommand):
    help = "Lists the guest codes of a person's rooms that are valid now, with their links. Each opens its room."

    def add_arguments(self, parser: CommandParser) -> None:
        actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
        listing = actions.add_parser("list", help="the valid ones")
        listing.add_argument("--owner", required=True, metavar="ADDRESS", help="e-mail address, or user name")
        listing.add_argument("--json", action="store_true", help="for programs")

    def handle(self, *args: Any, owner: str, **options: Any) -> None:
        people = User.objects.filter(email__in=spellings(owner)) | User.objects.filter(username=owner)
        if not people.exists():
            raise CommandError(f"Nobody here is {owner}.")
        codes = InviteCode.objects.valid().filter(room__created_by__in=people.values("pk"))
        rows = [
            {"room": str(code.room_id), "expires": code.expiration, "link": guest_link(str(code.code))}
            for code in codes.order_by("room", "-updated_at")
        ]
        write_rows(self.stdout, rows, is_json=options["json"], none="no valid guest codes")
