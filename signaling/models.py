"""Tickets, with which clients of the API join a live meeting, and what is kept of the meeting."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models.fields.json import KT
from django.utils.translation import gettext_lazy as _


class Ticket(models.Model):
    """Opens the WebSocket once, within seconds. What the client holds is stored hashed.

    Used, it is the place of a participant: who comes back with its resumption token takes the participant's id over.
    """

    class Kind(models.TextChoices):
        USER = "user", _("user")
        GUEST = "guest", _("guest")
        SIP = "sip", _("by phone")
        RECORDER = "recorder", _("recorder")

    digest = models.CharField(max_length=64, editable=False)
    room = models.ForeignKey("rooms.Room", on_delete=models.CASCADE, related_name="tickets", verbose_name=_("room"))
    breakout_room = models.UUIDField(_("breakout room"), null=True)
    kind = models.CharField(_("kind"), max_length=8, choices=Kind.choices)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, null=True, related_name="tickets", verbose_name=_("user")
    )
    invite_code = models.ForeignKey(
        "invites.InviteCode",
        on_delete=models.CASCADE,
        null=True,
        related_name="tickets",
        verbose_name=_("guest code"),
    )
    # Of the room password or dial-in PIN that was asked for, to see whether it is still the one; "" where none was.
    secret_digest = models.CharField(max_length=64, blank=True, editable=False)
    participant_id = models.UUIDField(_("participant"), default=uuid.uuid4)
    is_resuming = models.BooleanField(_("came back"), default=False)
    resumption_digest = models.CharField(max_length=64, editable=False)
    expires_at = models.DateTimeField(_("expires"))
    used_at = models.DateTimeField(_("used"), null=True)
    resumable_until = models.DateTimeField(_("can resume until"), null=True)  # NULL: not yet, or no longer

    class Meta:
        verbose_name = _("ticket")
        verbose_name_plural = _("tickets")
        constraints = [
            models.UniqueConstraint(fields=["digest"], name="ticket_digest_unique"),
            models.UniqueConstraint(fields=["resumption_digest"], name="ticket_resumption_digest_unique"),
            models.CheckConstraint(
                condition=models.Q(kind="user", user__isnull=False, invite_code__isnull=True)
                | models.Q(kind="guest", user__isnull=True, invite_code__isnull=False)
                | models.Q(kind__in=["sip", "recorder"], user__isnull=True, invite_code__isnull=True),
                name="ticket_has_the_holder_of_its_kind",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.participant_id}"


class RoomSession(models.Model):
    """One live meeting of a room. Whoever changes anything of it locks this row, which orders all that happens."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    room = models.ForeignKey("rooms.Room", on_delete=models.CASCADE, related_name="sessions", verbose_name=_("room"))
    opened_at = models.DateTimeField(_("opened"), editable=False)
    started_at = models.DateTimeField(_("started"), null=True)  # when the first person joined
    closes_at = models.DateTimeField(_("time limit"), null=True)
    ended_at = models.DateTimeField(_("ended"), null=True)
    has_waiting_room = models.BooleanField(_("waiting room"), default=False)
    allows_hands = models.BooleanField(_("hands can be raised"), default=True)
    tariff = models.JSONField(_("tariff"), default=dict)  # of the room's creator when the session opened
    # The number and moment of the last step. Rows below carry the number of the step that changed them, so that
    # who knows the session up to a number reads only what came after.
    step = models.BigIntegerField(_("step"), default=0)
    last_at = models.DateTimeField(_("last step"), null=True)
    deadlines = models.JSONField(_("deadlines"), default=dict)  # {"namespace:key": time}
    next_deadline_at = models.DateTimeField(_("next deadline"), null=True)

    class Meta:
        verbose_name = _("live meeting")
        verbose_name_plural = _("live meetings")
        ordering = ["-opened_at", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["room"], condition=models.Q(ended_at=None), name="room_session_room_live_unique"
            ),
        ]
        indexes = [
            # Serves the search for deadlines whose process is gone.
            models.Index(fields=["next_deadline_at"], condition=models.Q(ended_at=None), name="room_session_deadline"),
            models.Index(fields=["room", "-opened_at"], name="room_session_room"),
            models.Index(fields=["-opened_at", "id"], name="room_session_opened"),  # serves the admin's list
        ]
        permissions = [("read_chat", "Can read the chat of live meetings")]

    def __str__(self) -> str:
        return str(self.id)


class Participant(models.Model):
    """Somebody of a session, also when gone: as signaling.room.Participant has it."""

    class Kind(models.TextChoices):
        USER = "user", _("user")
        GUEST = "guest", _("guest")
        SIP = "sip", _("by phone")
        RECORDER = "recorder", _("recorder")

    class Role(models.TextChoices):
        GUEST = "guest", _("guest")
        USER = "user", _("participant")
        MODERATOR = "moderator", _("moderator")

    class Where(models.TextChoices):
        WAITING = "waiting", _("in the waiting room")
        ACCEPTED = "accepted", _("may enter")
        JOINED = "joined", _("in the meeting")
        LEFT = "left", _("gone")

    PRESENT = ("waiting", "accepted", "joined")

    session = models.ForeignKey(
        RoomSession, on_delete=models.CASCADE, related_name="participants", verbose_name=_("live meeting")
    )
    participant_id = models.UUIDField(_("participant"))
    kind = models.CharField(_("kind"), max_length=8, choices=Kind.choices)
    role = models.CharField(_("role"), max_length=9, choices=Role.choices)
    where = models.CharField(_("state"), max_length=8, choices=Where.choices)
    display_name = models.CharField(_("display name"), max_length=255)
    avatar_url = models.CharField(_("picture"), max_length=500, blank=True)
    # Plain ids: the account or code may be deleted while its holder is in the meeting.
    user_id = models.UUIDField(_("user"), null=True)
    invite_code_id = models.UUIDField(_("guest code"), null=True)
    is_owner = models.BooleanField(_("owner of the room"), default=False)
    groups = models.JSONField(_("groups"), default=list)
    place = models.UUIDField(_("breakout room"), null=True)
    is_admitted = models.BooleanField(_("let in once"), default=False)
    is_banned = models.BooleanField(_("banned"), default=False)
    hand_is_up = models.BooleanField(_("hand is up"), default=False)
    hand_updated_at = models.DateTimeField(_("hand changed"), null=True)
    joined_at = models.DateTimeField(_("joined"), null=True)
    left_at = models.DateTimeField(_("left"), null=True)
    address = models.CharField(_("network address"), max_length=45, blank=True)  # while the meeting lasts
    connection = models.UUIDField(_("connection"))
    process = models.UUIDField(_("process"))
    step = models.BigIntegerField(_("step"))

    class Meta:
        verbose_name = _("participant")
        verbose_name_plural = _("participants")
        ordering = ["session_id", "joined_at", "id"]
        constraints = [
            models.UniqueConstraint(fields=["session", "participant_id"], name="participant_session_id_unique"),
        ]
        indexes = [
            models.Index(fields=["session", "step"], name="participant_session_step"),
            # Serves the reaper, and what closes the sockets of a person.
            models.Index(
                fields=["process"],
                condition=models.Q(where__in=["waiting", "accepted", "joined"]),
                name="participant_present_process",
            ),
        ]

    def __str__(self) -> str:
        return self.display_name


class Span(models.Model):
    """A time that somebody was in the meeting, or in one of its breakout rooms."""

    session = models.ForeignKey(
        RoomSession, on_delete=models.CASCADE, related_name="spans", verbose_name=_("live meeting")
    )
    participant_id = models.UUIDField(_("participant"))
    place = models.UUIDField(_("breakout room"), null=True)
    joined_at = models.DateTimeField(_("joined"))
    left_at = models.DateTimeField(_("left"), null=True)

    class Meta:
        verbose_name = _("time in a meeting")
        verbose_name_plural = _("times in a meeting")
        ordering = ["joined_at", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["session", "participant_id"],
                condition=models.Q(left_at=None),
                name="span_open_unique",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.participant_id} {self.joined_at}"


class ModuleState(models.Model):
    """What a module of the meeting keeps of a place; `place` is "" for the main room and the session as a whole."""

    session = models.ForeignKey(
        RoomSession, on_delete=models.CASCADE, related_name="states", verbose_name=_("live meeting")
    )
    namespace = models.CharField(_("module"), max_length=64)
    place = models.CharField(_("breakout room"), max_length=36, blank=True)
    data = models.TextField(_("data"))  # JSON that the module's class State reads
    step = models.BigIntegerField(_("step"))

    class Meta:
        verbose_name = _("state of a module")
        verbose_name_plural = _("states of modules")
        constraints = [
            models.UniqueConstraint(fields=["session", "namespace", "place"], name="module_state_unique"),
        ]

    def __str__(self) -> str:
        return f"{self.namespace} {self.place}"


class Entry(models.Model):
    """What a module writes down in the order in which it happened, such as chat messages."""

    session = models.ForeignKey(
        RoomSession, on_delete=models.CASCADE, related_name="entries", verbose_name=_("live meeting")
    )
    namespace = models.CharField(_("module"), max_length=64)
    place = models.CharField(_("breakout room"), max_length=36, blank=True)
    at = models.DateTimeField(_("time"))
    data = models.JSONField(_("data"))

    class Meta:
        verbose_name = _("entry of a module")
        verbose_name_plural = _("entries of modules")
        indexes = [
            models.Index(fields=["session", "namespace", "place", "id"], name="entry_module_place"),
            models.Index(KT("data__id"), name="entry_id"),  # serves who looks for a chat message: Webex events
        ]

    def __str__(self) -> str:
        return f"{self.namespace} {self.at}"


class Broadcast(models.Model):
    """What a step sends, for the processes that a message did not reach. Kept for a minute."""

    session = models.ForeignKey(
        RoomSession, on_delete=models.CASCADE, related_name="broadcasts", verbose_name=_("live meeting")
    )
    step = models.BigIntegerField(_("step"))
    sent_at = models.DateTimeField(_("sent"))
    body = models.BinaryField(_("frames"))

    class Meta:
        verbose_name = _("broadcast")
        verbose_name_plural = _("broadcasts")
        constraints = [models.UniqueConstraint(fields=["session", "step"], name="broadcast_step_unique")]
        indexes = [models.Index(fields=["sent_at"], name="broadcast_sent")]

    def __str__(self) -> str:
        return f"{self.session_id} {self.step}"


class Process(models.Model):
    """A process that holds sockets, and when it last said so. The people of one that is silent are gone."""

    id = models.UUIDField(primary_key=True, editable=False)
    name = models.CharField(_("name"), max_length=100, blank=True)  # machine and process number
    seen_at = models.DateTimeField(_("last seen"))

    class Meta:
        verbose_name = _("process")
        verbose_name_plural = _("processes")

    def __str__(self) -> str:
        return str(self.id)
