"""Who learns of what: each kind's rule, over people who read the object before, after, or both."""

import dataclasses
import uuid
from pathlib import Path

import pytest
from django.db import transaction

from activity.actors import Actor
from activity.audiences import NOBODY, Circle, Place
from activity.kind import Kind
from activity.kinds import KINDS, FavoriteAdded, InviteAdded, InviteRemoved, InviteUpdated
from activity.log import record
from activity.models import Activity, Audience
from rooms.models import Room

OWNER, STAYS, LEAVES, COMES = (uuid.UUID(int=number) for number in range(1, 5))
NAMES = {OWNER: "owner", STAYS: "stays", LEAVES: "leaves", COMES: "comes"}
BEFORE = Circle(owner=OWNER, readers=frozenset({STAYS, LEAVES}))
AFTER = Circle(owner=OWNER, readers=frozenset({STAYS, COMES}))

# By the end of a kind's name, and where a kind differs by its whole name.
LEARN = {
    "created": "owner stays comes",
    "updated": "owner stays",
    "deleted": "owner stays leaves",
    "event.instance_updated": "owner stays",
    "event.handed_over": "owner stays leaves comes",
    "sip.created": "owner stays",
    "sip.deleted": "owner stays",
    "invite.added": "owner stays leaves comes",
    "invite.updated": "owner stays leaves comes",
    "invite.removed": "owner stays leaves comes",
    "invite.claimed": "owner stays leaves comes",
    "invite.answered": "owner stays leaves comes",
    "proposal.accepted": "owner stays leaves comes",
    "proposal.refused": "owner stays leaves comes",
    "meeting.started": "owner stays comes",
    "meeting.ended": "owner stays comes",
    "participant.joined": "owner stays comes",
    "participant.left": "owner stays comes",
    "participant.role_changed": "owner stays comes",
    "chat.message_sent": "owner stays comes",
    "chat.history_cleared": "owner stays comes",
    "recording.started": "owner stays comes",
    "recording.paused": "owner stays comes",
    "recording.stopped": "owner stays comes",
    "recording.consent_changed": "owner stays comes",
    "vote.ended": "owner stays comes",
    "invite.refreshed": "",
    "invite.resent": "",
    "room.guessed": "owner",
    "room.unlocked": "owner",
    "code.created": "owner",
    "code.updated": "owner",
    "code.revoked": "owner",
    "favorite.added": "owner",
    "favorite.removed": "owner",
    "digest.updated": "owner",
    "user.created": "owner",
    "user.updated": "owner",
    "user.added": "owner",
    "user.signed_out": "owner",
    "user.seen_as": "owner",
    "user.signed_in": "owner",
    "user.sign_in_refused": "owner",
    "user.guessed": "owner",
    "user.unlocked": "owner",
    "user.password_set": "owner",
    "user.second_factor_set": "owner",
    "user.second_factor_removed": "owner",
    "user.recovery_code_used": "owner",
    "setup.created": "",
    "setup.updated": "",
    "setup.deleted": "",
    "mail.resent": "",
    "mail.aborted": "",
    "mail.address_suppressed": "",
    "mail.suppression_lifted": "",
    "mail.domain_released": "",
    "mail.processed_again": "",
    "job.requested": "",
    "settings.updated": "",
    "endpoint.disabled": "",
    "endpoint.enabled": "",
    "endpoint.refuses": "",
    "endpoint.pinged": "",
    "callback.given_up": "",
    "callback.skipped": "",
    "callback.redelivered": "",
    "extra.reported": "owner stays comes",
    "list.exported": "",
    "list.imported": "",
    "box.online": "owner stays comes",
    "box.offline": "owner stays comes",
    "sip_account.created": "owner",
    "sip_account.updated": "owner",
    "sip_account.deleted": "owner",
    "sip_account.registered": "owner",
    "sip_account.unregistered": "owner",
    "phone.updated": "owner",
    "dialplan.updated": "owner",
    "call_reverse.started": "owner",
    "call_reverse.stopped": "owner",
    "chat.message_posted": "owner stays leaves comes",
    "webhook.created": "owner",
    "cospace_session.ended": "owner",
    "compliance.listed": "",
    "compliance.read": "",
    "webhook.updated": "owner",
    "webhook.deleted": "owner",
    "tag.updated": "owner stays leaves comes",
    "object.trashed": "owner stays leaves",
    "object.restored": "owner stays comes",
    "object.purged": "owner stays leaves",
    "object.shared": "comes",
    "object.unshared": "leaves",
    "object.tagged": "owner stays",
    "object.metadata_changed": "owner stays",
    "user.metadata_changed": "owner",
    "trash.purged": "owner",
    "content.uploaded": "owner stays comes",
    "fax.converted": "owner stays comes",
    "announcement.converted": "owner stays comes",
    "presentation.converted": "owner stays comes",
    "conversion.retried": "",
    "fax.reported": "owner stays comes",
    "presentation.started": "owner stays comes",
    "presentation.stopped": "owner stays comes",
}


@pytest.mark.parametrize("kind", KINDS.values(), ids=list(KINDS))
def test_every_kind_has_a_rule(kind: type[Kind]) -> None:
    expected = LEARN.get(kind.name, LEARN.get(kind.name.split(".")[1]))
    assert " ".join(NAMES[person] for person in sorted(kind.audience(BEFORE, AFTER))) == expected


def test_missing_owner_is_told_nothing() -> None:
    assert [kind.name for kind in KINDS.values() if kind.audience(NOBODY, NOBODY)] == []


@pytest.mark.parametrize(
    ("kind", "before", "after", "expected"),
    [
        (
            InviteAdded(address="", invitee_id=None, role=""),
            Circle(owner=OWNER),
            Circle(owner=OWNER, readers=frozenset({COMES})),
            [("owner", True, True), ("comes", False, True)],
        ),
        (
            InviteRemoved(address="", invitee_id=None),
            Circle(owner=OWNER, readers=frozenset({LEAVES})),
            Circle(owner=OWNER),
            [("owner", True, True), ("leaves", True, False)],
        ),
        (
            InviteUpdated(address="", invitee_id=None, role=""),
            Circle(owner=OWNER, readers=frozenset({STAYS})),
            Circle(owner=OWNER, readers=frozenset({STAYS})),
            [("owner", True, True), ("stays", True, True)],
        ),
        (FavoriteAdded(), NOBODY, Circle(owner=OWNER), [("owner", False, True)]),
    ],
    ids=["comes", "leaves", "stays", "new"],
)
@pytest.mark.django_db
def test_audience_says_who_could_read_it_before_and_who_can_after(
    kind: Kind, before: Circle, after: Circle, expected: list[tuple[str, bool, bool]]
) -> None:
    with transaction.atomic():
        record(kind, actor=Actor.by_job("test"), subject=Room(), before=before, after=after)
    rows = Audience.objects.order_by("user_id")
    assert [(NAMES[row.user_id], row.read_before, row.reads_after) for row in rows] == expected


@pytest.mark.django_db
def test_transaction_stands_in_the_activity_and_in_its_audience() -> None:
    with transaction.atomic():
        record(FavoriteAdded(), actor=Actor.by_job("test"), subject=Room(), after=Circle(owner=OWNER))
    row = Audience.objects.select_related("activity").get()
    assert row.transaction_id == row.activity.transaction_id


@pytest.mark.django_db
def test_guest_and_participant_keep_id_and_name() -> None:
    guest, participant = uuid.uuid4(), uuid.uuid4()
    with transaction.atomic():
        for actor in (Actor.by_guest(guest, "Carol"), Actor.by_participant(participant, "Dave")):
            record(FavoriteAdded(), actor=actor, subject=Room(), place=Place(room_id=OWNER))
    columns = ("actor_kind", "actor_id", "actor_name", "via", "room_id")
    assert list(Activity.objects.order_by("position").values_list(*columns)) == [
        ("guest", guest, "Carol", "api", OWNER),
        ("participant", participant, "Dave", "protocol", OWNER),
    ]


def test_changed_data_has_a_new_version() -> None:
    """Rows of the log keep the members they were written with: data_versions.txt says which those are."""
    known = Path(__file__).with_name("data_versions.txt").read_text().splitlines()
    now = [
        " ".join([kind.name, f"{kind.version}:", *(member.name for member in dataclasses.fields(kind))])
        for kind in KINDS.values()
    ]
    assert [line for line in now if line not in known] == []
    keys = [line.split(":")[0] for line in known]
    assert len(keys) == len({*keys}), "two lines for one version"
