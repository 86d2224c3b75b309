"""api/sip: a person's SIP accounts, and the devices that are registered there."""

import uuid
from typing import Any

from django.core.validators import RegexValidator
from rest_framework import serializers

from integrations.cospace.dialect import CospaceView, Json, SessionRequest, seconds
from integrations.cospace.formats.registry import without_empty
from integrations.objects.models.telephony import SipAccount
from integrations.objects.services.sip import create_sip_account, delete_sip_account, update_sip_account
from rest.errors import NotFound
from rest.fields import Text


class NewAccount(serializers.Serializer[Any]):
    """`user` as in RFC 3261, 25.1."""

    user = Text(max_length=64, validators=[RegexValidator(r"\A[A-Za-z0-9_.!~*'()&=+$,;?/-]+\Z")])
    domain = Text(max_length=255, validators=[RegexValidator(r"\A[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?\Z")])
    description = Text(max_length=255, default="")


class Changes(serializers.Serializer[Any]):
    description = Text(max_length=255)


class SipAccountsView(CospaceView):
    def get(self, request: SessionRequest) -> Json:
        accounts = request.user.sip_accounts.prefetch_related("registrations")
        return {"sip": {str(account.pk): told(account) for account in accounts}}

    def post(self, request: SessionRequest) -> Json:
        account = create_sip_account(owner=request.user, actor=self.actor, **self.body(NewAccount))
        return {"sip": str(account.pk)}


class SipAccountView(CospaceView):
    def get(self, request: SessionRequest, account_id: uuid.UUID) -> Json:
        return {"sip": told(own_account(request, account_id))}

    def post(self, request: SessionRequest, account_id: uuid.UUID) -> Json:
        account = own_account(request, account_id)
        update_sip_account(account=account, actor=self.actor, **self.body(Changes))
        return {}

    def delete(self, request: SessionRequest, account_id: uuid.UUID) -> Json:
        delete_sip_account(account=own_account(request, account_id), actor=self.actor)
        return {}


def own_account(request: SessionRequest, account_id: uuid.UUID) -> SipAccount:
    account: SipAccount | None = request.user.sip_accounts.filter(pk=account_id).first()
    if account is None:
        raise NotFound
    return account


def told(account: SipAccount) -> dict[str, Any]:
    """`registration` by contact, with the time at which it expires."""
    contacts = {row.contact: {"expire": seconds(row.expires_at)} for row in account.registrations.all()}
    named = without_empty(user=account.user, domain=account.domain, description=account.description)
    return named | {"registration": contacts}
