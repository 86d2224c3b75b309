"""meeting_report: who was in the meeting and when, as a file of the room."""

from signaling.commands import Command, ModeratorCommand
from signaling.effects import Answered, Ask, Effects, Event
from signaling.reports import asker, told
from signaling.room import Participant, Room


class GenerateAttendanceReport(ModeratorCommand, tag="generate_attendance_report"):
    include_email_addresses: bool = False


Commands = GenerateAttendanceReport


def handle(room: Room, who: Participant, command: Command) -> Effects:
    if isinstance(command, GenerateAttendanceReport):
        of = {"session_id": room.session, "asker": asker(who)}
        return [Ask("attendance", of | {"with_addresses": command.include_email_addresses})]
    return ()


def react(room: Room, event: Event) -> Effects:
    return told(room, event, failure="generate_failed") if isinstance(event, Answered) else ()
