"""Shapes of invitations to meetings on the wire."""

from typing import Any

from rest_framework import serializers

from invites.models import EmailInvite, EventInvite, Reply, Status
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


class ProposalInput(serializers.Serializer[Any]):
    """Another time that would suit."""

    default_error_messages = {"invalid_value": "ends_at must not be before starts_at"}

    starts_at = fields.DateTimeTz()
    ends_at = fields.DateTimeTz()

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if attrs["ends_at"]["datetime"] < attrs["starts_at"]["datetime"]:
            self.fail("invalid_value")
        return attrs


class AnswerInput(serializers.Serializer[Any]):
    """An optional body: without it the invitation is accepted."""

    status = serializers.ChoiceField(
        [Status.ACCEPTED, Status.TENTATIVE, Status.DECLINED], required=False, default=Status.ACCEPTED
    )
    comment = fields.Text(max_length=1000, required=False, default="")
    instance_id = fields.Text(max_length=32, required=False, help_text="The one occurrence that is answered")
    proposal = ProposalInput(required=False)


class ProposalResource(serializers.Serializer[Any]):
    """Another time that somebody proposed. Without `instance_id` it is for the whole event."""

    id = serializers.UUIDField()
    email = serializers.CharField(max_length=255, help_text="Who proposed it")
    invited_email = serializers.CharField(max_length=255, help_text="Who was invited; another one where forwarded")
    display_name = serializers.CharField(max_length=255, required=False, help_text="Of an invited account")
    status = serializers.ChoiceField(Status.choices, help_text="The answer to the time as it was")
    comment = serializers.CharField(max_length=4096, allow_blank=True)
    instance_id = serializers.CharField(max_length=16, required=False)
    starts_at = fields.DateTimeTz()
    ends_at = fields.DateTimeTz()
    state = serializers.ChoiceField(Reply.ProposalState.choices)
    received_at = serializers.DateTimeField()


class RefusalInput(serializers.Serializer[Any]):
    """An optional body."""

    comment = fields.Text(max_length=1000, required=False, default="", help_text="What the person is told")


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
