"""The calendar objects of invites: those that the site's own mails about the meeting bring."""

from collections.abc import Sequence

from django.utils import timezone

from events import mails
from events.mails import AnyInvite
from events.models import Event
from invites.models import EmailInvite
from mailer.render import calendar_object
from users.directory import Account


def written(action: str, event: Event, invites: Sequence[AnyInvite]) -> str:
    """For these people; `action` is invite, uninvite or cancellation. "" for a meeting without time.

    One that names several leads nobody in by a code that was made for one of them.
    """
    if len(invites) == 1:
        return written_for_each(action, event, invites)[0]
    accounts = {one.email: Account(one.email, one.first_name, one.last_name) for one in _by_address(invites)}
    return _written(action, event, invites, accounts)


def written_for_each(action: str, event: Event, invites: Sequence[AnyInvite]) -> list[str]:
    """The object of each one alone."""
    accounts = mails.accounts_in(event, _by_address(invites))
    return [_written(action, event, [invite], accounts) for invite in invites]


def _written(action: str, event: Event, invites: Sequence[AnyInvite], accounts: dict[str, Account]) -> str:
    messages = mails.build(action, event, invites, accounts, event.created_by)
    return calendar_object(messages, now=timezone.now())


def _by_address(invites: Sequence[AnyInvite]) -> list[EmailInvite]:
    return [invite for invite in invites if isinstance(invite, EmailInvite)]
