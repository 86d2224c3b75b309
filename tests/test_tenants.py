"""Whatever two tenants hold, no request of people or guests of one shows anything of the other, nor changes it.

Every operation is asked, those that get rows of `tests/test_permissions.py` later too.
"""

import re
from dataclasses import dataclass
from typing import Any

import pytest
from django.db import models, transaction
from django.http import HttpResponse
from django.utils import timezone
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from activity.actors import Actor
from activity.models import Activity
from events.models import Event
from events.services.invitations import invite_email, invite_user
from integrations.webex.models import Webhook
from invites.models import EmailInvite, EventInvite, InviteCode, Reply
from invites.services import create_code
from rooms.models import Asset, Room, SipConfig, StreamingTarget
from rooms.services import create_room
from tests import factories
from tests.api import Api
from tests.integrations.webex.hooks import webhook_of
from tests.test_permissions import TABLE, bodies
from users.models import User

pytestmark = pytest.mark.django_db

# What services report belongs to their own tenant: tests/integrations/producers/test_reports.py.
OF_PEOPLE = [row for row in TABLE if not row.path.startswith("v1/services/")]
WRITING = [row for row in OF_PEOPLE if row.method != "GET" and "{" in row.path]
READING = [row.path for row in OF_PEOPLE if row.method == "GET" and "avatar" not in row.path]  # pictures are public
REFUSED = {401, 403, 404}
WEEKLY = factories.schedule(pattern=("RRULE:FREQ=WEEKLY",))
# What has an id, with the way from it to its tenant.
TENANTS: dict[type[models.Model], str] = {
    User: "tenant",
    Room: "tenant",
    InviteCode: "room__tenant",
    StreamingTarget: "room__tenant",
    Asset: "room__tenant",
    Event: "tenant",
    EventInvite: "event__tenant",
    EmailInvite: "event__tenant",
    Webhook: "tenant",
}


@dataclass(frozen=True)
class Meeting:
    """Its creator and invitees are people by number; `fields` go to the service that makes it."""

    creator: int
    invitees: frozenset[int]
    has_guest: bool
    streams: int
    fields: dict[str, Any]


numbers = st.integers(0, 1)
meetings = st.builds(
    Meeting,
    creator=numbers,
    invitees=st.frozensets(numbers, max_size=2),
    has_guest=st.booleans(),
    streams=st.integers(1, 2),
    fields=st.fixed_dictionaries(
        {
            "schedule": st.sampled_from([None, factories.schedule(), WEEKLY]),
            "is_adhoc": st.booleans(),
            "show_meeting_details": st.booleans(),
            "waiting_room": st.booleans(),
            "e2e_encryption": st.booleans(),
        }
    ),
)
holdings = st.lists(meetings, min_size=1, max_size=3)


class Side:
    """A tenant whose every text holds its name. Subjects and some addresses are those of the other tenant, too."""

    def __init__(self, name: str, held: list[Meeting]) -> None:
        self.name = name
        self.tenant = factories.tenant(name)
        self.people = [
            factories.user(f"{name}{number}", tenant=self.tenant, email=email)
            for number, email in enumerate(["same@example.com", f"{name}@example.com"])
        ]
        for number, person in enumerate(self.people):
            person.oidc_sub = f"subject {number}"
            person.save()
        self.meetings = [self.hold(meeting) for meeting in held]
        create_room(creator=self.people[0], actor=Actor.by_api(self.people[0]), password=name)
        self.is_mine = re.compile("|".join(self.marks()), re.IGNORECASE)

    def hold(self, meeting: Meeting) -> dict[str, Any]:
        """Plans it; what the paths of the API call its parts."""
        creator = self.people[meeting.creator]
        streams = [factories.STREAM | {"name": self.name, "streaming_key": self.name}] * meeting.streams
        texts = {"title": self.name, "description": self.name, "password": self.name}
        event = factories.event(creator, streaming_targets=streams, **texts, **meeting.fields)
        how: dict[str, Any] = {"event": event, "actor": Actor.by_api(creator), "suppress_mail": True}
        for number in meeting.invitees:
            invite_user(invitee=self.people[number], **how)
        if meeting.has_guest and not event.room.e2e_encryption:  # where nobody without an account is let in
            invite_email(email="shared@example.org", **how)
        code = create_code(room=event.room, user=creator, actor=how["actor"])
        asset = Asset.objects.create(room=event.room, kind="minutes", filename=f"{self.name}.pdf")
        proposal = Reply.objects.create(
            event_id=event.pk, address=creator.email, name=self.name, comment=self.name, status="declined", via="api",
            sequence=0, dtstamp=timezone.now(), proposal_state="open",
            proposed_starts_at=timezone.now(), proposed_ends_at=timezone.now(), proposed_zone="Europe/Berlin",
        )  # fmt: skip
        return {
            "event": event.pk,
            "instance": "20261130T090000Z",
            "room": event.room_id,
            "user": creator.pk,
            "invite_code": code.code,
            "streaming_target": event.room.streaming_targets.all()[0].pk,
            "asset": asset.pk,
            "proposal": proposal.pk,
            "webhook": webhook_of(creator).pk,
            "event_key": Activity.objects.filter(event_id=event.pk).latest("position").id,
        }

    def marks(self) -> list[str]:
        """What must not be read on the other side: the name, and every id."""
        ids = [
            pk
            for model, tenant in TENANTS.items()
            for pk in model._default_manager.filter(**{tenant: self.tenant}).values_list("pk", flat=True)
        ]
        digits = SipConfig.objects.filter(room__tenant=self.tenant).values_list("sip_id", flat=True)
        return [self.name, *map(str, ids), *digits]

    def callers(self) -> list[Api]:
        """Everybody with an account, and a guest."""
        code = self.meetings[0]["invite_code"]
        return [*map(Api, self.people), Api(authorization=f"InviteCode {code}")]


def ask(caller: Api, path: str, names: dict[str, Any], other: Side) -> HttpResponse:
    """One answer, seen to hold nothing of the other side."""
    query = {"q": other.name} if path.endswith("/find") else {"invitees_max": 10} if "events" in path else {}
    answer = caller.get("/" + path.format(**names), **query)
    seen = f"{dict(answer.headers)} {answer.getvalue().decode()}"
    found = other.is_mine.search(seen)
    assert found is None, f"GET {path} shows {found}: {seen}"
    return answer


def check(ours: list[Meeting], theirs: list[Meeting]) -> None:
    own, other = Side("walnut", ours), Side("quince", theirs)
    for here, there in ((own, other), (other, own)):
        for caller in here.callers():
            for path in READING:
                parts = re.findall("{(.+?)}", path)
                for names in here.meetings:
                    ask(caller, path, names, there)
                for names in there.meetings if parts else ():
                    assert ask(caller, path, names, there).status_code in REFUSED
                # What hangs on a room of theirs, asked for below a room of ours.
                for names in there.meetings if len(parts) > 1 and parts[-1] != "instance" else ():
                    mixed = here.meetings[0] | {parts[-1]: names[parts[-1]]}
                    assert ask(caller, path, mixed, there).status_code in REFUSED


def run(*, max_examples: int, is_thorough: bool) -> None:
    @settings(
        max_examples=max_examples,
        derandomize=not is_thorough,
        phases=[Phase.generate, Phase.shrink] if is_thorough else [Phase.generate],
        deadline=None,
        database=None,
        suppress_health_check=[HealthCheck.too_slow],
    )
    @given(ours=holdings, theirs=holdings)
    def example(ours: list[Meeting], theirs: list[Meeting]) -> None:
        with transaction.atomic():
            check(ours, theirs)
            transaction.set_rollback(True)

    example()


@pytest.mark.slow
def test_nothing_of_another_tenant_is_read() -> None:
    run(max_examples=1, is_thorough=False)


@pytest.mark.slow
def test_nothing_of_another_tenant_is_read_whatever_they_hold() -> None:
    run(max_examples=5, is_thorough=True)


def rows(side: Side) -> list[Any]:
    """All that a tenant has, with all columns."""
    return [
        row
        for model, tenant in TENANTS.items()
        for row in model._default_manager.filter(**{tenant: side.tenant}).order_by("pk").values()
    ]


def test_nothing_of_another_tenant_is_changed() -> None:
    meeting = Meeting(0, frozenset({1}), has_guest=True, streams=1, fields={"schedule": WEEKLY})
    own, other = Side("walnut", [meeting]), Side("quince", [meeting])
    (ours,), (theirs,) = own.meetings, other.meetings
    dial_in = SipConfig.objects.get(room=ours["room"])
    good = bodies(str(ours["invite_code"]), dial_in, sub="nobody")
    before = rows(other)
    alice = own.callers()[0]
    for operation in WRITING:
        last = re.findall("{(.+?)}", operation.path)[-1]
        # What hangs on a meeting of theirs, asked for below it and below a meeting of ours.
        for names in [theirs, *([ours | {last: theirs[last]}] if last not in {"instance", "event", "room"} else [])]:
            answer = alice.request(operation.method, "/" + operation.path.format(**names), good.get(operation))
            assert answer.status_code in REFUSED, operation
            assert not other.is_mine.search(answer.content.decode()), operation
    assert rows(other) == before


@pytest.mark.slow
def test_what_a_body_names_is_looked_for_in_the_own_tenant() -> None:
    meeting = Meeting(0, frozenset(), has_guest=False, streams=1, fields={})
    own, other = Side("walnut", [meeting]), Side("quince", [meeting])
    (ours,), (theirs,) = own.meetings, other.meetings
    before = rows(other)
    keyless = {name: value for name, value in factories.STREAM.items() if name != "streaming_key"}
    for method, path, body in [
        ("POST", "/v1/events/{event}/invites", {"invitee": str(theirs["user"])}),
        ("POST", "/v1/rooms/{room}/start_invited", {"invite_code": str(theirs["invite_code"])}),
        ("PATCH", "/v1/events/{event}", {"streaming_targets": [keyless | {"id": str(theirs["streaming_target"])}]}),
    ]:
        answer = own.callers()[0].request(method, path.format(**ours), body)
        assert answer.status_code == 404 or answer.json()["code"] in {"invalid_json", "validation_failed"}, path
        assert not other.is_mine.search(answer.content.decode()), path
    assert rows(other) == before
