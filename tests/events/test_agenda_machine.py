"""Whatever services run in whatever order, the agenda says what follows from events, invitations and favourites."""

from contextlib import suppress
from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from activity.actors import Actor
from events import agenda
from events.models import Agenda, Event
from events.schedule import InvalidEvent
from events.services.events import delete_event, update_event
from events.services.favorites import add_favorite, remove_favorite
from events.services.instances import update_instance
from events.services.invitations import (
    answer_invite,
    change_email_role,
    invite_email,
    invite_user,
    uninvite_email,
    uninvite_user,
)
from events.services.series import reschedule_event
from invites.models import EmailInvite, EventInvite, Reply
from rest.errors import NotFound
from tests import factories
from tests.factories import schedule
from users.models import User
from users.oidc.claims import Claims
from users.services import provision_user

pytestmark = pytest.mark.django_db
# Some are asked before they sign in, some have an account from the start, some move from one to the other.
ADDRESSES = [f"{name}@example.org" for name in ("ann", "ben", "cleo", "dan")]
START = schedule().starts_at
SCHEDULES = [
    None,
    schedule(),
    schedule(starts_at=START + timedelta(days=1), ends_at=START + timedelta(days=1, hours=2)),
    schedule(pattern=("RRULE:FREQ=WEEKLY",)),
    schedule(pattern=("RRULE:FREQ=DAILY;COUNT=3",)),
]
any_index = st.integers(0, 7)
any_status = st.sampled_from(["accepted", "tentative", "declined"])
any_schedule = st.sampled_from(SCHEDULES)


class Meetings(RuleBasedStateMachine):
    """People and events are chosen by their age, because ids differ from run to run."""

    def __init__(self) -> None:
        super().__init__()
        self.block = transaction.atomic()
        self.block.__enter__()
        self.people = [factories.user("ada"), factories.user("bob")]
        # Somebody asked by account, somebody by address: so every service has something to do at the first step.
        self.events = [factories.event(self.people[0])]
        event, how = self.event(0)
        invite_user(event=event, invitee=self.people[1], **how)
        invite_email(event=event, email=ADDRESSES[0], **how)

    def teardown(self) -> None:
        transaction.set_rollback(True)
        self.block.__exit__(None, None, None)

    def event(self, index: int) -> tuple[Event, dict[str, Any]]:
        """One of the events as it is stored, and who changes it."""
        event = Event.objects.get(pk=self.events[index % len(self.events)].pk)
        return event, {"actor": Actor.by_api(event.created_by), "suppress_mail": True}

    def person(self, index: int) -> User:
        return self.people[index % len(self.people)]

    has_events = precondition(lambda self: self.events)

    @rule(creator=any_index, when=any_schedule, is_adhoc=st.booleans())
    def create(self, creator: int, when: Any, is_adhoc: bool) -> None:
        self.events.append(factories.event(self.person(creator), schedule=when, is_adhoc=is_adhoc))

    @has_events
    @rule(index=any_index, when=any_schedule)
    def move(self, index: int, when: Any) -> None:
        event, how = self.event(index)
        schedule = vars(when) | {"is_time_independent": False} if when else {"is_time_independent": True}
        update_event(event=event, columns={}, schedule=schedule, **how)

    @has_events
    @rule(index=any_index, title=st.sampled_from(["Planning", "Review"]), is_adhoc=st.booleans())
    def reword(self, index: int, title: str, is_adhoc: bool) -> None:
        event, how = self.event(index)
        update_event(event=event, columns={"title": title, "is_adhoc": is_adhoc}, **how)

    @has_events
    @rule(index=any_index, week=st.integers(0, 2), days=st.sampled_from([None, -60, 60]), is_cancelled=st.booleans())
    def change_instance(self, index: int, week: int, days: int | None, is_cancelled: bool) -> None:
        event, how = self.event(index)
        moved = START + timedelta(weeks=week, days=days) if days else None
        columns = {"starts_at": moved, "starts_at_zone": "UTC" if moved else ""}
        with suppress(NotFound):
            update_instance(
                event=event,
                original_starts_at=START + timedelta(weeks=week),
                columns=columns,
                is_cancelled=is_cancelled,
                **how,
            )

    @has_events
    @rule(index=any_index, week=st.integers(0, 3))
    def split(self, index: int, week: int) -> None:
        event, how = self.event(index)
        with suppress(InvalidEvent):
            following = reschedule_event(
                event=event, starts_from=START + timedelta(weeks=week), schedule={}, columns={}, **how
            )
            self.events.append(following)

    @has_events
    @rule(index=any_index, who=any_index, role=st.sampled_from(EventInvite.Role.values))
    def invite(self, index: int, who: int, role: str) -> None:
        event, how = self.event(index)
        invite_user(event=event, invitee=self.person(who), role=role, **how)

    @has_events
    @rule(index=any_index, email=st.sampled_from(ADDRESSES), role=st.sampled_from(EmailInvite.Role.values))
    def invite_address(self, index: int, email: str, role: str) -> None:
        event, how = self.event(index)
        invite_email(event=event, email=email, role=role, **how)

    @has_events
    @rule(index=any_index, who=any_index)
    def uninvite(self, index: int, who: int) -> None:
        event, how = self.event(index)
        invitees = list(event.invites.order_by("created_at").values_list("invitee", flat=True))
        if invitees:
            uninvite_user(event=event, user_id=invitees[who % len(invitees)], **how)

    @has_events
    @rule(index=any_index, email=st.sampled_from(ADDRESSES))
    def uninvite_address(self, index: int, email: str) -> None:
        event, how = self.event(index)
        with suppress(NotFound):
            uninvite_email(event=event, email=email, **how)

    @has_events
    @rule(index=any_index, status=any_status, is_series=st.booleans(), by_mail=st.booleans())
    def answer(self, index: int, status: str, is_series: bool, by_mail: bool) -> None:
        event, how = self.event(index)
        invites = event.email_invites.order_by("email") if by_mail else event.invites.order_by("created_at")
        for invite in invites[:1]:
            occurrence = None if is_series else START
            answer_invite(invite=invite, status=status, actor=how["actor"], via=Reply.Via.API, occurrence=occurrence)

    @rule(email=st.sampled_from(ADDRESSES))
    def sign_in(self, email: str) -> None:
        """For the first time, with what was sent to the address waiting; later ones change nothing."""
        user = provision_user(claims=Claims(sub=email, email=email, given_name="First", family_name="Last"))
        if user not in self.people:
            self.people.append(user)

    @rule(who=any_index, email=st.sampled_from(ADDRESSES))
    def get_another_address(self, who: int, email: str) -> None:
        person = self.person(who)
        provision_user(claims=Claims(sub=person.oidc_sub, email=email, given_name="First", family_name="Last"))

    @has_events
    @rule(index=any_index, who=any_index)
    def love(self, index: int, who: int) -> None:
        """Only who is in the event can; the other services must leave it in the agenda."""
        event, how = self.event(index)
        person = self.person(who)
        if Agenda.objects.filter(event=event, user=person).exists():
            add_favorite(event=event, user=person, actor=how["actor"])

    @has_events
    @rule(index=any_index, who=any_index)
    def love_no_more(self, index: int, who: int) -> None:
        event, how = self.event(index)
        with suppress(NotFound):
            remove_favorite(event=event, user=self.person(who), actor=how["actor"])

    @has_events
    @rule(index=any_index, email=st.sampled_from(ADDRESSES), role=st.sampled_from(EmailInvite.Role.values))
    def change_role(self, index: int, email: str, role: str) -> None:
        event, how = self.event(index)
        with suppress(NotFound):
            change_email_role(event=event, email=email, role=role, actor=how["actor"])

    @has_events
    @rule(index=any_index)
    def delete(self, index: int) -> None:
        event, how = self.event(index)
        delete_event(event=event, **how)
        self.events.remove(event)

    @invariant()
    def agenda_is_consistent(self) -> None:
        assert agenda.differences(list(Event.objects.all())) == []


def run(*, max_examples: int, steps: int, is_thorough: bool) -> None:
    """Thorough is: other steps each time, and the shortest way to a failure, whose search takes minutes."""
    budget = settings(
        max_examples=max_examples,
        stateful_step_count=steps,
        derandomize=not is_thorough,
        phases=[Phase.generate, Phase.shrink] if is_thorough else [Phase.generate],
        deadline=None,
        database=None,
        suppress_health_check=[HealthCheck.too_slow],
    )
    run_state_machine_as_test(Meetings, settings=budget)


@pytest.fixture(autouse=True)
def _foreign_issuer(settings: Any) -> None:
    """Whose claims make accounts; the embedded one's accounts are there before the first sign-in."""
    settings.OIDC_IS_EMBEDDED = False


def test_services_keep_the_agenda_true() -> None:
    run(max_examples=4, steps=20, is_thorough=False)


@pytest.mark.slow
def test_services_keep_the_agenda_true_whatever_they_do() -> None:
    run(max_examples=25, steps=40, is_thorough=True)
