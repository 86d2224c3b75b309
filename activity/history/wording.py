"""What each kind of activity is called, and the sentence that tells of one: the catalogue beside kinds.py.

A sentence names `who` acted, the `meeting` or `room` it is about, the `object` that was changed with its `type`, and
members of the kind's data, all as `activity/history/entries.py` puts them into words.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from activity.history.families import FAMILIES
from activity.models import Activity

Text = str | Promise
Sentence = Text | Callable[[Activity], "Sentence"]


class Wording(NamedTuple):
    name: Text
    sentence: Sentence


def sentence_of(activity: Activity) -> str:
    """Of a kind that is gone, only its name."""
    sentence: Sentence = WORDING[activity.kind].sentence if activity.kind in WORDING else f"%(who)s: {activity.kind}"
    while callable(sentence) and not isinstance(sentence, Promise):
        sentence = sentence(activity)
    return str(sentence)


def name_of(kind: str) -> str:
    return str(WORDING[kind].name) if kind in WORDING else kind


def _own(own: Sentence, of_others: Sentence) -> Sentence:
    """People change their own account, or staff do."""
    return lambda activity: own if activity.actor_id == activity.subject_id else of_others


def _of(subject_type: str, about_it: Sentence, otherwise: Sentence) -> Sentence:
    return lambda activity: about_it if activity.subject_type == subject_type else otherwise


def _given(member: str, given: Sentence, missing: Sentence) -> Sentence:
    return lambda activity: given if activity.data.get(member) else missing


def _by(member: str, otherwise: Sentence, **sentences: Sentence) -> Sentence:
    return lambda activity: sentences.get(str(activity.data.get(member)), otherwise)


def _by_staff(by_staff: Sentence, otherwise: Sentence) -> Sentence:
    return lambda activity: by_staff if activity.actor_kind == Activity.ActorKind.STAFF else otherwise


def _by_another(by_another: Sentence, otherwise: Sentence) -> Sentence:
    """Whether somebody else than the participant acted."""
    return lambda activity: otherwise if str(activity.actor_id) in _ids(activity.data) else by_another


def _ids(participant: dict[str, Any]) -> tuple[str, ...]:
    return str(participant.get("participant_id")), str(participant.get("user_id"))


def _instance(activity: Activity) -> Sentence:
    if "status" not in activity.changes:
        return _("%(who)s changed one date of %(meeting)s")
    if activity.data.get("status") == "cancelled":
        return _("%(who)s cancelled one date of %(meeting)s")
    return _("%(who)s restored one date of %(meeting)s")


_CATALOGUE: dict[str, tuple[Text, Sentence]] = {
    # --- meetings ---
    "event.created": (_("Meeting planned"), _("%(who)s planned the meeting %(meeting)s")),
    "event.updated": (_("Meeting changed"), _("%(who)s changed the meeting %(meeting)s")),
    "event.instance_updated": (_("One date of a series changed"), _instance),
    "event.handed_over": (
        _("Meeting handed over"),
        _("%(who)s handed the meeting %(meeting)s over from %(former_organizer)s to %(organizer)s"),
    ),
    "event.deleted": (_("Meeting cancelled"), _("%(who)s cancelled the meeting %(meeting)s")),
    "invite.added": (_("Person invited"), _("%(who)s invited %(address)s to %(meeting)s, as %(role)s")),
    "invite.updated": (_("Role in a meeting changed"), _("%(who)s changed the role of %(address)s in %(meeting)s")),
    "invite.removed": (
        _("Invitation taken back"),
        _("%(who)s took back the invitation of %(address)s to %(meeting)s"),
    ),
    "invite.claimed": (
        _("Invitation moved to an account"),
        _("The invitation of %(address)s to %(meeting)s now belongs to the account with this address"),
    ),
    "invite.answered": (
        _("Invitation answered"),
        _by_staff(
            _by(
                "status",
                _("%(who)s recorded an answer of %(address)s to the invitation to %(meeting)s"),
                accepted=_("%(who)s recorded that %(address)s accepts the invitation to %(meeting)s"),
                tentative=_("%(who)s recorded that %(address)s will perhaps come to %(meeting)s"),
                declined=_("%(who)s recorded that %(address)s declines the invitation to %(meeting)s"),
            ),
            _by(
                "status",
                _("%(address)s answered the invitation to %(meeting)s"),
                accepted=_("%(address)s accepts the invitation to %(meeting)s"),
                tentative=_("%(address)s will perhaps come to %(meeting)s"),
                declined=_("%(address)s declines the invitation to %(meeting)s"),
            ),
        ),
    ),
    "invite.refreshed": (
        _("Meeting sent again to a calendar"),
        _("The calendar of %(address)s asked for %(meeting)s and got it as it is now"),
    ),
    "invite.resent": (
        _("Invitation sent again"),
        _("%(who)s sent %(address)s the invitation to %(meeting)s again"),
    ),
    "proposal.accepted": (
        _("Proposed time accepted"),
        _("%(who)s accepted the time that %(address)s proposed for %(meeting)s: %(starts_at)s"),
    ),
    "proposal.refused": (
        _("Proposed time refused"),
        _("%(who)s refused the time that %(address)s proposed for %(meeting)s: %(starts_at)s"),
    ),
    "favorite.added": (_("Favourite marked"), _("%(who)s marked %(meeting)s as a favourite")),
    "favorite.removed": (_("Favourite unmarked"), _("%(who)s no longer has %(meeting)s as a favourite")),
    "reminders.updated": (
        _("Reminders changed"),
        _of(
            "event",
            _("%(who)s changed the reminders of %(meeting)s"),
            _of(
                "user",
                _own(
                    _("%(who)s changed the usual reminders of all meetings"),
                    _("%(who)s changed the usual reminders of %(object)s"),
                ),
                _("%(who)s switched off all reminders by the link in one"),
            ),
        ),
    ),
    "digest.updated": (
        _("Mails about answers changed"),
        _own(
            _("%(who)s changed how often mails tell of answers"),
            _("%(who)s changed how often mails tell %(object)s of answers"),
        ),
    ),
    # --- rooms ---
    "room.created": (_("Room created"), _("%(who)s created the room %(room)s")),
    "room.updated": (_("Room changed"), _("%(who)s changed the room %(room)s")),
    "room.deleted": (_("Room deleted"), _("%(who)s deleted the room %(room)s")),
    "room.guessed": (
        _("Wrong passwords entered"),
        _("So many wrong passwords or PINs were entered for the room %(room)s that further tries wait"),
    ),
    "room.unlocked": (
        _("Lock-out lifted"),
        _("%(who)s let everybody try again who had to wait after wrong passwords or PINs for the room %(room)s"),
    ),
    "asset.created": (_("File stored"), _("%(who)s stored the file %(filename)s in the room %(room)s")),
    "asset.deleted": (_("File deleted"), _("%(who)s deleted the file %(filename)s from the room %(room)s")),
    "sip.created": (_("Dial-in opened"), _("%(who)s opened the dial-in of the room %(room)s")),
    "sip.updated": (
        _("Dial-in changed"),
        _("%(who)s changed the PIN or the lobby of the dial-in of the room %(room)s"),
    ),
    "sip.deleted": (_("Dial-in closed"), _("%(who)s closed the dial-in of the room %(room)s")),
    "code.created": (
        _("Guest code created"),
        _given(
            "address",
            _("%(who)s created a guest code for %(address)s in the room %(room)s"),
            _("%(who)s created a guest code for the room %(room)s"),
        ),
    ),
    "code.updated": (
        _("Guest code changed"),
        _("%(who)s changed when a guest code of the room %(room)s expires"),
    ),
    "code.revoked": (
        _("Guest code revoked"),
        _given(
            "address",
            _("%(who)s revoked the guest code of %(address)s in the room %(room)s"),
            _("%(who)s revoked a guest code of the room %(room)s"),
        ),
    ),
    # --- live meetings ---
    "meeting.started": (_("Live meeting started"), _("The first person joined the live meeting in %(room)s")),
    "meeting.ended": (
        _("Live meeting ended"),
        _by_staff(_("%(who)s ended the live meeting in %(room)s"), _("The live meeting in %(room)s ended")),
    ),
    "participant.joined": (_("Live meeting joined"), _("%(display_name)s joined the live meeting in %(room)s")),
    "participant.left": (
        _("Live meeting left"),
        _by_another(
            _by(
                "reason",
                _("%(who)s removed %(display_name)s from the live meeting in %(room)s"),
                banned=_("%(who)s banned %(display_name)s from the live meeting in %(room)s"),
                sent_to_waiting_room=_("%(who)s sent %(display_name)s to the waiting room of %(room)s"),
            ),
            _("%(display_name)s left the live meeting in %(room)s"),
        ),
    ),
    "participant.role_changed": (
        _("Role in a live meeting changed"),
        _by(
            "role",
            _("%(who)s made %(display_name)s an ordinary participant of the live meeting in %(room)s"),
            moderator=_("%(who)s made %(display_name)s a moderator of the live meeting in %(room)s"),
        ),
    ),
    "chat.message_sent": (
        _("Chat message sent"),
        _("%(display_name)s wrote to everybody in the live meeting in %(room)s"),
    ),
    "chat.history_cleared": (
        _("Chat cleared"),
        _("%(display_name)s cleared the chat of the live meeting in %(room)s"),
    ),
    "recording.started": (
        _("Recording started"),
        _by(
            "target_kind",
            _("%(who)s started to record the live meeting in %(room)s"),
            livestream=_("%(who)s started the live stream %(target)s of the live meeting in %(room)s"),
        ),
    ),
    "recording.paused": (
        _("Recording paused"),
        _by(
            "target_kind",
            _("%(who)s paused the recording of the live meeting in %(room)s"),
            livestream=_("%(who)s paused the live stream %(target)s of the live meeting in %(room)s"),
        ),
    ),
    "recording.stopped": (
        _("Recording stopped"),
        _by(
            "target_kind",
            _("The recording of the live meeting in %(room)s stopped"),
            livestream=_("The live stream %(target)s of the live meeting in %(room)s stopped"),
        ),
    ),
    "recording.consent_changed": (
        _("Consent to recording"),
        _given(
            "is_given",
            _("%(display_name)s agreed to be recorded in the live meeting in %(room)s"),
            _("%(display_name)s took back the consent to be recorded in the live meeting in %(room)s"),
        ),
    ),
    "vote.ended": (
        _("Vote ended"),
        _by(
            "outcome",
            _("The vote on %(vote)s in %(room)s ended: yes %(yes)s, no %(no)s, abstentions %(abstain)s"),
            canceled=_("The vote on %(vote)s in %(room)s was cancelled"),
            invalid=_("The vote on %(vote)s in %(room)s ended without a valid result"),
        ),
    ),
    # --- people ---
    "user.added": (_("Account created"), _("%(who)s created the account %(object)s")),
    "user.created": (_("First sign-in"), _("%(object)s signed in for the first time")),
    "user.updated": (
        _("Account changed"),
        _own(_("%(who)s changed their own account"), _("%(who)s changed the account %(object)s")),
    ),
    "user.signed_out": (
        _("Signed out"),
        _own(
            _given("everywhere", _("%(who)s signed out on all devices"), _("%(who)s signed out of one program")),
            _given(
                "everywhere",
                _("%(who)s signed %(object)s out on all devices"),
                _("%(who)s signed %(object)s out of one program"),
            ),
        ),
    ),
    "user.signed_in": (
        _("Signed in"),
        _by(
            "how",
            _("%(who)s signed in"),
            password=_("%(who)s signed in with a password"),
            code=_("%(who)s signed in with a password and a second factor"),
            identity_provider=_("%(who)s signed in by the identity provider"),
        ),
    ),
    "user.sign_in_refused": (
        _("Sign-in refused"),
        _by(
            "reason",
            _("%(who)s was refused at the sign-in by the identity provider"),
            unknown=_("%(who)s was refused at the sign-in by the identity provider: nobody here is this person"),
            not_staff=_("%(who)s was refused at the sign-in by the identity provider: may not use the admin"),
            disabled=_("%(who)s was refused at the sign-in by the identity provider: the account is disabled"),
            weak=_("%(who)s was refused at the sign-in by the identity provider: no second factor was asked there"),
        ),
    ),
    "user.guessed": (
        _("Wrong passwords at the sign-in"),
        _("So many wrong passwords were typed for %(object)s that further tries wait"),
    ),
    "user.unlocked": (
        _("Sign-in unlocked"),
        _("%(who)s let everybody try again who had to wait after wrong passwords for %(object)s"),
    ),
    "user.password_set": (
        _("Password set by staff"),
        _given(
            "is_usable",
            _("%(who)s set another password for %(object)s"),
            _("%(who)s removed the password of %(object)s"),
        ),
    ),
    "user.second_factor_set": (
        _("Second factor set up"),
        _("%(object)s signs in with a code of an app from now on"),
    ),
    "user.second_factor_removed": (
        _("Second factor removed"),
        _own(_("%(who)s removed their second factor"), _("%(who)s removed the second factor of %(object)s")),
    ),
    "user.recovery_code_used": (
        _("Recovery code used"),
        _("%(object)s signed in with a recovery code; so many are left: %(left)s"),
    ),
    "user.seen_as": (
        _("Looked at as a person"),
        _by(
            "page",
            _("%(who)s looked at what %(object)s sees"),
            agenda=_("%(who)s looked at the agenda as %(object)s sees it"),
            event=_("%(who)s looked at %(meeting)s as %(object)s sees it"),
        ),
    ),
    "list.exported": (_("List exported"), _("%(who)s exported a list: %(list)s (rows: %(count)s)")),
    "list.imported": (_("List imported"), _("%(who)s imported a list: %(list)s (rows: %(count)s)")),
    # --- what staff set up ---
    "setup.created": (_("Set-up: created"), _("%(who)s created: %(type)s %(object)s")),
    "setup.updated": (_("Set-up: changed"), _("%(who)s changed: %(type)s %(object)s")),
    "setup.deleted": (_("Set-up: deleted"), _("%(who)s deleted: %(type)s %(object)s")),
    "settings.updated": (_("Site settings changed"), _("%(who)s changed the site's settings")),
    "job.requested": (_("Job started by hand"), _("%(who)s let a job run at once: %(object)s")),
    # --- mails ---
    "mail.resent": (_("Mail sent again"), _("%(who)s sent a mail to %(address)s again: %(kind)s")),
    "mail.aborted": (_("Mail stopped"), _("%(who)s stopped a mail to %(address)s: %(kind)s")),
    "mail.address_suppressed": (
        _("Address suppressed"),
        _("No more mails go to %(address)s: %(reason)s"),
    ),
    "mail.suppression_lifted": (_("Suppression lifted"), _("%(who)s let %(address)s have mails again")),
    "mail.domain_released": (
        _("Held domain released"),
        _("%(who)s let mails to %(domain)s go at once"),
    ),
    "mail.processed_again": (
        _("Incoming mail processed again"),
        _("%(who)s let a mail of %(address)s be processed again: %(verdict)s"),
    ),
    # --- callbacks ---
    "endpoint.disabled": (
        _("Callbacks switched off"),
        _by(
            "reason",
            _("%(who)s switched off the callbacks to %(host)s"),
            gone=_("Callbacks to %(host)s were switched off: the address says that it is gone for good"),
            failing=_("Callbacks to %(host)s were switched off: none arrived for days"),
        ),
    ),
    "endpoint.enabled": (_("Callbacks switched on"), _("%(who)s switched on the callbacks to %(host)s")),
    "endpoint.refuses": (
        _("Callbacks refused"),
        _("%(host)s has been refusing callbacks for an hour, with status %(status)s"),
    ),
    "endpoint.pinged": (_("Test callback sent"), _("%(who)s sent a test callback to %(host)s")),
    "callback.given_up": (
        _("Callback given up"),
        _("A callback to %(host)s was given up after the last try: %(error)s"),
    ),
    "callback.skipped": (_("Callback skipped"), _("%(who)s skipped a callback to %(host)s")),
    "callback.redelivered": (
        _("Callbacks sent again"),
        _("%(who)s sent callbacks to %(host)s again (%(count)s)"),
    ),
}
WORDING = {kind: Wording(*texts) for kind, texts in (_CATALOGUE | FAMILIES).items()}
