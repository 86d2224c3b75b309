"""A mail about new answers, with one of each form."""

import uuid
from datetime import UTC, datetime, timedelta
from functools import partial

from mailer.digests import Answer, Answered, AnswersDigest
from mailer.messages import Recipient, RegisteredUser, Time
from mailer.protocol import Schedule

ZONE = "Europe/Berlin"
START = datetime(2026, 11, 30, 9, tzinfo=UTC)  # a Monday, 10 o'clock in Berlin
DAY, WEEK = timedelta(days=1), timedelta(weeks=1)


def answers_sample(language: str) -> AnswersDigest:
    weekly, review = uuid.UUID(int=1), uuid.UUID(int=2)
    zoned, length = Time(START + WEEK, ZONE), timedelta(hours=1)
    proposal = Schedule(Time(START + DAY, ZONE), Time(START + DAY + length, ZONE))
    noor = partial(Answer, name="Noor Haddad", address="noor.haddad@example.com")
    asked = noor(
        answer="TENTATIVE",
        comment="Later?",
        occurrence=zoned,
        proposal=proposal,
        proposal_url="https://meet.example.com/proposals/x",
    )
    other = Answer(name="", address="sam@example.org", invited_address="lee@example.org", answer="ACCEPTED")
    stranger = Answer(name="", address="max@example.net", is_invited=False, answer="ACCEPTED")
    schedule = Schedule(Time(START, ZONE), Time(START + length, ZONE))
    return AnswersDigest(
        reader=RegisteredUser("ada.weber@example.com", "Dr.", "Ada", "Weber", language),
        recipient=Recipient(language, "America/New_York"),
        meetings=[
            Answered(
                id=weekly,
                title="Budget 2027: A & B",
                schedule=schedule,
                is_series=True,
                answers=[asked, other, stranger],
                more=12,
                counts={"ACCEPTED": 11, "TENTATIVE": 1, "DECLINED": 2, "NEEDS-ACTION": 4},
            ),
            Answered(
                id=review,
                title="Review",
                schedule=schedule,
                answers=[
                    noor(answer="DECLINED", comment="On holiday"),
                    noor(answer="NEEDS-ACTION"),
                ],
                counts={"DECLINED": 1},
            ),
        ],
        more=1,
        unsubscribe_url="https://meet.example.com/answers/off/x",
    )
