"""Staff with a role, and all that a tenant can have in the admin, each text of it with the tenant's name."""

import uuid
import zlib
from datetime import UTC, datetime, timedelta
from functools import cached_property
from importlib import import_module
from io import BytesIO
from pkgutil import iter_modules
from typing import Any

from django.apps import apps
from django.contrib.auth.models import Group as Permissions
from django.test import Client
from django.utils import timezone
from django_celery_beat.models import ClockedSchedule, SolarSchedule

from activity.actors import Actor
from activity.models import Activity
from events.models import Event, FolderDeletion, Reminder
from events.services.instances import update_instance
from events.services.invitations import answer_invite, invite_email, invite_user
from imports.models import Import
from imports.services import upload
from imports.work import work
from integrations.cospace.models import Session
from integrations.cronofy.models import Application, SmartInvite
from integrations.deliveries.keys import create_key
from integrations.deliveries.models import KeyRing
from integrations.deliveries.services import endpoint_for, enqueue
from integrations.objects.models import Box, Content, Level, Object, Sensor, SipAccount, Tag
from integrations.producers.models import Binding, ExtraKind, Producer
from invites.models import EventInvite, InboundMail, InviteCode, Reply
from invites.services import create_code
from mailer.models import HeldDomain, MailAttempt, MailBranding, MailTemplate, OutgoingMail
from mailer.suppression import suppress
from rooms.models import Asset, SipConfig
from signaling.models import Participant, Process, RoomSession
from signaling.services.about import open_session
from site_settings.models import SiteSettings
from tests import factories
from tests.integrations.webex.hooks import webhook_of
from users import migrations
from users.imports import UserImport
from users.models import Group, Tenant, User
from users.roles import MAIL_OPERATOR, PRIVACY_OFFICER, SUPPORT, TENANT_ADMINISTRATOR

ROLES = (SUPPORT, MAIL_OPERATOR, TENANT_ADMINISTRATOR, PRIVACY_OFFICER)
SECOND = datetime(2026, 11, 30, 9, tzinfo=UTC)


def _make_roles() -> None:
    """What all migrations of the users do to roles."""
    for found in sorted(module.name for module in iter_modules(migrations.__path__, "users.migrations.")):
        module = import_module(found)
        make = getattr(module, "create_roles", None) or getattr(module, "extend_roles", None)
        if make is not None:
            make(apps)


def with_role(role: str, tenant: Tenant | None = None) -> User:
    """As the migration makes the role; the tests' database has run none."""
    _make_roles()
    person = factories.user(role.lower().replace(" ", "-"), tenant=tenant, is_staff=True)
    person.groups.add(Permissions.objects.get(name=role))
    return person


def browser_of(person: User) -> Client:
    browser = Client()
    browser.force_login(person)
    return browser


def _compressed(text: str) -> bytes:
    return zlib.compress(f"Subject: {text}\r\n\r\n{text}".encode())


class Holding:
    def __init__(self, name: str) -> None:
        self.name = name
        self.tenant = factories.tenant(name)
        owner, invitee = factories.users(f"{name}-owner", f"{name}-invitee", tenant=self.tenant)
        self.owner = owner
        self.group = Group.objects.create(tenant=self.tenant, name=f"{name} team")
        MailBranding.objects.create(tenant=self.tenant, product_name=name)
        self.template = MailTemplate.objects.create(
            tenant=self.tenant, language="en", action="invite", version=1, subject=name, body=name, saved_by=name
        )
        self.event = self._plan(owner, invitee)
        self.code = create_code(room=self.event.room, user=owner, actor=Actor.by_api(owner))
        self.asset = Asset.objects.create(room=self.event.room, kind="minutes", filename=f"{name}.pdf")
        mails = OutgoingMail.objects.filter(event_id=self.event.pk)
        mails.update(state="failed", last_error=f"550 {name} unknown", subject=name)
        self.mail = mails.filter(kind__endswith="event_invite")[0]
        self._integrate()
        self.proposal = self._propose()
        self.upload = self._bring()
        self.session = self._meet()
        self._share()
        self._listen()
        self.attempt = MailAttempt.objects.create(mail=self.mail, worker=name, error=name, content=_compressed(name))

    def _integrate(self) -> None:
        """A program that plans meetings and is told of answers; an answer that came by mail."""
        ring, url = KeyRing.objects.create(), f"https://{self.name}.example.org/"
        self.key = create_key(ring=ring)
        service = factories.user(f"{self.name}-service", tenant=self.tenant)
        self.application = Application.objects.create(
            name=self.name, tenant=self.tenant, service_user=service, ring=ring, callback_url=url
        )
        invite = {"smart_invite_id": self.name, "event_id": self.event.pk, "callback_url": url}
        SmartInvite.objects.create(application=self.application, **invite)
        self.webhook = webhook_of(self.owner, url, name=self.name, resource="rooms", secret=f"{self.name} secret")
        endpoint = endpoint_for(ring=ring, url=url, signature="cronofy", tenant=self.tenant, owner_address="")
        enqueue(endpoint=endpoint, ordering_key=self.name, body=self.name.encode(), kind="smart_invite")
        enqueue(endpoint=self.webhook.endpoint, ordering_key=self.name, body=self.name.encode(), kind="webhook")
        InboundMail.objects.create(
            source="pipe", sender=f"x@{self.name}.example.org", verdict="applied", subject=self.name,
            tenant_id=self.tenant.pk, event_id=self.event.pk, size=1,
            digest=self.name,
        )  # fmt: skip

    def _bring(self) -> Import:
        """A list of people that waits for its confirmation."""
        text = f"email\r\n{self.name}-new@example.com"
        job = upload(
            kind=UserImport, made_by=self.owner, file=BytesIO(text.encode()), source=self.name, tenant_id=self.tenant.pk
        )
        work(job.pk)
        return job

    def _meet(self) -> RoomSession:
        """Somebody is in the meeting, and has said something."""
        now = timezone.now()
        session = open_session(self.event.room, now)
        session.started_at = now
        session.save()
        process = Process.objects.create(id=uuid.uuid4(), name=self.name, seen_at=now)
        person = Participant.objects.create(
            session=session, participant_id=uuid.uuid4(), kind="user", role="moderator", where="joined",
            display_name=self.name, user_id=self.owner.pk, joined_at=now, address="192.0.2.7",
            connection=uuid.uuid4(), process=process.pk, step=1,
        )  # fmt: skip
        said = {"id": "1", "source": str(person.participant_id), "scope": "global", "content": self.name}
        session.entries.create(namespace="chat", at=now, data=said)
        return session

    def _share(self) -> None:
        """A fax that could not be converted, shared by a tag, with a comment; devices, one of them at a SIP account."""
        fax = Object.objects.create(owner=self.owner, type="fax", description=self.name)
        Content.objects.create(
            object=fax, file=self.name, filename=f"{self.name}.pdf", size=1, md5=self.name, uploaded_by=self.owner,
            state="failed", problem="damaged",
        )  # fmt: skip
        box = Object.objects.create(owner=self.owner, type="box", description=self.name)
        Box.objects.create(object=box, last_seen_at=SECOND, online_since=SECOND, mac_addr=self.name, hw_version="X86")
        sensor = Object.objects.create(owner=self.owner, type="sensor", description=self.name)
        Sensor.objects.create(object=sensor, state=[self.name], state_at=0)
        producer = Producer.objects.create(name=f"{self.name} gateway", tenant=self.tenant)
        Binding.objects.create(producer=producer, object=box, reported_at=SECOND, reported_kind="box.heartbeat")
        ExtraKind.objects.get_or_create(type="x_gate.opened", defaults={"schema": {"type": "object"}})
        account = SipAccount.objects.create(owner=self.owner, user=self.name, domain="cospace.de")
        account.registrations.create(contact=f"{self.name}.example.org", expires_at=SECOND)
        tag = Tag.objects.create(owner=self.owner, label=self.name)
        tag.grants.create(user=User.objects.get(username=f"{self.name}-invitee"), level=Level.READ)
        fax.tags.create(tag=tag)
        fax.comments.create(owner=self.owner, text=self.name)

    def _listen(self) -> None:
        """A cospace session with a detailed stream."""
        session = Session.objects.create(
            sid_digest=self.name, user=self.owner, address=self.name, user_agent=self.name, signed_in_at=SECOND
        )
        session.subscriptions.create(kind="conference", object_id=self.event.room_id)

    def _propose(self) -> Reply:
        """Another time, with the answer of the invitee."""
        reply = Reply.objects.get(event_id=self.event.pk)
        reply.proposed_starts_at, reply.proposed_ends_at = SECOND, SECOND + timedelta(hours=1)
        reply.proposed_zone, reply.proposal_state = "Europe/Berlin", Reply.ProposalState.OPEN
        reply.save()
        return reply

    def _plan(self, owner: User, invitee: User) -> Event:
        actor = Actor.by_api(owner)
        event = factories.event(
            owner,
            schedule=factories.schedule(pattern=("RRULE:FREQ=WEEKLY",)),
            title=self.name,
            description=self.name,
            password=f"{self.name} password",
            streaming_targets=[factories.STREAM | {"name": self.name, "streaming_key": f"{self.name} key"}],
            suppress_mail=False,
        )
        invite_user(event=event, invitee=invitee, actor=actor)
        invite_email(event=event, email=f"dora@{self.name}.example.org", actor=actor)
        invite = EventInvite.objects.get(event=event)
        answer_invite(invite=invite, status="tentative", actor=Actor.by_api(invitee), via="api", comment=self.name)
        update_instance(event=event, original_starts_at=SECOND, actor=actor, columns={"title": self.name})
        Reminder.objects.create(event=event, user=invitee, rules=[{"minutes_before": 10}])
        return event

    @cached_property
    def secrets(self) -> list[str]:
        """What opens a door, or shows what opens one."""
        dial_in = SipConfig.objects.get(room=self.event.room)
        codes = InviteCode.objects.filter(room=self.event.room).values_list("code", flat=True)
        nonces = self.event.invites.values_list("token_nonce", flat=True)
        hashes = User.objects.filter(tenant=self.tenant).values_list("password", flat=True)
        salted = {part[:6] for value in hashes for part in value.split("$")[1:]}
        return [
            *(f"{self.name} {word}" for word in ("password", "key", "secret")),
            *(dial_in.sip_id, dial_in.password),
            *map(str, codes),
            *nonces,
            self.key,
            *salted,
        ]

    @cached_property
    def marks(self) -> list[str]:
        """What nobody of another tenant may read: the name, and every id."""
        own: list[Any] = [
            self.tenant,
            self.owner,
            self.group,
            self.event,
            self.event.room,
            self.asset,
            self.mail,
            self.upload,
            self.session,
            self.webhook,
        ]
        log = Activity.objects.filter(tenant_id=self.tenant.pk).values_list("id", flat=True)
        return [self.name, *(str(row.pk) for row in own), *map(str, log)]


def of_the_site() -> None:
    """A row of each model that no tenant has and that nothing else makes."""
    suppress(address="gone@example.org", reason="bounced", actor=Actor.by_job("test"))
    HeldDomain.objects.create(domain="slow.example.org", held_until=SECOND)
    SiteSettings.objects.create(support_address="help@example.org")
    FolderDeletion.objects.create(path="opentalk/gone")
    ClockedSchedule.objects.create(clocked_time=SECOND)
    SolarSchedule.objects.create(event="sunrise", latitude=52, longitude=13)
