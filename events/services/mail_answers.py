"""One answer that came by mail: whose it is, to which time, whether it is news, and what follows from it."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db.models import Q
from django.utils import timezone, translation
from django.utils.translation import gettext

from activity.actors import Actor
from activity.audiences import Circle
from activity.kinds import InviteAnswered, InviteRefreshed
from activity.log import record
from calendars.addresses import is_same, is_same_mailbox, spellings
from calendars.answers import Answer, AnswerObject, Attendee
from calendars.times import instance_id
from events import answers, mails
from events.access import place
from events.models import Event
from events.services import digests
from events.services.invitations import Received, answer_invite
from events.services.inviting import address_of, circle_of, invitee_id_of
from events.services.mail_times import proposal_of, target_of
from invites.models import EmailInvite, EventInvite, InboundMail, Reply, Status
from mailer.inbound import Letter

AnyInvite = EventInvite | EmailInvite
Verdict = InboundMail.Verdict
STATUS = answers.STATUS | {"DELEGATED": Status.PENDING}
MOST_REFRESHES = 3  # for one person and meeting within REFRESH_TIME
REFRESH_TIME = timedelta(days=1)
MOST_STRANGERS = 100  # answers to one meeting of people who are not invited


@dataclass(frozen=True, slots=True)
class _Whose:
    """The invitation that is answered, None of somebody who has none; and whether its invitee is proven to answer."""

    attendee: Attendee
    invite: AnyInvite | None
    is_by_invitee: bool


def follow(event: Event, told: AnswerObject, answer: Answer, *, letter: Letter, mail: InboundMail) -> Verdict:
    """Does what the answer says. `event` is locked."""
    attendee = _attendee(answer, letter)
    if attendee is None:
        return Verdict.NO_ATTENDEE
    whose = _whose(event, attendee, letter)
    if told.method == "REFRESH":
        return _refresh(event, whose, letter, mail)
    status = _status(told, attendee)
    return _record(event, told, answer, whose, status, letter, mail) if status else Verdict.NO_STATUS


def _record(
    event: Event, told: AnswerObject, answer: Answer, whose: _Whose, status: str, letter: Letter, mail: InboundMail
) -> Verdict:
    invite, target = whose.invite, target_of(event, answer)
    dtstamp = min(answer.dtstamp or letter.sent_at or timezone.now(), timezone.now())
    columns: dict[str, Any] = {"status": status, "occurrence": target.occurrence, "dtstamp": dtstamp}
    address = address_of(invite) if invite and whose.is_by_invitee else letter.sender
    if known := _known(event, mail, columns | {"message_id": letter.message_id, "address": address}):
        return _verdict_of(known) if known.mail_id == mail.pk else Verdict.DUPLICATE
    if invite is None:
        return _keep_of_stranger(event, answer, letter, mail, columns)
    if whose.is_by_invitee and _is_older(invite, columns):
        return Verdict.OLDER
    reply = answer_invite(
        invite=invite,
        status=status,
        actor=_actor(invite, letter, whose.is_by_invitee),
        via=Reply.Via.MAIL,
        comment=_comment(event, told, answer, whose.attendee, letter),
        occurrence=target.occurrence,
        address=address,
        name="" if whose.is_by_invitee else letter.name,
        proposal=proposal_of(event, answer, target) if told.method == "COUNTER" else None,
        received=Received(
            sequence=event.sequence if answer.sequence is None else answer.sequence,
            dtstamp=dtstamp,
            message_id=letter.message_id,
            mail_id=mail.pk,
            is_stale=target.is_stale,
            is_by_invitee=whose.is_by_invitee,
        ),
    )
    return _verdict_of(reply)


def as_json(answer: Answer, verdict: Verdict) -> dict[str, Any]:
    """For staff: what was read, and what became of it."""
    value = answer.occurrence.value if answer.occurrence else None
    return {
        "uid": answer.uid[:255],
        "attendees": [f"{person.address} {person.partstat}"[:300] for person in answer.attendees[:10]],
        "sequence": answer.sequence,
        "dtstamp": answer.dtstamp.isoformat() if answer.dtstamp else None,
        "occurrence": value.isoformat() if value else None,
        "comment": answer.comment,
        "verdict": verdict.value,
    }


# --- whose it is ---


def _attendee(answer: Answer, letter: Letter) -> Attendee | None:
    """A REPLY has exactly one; where there are more, the sender's own counts, or the one the sender speaks for."""
    if len(answer.attendees) == 1:
        return answer.attendees[0]
    own = [person for person in answer.attendees if is_same_mailbox(person.address, letter.sender)]
    own += [person for person in answer.attendees if person.sent_by and is_same(person.sent_by, letter.sender)]
    return next(iter(own), None)


def _whose(event: Event, attendee: Attendee, letter: Letter) -> _Whose:
    invite = _invite_of(event, attendee.address)
    if invite is None and letter.is_proven:
        invite = _invite_of(event, letter.sender)  # who answers under another name of the mailbox
    is_by_invitee = invite is not None and letter.is_proven and _speaks_for(letter.sender, attendee, invite)
    return _Whose(attendee, invite, is_by_invitee)


def _invite_of(event: Event, address: str) -> AnyInvite | None:
    users, others, known = event.invites.select_related("invitee"), event.email_invites.all(), spellings(address)
    exact: AnyInvite | None = users.filter(invitee__email__in=known).first() or others.filter(email__in=known).first()
    people: list[AnyInvite] = [] if exact else [*users, *others]
    return exact or next((invite for invite in people if is_same_mailbox(address_of(invite), address)), None)


def _speaks_for(sender: str, attendee: Attendee, invite: AnyInvite) -> bool:
    """Who is invited; or SENT-BY of a domain whose people may answer for each other: anybody can write one."""
    if is_same_mailbox(sender, address_of(invite)):
        return True
    domain = sender.rpartition("@")[2]
    is_of_the_house = domain == attendee.address.rpartition("@")[2] and domain in settings.INBOUND_SENT_BY_DOMAINS
    is_named = bool(attendee.sent_by) and is_same(attendee.sent_by, sender)
    return is_named and is_of_the_house and is_same_mailbox(attendee.address, address_of(invite))


def _actor(invite: AnyInvite, letter: Letter, is_by_invitee: bool) -> Actor:
    if is_by_invitee and isinstance(invite, EventInvite):
        return Actor.by_mail(invite.invitee)
    return Actor.by_mail(guest_id=invite.pk if is_by_invitee else None, name=letter.sender)


# --- what it says ---


def _status(told: AnswerObject, attendee: Attendee) -> str | None:
    """None for words that mean nothing here. Who proposes another time has not said no."""
    if told.method == "COUNTER" and attendee.partstat in ("", "NEEDS-ACTION"):
        return Status.TENTATIVE
    return STATUS.get(attendee.partstat)


def _comment(event: Event, told: AnswerObject, answer: Answer, attendee: Attendee, letter: Letter) -> str:
    """Outlook writes it into the mail instead of the calendar object."""
    comment = answer.comment or (letter.text if "microsoft" in told.product.lower() else "")
    if attendee.partstat != "DELEGATED":
        return comment
    with translation.override(event.created_by.language or None):
        note = gettext("Delegated to %(address)s") % {"address": attendee.delegated_to or "?"}
    return f"{note}\n{comment}".strip()


# --- whether it is news ---


def _known(event: Event, mail: InboundMail, columns: dict[str, Any]) -> Reply | None:
    """Mail servers deliver a mail twice, and staff process it again. By its time only where it has no name."""
    if columns["message_id"]:
        columns = {name: value for name, value in columns.items() if name != "dtstamp"}
    replies = Reply.objects.filter(Q(mail=mail) | Q(via=Reply.Via.MAIL), event_id=event.pk, **columns)
    return replies.order_by("received_at").first()


def _is_older(invite: AnyInvite, columns: dict[str, Any]) -> bool:
    """Than the last one of this person to the same (RFC 5546 2.1.5)."""
    later = invite.replies.filter(is_by_invitee=True, occurrence=columns["occurrence"], dtstamp__gt=columns["dtstamp"])
    return bool(later.exists())


def _verdict_of(reply: Reply) -> Verdict:
    if reply.event_invite_id is None and reply.email_invite_id is None:
        return Verdict.NOT_INVITED
    if reply.is_stale:
        return Verdict.STALE
    return Verdict.APPLIED if reply.is_by_invitee else Verdict.NOT_PROVEN


# --- what else may follow ---


def _keep_of_stranger(
    event: Event, answer: Answer, letter: Letter, mail: InboundMail, columns: dict[str, Any]
) -> Verdict:
    """Told to the organizer. Nobody is invited by answering."""
    strangers = Reply.objects.filter(event_id=event.pk, event_invite=None, email_invite=None)
    if strangers.count() >= MOST_STRANGERS:
        return Verdict.CROWDED
    Reply.objects.create(
        event_id=event.pk,
        address=letter.sender,
        name=letter.name,
        comment=answer.comment,
        via=Reply.Via.MAIL,
        sequence=answer.sequence or 0,
        message_id=letter.message_id,
        mail=mail,
        is_by_invitee=False,
        untold_to=digests.expect(event=event, answered_by=None, is_urgent=False),
        **columns,
    )
    occurrence = columns["occurrence"]
    kind = InviteAnswered(
        address=letter.sender,
        invitee_id=None,
        status=columns["status"],
        comment=answer.comment,
        occurrence=instance_id(occurrence) if occurrence else None,
        invited_address="",
        is_by_invitee=False,
        former_status="",
    )
    people = Circle(owner=event.created_by_id)
    actor = Actor.by_mail(name=letter.sender)
    record(kind, actor=actor, subject=event, before=people, after=people, place=place(event))
    return Verdict.NOT_INVITED


def _refresh(event: Event, whose: _Whose, letter: Letter, mail: InboundMail) -> Verdict:
    """Never for a mail that a program may have sent by itself: two of them could go on for ever."""
    invite = whose.invite
    if invite is None or not whose.is_by_invitee or letter.is_automatic:
        return Verdict.REFRESH_REFUSED
    if mail.verdict == Verdict.REFRESHED:
        return Verdict.REFRESHED
    since = timezone.now() - REFRESH_TIME
    asked = InboundMail.objects.filter(event_id=event.pk, received_at__gt=since, verdict=Verdict.REFRESHED)
    if asked.filter(sender=letter.sender).count() >= MOST_REFRESHES:
        return Verdict.REFRESH_LIMIT
    actor = _actor(invite, letter, True)
    cause = record(
        InviteRefreshed(address=address_of(invite), invitee_id=invitee_id_of(invite)),
        actor=actor,
        subject=invite,
        before=circle_of(event, invite),
        after=circle_of(event, invite),
        place=place(event),
    )
    mails.refreshed(event, invite, actor=actor, cause=cause)
    return Verdict.REFRESHED
