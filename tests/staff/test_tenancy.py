"""A tenant administrator sees and changes nothing of another tenant, on whatever page the admin has.

The pages are those of the admin's own URL patterns, so that one added later is asked too.
"""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib import admin
from django.db.models import Model
from django.http import HttpResponse
from django.test import Client, RequestFactory
from django.urls import URLPattern, URLResolver

from activity.models import Activity
from events.digest_models import Digest
from events.models import Event
from imports.models import Import
from integrations.cospace.models import Session
from integrations.cronofy.models import Application, SmartInvite
from integrations.deliveries.models import Delivery, Endpoint
from integrations.objects.models import Box, Comment, Content, Object, Sensor, SipAccount, Tag
from integrations.producers.models import Binding, Producer
from invites.models import EmailInvite, EventInvite, InboundMail, InviteCode
from mailer.models import MailBranding, MailTemplate, OutgoingMail
from rooms.models import Room
from signaling.models import RoomSession
from tests import factories
from tests.staff.holding import Holding, browser_of, with_role
from users.models import Group, Tenant, User
from users.roles import TENANT_ADMINISTRATOR

pytestmark = pytest.mark.django_db
SCOPED: tuple[type[Model], ...] = (
    User, Tenant, Group, MailBranding, MailTemplate, OutgoingMail, Event, Room, Activity, InboundMail, Endpoint,
    Delivery, Application, SmartInvite, Digest, Import, EventInvite, EmailInvite, InviteCode, RoomSession,
    Content, Session, Box, Sensor, SipAccount, Producer, Binding, Object, Tag, Comment,
)  # fmt: skip


ACTIONS = (
    "delete_selected", "abort", "send_again", "ping", "enable", "disable", "redeliver_failed", "redeliver", "skip",
    "process_again", "export_csv", "withdraw", "take_back", "retry", "put_into_trash", "remove",
    "end",
)  # fmt: skip


def patterns(found: list[Any], before: str = "admin/") -> Iterator[str]:
    for item in found:
        if isinstance(item, URLResolver):
            yield from patterns(item.url_patterns, before + str(item.pattern))
        elif isinstance(item, URLPattern):
            yield before + str(item.pattern)


def rows_of(side: Holding, path: str) -> list[str]:
    """The keys of the tenant's rows of the model that the path names."""
    app, _slash, model = path.removeprefix("admin/").partition("/")
    for kind, rows in admin.site._registry.items():
        if model.startswith(f"{kind._meta.model_name}/") and app == kind._meta.app_label:
            found = kind._default_manager.all()
            if rows.tenant_path:
                found = found.filter(**{rows.tenant_path: side.tenant.pk})
            return [str(row.pk) for row in found[:2]]
    return []


def parameters(side: Holding) -> dict[str, list[Any]]:
    """What a part of an address can be, by its name in the URL pattern; `object_id` apart."""
    return {
        "event_id": [side.event.pk],
        "room_id": [side.event.room_id],
        "code_id": [side.code.pk],
        "name": ["20261130T090000Z"],
        "invite_id": list(side.event.invites.values_list("pk", flat=True)),
        "session_id": [side.session.pk],
        "participant_id": list(side.session.participants.values_list("participant_id", flat=True)),
        "proposal_id": [side.proposal.pk],
        "asset_id": [side.asset.pk],
        "pk": [side.mail.pk],
        "attempt": [side.attempt.pk],
        "application_id": [side.application.pk],
        "webhook_id": [side.webhook.pk],
        "tenant_id": [side.tenant.pk],
        "language": ["en"],
        "action": ["invite"],
        "id": [side.owner.pk],
        "content_type_id": [1],
        "import_kind": ["users"],
        "about_id": [side.event.pk],
        "app_label": ["users", "mailer", "events"],
    }


def names_in(pattern: str) -> list[str]:
    return re.findall(r"<(?:\w+:)?(\w+)>", pattern)


def pages(side: Holding, most: int = 100) -> Iterator[str]:
    """Each page of the admin, with what it can be about in the tenant: `most` addresses for one pattern."""
    given = parameters(side)
    for pattern in patterns(admin.site.get_urls()):
        path = re.sub(r"\^\(\?P<(\w+)>.*?\)/?\$", r"<\1>/", pattern)
        names = names_in(path)
        if "url" in names or "logout" in path or "login" in path:
            continue
        values = {name: rows_of(side, path) if name == "object_id" else given[name] for name in names}
        if not names:
            yield f"/{path}"
        count = max(map(len, values.values()), default=0) if all(values.values()) else 0
        for number in range(min(count, most)):
            filled = path
            for name, found in values.items():
                filled = re.sub(rf"<(\w+:)?{name}>", str(found[number % len(found)]), filled)
            yield f"/{filled}"


def seen(answer: HttpResponse) -> str:
    content = b"".join(answer.streaming_content) if answer.streaming else answer.content
    return f"{dict(answer.headers)} {content.decode(errors='replace')}"


@pytest.fixture
def sides() -> tuple[Holding, Holding]:
    return Holding("walnut"), Holding("quince")


@pytest.fixture
def boss(sides: tuple[Holding, Holding]) -> Client:
    return browser_of(with_role(TENANT_ADMINISTRATOR, sides[0].tenant))


@pytest.mark.slow
def test_each_part_of_an_address_is_known(sides: tuple[Holding, Holding]) -> None:
    """A page that is about something new needs that in `parameters`, of each tenant, for the two tests below."""
    names = {name for pattern in patterns(admin.site.get_urls()) for name in names_in(pattern)}
    assert names - {"object_id", "url"} <= parameters(sides[0]).keys()


@pytest.mark.slow
def test_no_page_shows_another_tenant(sides: tuple[Holding, Holding], boss: Client) -> None:
    own, other = sides
    asked = 0
    for path in [*pages(own), *pages(other)]:
        for wanted in ("", other.name[:4], str(other.event.pk)) if path.count("/") == 4 else ("",):
            answer = boss.get(path, {"q": wanted} if wanted else {})
            boss.cookies.pop("messages", None)  # that there is no such row
            assert answer.status_code < 500, path
            text = seen(answer)
            # A page may repeat what it was asked for.
            shown = [mark for mark in other.marks if mark in text and mark not in path and mark != wanted]
            assert not shown, (path, wanted)
            asked += 1
    assert asked > 150


@pytest.mark.slow
def test_nothing_of_another_tenant_is_changed(sides: tuple[Holding, Holding], boss: Client) -> None:
    _own, other = sides
    before = stored(other)
    for path in pages(other):
        chosen = {"_selected_action": rows_of(other, path.removeprefix("/")), "select_across": "1", "index": "0"}
        for body in (
            {"post": "yes", "title": "taken", "password1": "x y z 1 2", "password2": "x y z 1 2", "subject": "x"},
            *({"action": name, "post": "yes", "confirmed": "yes"} | chosen for name in ACTIONS),
        ):
            assert boss.post(path, body).status_code < 500, path
    assert stored(other) == before


def stored(side: Holding) -> list[Any]:
    return [
        row
        for model in SCOPED
        for row in model._default_manager.filter(**{admin.site._registry[model].tenant_path: side.tenant.pk})
        .order_by("pk")
        .values()
    ]


@pytest.mark.slow
def test_lists_hold_own_rows_alone(sides: tuple[Holding, Holding], rf: RequestFactory) -> None:
    request = rf.get("/admin/")
    request.user = with_role(TENANT_ADMINISTRATOR, sides[0].tenant)
    for model in SCOPED:
        rows = admin.site._registry[model]
        found = set(rows.get_queryset(request).values_list(rows.tenant_path, flat=True))
        assert found == {sides[0].tenant.pk}
        theirs = model._default_manager.filter(**{rows.tenant_path: sides[1].tenant.pk})[0]
        asked = (rows.has_view_permission, rows.has_change_permission, rows.has_delete_permission)
        assert [may(request, theirs) for may in asked] == [False] * 3, model


@pytest.mark.slow
def test_choices_and_filters_name_own_rows_alone(sides: tuple[Holding, Holding], boss: Client) -> None:
    form = boss.get("/admin/users/user/add/").context["adminform"].form
    assert list(form.fields["tenant"].queryset) == [sides[0].tenant]
    page = boss.get(f"/admin/users/user/{sides[0].owner.pk}/change/")
    assert [str(group) for group in page.context["adminform"].form.fields["tenant_groups"].queryset] == ["walnut team"]
    assert "quince" not in page.content.decode()
    assert "quince" not in boss.get("/admin/users/user/").content.decode()


@pytest.mark.slow
def test_autocompletion_finds_own_people_alone(sides: tuple[Holding, Holding], boss: Client) -> None:
    asked = {"app_label": "cronofy", "model_name": "application", "field_name": "service_user"}
    found = {}
    for side in sides:
        answer = boss.get("/admin/autocomplete/", asked | {"term": side.name})
        assert answer.status_code == 200
        found[side.name] = len(answer.json()["results"])
    assert found == {"walnut": 3, "quince": 0}


def test_row_cannot_be_made_for_another_tenant(sides: tuple[Holding, Holding], boss: Client) -> None:
    for side, status in zip(sides, (302, 200), strict=True):
        assert boss.post("/admin/users/group/add/", {"tenant": side.tenant.pk, "name": "New"}).status_code == status
    assert list(Group.objects.filter(name="New").values_list("tenant", flat=True)) == [sides[0].tenant.pk]


def test_admin_that_names_no_tenant_is_for_who_sees_all(rf: RequestFactory) -> None:
    """Also those of packages, and those that somebody forgets the tenant in."""
    request = rf.get("/admin/")
    request.user = factories.user("boss", is_staff=True)
    request.user.has_perm = lambda name, obj=None: name != "users.see_every_tenant"
    for rows in admin.site._registry.values():
        if rows.tenant_path is None:
            assert not any(rows.get_model_perms(request).values())
            assert not rows.get_queryset(request).exists()
