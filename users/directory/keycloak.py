"""Accounts of a Keycloak realm, by its admin API. The client needs the role `view-users` of `realm-management`.

Keycloak can search for one address per request, so the addresses of a page are requested in parallel and the results
cached. After a failure no requests are made for PAUSE_SECONDS, so that lists of meetings do not wait for Keycloak.
"""

import logging
import threading
import time
import uuid
from collections.abc import Collection
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256
from typing import Any
from urllib.parse import quote, urlencode

from django.conf import settings
from django.core.cache import cache

from calendars.addresses import canonical
from calendars.times import is_zone
from outgoing import http
from outgoing.http import OutgoingError
from users.directory.accounts import Account
from users.models import Tenant

logger = logging.getLogger(__name__)

KEPT_SECONDS = 300
KEPT_SEARCH_SECONDS = 30
PAUSE_SECONDS = 30
# A page of meetings may contain more addresses. The remaining ones are looked up by later requests.
MOST_QUESTIONS = 100
QUESTIONS_AT_ONCE = 8
NOBODY = ""


class Keycloak:
    def __init__(self) -> None:
        self._token = _Token()
        self._quiet_until = float("-inf")

    def accounts(self, tenant_id: uuid.UUID, emails: Collection[str], *, may_wait: bool) -> dict[str, Account]:
        names = {_name(tenant_id, "email", email): email for email in emails}
        answers = {names[name]: answer for name, answer in cache.get_many(names).items()}
        unknown = [email for email in emails if email not in answers][:MOST_QUESTIONS]
        if unknown and may_wait and not self.is_failing:
            new = self._ask_all(unknown, _tenant_filter(tenant_id))
            cache.set_many({_name(tenant_id, "email", email): new[email] for email in new}, KEPT_SECONDS)
            answers |= new
        return {email: account for email, account in answers.items() if account != NOBODY}

    def search(self, tenant_id: uuid.UUID, text: str, *, limit: int) -> list[Account]:
        name = _name(tenant_id, "search", text.lower())
        found: list[Account] | None = cache.get(name)
        if found is None and not self.is_failing:
            words = text.replace("*", " ").replace('"', " ").strip()
            query = {"search": f"*{words}*", "max": str(limit)}
            try:
                found = self._users(query, _tenant_filter(tenant_id), _ends_at())
                cache.set(name, found, KEPT_SEARCH_SECONDS)
            except OutgoingError as error:
                self._give_up(error)
        return found or []

    @property
    def is_failing(self) -> bool:
        """Whether a request failed within the last PAUSE_SECONDS."""
        return time.monotonic() < self._quiet_until

    def _ask_all(self, emails: list[str], tenant: str | None) -> dict[str, Account | str]:
        """By address the account, or NOBODY if there is none. Addresses without a timely response are left out."""
        ends_at = _ends_at()

        def ask(email: str) -> Account | str | None:
            try:
                found = self._users({"email": email, "exact": "true", "max": "2"}, tenant, ends_at)
            except OutgoingError as error:
                self._give_up(error)
                return None
            return next((account for account in found if account.email == email), NOBODY)

        with ThreadPoolExecutor(min(QUESTIONS_AT_ONCE, len(emails)), thread_name_prefix="keycloak") as threads:
            answers = dict(zip(emails, threads.map(ask, emails), strict=True))
        return {email: answer for email, answer in answers.items() if answer is not None}

    def _give_up(self, error: OutgoingError) -> None:
        if not self.is_failing:
            logger.warning("Keycloak does not answer as it should: %s", error)
        self._quiet_until = time.monotonic() + PAUSE_SECONDS

    def _users(self, query: dict[str, str], tenant: str | None, ends_at: float) -> list[Account]:
        query |= {"briefRepresentation": "false", "enabled": "true"}
        if tenant is not None:
            query["q"] = f"{settings.KEYCLOAK_TENANT_ATTRIBUTE}:{tenant}"
        url = f"{settings.KEYCLOAK_URL}/admin/realms/{quote(settings.KEYCLOAK_REALM)}/users?{urlencode(query)}"
        answer = self._get(url, ends_at)
        if answer.status == 401:  # the token was withdrawn
            self._token.forget()
            answer = self._get(url, ends_at)
        rows = answer.json() if answer.is_success else None
        if not isinstance(rows, list):
            raise OutgoingError(f"the admin API answered {answer.status}")
        return [_account(row) for row in rows if _is_shown(row, tenant)]

    def _get(self, url: str, ends_at: float) -> http.Answer:
        headers = {"Authorization": f"Bearer {self._token.get(ends_at)}", "Accept": "application/json"}
        return http.request("GET", url, headers=headers, deadline_seconds=_left(ends_at), is_trusted=True)


class _Token:
    """The access token for the admin API. All threads share it; it is renewed shortly before it expires."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._text = ""
        self._good_until = float("-inf")

    def get(self, ends_at: float) -> str:
        with self._lock:
            if time.monotonic() >= self._good_until:
                self._fetch(ends_at)
            return self._text

    def forget(self) -> None:
        self._good_until = float("-inf")

    def _fetch(self, ends_at: float) -> None:
        realm = quote(settings.KEYCLOAK_REALM)
        answer = http.request(
            "POST",
            f"{settings.KEYCLOAK_URL}/realms/{realm}/protocol/openid-connect/token",
            form={
                "grant_type": "client_credentials",
                "client_id": settings.KEYCLOAK_CLIENT_ID,
                "client_secret": settings.KEYCLOAK_CLIENT_SECRET,
            },
            deadline_seconds=_left(ends_at),
            is_trusted=True,
        ).json_object()
        lifetime = answer.get("expires_in")
        self._text = str(answer.get("access_token") or "")
        self._good_until = time.monotonic() + (lifetime - 10 if isinstance(lifetime, int) else 0)


def _ends_at() -> float:
    return time.monotonic() + settings.KEYCLOAK_TIMEOUT_SECONDS


def _left(ends_at: float) -> float:
    return ends_at - time.monotonic()


def _name(tenant_id: uuid.UUID, kind: str, text: str) -> str:
    """The cache key. Hashed, because the cache may be readable by others and must not contain addresses."""
    return f"directory:{kind}:{sha256(f'{tenant_id} {text}'.encode()).hexdigest()}"


def _tenant_filter(tenant_id: uuid.UUID) -> str | None:
    """The required value of the tenant attribute; None if all accounts belong to one tenant."""
    if settings.TENANT_ASSIGNMENT == "static":
        return None
    return Tenant.objects.values_list("external_id", flat=True).get(pk=tenant_id)


def _is_shown(row: Any, tenant: str | None) -> bool:
    """Filters again: in some versions `q` matches prefixes, and older ones ignore `enabled`."""
    if not isinstance(row, dict) or not isinstance(row.get("email"), str) or row.get("enabled") is False:
        return False
    return tenant is None or _attribute(row, settings.KEYCLOAK_TENANT_ATTRIBUTE) == tenant


def _account(row: dict[str, Any]) -> Account:
    zone = _attribute(row, "zoneinfo")
    return Account(
        email=canonical(row["email"])[:255],
        first_name=_text(row.get("firstName")),
        last_name=_text(row.get("lastName")),
        language=_attribute(row, "locale")[:35],
        time_zone=zone if is_zone(zone) else "",
        sub=_text(row.get("id")),
    )


def _attribute(row: dict[str, Any], name: str) -> str:
    attributes = row.get("attributes")
    values = attributes.get(name) if isinstance(attributes, dict) else None
    return _text(values[0]) if isinstance(values, list) and values else ""


def _text(value: Any) -> str:
    return value.replace("\0", "")[:255] if isinstance(value, str) else ""
