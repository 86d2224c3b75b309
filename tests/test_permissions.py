"""Who may call what: every operation of the API x every kind of caller, with the answer written by hand.

The answers follow from contract 1.3. 401 says that a token would help, which is so for "anonymous" and for "guest": a
valid code stands where a token is expected. "Unable to parse access token or invite code" (contract 1.1) is a text that
the frontend compares, to neither refresh its token nor sign out. What a code opens (contract 1.3: room event, room
tariff, start_invited, turn) answers it by 200. What is for services refuses people as all else refuses services. All
others who may not get 403, or 404 for somebody of another tenant.
"""

import re
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

import jwt
import pytest
from django.db import transaction
from django.http import HttpResponse
from django.test import Client as Browser
from django.test import override_settings
from django.urls import URLPattern, get_resolver
from django.utils import timezone
from oauth2_provider.settings import oauth2_settings
from oauth2_provider.utils import jwk_from_pem

from activity.actors import Actor
from activity.models import Activity
from events.models import SharedFolder
from events.services.favorites import add_favorite
from integrations.producers.models import Producer
from invites.models import InviteCode, Reply
from rooms.models import SipConfig
from tests import factories
from tests.api import Api
from tests.circle import Circle
from tests.integrations.cronofy import world as cronofy
from tests.integrations.producers import world as producers
from tests.integrations.webex import world as webex
from tests.integrations.webex.hooks import HOOK, webhook_of
from tests.rooms.assets import asset
from tests.sweeps import sweep
from tests.users.relying_party import make_service
from users.services import update_account

pytestmark = pytest.mark.django_db
CALLERS = """
                                        anonymous stranger foreigner guest invitee moderator creator disabled service
"""
USERS = """
GET    v1/auth/login                          200      200       200   200     200       200     200      200     200
POST   v1/auth/login                          200      200       200   200     200       200     200      200     200
POST   v1/auth/logout                         200      200       200   200     200       200     200      200     200
GET    v1/users                               401      200       200   401     200       200     200      403     403
GET    v1/users/me                            401      200       200   401     200       200     200      403     403
PATCH  v1/users/me                            401      200       200   401     200       200     200      403     403
GET    v1/users/me/tariff                     401      200       200   401     200       200     200      403     403
GET    v1/users/find                          401      200       200   401     200       200     200      403     403
GET    v1/users/{user}                        401      200       404   401     200       200     200      403     403
GET    v1/users/{user}/avatar                 200      200       200   200     200       200     200      200     200
GET    v1/avatars/{key}                       200      200       200   200     200       200     200      200     200
"""
ROOMS = """
GET    v1/rooms                               401      200       200   401     200       200     200      403     403
POST   v1/rooms                               401      201       201   401     201       201     201      403     403
GET    v1/rooms/{room}                        401      403       403   401     200       200     200      403     403
PATCH  v1/rooms/{room}                        401      403       403   401     403       403     200      403     403
DELETE v1/rooms/{room}                        401      403       403   401     403       403     204      403     403
GET    v1/rooms/{room}/event                  401      403       403   200     200       200     200      403     403
GET    v1/rooms/{room}/tariff                 401      403       403   200     200       200     200      403     403
GET    v1/rooms/{room}/sip                    401      403       403   401     403       403     200      403     403
PUT    v1/rooms/{room}/sip                    401      403       403   401     403       403     200      403     403
DELETE v1/rooms/{room}/sip                    401      403       403   401     403       403     204      403     403
GET    v1/rooms/{room}/streaming_targets      401      403       403   401     200       200     200      403     403
POST   v1/rooms/{room}/streaming_targets      401      403       403   401     403       403     200      403     403
GET    v1/rooms/{room}/assets                 401      403       403   401     200       200     200      403     403
POST   v1/rooms/{room}/assets                 401      403       403   401     403       403     200      403     403
GET    v1/rooms/{room}/assets/{asset}         401      403       403   401     200       200     200      403     403
DELETE v1/rooms/{room}/assets/{asset}         401      403       403   401     403       403     204      403     403
GET    v1/users/me/assets                     401      200       200   401     200       200     200      403     403
"""
STREAMS = """
GET    v1/rooms/{room}/streaming_targets/{streaming_target}
                                              401      403       403   401     200       200     200      403     403
PATCH  v1/rooms/{room}/streaming_targets/{streaming_target}
                                              401      403       403   401     403       403     200      403     403
DELETE v1/rooms/{room}/streaming_targets/{streaming_target}
                                              401      403       403   401     403       403     204      403     403
"""
SIGNALING = """
POST   v1/rooms/{room}/start                  401      403       403   401     200       200     200      403     403
POST   v1/rooms/{room}/start_invited          200      200       200   200     200       200     200      200     200
POST   v1/services/call_in/start              401      403       403   401     403       403     403      403     200
POST   v1/services/recording/start            401      403       403   401     403       403     403      403     200
"""
PRODUCERS = """
POST   v1/services/activity                   401      403       403   401     403       403     403      403     200
GET    v1/services/activity/kinds             401      403       403   401     403       403     403      403     200
PUT    v1/services/objects/{object}           401      403       403   401     403       403     403      403     200
PUT    v1/services/conferences/{room}/members 401      403       403   401     403       403     403      403     204
POST   v1/services/boxes/{box}/heartbeat      401      403       403   401     403       403     403      403     204
POST   v1/services/sensors/{sensor}/data      401      403       403   401     403       403     403      403     204
GET    v1/services/sensors/{sensor}/actions   401      403       403   401     403       403     403      403     200
POST   v1/services/sensors/{sensor}/actions   401      403       403   401     403       403     403      403     200
PUT    v1/services/calls/{call}               401      403       403   401     403       403     403      403     204
POST   v1/services/calls/{call}/dtmf          401      403       403   401     403       403     403      403     204
POST   v1/services/faxes/{fax}/reports        401      403       403   401     403       403     403      403     204
POST   v1/services/chats/{chat}/message       401      403       403   401     403       403     403      403     204
POST   v1/services/sip/registrations          401      403       403   401     403       403     403      403     204
POST   v1/services/call_reverse               401      403       403   401     403       403     403      403     204
"""
INVITES = """
GET    v1/turn                                401      200       200   200     200       200     200      403     403
GET    v1/rooms/{room}/invites                401      403       403   401     200       200     200      403     403
POST   v1/rooms/{room}/invites                401      403       403   401     403       403     200      403     403
GET    v1/rooms/{room}/invites/{invite_code}  401      403       403   401     403       403     200      403     403
PUT    v1/rooms/{room}/invites/{invite_code}  401      403       403   401     403       403     200      403     403
DELETE v1/rooms/{room}/invites/{invite_code}  401      403       403   401     403       403     204      403     403
POST   v1/invite/verify                       200      200       200   200     200       200     200      200     200
"""
# An API key of an application opens it, and nothing else does: "application" is who has one.
APPLICATIONS = """
GET    v1/smart_invites                       401      401       401   401     401       401     401      401     401
POST   v1/smart_invites                       401      401       401   401     401       401     401      401     401
"""
ACTIVITY = """
GET    v1/stream                              401      200       200   401     200       200     200      403     403
GET    v1/activity                            401      200       200   401     200       200     200      403     403
"""
# For compliance officers by a token of their scope: "officer" has one.
COMPLIANCE = """
GET    webex/v1/events                        401      403       403   401     403       403     403      403     403
GET    webex/v1/events/{event_key}            401      403       403   401     403       403     403      403     403
"""
WEBHOOKS = """
GET    webex/v1/webhooks                      401      200       200   401     200       200     200      403     403
POST   webex/v1/webhooks                      401      200       200   401     200       200     200      403     403
GET    webex/v1/webhooks/{webhook}            401      404       404   401     404       404     200      403     403
PUT    webex/v1/webhooks/{webhook}            401      404       404   401     404       404     200      403     403
DELETE webex/v1/webhooks/{webhook}            401      404       404   401     404       404     204      403     403
"""
EVERYBODY = """
GET    .well-known/opentalk/api               200      200       200   200     200       200     200      200     200
"""
EVENTS = """
GET    v1/users/me/pending_invites            401      200       200   401     200       200     200      403     403
GET    v1/users/me/answer_mails               401      200       200   401     200       200     200      403     403
PUT    v1/users/me/answer_mails               401      200       200   401     200       200     200      403     403
GET    v1/users/me/reminders                  401      200       200   401     200       200     200      403     403
PUT    v1/users/me/reminders                  401      200       200   401     200       200     200      403     403
PUT    v1/users/me/event_favorites/{event}    401      403       403   401     201       204     201      403     403
DELETE v1/users/me/event_favorites/{event}    401      403       403   401     404       204     404      403     403
GET    v1/events                              401      200       200   401     200       200     200      403     403
POST   v1/events                              401      201       201   401     201       201     201      403     403
GET    v1/events/{event}                      401      403       403   401     200       200     200      403     403
PATCH  v1/events/{event}                      401      403       403   401     403       403     200      403     403
DELETE v1/events/{event}                      401      403       403   401     403       403     204      403     403
GET    v1/events/instances                    401      200       200   401     200       200     200      403     403
GET    v1/events/{event}/instances            401      403       403   401     200       200     200      403     403
GET    v1/events/{event}/instances/{instance} 401      403       403   401     200       200     200      403     403
PATCH  v1/events/{event}/instances/{instance} 401      403       403   401     403       403     200      403     403
POST   v1/events/{event}/reschedule           401      403       403   401     403       403     201      403     403
PATCH  v1/events/{event}/invite               401      403       403   401     204       204     403      403     403
DELETE v1/events/{event}/invite               401      403       403   401     204       204     403      403     403
GET    v1/events/{event}/invites              401      403       403   401     200       200     200      403     403
POST   v1/events/{event}/invites              401      403       403   401     403       403     201      403     403
PATCH  v1/events/{event}/invites/email        401      403       403   401     403       403     204      403     403
DELETE v1/events/{event}/invites/email        401      403       403   401     403       403     204      403     403
PATCH  v1/events/{event}/invites/{user}       401      403       403   401     403       403     204      403     403
DELETE v1/events/{event}/invites/{user}       401      403       403   401     403       403     204      403     403
GET    v1/events/{event}/proposals            401      403       403   401     403       403     200      403     403
POST   v1/events/{event}/proposals/{proposal}/accept
                                              401      403       403   401     403       403     204      403     403
POST   v1/events/{event}/proposals/{proposal}/refuse
                                              401      403       403   401     403       403     204      403     403
GET    v1/events/{event}/reminders            401      403       403   401     200       200     200      403     403
PUT    v1/events/{event}/reminders            401      403       403   401     200       200     200      403     403
GET    v1/events/{event}/shared_folder        401      403       403   401     200       200     200      403     403
PUT    v1/events/{event}/shared_folder        401      403       403   401     403       403     200      403     403
DELETE v1/events/{event}/shared_folder        401      403       403   401     403       403     204      403     403
"""
PAGES, DOCUMENT = "a page for browsers, with the session's sign-in", "the API's published description"
NOT_THE_API = {
    "admin/": "Django's admin, which checks its own permissions",
    "admin/login/": PAGES,
    "admin/logout/": PAGES,
    "admin/dashboard.json": "figures for staff's start page; tests/operations/test_dashboard.py",
    "anymail/": "what ESPs tell of mails, with a password of their own; tests/mailer/test_tracking.py",
    "favicon.ico": "a static file",
    "health/live": "a probe; tests/operations/test_health.py",
    "health/ready": "a probe; tests/operations/test_health.py",
    "metrics": "figures for the networks of METRICS_ALLOWED; tests/operations/test_health.py",
    "": PAGES,
    "dashboard": PAGES,
    "dashboard/meetings/{event}": PAGES,
    "room/{room}": PAGES,
    "invite/{code}": PAGES,
    "reminders/off/{token}": "a page behind a signed link; tests/events/test_switch_off_reminders.py",
    "answers/off/{token}": "a page behind a signed link; tests/events/test_answer_mails.py",
    "proposals/{token}": "a page behind a signed link; tests/events/test_decide_by_link.py",
    "rsvp/{token}": "a page behind a signed link; tests/events/test_rsvp_page.py",
    "login/": PAGES,
    "login/second-factor/": PAGES,
    "login/second-factor/set-up/": PAGES,
    "login/second-factor/remove/": PAGES,
    "login/provider/": PAGES,
    "login/provider/return/": PAGES,
    "language/": PAGES,
    "oidc/": "the identity provider, whose callers are OAuth clients; tests/users/test_provider_*.py",
    "api/": "cospace, which answers by statuses; tests/integrations/cospace/",
    "v1/openapi.json": DOCUMENT,
    "v1/docs": DOCUMENT,
    "v1/docs/oauth2-redirect.html": DOCUMENT,
    "cronofy/v1/smart_invites": "v1/smart_invites by its other name; tests/integrations/cronofy/test_put_invite.py",
    "v1/services/livekit/webhook": "LiveKit's, signed; tests/integrations/producers/test_livekit.py",
    "signaling": "the WebSocket, which a ticket opens to whoever has it; tests/signaling/test_socket.py",
}
# Whoever cannot call an operation at all learns that before anything else; see test_missing_method.
KEPT_OUT = {401, 403}
NO_TOKEN = "Unable to parse access token or invite code"
MISSING = {"v1/smart_invites": "The API key is missing or invalid"}
NO_PERSON = {"anonymous": 401, "guest": 401, "disabled": 403, "service": 403}
NO_SERVICE = dict.fromkeys(("stranger", "foreigner", "invitee", "moderator", "creator", "disabled"), 403) | {
    "anonymous": 401,
    "guest": 401,
}
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
QUERIES = {"v1/users/find": {"q": "alice"}, "v1/rooms/{room}/assets": {"kind": "recording", "file_extension": "webm"}}
SECRET = "a long secret of the recorder"
SECOND_WEEK = "2026-11-30T10:00:00+01:00"
LOGOUT_EVENT = {"http://schemas.openid.net/event/backchannel-logout": {}}


class Operation(NamedTuple):
    method: str
    path: str

    def __str__(self) -> str:
        return " ".join(self)


NAMES = CALLERS.split()
TABLE: dict[Operation, dict[str, int]] = {}
CELLS = re.compile(rf"^([A-Z]+)\s+(\S+)((?:\s+\d+){{{len(NAMES)}}})$", re.MULTILINE)
for verb, template, statuses in CELLS.findall(
    USERS
    + ROOMS
    + STREAMS
    + SIGNALING
    + PRODUCERS
    + INVITES
    + EVENTS
    + APPLICATIONS
    + ACTIVITY
    + COMPLIANCE
    + WEBHOOKS
    + EVERYBODY
):
    assert Operation(verb, template) not in TABLE, f"{verb} {template} stands twice"
    TABLE[Operation(verb, template)] = dict(zip(NAMES, map(int, statuses.split()), strict=True))


def served() -> dict[str, set[str]]:
    """Every path of the site, as the table writes it, with its methods; those of an `include` count as one."""
    found: dict[str, set[str]] = {}
    for pattern in get_resolver().url_patterns:
        path = re.sub(r"<\w+:(\w+?)(_id)?>", r"{\1}", str(pattern.pattern))
        view = getattr(pattern.callback, "view_class", None) if isinstance(pattern, URLPattern) else None
        found[path] = {method for method in METHODS if hasattr(view, method.lower())}
    return found


API = {path: methods for path, methods in served().items() if path not in NOT_THE_API}


@dataclass
class World:
    """A meeting of alice's, everybody who may knock, and what the paths and bodies of the table name."""

    callers: dict[str, Api]
    names: dict[str, Any]
    bodies: dict[Operation, Any]

    def call(self, caller: str, operation: Operation, **changes: Any) -> HttpResponse:
        """One request, of which nothing stays. `changes` may name another `body`, more `query`, or ids for the path."""
        body, query = changes.pop("body", self.bodies.get(operation)), changes.pop("query", {})
        path = "/" + operation.path.format(**self.names | changes)
        query = QUERIES.get(operation.path, {}) | query
        with transaction.atomic():
            answer = self.callers[caller].request(operation.method, path, body, query=query)
            if answer.streaming:
                b"".join(answer.streaming_content)  # else the file stays open; close() would close the database, too
            transaction.set_rollback(True)
        return answer


@pytest.fixture(scope="module")
def world(django_db_setup: None, django_db_blocker: Any) -> Iterator[World]:
    """Made once for all cells; each rolls back what it changed."""
    configured = override_settings(CALL_IN_TEL="+493012345678", STUN_URIS=["stun:stun.example.org"])
    with configured, django_db_blocker.unblock(), transaction.atomic():
        yield make_world()
        transaction.set_rollback(True)


def make_world() -> World:
    circle = Circle(schedule=factories.schedule(pattern=("RRULE:FREQ=WEEKLY",)), streaming_targets=[factories.STREAM])
    carol, dora = factories.user("carol"), factories.user("dora")
    circle.invite(carol, role="moderator")
    circle.invite(dora)
    circle.invite("eve@example.org")
    SharedFolder.objects.create(event=circle.event, read_url="https://cloud.example.org/s/1", read_password="x")
    add_favorite(event=circle.event, user=carol, actor=Actor.by_api(carol))
    update_account(user=dora, actor=Actor.by_api(circle.alice), disabled_since=timezone.now())
    callers = {
        "anonymous": circle.api("anonymous"),
        "stranger": circle.api("stranger"),
        "foreigner": circle.api("other tenant"),
        "guest": circle.api("guest"),
        "invitee": circle.api("invitee"),
        "moderator": Api(carol),
        "creator": circle.api("creator"),
        "disabled": Api(dora),
        "service": Api(authorization=f"Bearer {service_token()}"),
        "application": cronofy.client(cronofy.application()),
        "officer": webex.program(webex.officer()),
    }
    names = {
        "event": circle.event.pk,
        "instance": "20261130T090000Z",
        "room": circle.event.room_id,
        "user": circle.bob.pk,
        "key": "0" * 64,
        "asset": asset(circle.event.room).pk,
        "webhook": webhook_of(circle.alice).pk,
    }
    later = {"starts_at": factories.WEEKLY["ends_at"], "ends_at": factories.WEEKLY["ends_at"]}
    circle.api("invitee").patch(f"{circle.path}/invite", {"status": "tentative", "proposal": later})
    names |= {"proposal": Reply.objects.get().pk}
    code = InviteCode.objects.filter(room=circle.event.room_id).first()
    names |= {"invite_code": code.code, "streaming_target": circle.event.room.streaming_targets.get().pk}
    dial_in = circle.event.room.sip_config
    names |= {"event_key": Activity.objects.filter(kind="event.created").latest("position").id}
    names |= producers.things(circle)
    reports = {Operation(*key.split()): body for key, body in producers.states(circle, names).items()}
    return World(callers, names, bodies(str(code.code), dial_in, sub=circle.alice.oidc_sub) | reports)


def bodies(code: str, dial_in: SipConfig, *, sub: str) -> dict[Operation, Any]:
    """Good ones, so that an answer depends on the caller alone."""
    who = {"sub": sub, "email": "alice@example.com", "given_name": "Alice", "family_name": "Example"}
    written = {
        "POST v1/auth/login": {"id_token": signed(**who)},
        "POST v1/auth/logout": {"logout_token": signed(sub="nobody", jti="1", events=LOGOUT_EVENT)},
        "PATCH v1/users/me": {"title": "Dr."},
        "POST v1/rooms": {"waiting_room": True},
        "PATCH v1/rooms/{room}": {"waiting_room": True},
        "PUT v1/rooms/{room}/sip": {"lobby": True},
        "POST v1/rooms/{room}/streaming_targets": factories.STREAM,
        "PATCH v1/rooms/{room}/streaming_targets/{streaming_target}": {"name": "Other"},
        "POST v1/rooms/{room}/invites": {},
        "POST v1/rooms/{room}/start": {},
        "POST v1/rooms/{room}/start_invited": {"invite_code": code},
        "POST v1/services/call_in/start": {"id": dial_in.sip_id, "pin": dial_in.password},
        "POST v1/services/recording/start": {"room_id": str(dial_in.room_id)},
        "POST v1/services/activity": {"id": "1", "source": "/exchange"},
        "PUT v1/rooms/{room}/invites/{invite_code}": {"expiration": None},
        "POST v1/rooms/{room}/assets": b"a film",
        "POST v1/invite/verify": {"invite_code": code},
        "POST v1/smart_invites": cronofy.invite(),
        "POST webex/v1/webhooks": HOOK,
        "PUT webex/v1/webhooks/{webhook}": {"name": "Other"},
        "POST v1/events": factories.WEEKLY,
        "PUT v1/users/me/answer_mails": {"frequency": "daily", "at": "18:00"},
        "PUT v1/users/me/reminders": {"enabled": True, "reminders": [{"minutes_before": 10}]},
        "PUT v1/events/{event}/reminders": {"reminders": [{"days_before": 1, "at": "18:00"}]},
        "PATCH v1/events/{event}": {"title": "Review"},
        "PATCH v1/events/{event}/instances/{instance}": {"status": "cancelled"},
        "POST v1/events/{event}/reschedule": {"from": factories.WEEKLY["starts_at"] | {"datetime": SECOND_WEEK}},
        "POST v1/events/{event}/invites": {"email": "frank@example.org"},
        "PATCH v1/events/{event}/invites/email": {"email": "eve@example.org", "role": "moderator"},
        "DELETE v1/events/{event}/invites/email": {"email": "eve@example.org"},
        "PATCH v1/events/{event}/invites/{user}": {"role": "moderator"},
    }
    return {Operation(*key.split()): body for key, body in written.items()}


def signed(**claims: Any) -> str:
    """A token that the embedded provider signed for the frontend."""
    pem, now = oauth2_settings.OIDC_RSA_PRIVATE_KEY, int(time.time())
    always = {"iss": oauth2_settings.OIDC_ISS_ENDPOINT, "aud": "Frontend", "iat": now, "exp": now + 300}
    return jwt.encode(always | claims, pem, "RS256", {"kid": jwk_from_pem(pem).thumbprint()})


def service_token() -> str:
    """By the client-credentials grant, with all roles that exist."""
    make_service(SECRET, "opentalk-recorder", "opentalk-call-in", "produce:*")
    Producer.objects.create(name="recorder", tenant=factories.tenant())
    fields = {"grant_type": "client_credentials", "client_id": "recorder", "client_secret": SECRET}
    answer = Browser().post("/oidc/token/", fields)
    assert answer.status_code == 200, answer.content
    return str(answer.json()["access_token"])


# --- The table is complete ---


def test_every_operation_has_a_row_and_every_row_an_operation() -> None:
    assert {Operation(method, path) for path, methods in API.items() for method in methods} == set(TABLE)


def test_every_path_of_the_api_is_served_by_a_class() -> None:
    """A function would hide its methods; a page belongs into NOT_THE_API."""
    assert [path for path, methods in API.items() if not methods] == []


def test_what_is_not_the_api_exists() -> None:
    assert set(NOT_THE_API) - set(served()) == set()


# --- What it says ---


@pytest.mark.parametrize("operation", TABLE, ids=str)
def test_answers(world: World, operation: Operation) -> None:
    answers = {caller: world.call(caller, operation) for caller in NAMES}
    assert {caller: answer.status_code for caller, answer in answers.items()} == TABLE[operation]
    for answer in answers.values():
        if answer.status_code == 401:
            assert answer.json()["message"] == MISSING.get(operation.path, NO_TOKEN)
            assert answer["WWW-Authenticate"]
        if answer.status_code == 403:
            assert answer.json()["code"] == "forbidden"


# --- What holds for all of them ---


@sweep("operation", [row for row in TABLE if row.method not in {"GET", "HEAD"}], ids=str, fast=12)
def test_who_is_refused_is_refused_before_his_body_is_judged(world: World, operation: Operation) -> None:
    refused = {caller: status for caller, status in TABLE[operation].items() if status in KEPT_OUT}
    answers = {caller: world.call(caller, operation, body=["nonsense"]).status_code for caller in refused}
    assert answers == refused


NAMED = [row for row in TABLE if re.search("{(event|room|user)}$|}/", row.path) and TABLE[row]["foreigner"] >= 400]


@sweep("operation", NAMED, ids=str, fast=15)
def test_ids_that_nobody_has_answer_like_those_of_another_tenant(world: World, operation: Operation) -> None:
    like = world.call("foreigner", operation)
    unknown = {name: uuid.uuid4() for name in ("event", "room", "user")}
    answer = world.call("creator", operation, **unknown)
    assert answer.status_code == like.status_code
    if answer.status_code in {403, 404}:
        assert answer.json() | {"request_id": ""} == like.json() | {"request_id": ""}


@sweep("path", API, fast=10)
def test_missing_method_is_not_allowed(world: World, path: str) -> None:
    """405 for whoever may call the path at all; who has no valid sign-in is told that first."""
    for method in set(METHODS) - API[path]:
        for caller in NAMES:
            answer = world.call(caller, Operation(method, path), body={})
            assert answer.status_code == missing(path, caller), (method, caller, answer.content)


def missing(path: str, caller: str) -> int:
    if path in MISSING:
        return 401
    known = NO_SERVICE if path.startswith("v1/services/") else NO_PERSON
    if path.startswith("webex/v1/events"):  # none of the callers is a compliance officer
        known = NO_SERVICE | {"service": 403}
    refused = known.get(caller)
    is_refused = all(answers[caller] == refused for row, answers in TABLE.items() if row.path == path)
    return refused if refused and is_refused else 405


@sweep("operation", [row for row in TABLE if row.method == "GET"], ids=str, fast=10)
def test_head_answers_like_get_without_a_body(world: World, operation: Operation) -> None:
    answers = {caller: world.call(caller, Operation("HEAD", operation.path)) for caller in NAMES}
    assert {caller: answer.status_code for caller, answer in answers.items()} == TABLE[operation]
    assert {answer.getvalue() for answer in answers.values()} == {b""}


@sweep("path", API, fast=10)
def test_browsers_ask_beforehand_without_a_token(world: World, path: str) -> None:
    """The preflight of CORS carries no Authorization header, whatever the request after it needs."""
    asked = {"Origin": "https://meet.example.com", "Access-Control-Request-Method": "GET"}
    answer = Browser().options("/" + path.format(**world.names), headers=asked)
    assert (answer.status_code, answer["Access-Control-Allow-Origin"]) == (200, "*")


@sweep("path", API, fast=10)
def test_options_without_cors_names_the_methods(world: World, path: str) -> None:
    for caller in NAMES:
        answer, refused = world.call(caller, Operation("OPTIONS", path)), missing(path, caller)
        assert answer.status_code == (refused if refused in KEPT_OUT else 200), answer.content
        if answer.status_code == 200:
            assert API[path] <= set(answer["Allow"].split(", "))
            assert answer.content == b""
