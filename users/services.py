"""Use cases of people: first sign-in, profile changes, changes by staff, sign-out."""

import uuid
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from functools import partial
from typing import Any

from django.conf import settings
from django.db import IntegrityError, models, transaction
from django.utils import timezone
from django.utils.translation import get_supported_language_variant
from oauth2_provider.models import AccessToken, Grant, RefreshToken

from activity.actors import Actor
from activity.audiences import Circle, Place
from activity.changes import assign, changes_of, in_json
from activity.kinds import UserAdded, UserCreated, UserSignedOut, UserUpdated
from activity.log import Entry, record, record_all
from activity.sign_in_kinds import UserPasswordSet
from calendars.times import is_zone
from rest.errors import BadRequest
from site_settings.values import present
from users import phones, tariffs
from users.models import Client, Group, Tariff, Tenant, User
from users.oidc.claims import Claims
from users.provider.tokens import subject
from users.signals import address_gained
from users.tasks import queue_logouts

# A try fails on a row that another request made first: the person's, then at worst that of a group.
TRIES = 3


class FixedDisplayName(BadRequest):
    default_detail = "changing the display name is prohibited"


def provision_user(*, claims: Claims) -> User:
    """The person that `claims` describe: made at the first sign-in, refreshed at later ones.

    Many first requests at once are normal (the frontend sends several): the losers find the winner's row.
    Raises InvalidTariffId, InvalidConfiguration.
    """
    for _try in range(TRIES - 1):
        try:
            return _provision_user(claims)
        except IntegrityError:
            continue
    return _provision_user(claims)


@transaction.atomic
def _provision_user(claims: Claims) -> User:
    tenant, _is_new_tenant = Tenant.objects.get_or_create(external_id=claims.tenant)
    # Not against rows that only name the person: whoever changes a meeting writes some, and a claim waits for its
    # turn.
    people = User.objects.select_for_update(of=("self",), no_key=True).select_related("tariff").filter(tenant=tenant)
    user: User | None = people.filter(oidc_sub=claims.sub).first()
    if user is None:
        user = _first_sign_in(tenant, claims)
    else:
        user.tenant = tenant
        if user.is_active:
            _refresh(user, claims)
    return user


def _first_sign_in(tenant: Tenant, claims: Claims) -> User:
    user = _account(tenant, claims.sub) or User(tenant=tenant, username=str(uuid.uuid4()))
    user.oidc_sub = claims.sub
    user.display_name = user.display_name or _display_name(claims)
    user.language = _language(claims.locale) or user.language or present("DEFAULT_USER_LANGUAGE")
    user.time_zone = claims.zoneinfo if is_zone(claims.zoneinfo) else user.time_zone
    if user.tariff is None:
        user.tariff, _is_new = Tariff.objects.get_or_create(name=present("TARIFF_DEFAULT"))
    for name, value in _said_by_issuer(user, claims).items():
        setattr(user, name, value)
    if not user.password:
        user.set_unusable_password()
    user.save()
    _join_groups(user, claims.groups)
    record(
        UserCreated(email=user.email, display_name=user.display_name),
        actor=Actor.by_api(user),
        subject=user,
        place=Place(tenant_id=tenant.pk),
        after=Circle(owner=user.pk),
    )
    address_gained.send(sender=User, user=user)
    return user


def _account(tenant: Tenant, sub: str) -> User | None:
    """The embedded provider's account that the token was made for: its `sub` is the row's id."""
    if not settings.OIDC_IS_EMBEDDED:
        return None
    try:
        unused = User.objects.select_for_update().filter(tenant=tenant, pk=uuid.UUID(sub), oidc_sub=None)
    except ValueError:
        return None
    account: User | None = unused.first()
    return account


def _refresh(user: User, claims: Claims) -> None:
    """Later sign-ins bring names and address up to date, never what the person chose here."""
    is_old_news = claims.issued_at and user.last_login and claims.issued_at <= user.last_login
    # The embedded provider's claims are as old as the row at best.
    if is_old_news or settings.OIDC_IS_EMBEDDED:
        return
    new = _said_by_issuer(user, claims)
    User.objects.filter(pk=user.pk).update(last_login=new.pop("last_login"))
    if settings.DISALLOW_CUSTOM_DISPLAY_NAME:
        new["display_name"] = _display_name(claims)
    groups = _join_groups(user, claims.groups)
    _save_changes(user, new, Actor.by_api(user), also=groups)


def _said_by_issuer(user: User, claims: Claims) -> dict[str, Any]:
    """The columns in which the issuer has the last word."""
    said: dict[str, Any] = {"last_login": claims.issued_at or timezone.now()}
    # The embedded provider's claims are copies of the row, and not of all of it.
    if settings.OIDC_IS_EMBEDDED and not user._state.adding:
        return said
    said |= {
        "email": claims.email,
        "first_name": claims.given_name,
        "last_name": claims.family_name,
        "avatar_url": claims.picture,
    }
    if settings.CALL_IN_TEL:
        said["phone"] = phones.e164(claims.phone_number)
    return said | tariffs.assigned(user, claims)


def _display_name(claims: Claims) -> str:
    return " ".join((claims.nickname or f"{claims.given_name} {claims.family_name}").split())[:255]


def _language(locale: str) -> str:
    """A BCP 47 tag as the frontend writes it, "" for languages nobody here speaks."""
    tag = locale.replace("_", "-")[:35]
    try:
        get_supported_language_variant(tag)
    except LookupError:
        return ""
    return tag


def _join_groups(user: User, names: Collection[str] | None) -> dict[str, tuple[Any, Any]]:
    """Makes the person a member of exactly these groups. Returns what changed; None changes nothing."""
    if names is None:
        return {}
    old = sorted(user.tenant_groups.values_list("name", flat=True))
    if old == sorted(names):
        return {}
    rows = [Group(tenant=user.tenant, name=name) for name in names]
    Group.objects.bulk_create(rows, ignore_conflicts=True)
    user.tenant_groups.set(Group.objects.filter(tenant=user.tenant, name__in=names))
    return {"groups": (old, sorted(names))}


@transaction.atomic
def update_profile(*, user: User, actor: Actor, **fields: Any) -> User:
    """Changes what the person may choose: title, display_name, language, time zone, themes. Raises FixedDisplayName."""
    _read_locked(user, fields)
    is_fixed = settings.DISALLOW_CUSTOM_DISPLAY_NAME
    if is_fixed and fields.get("display_name", user.display_name) != user.display_name:
        raise FixedDisplayName
    _save_changes(user, fields, actor)
    return user


@transaction.atomic
def create_account(*, user: User, actor: Actor) -> User:
    """Saves the new row of somebody who is to sign in at the embedded provider."""
    user.save(force_insert=True)
    kind = UserAdded(email=user.email, display_name=user.display_name)
    record(kind, actor=actor, subject=user, place=Place(tenant_id=user.tenant_id), after=Circle(owner=user.pk))
    return user


@transaction.atomic
def create_accounts(*, users: Sequence[User], actor: Actor) -> None:
    """`create_account` for many, in as many statements as for one."""
    for user in users:
        user.search_text = user.searched()
    User.objects.bulk_create(users)
    entries = [
        Entry(
            kind=UserAdded(email=user.email, display_name=user.display_name),
            subject=user,
            place=Place(tenant_id=user.tenant_id),
            after=Circle(owner=user.pk),
        )
        for user in users
    ]
    record_all(entries, actor=actor)


@transaction.atomic
def update_account(
    *, user: User, actor: Actor, links: dict[str, Collection[models.Model]] | None = None, **fields: Any
) -> User:
    """Changes any column, as staff may, and what the person belongs to: `links` has rows by the name of their field.

    Whoever is disabled by it is signed out on all devices.
    """
    _read_locked(user, fields)
    was_active = user.is_active
    _save_changes(user, fields, actor, also=_link(user, links or {}))
    if was_active and not user.is_active:
        end_sessions(user=user, actor=actor)
    return user


def _link(user: User, links: dict[str, Collection[models.Model]]) -> dict[str, tuple[Any, Any]]:
    changes = {}
    for name, rows in links.items():
        linked = getattr(user, name)
        old, new = sorted(map(str, linked.all())), sorted(map(str, rows))
        if old != new:
            linked.set(rows)
            changes[name] = (old, new)
    return changes


@transaction.atomic
def set_password(*, user: User, password: str | None, actor: Actor) -> None:
    """As staff do it for somebody else; None: nobody signs in with one. It signs out (users/provider/passwords.py)."""
    kind = UserPasswordSet(is_usable=password is not None)
    own = Circle(owner=user.pk)
    record(kind, actor=actor, subject=user, place=Place(tenant_id=user.tenant_id), before=own, after=own)
    user.set_password(password)
    user.save(update_fields=["password"])


@transaction.atomic
def end_sessions(*, user: User, actor: Actor) -> None:
    """Signs a person out everywhere: no token made until now is good any more, and none can be refreshed."""
    now = timezone.now()
    refreshable = RefreshToken.objects.filter(user=user, revoked=None).values("application")
    usable = AccessToken.objects.filter(user=user, expires__gt=now).values("application")
    _tell_clients(models.Q(pk__in=refreshable) | models.Q(pk__in=usable), user=user)
    RefreshToken.objects.filter(user=user, revoked=None).update(revoked=now)
    AccessToken.objects.filter(user=user).delete()
    Grant.objects.filter(user=user).delete()
    # Not save(), which tells the password validators of a new password, and one of them calls this.
    User.objects.filter(pk=user.pk).update(sessions_ended_at=now)
    user.sessions_ended_at = now
    _record_sign_out(user, actor, everywhere=True)


def _record_sign_out(user: User, actor: Actor, *, everywhere: bool) -> None:
    own = Circle(owner=user.pk)
    place = Place(tenant_id=user.tenant_id)
    record(UserSignedOut(everywhere=everywhere), actor=actor, subject=user, place=place, before=own, after=own)


@transaction.atomic
def end_session(*, session: str) -> None:
    """Signs a person out of one client on one device; `session` is the `sid` of its ID tokens."""
    token = RefreshToken.objects.filter(token_family=session, revoked=None).select_related("user").first()
    if token is not None:
        _tell_clients(models.Q(pk=token.application_id), user=token.user, session=session)
        _record_sign_out(token.user, Actor.by_api(token.user), everywhere=False)
    RefreshToken.revoke_family(session)


def _tell_clients(which: models.Q, *, user: User, session: str = "") -> None:
    """Called before the tokens go, by which the clients are found; without `session` all of the person's end."""
    told = {"sub": subject(user), "sid": session, "ended_at": int(timezone.now().timestamp())}
    names = Client.objects.filter(which).exclude(backchannel_logout_uri="").values_list("client_id", flat=True)
    notices = [{"client_id": name} | told for name in names]
    if notices:
        transaction.on_commit(partial(queue_logouts, notices), robust=True)


@transaction.atomic
def end_sessions_of_subject(*, sub: str, until: datetime) -> None:
    """What the issuer's logout token asks for; `until` is by its clock, as the tokens' own time is."""
    is_news = models.Q(sessions_ended_at=None) | models.Q(sessions_ended_at__lt=until)
    for user in User.objects.select_for_update().filter(is_news, oidc_sub=sub).order_by("pk"):
        User.objects.filter(pk=user.pk).update(sessions_ended_at=until)
        _record_sign_out(user, Actor.by_service("identity provider"), everywhere=True)


def _read_locked(user: User, fields: Iterable[str]) -> None:
    """Reads these columns, and those that searches are made from, anew; the row is held until the transaction ends."""
    people = User.objects.select_for_update(no_key=True)
    user.refresh_from_db(fields=[*fields, *User.SEARCHED, "disabled_since"], from_queryset=people)


def _save_changes(
    user: User, new: dict[str, Any], actor: Actor, also: dict[str, tuple[Any, Any]] | None = None
) -> None:
    """Saves and records what differs. `also` was saved elsewhere and belongs to the same record."""
    changes = changes_of(user, new)
    if not changes and not also:
        return
    assign(user, changes)
    if changes:
        user.save(update_fields=list(changes))
    record(
        UserUpdated(email=user.email, display_name=user.display_name),
        actor=actor,
        subject=user,
        place=Place(tenant_id=user.tenant_id),
        before=Circle(owner=user.pk),
        after=Circle(owner=user.pk),
        changes=in_json(changes) | (also or {}),
    )
    if "email" in changes and user.is_registered and user.is_active:
        address_gained.send(sender=User, user=user)
