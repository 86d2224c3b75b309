"""Whatever staff write in the admin stands in the log, once: each form, each action, each page of its own."""

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from functools import partial
from typing import Any

import pytest
from django.contrib import admin
from django.db import transaction
from django.db.models import Model
from django.test import Client, RequestFactory
from django.urls import URLPattern, URLResolver
from django.utils import timezone
from django_celery_beat.models import CrontabSchedule, IntervalSchedule, PeriodicTask

from activity.actors import Actor
from activity.log import last_position
from activity.models import Activity
from events.digest_models import Digest
from events.services.instances import update_instance
from integrations.deliveries.models import Delivery, Endpoint
from integrations.objects.models import Object
from integrations.producers.models import Producer
from invites.models import InboundMail
from mailer.models import OutgoingMail
from tests import factories
from tests.staff.asking import saved
from tests.staff.filling import filled
from tests.staff.holding import SECOND, Holding, browser_of, of_the_site
from tests.staff.test_tenancy import parameters
from users.guard import count_try
from users.models import Client as OidcClient
from users.models import Role, Tariff, Tenant, User

pytestmark = [pytest.mark.slow, pytest.mark.django_db]

Values = dict[str, Any]
Post = tuple[str, Values | Callable[[Holding], Values]]  # what it leaves in the log, and what is sent
ADDED, CHANGED, DELETED = "setup.created", "setup.updated", "setup.deleted"
GONE: Post = (DELETED, {})
PASSWORDS = {"password1": factories.PASSWORD, "password2": factories.PASSWORD}
NOW = datetime(2026, 11, 1, tzinfo=UTC)


def of(side: Holding, **values: Any) -> Values:
    return {"tenant": side.tenant.pk} | values


def _hourly() -> IntervalSchedule:
    return IntervalSchedule.objects.create(every=9, period="hours")


def invitee(side: Holding) -> Any:
    return side.event.invites.get().invitee_id


def robot(side: Holding) -> Values:
    return of(side, name="New", service_user=factories.user("robot", tenant=side.tenant).pk)


def unbound(side: Holding) -> Values:
    one = Object.objects.create(type="fax", owner=side.owner)
    return {"producer": Producer.objects.get(tenant=side.tenant).pk, "object_id": str(one.pk)}


FORMS: dict[str, dict[str, Post]] = {
    "users.User": {
        "add": ("user.added", lambda side: of(side, username="carol", email="carol@example.com", **PASSWORDS)),
        "change": ("user.updated", {"title": "Dr."}),
    },
    "users.Role": {"add": (ADDED, {"name": "Helpers"}), "change": (CHANGED, {"name": "Friends"}), "delete": GONE},
    "users.Tenant": {
        "add": (ADDED, {"external_id": "new"}),
        "change": (CHANGED, {"external_id": "other"}),
        "delete": GONE,
    },
    "users.Tariff": {"add": (ADDED, {"name": "Big"}), "change": (CHANGED, {"name": "Small"}), "delete": GONE},
    "users.Group": {
        "add": (ADDED, lambda side: of(side, name="New")),
        "change": (CHANGED, {"name": "Other"}),
        "delete": GONE,
    },
    "users.Client": {
        "add": (
            ADDED,
            {"name": "Gateway", "client_type": "confidential", "authorization_grant_type": "client-credentials"},
        ),
        "change": (CHANGED, {"name": "Bridge"}),
        "delete": GONE,
    },
    "mailer.MailBranding": {
        "add": (ADDED, lambda _side: {"tenant": factories.tenant("bare").pk, "product_name": "Bare"}),
        "change": (CHANGED, {"product_name": "Other"}),
        "delete": GONE,
    },
    "mailer.SuppressedAddress": {"add": ("mail.address_suppressed", {"address": "new@example.org"})},
    "mailer.HeldDomain": {"delete": ("mail.domain_released", {})},
    "producers.Producer": {
        "add": (ADDED, lambda side: of(side, name="gateway")),
        "change": (CHANGED, {"name": "other"}),
    },
    "producers.Binding": {"add": (ADDED, unbound), "delete": GONE},
    "producers.ExtraKind": {
        "add": (ADDED, {"type": "x_door.opened", "schema": '{"type": "object"}'}),
        "change": (CHANGED, {"description": "Other"}),
        "delete": GONE,
    },
    "cronofy.Application": {"add": (ADDED, robot), "change": (CHANGED, {"name": "Other"})},
    "events.Digest": {
        "add": ("digest.updated", lambda side: {"user": invitee(side), "frequency": "daily", "at": "09:00"}),
        "change": ("digest.updated", {"frequency": "off"}),
    },
    "site_settings.SiteSettings": {"change": ("settings.updated", {"mail_body_days": 7})},
    "events.Event": {"change": ("event.updated", {"title": "Other"}), "delete": ("event.deleted room.deleted", {})},
    "django_celery_beat.PeriodicTask": {
        "add": (
            ADDED,
            lambda _side: {
                "name": "Nightly",
                "task": "a.task",
                "interval": _hourly().pk,
            },
        ),
        "change": (CHANGED, {"description": "At night"}),
        "delete": GONE,
    },
    "django_celery_beat.IntervalSchedule": {
        "add": (ADDED, {"every": 5, "period": "days"}),
        "change": (CHANGED, {"every": 7}),
        "delete": GONE,
    },
    "django_celery_beat.CrontabSchedule": {
        "add": (ADDED, {"minute": "5"}),
        "change": (CHANGED, {"hour": "2"}),
        "delete": GONE,
    },
    "django_celery_beat.SolarSchedule": {
        "add": (ADDED, {"event": "sunset", "latitude": 1, "longitude": 1}),
        "change": (CHANGED, {"latitude": 2}),
        "delete": GONE,
    },
    "django_celery_beat.ClockedSchedule": {
        "add": (ADDED, {"clocked_time_0": "2030-01-01", "clocked_time_1": "09:00"}),
        "change": (CHANGED, {"clocked_time_0": "2031-01-01"}),
        "delete": GONE,
    },
}
NO_FORM = {
    "mailer.MailTemplate change": "the editor is its page (PAGES)",
    "mailer.MailTemplate delete": "no page deletes a version; the right is for those that go with their tenant",
}
# By model and action: the values beside the chosen rows, and what it leaves.
ACTIONS: dict[str, Post] = {
    "deliveries.Endpoint ping": ("endpoint.pinged", {}),
    "deliveries.Endpoint enable": ("endpoint.enabled", {}),
    "deliveries.Endpoint disable": ("endpoint.disabled", {}),
    "deliveries.Endpoint redeliver_failed": (
        "callback.redelivered",
        {"confirmed": "1", "since": "2026-01-01T00:00"},
    ),
    "deliveries.Delivery redeliver": ("callback.redelivered", {}),
    "webex.Webhook activate": ("endpoint.enabled", {}),
    "webex.Webhook deactivate": ("endpoint.disabled", {}),
    "deliveries.Delivery skip": ("callback.skipped", {}),
    "invites.InviteCode withdraw": ("code.revoked", {}),
    "invites.InboundMail process_again": ("mail.processed_again", {}),
    "invites.EventInvite send_again": ("invite.resent", {}),
    "invites.EventInvite take_back": ("invite.removed", {}),
    "invites.EmailInvite send_again": ("invite.resent", {}),
    "invites.EmailInvite take_back": ("code.revoked invite.removed", {}),
    "mailer.OutgoingMail send_again": ("mail.resent", {}),
    "mailer.OutgoingMail abort": ("mail.aborted", {}),
    "mailer.SuppressedAddress lift": ("mail.suppression_lifted", {}),
    "users.User disable": ("user.updated user.signed_out", {"fate": "leave"}),
    "objects.Box put_into_trash": ("object.trashed", {}),
    "objects.Sensor put_into_trash": ("object.trashed", {}),
    "objects.SipAccount remove": ("sip_account.deleted", {}),
    "cospace.Session end": ("cospace_session.ended", {}),
    "objects.Content retry": ("conversion.retried", {}),
    "objects.Comment remove": ("comment.deleted", {}),
    "django_celery_beat.PeriodicTask enable_tasks": (CHANGED, {}),
    "django_celery_beat.PeriodicTask disable_tasks": (CHANGED, {}),
    "django_celery_beat.PeriodicTask run_tasks": ("job.requested", {}),
    **{f"{label} export_csv": ("list.exported", {}) for label in (
        "users.User", "users.Tariff", "mailer.OutgoingMail", "activity.Activity",
    )},
    **{f"{label} delete_selected": ways["delete"] for label, ways in FORMS.items() if "delete" in ways},
}  # fmt: skip
# By the name of a page, or of a model's own: what is sent, and what it leaves.
PAGES: dict[str, Post] = {
    "auth_user_password_change": (
        "user.password_set",
        PASSWORDS | {"usable_password": "true"},
    ),
    "password_change": ("user.signed_out", {
        "old_password": factories.PASSWORD, "new_password1": "another horse battery",
        "new_password2": "another horse battery",
    }),
    "cronofy_application_key": (CHANGED, {}),
    "webex_webhook_secret": ("webhook.updated", {}),
    "rooms_room_pin": ("sip.updated event.updated", {}),
    "rooms_room_code": ("code.revoked", {}),
    "rooms_room_guesses": ("room.unlocked", {}),
    "signaling_roomsession_end": ("participant.left meeting.ended", {}),
    "signaling_roomsession_remove": ("participant.left", {}),
    "mailer_mailtemplate_editor": (CHANGED, {"base": 1, "subject": "Hello", "body": "Hello"}),
    "users_user_sees": ("user.seen_as", {}),
    "users_user_sees_event": ("user.seen_as", {}),
    "users_user_disable": ("user.updated user.signed_out", {"fate": "leave"}),
    "users_user_enable": ("user.updated", {}),
    "users_user_sign_in": ("user.unlocked", {}),
    "events_event_occurrence": ("event.instance_updated", {
        "scope": "one", "title": "Other", "starts_at": "2026-11-30T10:00", "ends_at": "2026-11-30T11:00",
    }),
    "events_event_cancel": ("event.instance_updated", {}),
    "events_event_restore": ("event.instance_updated", {}),
    "events_event_hand_over": ("room.updated event.handed_over event.updated", lambda side: {"to": invitee(side)}),
    "events_event_answer": ("invite.answered", {"status": "declined"}),
    "events_event_proposal": ("proposal.refused", {"decision": "refuse"}),
    "events_event_invitees": ("list.exported", {}),
}  # fmt: skip
# Pages that write nothing, or nothing that others would ask for.
QUIET = {
    "index", "app_list", "login", "logout", "jsi18n", "view_on_site", "autocomplete", "password_change_done",
    "rooms_room_entry", "rooms_room_live", "signaling_roomsession_chat",
    "rooms_asset_download", "mailer_outgoingmail_to", "mailer_outgoingmail_samples",
    "mailer_outgoingmail_preview", "mailer_outgoingmail_attempt", "mailer_mailtemplate_preview",
    "imports_import_template",
    # Who uploads a list changes nothing before it is confirmed; that is in the log (tests/imports/test_work.py).
    "imports_import_new", "imports_import_new_about",
}  # fmt: skip
OF_EACH = ("_changelist", "_add", "_history", "_delete", "_change")
READ = {"users_user_sees", "users_user_sees_event", "events_event_invitees"}
NO_ACTION = {
    "mailer.MailTemplate delete_selected": "its list is a page of its own, without actions",
}
PROGRAM = {"client_type": "confidential", "authorization_grant_type": "client-credentials"}
NEW: dict[str, Callable[[Holding], Model]] = {
    "users.User": lambda side: side.owner,
    "users.Tenant": lambda _side: Tenant.objects.create(external_id="empty"),
    "users.Tariff": lambda _side: Tariff.objects.create(name="unused"),
    "users.Role": lambda _side: Role.objects.create(name="unused"),
    "users.Client": lambda _side: OidcClient.objects.create(name="unused", **PROGRAM),
    "events.Digest": lambda side: Digest.objects.update_or_create(user=side.owner, defaults={"frequency": "hourly"})[0],
    "django_celery_beat.PeriodicTask": lambda _side: PeriodicTask.objects.create(
        name="Hourly", task="a.task", interval=_hourly()
    ),
    "django_celery_beat.IntervalSchedule": lambda _side: IntervalSchedule.objects.create(every=3, period="days"),
    "django_celery_beat.CrontabSchedule": lambda _side: CrontabSchedule.objects.create(minute="7"),
}
# The state that rows have to be in.
PREPARED: dict[str, Callable[[Holding], Any]] = {
    "webex.Webhook activate": lambda _side: Endpoint.objects.update(
        state="disabled", disabled_for="staff", disabled_at=NOW
    ),
    "deliveries.Endpoint enable": lambda _side: Endpoint.objects.update(
        state="disabled", disabled_for="staff", disabled_at=NOW
    ),
    "deliveries.Endpoint redeliver_failed": lambda _side: Delivery.objects.update(state="dead", ended_at=NOW),
    "deliveries.Delivery redeliver": lambda _side: Delivery.objects.update(state="dead", ended_at=NOW),
    "mailer.OutgoingMail abort": lambda _side: OutgoingMail.objects.update(state="queued"),
    "invites.InboundMail process_again": lambda _side: InboundMail.objects.update(content=b"Subject: x\r\n\r\nx"),
    "django_celery_beat.PeriodicTask enable_tasks": lambda _side: PeriodicTask.objects.update(enabled=False),
    "rooms_room_guesses": lambda side: side.event.room.guesses.create(client="x", guessed_at=timezone.now()),
    "users_user_sign_in": lambda side: count_try(name=side.owner.username, address="192.0.2.1"),
    "users_user_enable": lambda side: User.objects.filter(pk=side.owner.pk).update(disabled_since=NOW),
    "events_event_restore": lambda side: update_instance(
        event=side.event, original_starts_at=SECOND, actor=Actor.by_job("test"), columns={}, is_cancelled=True
    ),
}


@pytest.fixture
def side() -> Holding:
    of_the_site()
    return Holding("walnut")


@pytest.fixture
def chief(side: Holding) -> User:
    return factories.user("chief", is_staff=True, is_superuser=True, tenant=side.tenant)


def test_every_form_action_and_page_is_known(rf: RequestFactory, chief: User) -> None:
    """What is new in the admin needs a row above: what it leaves in the log."""
    request = rf.get("/")
    request.user = chief
    registry = admin.site._registry.items()
    forms = {
        f"{model._meta.label} {what}"
        for model, rows in registry
        for what in ("add", "change", "delete")
        if getattr(rows, f"has_{what}_permission")(request)
    }
    assert {f"{label} {what}" for label, ways in FORMS.items() for what in ways} == forms - NO_FORM.keys()
    actions = {f"{model._meta.label} {name}" for model, rows in registry for name in rows.get_actions(request)}
    assert ACTIONS.keys() == actions - NO_ACTION.keys()
    assert PAGES.keys() == {name for name in pages() if not name.endswith(OF_EACH) or name in PAGES} - QUIET


def test_every_form_leaves_one_entry(side: Holding, chief: User) -> None:
    def write(browser: Client, model: type[Model], what: str, post: Post) -> Any:
        values = sent(post, side)
        place = f"/admin/{model._meta.app_label}/{model._meta.model_name}/"
        if what == "add":
            return saved(browser, f"{place}add/", filled(browser, f"{place}add/", **values))
        path = f"{place}{row_of(model, side).pk}/{what}/"
        return saved(browser, path, filled(browser, path, **values) if what == "change" else {"post": "yes"})

    found = {
        f"{model._meta.label} {what}": left(chief, partial(write, model=model, what=what, post=post))
        for model in admin.site._registry
        for what, post in FORMS.get(model._meta.label, {}).items()
    }
    assert found == {f"{label} {what}": post[0] for label, ways in FORMS.items() for what, post in ways.items()}


def test_every_action_leaves_one_entry_for_each_row(side: Holding, chief: User) -> None:
    def write(browser: Client, model: type[Model], name: str, post: Post) -> Any:
        row = row_of(model, side)
        PREPARED.get(f"{model._meta.label} {name}", lambda _side: None)(side)
        chosen = {"action": name, "_selected_action": [str(row.pk)], "post": "yes"}
        return saved(browser, f"/admin/{model._meta.app_label}/{model._meta.model_name}/", chosen | sent(post, side))

    models = {model._meta.label: model for model in admin.site._registry}
    found = {}
    for key, post in ACTIONS.items():
        label, name = key.split()
        found[key] = left(chief, partial(write, model=models[label], name=name, post=post))
    assert found == {key: post[0] for key, post in ACTIONS.items()}


def test_every_page_leaves_one_entry(side: Holding, chief: User) -> None:
    def write(browser: Client, name: str, post: Post) -> Any:
        PREPARED.get(name, lambda _side: None)(side)
        path = f"/admin/{pages()[name]}"
        for part, options in parameters(side).items():
            path = re.sub(rf"<(\w+:)?{part}>", str(options[0]), path)
        return browser.get(path) if name in READ else saved(browser, path, sent(post, side))

    found = {name: left(chief, partial(write, name=name, post=post)) for name, post in PAGES.items()}
    assert found == {name: post[0] for name, post in PAGES.items()}


def left(chief: User, write: Callable[[Client], Any]) -> str:
    """The kinds of what it leaves in the log; then it is undone."""
    with transaction.atomic():
        browser, before = browser_of(chief), last_position()
        list(write(browser))  # files are streamed
        found = Activity.objects.filter(position__gt=before).exclude(actor_kind="job").order_by("position")
        kinds = " ".join(found.values_list("kind", flat=True))
        transaction.set_rollback(True)
    return kinds


def sent(post: Post, side: Holding) -> Values:
    values = post[1]
    return values(side) if callable(values) else values


def row_of(model: type[Model], side: Holding) -> Any:
    """One that may be changed and deleted: where others need those that are there, a new one."""
    make = NEW.get(model._meta.label)
    return make(side) if make else model._default_manager.order_by("pk")[0]


def pages() -> dict[str, str]:
    def named(found: list[Any], before: str) -> Iterator[tuple[str, str]]:
        for item in found:
            if isinstance(item, URLResolver):
                yield from named(item.url_patterns, before + str(item.pattern))
            elif isinstance(item, URLPattern) and item.name:
                yield item.name, before + str(item.pattern)

    return dict(named(admin.site.get_urls(), ""))
