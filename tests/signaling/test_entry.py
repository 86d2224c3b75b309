"""What staff are told about who can enter is what those people find at the door."""

import itertools
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from activity.actors import Actor
from events.services.claims import claim_invites
from events.services.series import reschedule_event
from invites.models import EmailInvite, InviteCode
from invites.services import create_code, revoke_code
from rooms.hindrances import Hindrance
from rooms.models import Room, SipConfig
from signaling.entry import MOST_SHOWN, Entries, Entry, entries, found
from tests import factories
from tests.api import Api
from tests.circle import Circle
from tests.users.gateway import gateway
from users.models import Tariff, User

pytestmark = pytest.mark.django_db
TEL = "+493012345678"


def room_of(circle: Circle) -> Room:
    return Room.objects.select_related("created_by__tariff", "sip_config").get(pk=circle.event.room_id)


def now_in(circle: Circle) -> Entries:
    return entries(room_of(circle), timezone.now())


def asked(circle: Circle, text: str) -> list[Entry]:
    return found(room_of(circle), text, User.objects.all())


def one(circle: Circle, text: str) -> Entry:
    (entry,) = asked(circle, text)
    return entry


def enters(circle: Circle, user: User) -> bool:
    return bool(Api(user).post(f"{circle.room_path}/start", {}).status_code == 200)


def enters_with(circle: Circle, code: InviteCode) -> bool:
    body = {"invite_code": str(code.code), "password": circle.event.room.password}
    return bool(Api().post(f"{circle.room_path}/start_invited", body).status_code == 200)


def statements(circle: Circle) -> int:
    with CaptureQueriesContext(connection) as captured:
        now_in(circle)
    return len(captured)


def phones(config: SipConfig | None) -> bool:
    if config is None:
        return False
    answer = gateway().post("/v1/services/call_in/start", {"id": config.sip_id, "pin": config.password})
    return bool(answer.status_code == 200)


STATES = ("owner disabled", "encrypted", "no guests", "no call-in", "no number", "no dial-in")


def put(circle: Circle, state: str, settings: Any) -> None:
    match state:
        case "owner disabled":
            User.objects.filter(pk=circle.alice.pk).update(disabled_since=timezone.now())
        case "encrypted":
            Room.objects.update(e2e_encryption=True)
        case "no guests":
            Tariff.objects.update(disabled_features=["guests_allowed"])
        case "no call-in":
            settings.DISABLED_FEATURES = ["call_in"]
        case "no number":
            settings.CALL_IN_TEL = ""
        case "no dial-in":
            SipConfig.objects.all().delete()


@pytest.mark.slow
@pytest.mark.parametrize("states", [(), *((one,) for one in STATES), *itertools.combinations(STATES, 2)])
def test_verdicts_are_those_of_the_door(states: tuple[str, ...], settings: Any) -> None:
    settings.CALL_IN_TEL = TEL
    settings.EVENT_INVITE_EXTERNAL = True
    circle = Circle(password="open sesame")
    circle.invite("dora@example.org")
    codes = [create_code(room=circle.event.room, user=circle.alice, actor=Actor.by_api(circle.alice))]
    codes += [code_that(circle, active=False), code_that(circle, expiration=timezone.now() - timedelta(seconds=1))]
    left, stranger, foreigner = factories.users("left", "stranger"), factories.user(), factories.user()
    circle.invite(left[0])
    User.objects.filter(pk=left[0].pk).update(disabled_since=timezone.now())
    User.objects.filter(pk=foreigner.pk).update(tenant=factories.tenant("other"))
    config = SipConfig.objects.get()
    for state in states:
        put(circle, state, settings)
    told = now_in(circle)
    for user in [circle.alice, circle.bob, *left, stranger, foreigner]:
        fresh = User.objects.get(pk=user.pk)
        assert (one(circle, user.email).hindrances == []) == enters(circle, fresh), user
    assert {entry.name for entry in told.people} == {"Alice Example", "Bob Example", "Left Example", "dora@example.org"}
    doras = EmailInvite.objects.select_related("invite_code").get()
    for code in [*codes, doras.invite_code]:
        assert (one(circle, f"https://x.example/invite/{code.code}").hindrances == []) == enters_with(circle, code)
    assert (one(circle, "dora@example.org").hindrances == []) == enters_with(circle, doras.invite_code)
    assert [entry.hindrances == [] for entry in told.codes] == [enters_with(circle, entry.code) for entry in told.codes]
    assert (told.phones == []) == phones(SipConfig.objects.filter(pk=config.pk).first())
    assert (told.members == []) == enters(circle, circle.bob)
    assert (told.guests == []) == enters_with(circle, codes[0])


def code_that(circle: Circle, **fields: Any) -> InviteCode:
    return InviteCode.objects.create(room=circle.event.room, created_by=circle.alice, updated_by=circle.alice, **fields)


@pytest.mark.parametrize(
    ("who", "why"),
    [
        ("nobody@example.org", [Hindrance.NOT_INVITED]),
        ("stranger@example.com", [Hindrance.NOT_INVITED]),
        ("foreigner@example.com", [Hindrance.OTHER_TENANT]),
        ("BOB@example.com", []),
        ("https://x.example/invite/00000000-0000-4000-8000-000000000000", [Hindrance.UNKNOWN_CODE]),
    ],
)
def test_each_reason_has_its_name(who: str, why: list[Hindrance]) -> None:
    circle = Circle()
    factories.user("stranger")
    factories.user("foreigner", tenant=factories.tenant("other"))
    assert one(circle, who).hindrances == why


def test_code_of_another_room_is_as_an_unknown_one() -> None:
    circle, other = Circle(), factories.event(factories.user("carl"))
    code = create_code(room=other.room, user=other.created_by, actor=Actor.by_api(other.created_by))
    entry = one(circle, str(code.code))
    assert (entry.hindrances, entry.code) == ([Hindrance.UNKNOWN_CODE], None)


def test_people_are_found_by_name() -> None:
    circle = Circle()
    circle.invite("dora@example.org")
    EmailInvite.objects.get().delete()
    circle.invite("erik@example.org")
    invite = EmailInvite.objects.get()
    invite.first_name = "Érik"
    invite.save()
    assert [entry.name for entry in asked(circle, "bOB ex")] == ["Bob Example"]
    assert [entry.name for entry in asked(circle, "éri")] == ["Érik"]
    assert asked(circle, "Zoë") == []


def test_account_that_was_never_used_enters_when_it_is() -> None:
    circle = Circle()
    account = factories.user("erik", registered=False)
    circle.invite("erik@example.com")
    entry = one(circle, "erik@example.com")
    assert (entry.hindrances, entry.signs_in_first) == ([], True)
    User.objects.filter(pk=account.pk).update(oidc_sub=str(account.pk))
    account.refresh_from_db()
    claim_invites(user=account, actor=Actor.by_api(account))
    assert enters(circle, account)


def test_guest_code_is_told_beside_whom_it_was_made_for() -> None:
    circle = Circle()
    circle.invite("dora@example.org")
    code = InviteCode.objects.get()
    entry = one(circle, "dora@example.org")
    assert (entry.code, entry.code_hindrances) == (code, [])
    assert now_in(circle).codes == []
    dora = factories.user("dora", email="dora@example.org")
    claim_invites(user=dora, actor=Actor.by_api(dora))
    revoke_code(code=code, user=circle.alice, actor=Actor.by_api(circle.alice))
    entry = one(circle, "dora@example.org")
    assert (entry.user, entry.hindrances) == (dora, [])
    assert (entry.code, entry.code_hindrances) == (code, [Hindrance.REVOKED])


@pytest.mark.slow
def test_parts_of_a_split_series_are_one_meeting() -> None:
    circle = Circle(schedule=factories.schedule(pattern=("RRULE:FREQ=WEEKLY",)))
    circle.invite("dora@example.org")
    reschedule_event(
        event=circle.event,
        actor=Actor.by_api(circle.alice),
        starts_from=datetime(2026, 12, 14, 9, tzinfo=UTC),
        schedule={},
        columns={"title": "Later"},
    )
    circle.event.refresh_from_db()
    assert circle.event.room.events.count() == 2
    circle.invite("erik@example.org")
    told = now_in(circle)
    names = ["Alice Example", "Bob Example", "dora@example.org", "erik@example.org"]
    assert sorted(entry.name for entry in told.people) == names
    assert len(asked(circle, "dora@example.org")) == 1


@pytest.mark.slow
def test_many_people_cost_as_many_statements_as_few(settings: Any) -> None:
    settings.EVENT_INVITE_EXTERNAL = True
    circle = Circle()
    circle.invite("dora@example.org")
    few = statements(circle)
    for number in range(MOST_SHOWN + 2):
        circle.invite(f"guest{number}@example.org")
        circle.invite(factories.user())
    told = now_in(circle)
    assert statements(circle) == few
    assert (len(told.people), told.unnamed) == (1 + 2 * MOST_SHOWN, 6)
