"""An application with its key, and what it sends."""

from typing import Any

from activity.actors import Actor
from events.models import Event
from integrations.cronofy.applications import add_key, save_application
from integrations.cronofy.models import Application
from integrations.deliveries.keys import create_key
from invites.models import EmailInvite, EventInvite
from tests import factories
from tests.api import Api

PATH = "/v1/smart_invites"
CALLBACK = "https://app.example.org/callback"
BOARD = {
    "summary": "Board meeting",
    "description": "Discuss plans for the next quarter.",
    "start": "2027-01-21T09:30:00Z",
    "end": "2027-01-21T10:00:00Z",
    "tzid": "Europe/Paris",
    "location": {"description": "Board room"},
}
GUEST = "guest@example.org"


def application(name: str = "Recruiting", *, tenant: str = "OpenTalkDefaultTenant", **fields: Any) -> Application:
    made = factories.tenant(tenant)
    planner = factories.user(name.lower(), tenant=made, email=f"{name.lower()}@example.com")
    found = Application(name=name, tenant=made, service_user=planner, **fields)
    save_application(application=found, actor=Actor.by_job("test"), changes={})
    return found


def client(app: Application) -> Api:
    return Api(authorization=f"Bearer {create_key(ring=app.ring)}")


def with_new_key(app: Application, *, ends_others: bool = False) -> Api:
    key = add_key(application=app, actor=Actor.by_admin(factories.staff()), ends_others=ends_others)
    return Api(authorization=f"Bearer {key}")


def invite(smart_invite_id: str = "inv-1", *emails: str, **members: Any) -> dict[str, Any]:
    """A body of POST; with several addresses `recipients`."""
    who: dict[str, Any] = {"recipient": {"email": emails[0] if emails else GUEST}}
    if len(emails) > 1:
        who = {"recipients": [{"email": email} for email in emails]}
    return {"smart_invite_id": smart_invite_id, "callback_url": CALLBACK, "event": BOARD} | who | members


def put(api: Api, *args: str, **members: Any) -> dict[str, Any]:
    answer = api.post(PATH, invite(*args, **members))
    assert answer.status_code == 200, answer.content
    return dict(answer.json())


def the_invite(event: Event, email: str = GUEST) -> EventInvite | EmailInvite:
    return event.email_invites.filter(email=email).first() or event.invites.get(invitee__email=email)
