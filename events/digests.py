"""The mails that tell people of new answers to their meetings, as the rows are now."""

import uuid
from collections import Counter
from collections.abc import Iterator, Sequence

from events import answers, decisions, unsubscribe
from events.answers import PARTSTAT
from events.mails import registered
from events.models import Event
from invites.models import Reply
from mailer.digests import Answer, Answered, AnswersDigest
from mailer.messages import Recipient, Time
from mailer.protocol import Schedule
from users.models import User

# What one mail lists; what is beyond is counted.
MOST_ANSWERS = 100
MOST_MEETINGS = 30


def built(replies: Sequence[Reply]) -> Iterator[tuple[User, list[Reply], AnswersDigest]]:
    """A message for each person to whom they are to be told, with those that it tells; the oldest come first.

    Of several answers of one person to the same, the last is told. Not told is what does not count any more: answers
    to another time than that of now, of people who are not invited now, to meetings that are gone.
    """
    events = {
        event.pk: event
        for event in Event.objects.filter(
            pk__in={reply.event_id for reply in replies}, created_by__disabled_since=None
        ).select_related("created_by")
    }
    counts = answers.counted(events)
    for user, own in _by_person(replies, events).items():
        yield user, own, _message(user, own, events, counts)


def _by_person(replies: Sequence[Reply], events: dict[uuid.UUID, Event]) -> dict[User, list[Reply]]:
    last = {}
    for reply in replies:
        invite_id = reply.event_invite_id or reply.email_invite_id
        is_current = (invite_id or _is_stranger(reply)) and not reply.is_stale
        if is_current and reply.event_id in events:
            last[reply.event_id, invite_id, reply.address, reply.occurrence] = reply
    found: dict[User, list[Reply]] = {}
    for reply in sorted(last.values(), key=lambda one: one.received_at):
        found.setdefault(events[reply.event_id].created_by, []).append(reply)  # type: ignore[index]
    return found


def _is_stranger(reply: Reply) -> bool:
    """Who was never invited, and not somebody whose invitation was taken back."""
    return reply.event_invite_id is None and reply.email_invite_id is None and not reply.invited_address


def _message(
    user: User, replies: list[Reply], events: dict[uuid.UUID, Event], counts: dict[uuid.UUID, Counter[str]]
) -> AnswersDigest:
    by_event: dict[uuid.UUID, list[Reply]] = {}
    for reply in replies:
        by_event.setdefault(reply.event_id, []).append(reply)  # type: ignore[arg-type]
    left, meetings = MOST_ANSWERS, []
    for event_id, own in [*by_event.items()][:MOST_MEETINGS]:
        # Proposals ask for something.
        told = sorted(own, key=lambda reply: reply.proposal_state != Reply.ProposalState.OPEN)[:left]
        meetings.append(_meeting(events[event_id], told, len(own) - len(told), counts[event_id]))
        left -= len(told)
    return AnswersDigest(
        reader=registered(user),
        recipient=Recipient(user.language, user.time_zone),
        meetings=meetings,
        more=max(0, len(by_event) - MOST_MEETINGS),
        unsubscribe_url=unsubscribe.digest_link(user.pk),
    )


def _meeting(event: Event, replies: list[Reply], more: int, counts: Counter[str]) -> Answered:
    return Answered(
        id=event.pk,
        title=event.title,
        schedule=_schedule(event),
        is_series=event.is_recurring,
        answers=[_answer(event, reply) for reply in replies],
        more=more,
        counts={PARTSTAT[status]: count for status, count in counts.items()},
    )


def _answer(event: Event, reply: Reply) -> Answer:
    is_open = reply.proposal_state == Reply.ProposalState.OPEN
    return Answer(
        name=answers.name_of(reply),
        address=reply.address,
        invited_address="" if reply.is_by_invitee else reply.invited_address,
        is_invited=not _is_stranger(reply),
        answer=PARTSTAT[reply.status],
        comment=reply.comment,
        occurrence=Time(reply.occurrence, event.starts_at_zone) if reply.occurrence else None,
        proposal=answers.proposed(event, reply),
        proposal_url=decisions.link_for(reply) if is_open else "",
    )


def _schedule(event: Event) -> Schedule | None:
    start, end, zone = event.starts_at, event.ends_at, event.starts_at_zone
    return Schedule(Time(start, zone), Time(end, zone), bool(event.is_all_day)) if start and end else None
