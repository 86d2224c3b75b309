"""Shapes of invitations to meetings on the wire."""

from typing import Any

from rest_framework import serializers

from invites.models import EmailInvite, EventInvite, Status
from rest import fields

MOST_INVITEES = 1000  # that an event is shown with


class InvitationInput(serializers.Serializer[Any]):
    """`{invitee, role?}` for a user, `{email, role?}` for an address."""

    invitee = fields.Identifier(required=False)
    email = fields.EmailAddress(required=False, max_length=255)
    role = serializers.ChoiceField(["user", "guest", "moderator"], required=False)

    def validate(self, data: dict[str, Any]) -> dict[str, Any]:
        if ("invitee" in data) == ("email" in data):
            raise serializers.ValidationError("Either invitee or email must be given", code="invalid_type")
        return data

    @staticmethod
    def user_role(data: dict[str, Any]) -> str:
        is_moderator = data.get("role") == "moderator"
        return EventInvite.Role.MODERATOR if is_moderator else EventInvite.Role.USER

    @staticmethod
    def email_role(data: dict[str, Any]) -> str:
        is_moderator = data.get("role") == "moderator"
        return EmailInvite.Role.MODERATOR if is_moderator else EmailInvite.Role.GUEST


class EmailInput(serializers.Serializer[Any]):
    email = fields.EmailAddress(max_length=255)


class UserRoleInput(serializers.Serializer[Any]):
    role = serializers.ChoiceField(EventInvite.Role.choices, required=False)


class EmailRoleInput(EmailInput):
    role = serializers.ChoiceField(["user", "guest", "moderator"], required=False, help_text="`user` is `guest` here")

    def validate_role(self, value: str) -> str:
        return value if value == EmailInvite.Role.MODERATOR else EmailInvite.Role.GUEST


class AnswerInput(serializers.Serializer[Any]):
    """An optional body: without it the invitation is accepted."""

    status = serializers.ChoiceField(
        [Status.ACCEPTED, Status.TENTATIVE, Status.DECLINED], required=False, default=Status.ACCEPTED
    )
    comment = fields.Text(max_length=1000, required=False, default="")


class Profile(serializers.Serializer[Any]):
    """A registered user with all members; `unregistered` has names and `email` only the address."""

    kind = serializers.ChoiceField(["registered", "unregistered", "email"])
    id = serializers.UUIDField(required=False)
    email = serializers.CharField(max_length=255)
    title = serializers.CharField(max_length=255, required=False)
    firstname = serializers.CharField(max_length=255, required=False)
    lastname = serializers.CharField(max_length=255, required=False)
    display_name = serializers.CharField(max_length=255, required=False)
    avatar_url = serializers.CharField(max_length=2000)
    role = serializers.ChoiceField(["user", "guest", "moderator"])


class EventInvitee(serializers.Serializer[Any]):
    profile = Profile()
    status = serializers.ChoiceField(Status.choices)


class PendingInvites(serializers.Serializer[Any]):
    total_pending_invites = serializers.IntegerField()
