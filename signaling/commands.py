"""The base of all commands: `action` says which one of its module's a payload is."""

import msgspec


class Command(msgspec.Struct, tag_field="action"):
    """The tag is the wire's action: `class RaiseHand(Command, tag="raise_hand")`. Unknown members are ignored."""


class ModeratorCommand(Command):
    """Others get the error `insufficient_permissions` of its namespace, and the module does not see it."""


class OpeningCommand(Command):
    """Opens the room's session where none is live, and has what other apps say of the room read anew."""


class SignalCommand(Command):
    """Goes to the media server. A client sends dozens at once when it comes, so a socket may send ten times as many."""
