"""What happens to people: they come with a token, change their profile."""

import uuid
from collections.abc import Iterable
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils.translation import get_supported_language_variant

from activity.actors import Actor
from activity.kinds import UserCreated, UserUpdated
from activity.log import record
from calendars.times import is_zone
from users.models import Group, Tariff, Tenant, User
from users.oidc import Claims
from users.signals import user_created


def signed_in_user(sub: str) -> User | None:
    """The person a valid token names, when the API knows him; one statement, tariff and tenant with it."""
    return (
        User.objects.select_related("tenant", "tariff").filter(
            tenant__external_id=settings.TENANT_DEFAULT, oidc_sub=sub
        )
    ).first()


def provision_user(*, claims: Claims) -> User:
    """The person that `claims` describe: made at the first sign-in, refreshed at later ones.

    Two first requests at once are normal (the frontend sends several): the loser finds the winner's row.
    """
    try:
        return _provision_user(claims)
    except IntegrityError:
        return _provision_user(claims)


@transaction.atomic
def _provision_user(claims: Claims) -> User:
    tenant, _is_new_tenant = Tenant.objects.get_or_create(external_id=claims.tenant_id or settings.TENANT_DEFAULT)
    user = User.objects.select_for_update().filter(tenant=tenant, oidc_sub=claims.sub).first()
    if user is None:
        user = _first_sign_in(tenant, claims)
    else:
        _refresh(user, claims)
    _join_groups(user, claims.groups)
    return user


def _first_sign_in(tenant: Tenant, claims: Claims) -> User:
    user = _account(tenant, claims.sub) or User(tenant=tenant, username=str(uuid.uuid4()))
    user.oidc_sub = claims.sub
    user.email = claims.email
    user.first_name = claims.given_name[:255]
    user.last_name = claims.family_name[:255]
    user.display_name = user.display_name or _display_name(claims)
    user.language = _language(claims.locale) or user.language or settings.DEFAULT_USER_LANGUAGE
    user.time_zone = claims.zoneinfo if is_zone(claims.zoneinfo) else user.time_zone
    user.avatar_url = claims.picture[:500]
    user.tariff = user.tariff or Tariff.objects.get_or_create(name=settings.TARIFF_DEFAULT)[0]
    if not user.password:
        user.set_unusable_password()
    user.save()
    record(
        UserCreated(email=user.email, display_name=user.display_name),
        actor=Actor.by_api(user),
        subject=user,
        audience=[user.pk],
        tenant_id=tenant.pk,
    )
    user_created.send(sender=User, user=user)
    return user


def _account(tenant: Tenant, sub: str) -> User | None:
    """The embedded provider's account that the token was made for: its `sub` is the row's id."""
    if not settings.OIDC_IS_EMBEDDED:
        return None
    try:
        return User.objects.select_for_update().filter(tenant=tenant, pk=uuid.UUID(sub), oidc_sub=None).first()
    except ValueError:
        return None


def _display_name(claims: Claims) -> str:
    return " ".join((claims.nickname or f"{claims.given_name} {claims.family_name}").split())[:255]


def _language(locale: str) -> str:
    """A BCP 47 tag as the frontend writes it, "" for languages nobody here speaks."""
    try:
        get_supported_language_variant(locale.replace("_", "-"))
    except LookupError:
        return ""
    return locale.replace("_", "-")[:35]


def _refresh(user: User, claims: Claims) -> None:
    """Later sign-ins bring names and address up to date, never what the person chose here."""
    new = {
        "email": claims.email,
        "first_name": claims.given_name[:255],
        "last_name": claims.family_name[:255],
        "avatar_url": claims.picture[:500],
    }
    _save_changes(user, new, Actor.by_api(user))


def _join_groups(user: User, names: Iterable[str]) -> None:
    if not names:
        return
    groups = [Group.objects.get_or_create(tenant=user.tenant, name=name)[0] for name in names]
    user.tenant_groups.set(groups)


@transaction.atomic
def update_profile(*, user: User, actor: Actor, **fields: Any) -> User:
    """Changes what the person may choose: title, display_name, language, time zone, themes."""
    _save_changes(user, fields, actor)
    return user


def _save_changes(user: User, new: dict[str, Any], actor: Actor) -> None:
    changes = {name: (getattr(user, name), value) for name, value in new.items() if getattr(user, name) != value}
    if not changes:
        return
    for name, (_old, value) in changes.items():
        setattr(user, name, value)
    user.save(update_fields=list(changes))
    record(
        UserUpdated(email=user.email, display_name=user.display_name),
        actor=actor,
        subject=user,
        audience=[user.pk],
        tenant_id=user.tenant_id,
        changes=changes,
    )
