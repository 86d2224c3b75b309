"""The migration that takes the secret out of the key: links in old mails work on, and old ids open nothing."""

from importlib import import_module

import pytest
from django.apps import apps
from django.db import connection

from activity.actors import Actor
from events.services.claims import claim_invites
from invites.models import EmailInvite, EventInvite, InviteCode
from signaling.models import Ticket
from signaling.tickets import issue_ticket
from tests import factories
from tests.circle import Circle

separation = import_module("invites.migrations.0014_code_apart")


@pytest.mark.slow
@pytest.mark.django_db
def test_codes_stay_and_ids_are_new_and_it_can_be_undone() -> None:
    circle = Circle()
    for address in ("dora@example.org", "erik@example.org"):
        circle.invite(address)
    claim_invites(user=factories.user("erik", email="erik@example.org"), actor=Actor.by_job("test"))
    code = circle.event.email_invites.get().invite_code
    issue_ticket(room=circle.event.room, code=code)
    before = holders()
    assert sum(map(len, before.values())) == 3
    separation.join(apps, None)
    assert holders() == before
    assert all(row.pk == row.code for row in InviteCode.objects.all())
    separation.separate(apps, None)
    assert holders() == before
    assert not any(row.pk == row.code for row in InviteCode.objects.all())
    connection.check_constraints()


def holders() -> dict[str, list[object]]:
    return {
        model.__name__: list(model.objects.filter(invite_code__isnull=False).values_list("pk", "invite_code__code"))
        for model in (EventInvite, EmailInvite, Ticket)
    }
