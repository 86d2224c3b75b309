"""Reminders on the wire: rules, of a person for all meetings, and of one meeting."""

import re
from collections.abc import Iterable
from typing import Any

from rest_framework import serializers

from calendars import reminders
from calendars.reminders import MOST_DAYS, MOST_MINUTES, Rule
from events.digest_models import Digest
from events.services.reminders import MOST_RULES
from rest import fields

_CLOCK = re.compile(r"([01][0-9]|2[0-3]):[0-5][0-9]", re.ASCII)


class ClockTime(fields.Text):
    """`18:00`, by a clock of 24 hours."""

    default_error_messages = {"invalid_value": "This is not a time such as 18:00"}

    def to_internal_value(self, data: Any) -> str:
        text = super().to_internal_value(data)
        if not _CLOCK.fullmatch(text):
            self.fail("invalid_value")
        return text


class ReminderRule(serializers.Serializer[Any]):
    """Either `minutes_before`; or `days_before` and `at`, by the receiver's clock."""

    default_error_messages = {"invalid_value": "Give either minutes_before, or both days_before and at"}

    minutes_before = fields.WholeNumber(min_value=0, max_value=MOST_MINUTES, required=False)
    days_before = fields.WholeNumber(min_value=0, max_value=MOST_DAYS, required=False)
    at = ClockTime(min_length=5, max_length=5, required=False)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if attrs.keys() not in ({"minutes_before"}, {"days_before", "at"}):
            self.fail("invalid_value")
        return attrs


class UsualReminders(serializers.Serializer[Any]):
    """`enabled` false: no reminder of any meeting, whoever asks for it."""

    enabled = fields.Flag()
    reminders = fields.several(ReminderRule, MOST_RULES)


class EventRemindersInput(serializers.Serializer[Any]):
    """An empty list: none of this event; null: as usual."""

    reminders = fields.Items(child=ReminderRule(), max_length=MOST_RULES, allow_null=True)


class EventReminders(EventRemindersInput):
    for_everybody = fields.several(ReminderRule, MOST_RULES)


def rules(data: Iterable[dict[str, Any]]) -> list[Rule]:
    return [reminders.read(rule) for rule in data]


class AnswerMailsInput(serializers.Serializer[Any]):
    frequency = serializers.ChoiceField(Digest.Frequency.choices)
    at = ClockTime(min_length=5, max_length=5, required=False, help_text="By your clock, if `daily`")


class AnswerMails(AnswerMailsInput):
    at = ClockTime(min_length=5, max_length=5)
