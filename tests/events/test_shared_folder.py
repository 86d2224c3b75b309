"""GET, PUT, DELETE /v1/events/{id}/shared_folder (contract 11) and has_shared_folder of POST and PATCH events."""

import uuid
from typing import Any

import pytest
from django.core import mail
from django.db import connection

from events.models import Event, FolderDeletion, SharedFolder
from events.shared_folders import Folder, nextcloud
from mailer.models import OutgoingMail
from mailer.send import deliver_due
from operations.models import JobRun
from operations.tasks import run_job
from tests import factories
from tests.circle import GUEST, Circle
from tests.events.changes import FORM, change
from tests.events.nextcloud import NextcloudServer
from tests.local_server import Reply
from tests.traces import Traces

pytestmark = pytest.mark.django_db

FORCE = {"force_delete_reference_if_shared_folder_deletion_fails": "true"}
TWO_MAILS = [("alice@example.com", "registered_event_update", 1), ("bob@example.com", "registered_event_update", 1)]

# Refused only when the change is under way.
KEYLESS = {
    "id": str(uuid.uuid4()),
    "name": "Video site",
    "streaming_endpoint": "rtmp://live.example.org/app",
    "public_url": "https://video.example.org/42",
}


def path(circle: Circle) -> str:
    return f"{circle.path}/shared_folder"


def folder_path(event_id: Any) -> str:
    return f"Open Talk/meetings/opentalk-event-{event_id}"


def put(circle: Circle, **query: Any) -> Any:
    return circle.api("creator").request("PUT", path(circle), query=query)


def delete(circle: Circle, **query: Any) -> Any:
    return circle.api("creator").delete(path(circle), **query)


def with_folder(**fields: Any) -> Circle:
    circle = Circle(**fields)
    assert put(circle, suppress_email_notification="true").status_code == 201
    return circle


# --- Who may ---


@pytest.mark.slow
@pytest.mark.parametrize(
    ("who", "get", "change"),
    [
        ("anonymous", 401, 401),
        ("stranger", 403, 403),
        ("other tenant", 403, 403),
        ("guest", GUEST, GUEST),
        ("invitee", 200, 403),
        ("creator", 200, None),
    ],
)
def test_everybody_in_it_reads_and_only_the_creator_changes(
    cloud: NextcloudServer, who: str, get: int, change: int | None
) -> None:
    circle = with_folder()
    api = circle.api(who)
    assert api.get(path(circle)).status_code == get
    assert api.request("PUT", path(circle)).status_code == (change or 200)
    assert api.delete(path(circle)).status_code == (change or 204)


def test_unknown_event_is_forbidden_like_a_foreign_one(cloud: NextcloudServer) -> None:
    api, unknown = Circle().api("creator"), f"/v1/events/{uuid.uuid4()}/shared_folder"
    answers = [api.get(unknown), api.request("PUT", unknown), api.delete(unknown)]
    assert [answer.status_code for answer in answers] == [403, 403, 403]


# --- GET ---


def test_event_without_one_has_none_to_show() -> None:
    circle = Circle()
    assert circle.api("creator").get(path(circle)).status_code == 404
    assert "shared_folder" not in circle.api("creator").get(circle.path).json()


@pytest.mark.slow
def test_only_the_creator_sees_how_to_write(cloud: NextcloudServer) -> None:
    circle = with_folder()
    read, write = cloud.links(folder_path(circle.event.pk))
    readable = {"read": {"url": read["url"], "password": read["password"]}}
    writable = readable | {"read_write": {"url": write["url"], "password": write["password"]}}
    for who, expected in (("creator", writable), ("invitee", readable)):
        assert circle.api(who).get(path(circle)).json() == expected
        assert circle.api(who).get(circle.path).json()["shared_folder"] == expected
        assert circle.api(who).get("/v1/events").json()[0]["shared_folder"] == expected


# --- PUT ---


def test_folder_has_a_link_to_read_and_one_to_write(cloud: NextcloudServer) -> None:
    circle = Circle()
    answer = put(circle)
    assert answer.status_code == 201
    assert answer.json() == circle.api("creator").get(path(circle)).json()
    assert cloud.folders == {"Open Talk", "Open Talk/meetings", folder_path(circle.event.pk)}
    read, write = cloud.links(folder_path(circle.event.pk))
    assert (read["permissions"], write["permissions"]) == (1, 15)
    assert read["password"] != write["password"]
    assert "expireDate" not in read


@pytest.mark.slow
def test_everybody_is_mailed_and_only_the_creator_gets_the_link_to_write(cloud: NextcloudServer) -> None:
    circle = Circle()
    traces = Traces()
    seen = put(circle).json()
    assert traces.mails() == TWO_MAILS
    assert traces.activities() == [("event.updated", ["alice", "bob"])]
    assert traces.last("event.updated").changes == {"has_shared_folder": [False, True]}
    folders = {row.address: row.message["event"]["shared_folder"] for row in OutgoingMail.objects.all()}
    assert folders == {"alice@example.com": seen, "bob@example.com": {"read": seen["read"]}}
    deliver_due()
    bob = next(message for message in mail.outbox if "bob" in message.to[0])
    assert seen["read"]["url"] in bob.body
    assert seen["read_write"]["url"] not in str(bob.message())
    secrets = {seen["read"]["password"], seen["read_write"]["password"]}
    assert not any(secret in str(activity.__dict__) for activity in traces.log() for secret in secrets)


@pytest.mark.slow
def test_one_that_is_there_already_is_answered_and_not_mailed(cloud: NextcloudServer, settings: Any) -> None:
    circle = with_folder()
    seen, traces = circle.api("creator").get(path(circle)).json(), Traces()
    settings.SHARED_FOLDERS = "none"
    answer = put(circle)
    assert (answer.status_code, answer.json()) == (200, seen)
    assert traces.is_empty()
    assert len(cloud.shares) == 2


@pytest.mark.slow
def test_suppressed_change_is_logged_but_not_mailed(cloud: NextcloudServer) -> None:
    circle = Circle()
    traces = Traces()
    put(circle, suppress_email_notification="true")
    delete(circle, suppress_email_notification="true")
    assert traces.mails() == []
    assert [kind for kind, _who in traces.activities()] == ["event.updated"] * 2


def test_server_without_a_file_service_says_so() -> None:
    answer = put(Circle())
    assert (answer.status_code, answer.json()["code"]) == (400, "bad_request")
    assert answer.json()["message"] == "No shared folder configured for this server"


@pytest.mark.slow
@pytest.mark.parametrize("failing", [{"MKCOL": 503}, {"POST": 500}, {"MKCOL": 403}, {"POST": 403}, {"all": 401}])
def test_failing_file_service_changes_nothing_here_and_leaves_nothing_there(
    cloud: NextcloudServer, failing: dict[str, int]
) -> None:
    circle = Circle()
    traces = Traces()
    cloud.failing = failing
    answer = put(circle)
    assert (answer.status_code, answer.json()["code"]) == (503, "service_unavailable")
    assert not SharedFolder.objects.exists()
    assert traces.is_empty()
    cloud.failing = {}
    run_job("sync-shared-folders")
    assert folder_path(circle.event.pk) not in cloud.folders
    assert put(circle).status_code == 201


@pytest.mark.slow
def test_second_link_that_fails_leaves_nothing_there(cloud: NextcloudServer) -> None:
    circle = Circle()

    def fail_after_one() -> None:
        cloud.failing = {"POST": 500}

    share = cloud._share
    cloud._share = lambda form: (share(form), fail_after_one())[0]  # type: ignore[method-assign,func-returns-value]
    assert put(circle).status_code == 503
    assert len(cloud.shares) == 1
    cloud.failing = {}
    run_job("sync-shared-folders")
    assert folder_path(circle.event.pk) not in cloud.folders


def test_silent_file_service_is_not_waited_for(cloud: NextcloudServer) -> None:
    circle = Circle()
    cloud.close()
    assert put(circle).status_code == 503


@pytest.mark.slow
def test_two_at_once_leave_one_folder(cloud: NextcloudServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """The second asks while the first has made its folder and not yet stored it."""
    circle = Circle()
    create = nextcloud.Nextcloud.create

    def slow(self: Any, name: str) -> Folder:
        made = create(self, name)
        monkeypatch.setattr(nextcloud.Nextcloud, "create", create)
        assert put(circle).status_code == 201
        return made

    monkeypatch.setattr(nextcloud.Nextcloud, "create", slow)
    traces = Traces()
    assert put(circle).status_code == 200
    assert traces.mails() == TWO_MAILS
    run_job("sync-shared-folders")
    stored = SharedFolder.objects.get()
    assert {folder for folder in cloud.folders if "event" in folder} == {stored.path}
    assert {share["url"] for share in cloud.shares.values()} == {stored.read_url, stored.write_url}


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_file_service_is_asked_while_no_row_is_locked(cloud: NextcloudServer, monkeypatch: pytest.MonkeyPatch) -> None:
    circle = Circle()

    def unlocked(work: Any) -> Any:
        def checked(*args: Any, **kwargs: Any) -> Any:
            assert not connection.in_atomic_block
            return work(*args, **kwargs)

        return checked

    for name in ("create", "delete"):
        monkeypatch.setattr(nextcloud.Nextcloud, name, unlocked(getattr(nextcloud.Nextcloud, name)))
    assert put(circle).status_code == 201
    assert change(circle, {"has_shared_folder": False}).status_code == 200
    assert change(circle, {"has_shared_folder": True}).status_code == 200
    assert delete(circle).status_code == 204
    body = factories.WEEKLY | {"has_shared_folder": True}
    assert circle.api("creator").post("/v1/events", body).status_code == 201
    run_job("sync-shared-folders")
    assert JobRun.objects.get().state == "succeeded"


# --- DELETE ---


@pytest.mark.slow
def test_folder_goes_with_its_links(cloud: NextcloudServer) -> None:
    circle = with_folder()
    traces = Traces()
    answer = delete(circle)
    assert (answer.status_code, answer.content) == (204, b"")
    assert cloud.folders == {"Open Talk", "Open Talk/meetings"}
    assert cloud.shares == {}
    assert circle.api("creator").get(path(circle)).status_code == 404
    assert [(address, kind) for address, kind, _sequence in traces.mails()] == [mail[:2] for mail in TWO_MAILS]
    assert OutgoingMail.objects.last().message["event"]["shared_folder"] is None
    assert traces.last("event.updated").changes == {"has_shared_folder": [True, False]}
    assert not FolderDeletion.objects.exists()


def test_nothing_to_delete_is_fine_and_mails_nobody() -> None:
    circle = Circle()
    traces = Traces()
    assert delete(circle).status_code == 204
    assert traces.is_empty()


@pytest.mark.slow
def test_what_is_gone_there_already_is_deleted_here(cloud: NextcloudServer) -> None:
    circle = with_folder()
    cloud.folders, cloud.shares = set(), {}
    assert delete(circle).status_code == 204
    assert not SharedFolder.objects.exists()


@pytest.mark.slow
@pytest.mark.parametrize("forced", [{}, {"force_delete_reference_if_shared_folder_deletion_fails": "false"}])
def test_failing_deletion_keeps_the_folder_unless_forced(cloud: NextcloudServer, forced: dict[str, str]) -> None:
    circle = with_folder()
    traces = Traces()
    cloud.failing = {"DELETE": 500}
    answer = delete(circle, **forced)
    assert (answer.status_code, answer.json()["code"]) == (503, "service_unavailable")
    assert circle.api("creator").get(path(circle)).status_code == 200
    assert traces.is_empty()
    assert not FolderDeletion.objects.exists()


@pytest.mark.slow
def test_forced_deletion_is_done_here_and_asked_for_until_it_is_done_there(cloud: NextcloudServer) -> None:
    circle = with_folder()
    traces = Traces()
    cloud.failing = {"DELETE": 500}
    assert delete(circle, **FORCE).status_code == 204
    assert circle.api("creator").get(path(circle)).status_code == 404
    assert len(traces.mails()) == 2
    run_job("sync-shared-folders")
    assert FolderDeletion.objects.get().tried_at is not None
    assert folder_path(circle.event.pk) in cloud.folders
    cloud.failing = {}
    run_job("sync-shared-folders")
    assert folder_path(circle.event.pk) not in cloud.folders
    assert cloud.shares == {}
    assert not FolderDeletion.objects.exists()


@pytest.mark.slow
def test_new_folder_is_not_hit_by_the_deletion_of_the_old_one(cloud: NextcloudServer) -> None:
    circle = with_folder()
    cloud.failing = {"DELETE": 500}
    delete(circle, **FORCE)
    assert put(circle).status_code == 201
    cloud.failing = {}
    run_job("sync-shared-folders")
    stored = SharedFolder.objects.get()
    assert {folder for folder in cloud.folders if "event" in folder} == {stored.path}
    assert len(cloud.links(stored.path)) == len(cloud.shares) == 2


@pytest.mark.slow
def test_folder_that_was_added_meanwhile_stays(cloud: NextcloudServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two delete at once, and before the slower one is done there is a new one."""
    circle = with_folder()
    delete_there = nextcloud.Nextcloud.delete

    def slow(self: Any, **what: Any) -> None:
        delete_there(self, **what)
        monkeypatch.setattr(nextcloud.Nextcloud, "delete", delete_there)
        assert delete(circle).status_code == 204
        assert put(circle).status_code == 201

    monkeypatch.setattr(nextcloud.Nextcloud, "delete", slow)
    assert delete(circle).status_code == 204
    assert SharedFolder.objects.get().path in cloud.folders


@pytest.mark.slow
def test_file_service_that_is_no_longer_configured_needs_force(cloud: NextcloudServer, settings: Any) -> None:
    circle = with_folder()
    settings.SHARED_FOLDERS = "none"
    assert delete(circle).status_code == 503
    assert delete(circle, **FORCE).status_code == 204
    run_job("sync-shared-folders")
    assert FolderDeletion.objects.get().path == folder_path(circle.event.pk)


@pytest.mark.slow
@pytest.mark.parametrize(
    "name", ["force_delete_reference_if_shared_folder_deletion_fails", "suppress_email_notification"]
)
def test_wrong_query_is_a_bad_request(cloud: NextcloudServer, name: str) -> None:
    circle = with_folder()
    answer = delete(circle, **{name: "1"})
    assert (answer.status_code, answer.json()["code"]) == (400, "bad_request")
    assert SharedFolder.objects.exists()


# --- With the event ---


def create(circle: Circle, **fields: Any) -> Any:
    return circle.api("creator").post("/v1/events", factories.WEEKLY | {"has_shared_folder": True} | fields)


@pytest.mark.slow
def test_new_event_has_its_folder_in_the_first_mail(cloud: NextcloudServer) -> None:
    circle = Circle()
    traces = Traces()
    answer = create(circle)
    assert answer.status_code == 201
    assert set(answer.json()["shared_folder"]) == {"read", "read_write"}
    assert folder_path(answer.json()["id"]) in cloud.folders
    assert traces.mails() == [("alice@example.com", "registered_event_invite", 0)]
    assert OutgoingMail.objects.get().message["event"]["shared_folder"] == answer.json()["shared_folder"]
    assert [kind for kind, _who in traces.activities()] == ["room.created", "event.created"]


@pytest.mark.slow
def test_new_event_does_not_wait_for_its_folder(cloud: NextcloudServer) -> None:
    circle = Circle()
    cloud.failing = {"all": 503}
    answer = create(circle)
    assert answer.status_code == 201
    assert "shared_folder" not in answer.json()
    event_path = f"/v1/events/{answer.json()['id']}"
    assert circle.api("creator").get(f"{event_path}/shared_folder").status_code == 404
    for instance in circle.api("creator").get(f"{event_path}/instances", per_page="2").json():
        assert "shared_folder" not in instance
    traces = Traces()
    run_job("sync-shared-folders")
    assert traces.is_empty()
    assert "503" in SharedFolder.objects.get().last_error
    cloud.failing = {}
    run_job("sync-shared-folders")
    assert set(circle.api("creator").get(event_path).json()["shared_folder"]) == {"read", "read_write"}
    assert traces.mails() == [("alice@example.com", "registered_event_update", 1)]
    assert traces.last("event.updated").actor_name == "sync-shared-folders"
    run_job("sync-shared-folders")
    assert len(cloud.shares) == 2


@pytest.mark.parametrize(
    "wrong", [{"recurrence_pattern": ["RRULE:FREQ=MINUTELY"]}, {"streaming_targets": [KEYLESS]}, {"title": 5}]
)
def test_event_that_is_refused_leaves_no_folder(cloud: NextcloudServer, wrong: dict[str, Any]) -> None:
    circle = Circle()
    assert create(circle, **wrong).status_code in {400, 422}
    run_job("sync-shared-folders")
    assert not any("opentalk-event" in folder for folder in cloud.folders)
    assert not SharedFolder.objects.exists()


@pytest.mark.slow
def test_change_of_the_event_brings_and_takes_the_folder_with_one_mail(cloud: NextcloudServer) -> None:
    circle = Circle()
    traces = Traces()
    answer = change(circle, {"title": "Other", "has_shared_folder": True})
    assert set(answer.json()["shared_folder"]) == {"read", "read_write"}
    assert traces.mails() == TWO_MAILS
    assert set(traces.last("event.updated").changes) == {"title", "has_shared_folder"}
    traces = Traces()
    assert "shared_folder" not in change(circle, {"has_shared_folder": False}).json()
    assert len(traces.mails()) == 2
    run_job("sync-shared-folders")
    assert cloud.folders == {"Open Talk", "Open Talk/meetings"}


@pytest.mark.slow
def test_whole_form_says_again_what_is_so_already(cloud: NextcloudServer, settings: Any) -> None:
    circle = with_folder()
    settings.SHARED_FOLDERS = "none"
    traces = Traces()
    assert change(circle, FORM | {"has_shared_folder": True}).status_code == 200
    assert traces.is_empty()
    assert SharedFolder.objects.exists()


@pytest.mark.slow
def test_change_is_not_lost_with_the_file_service(cloud: NextcloudServer) -> None:
    circle = Circle()
    cloud.failing = {"all": 503}
    answer = change(circle, {"title": "Other", "has_shared_folder": True})
    assert (answer.status_code, answer.json()["title"]) == (200, "Other")
    assert change(circle, {"has_shared_folder": False}).status_code == 200
    assert not SharedFolder.objects.exists()
    assert change(circle, {"has_shared_folder": True}).status_code == 200
    cloud.failing = {}
    assert put(circle).status_code == 201
    run_job("sync-shared-folders")
    assert len(cloud.shares) == 2


@pytest.mark.slow
def test_change_that_is_refused_leaves_no_folder(cloud: NextcloudServer) -> None:
    circle = Circle()
    assert change(circle, {"has_shared_folder": True, "streaming_targets": [KEYLESS]}).status_code == 422
    assert FolderDeletion.objects.get().path == folder_path(circle.event.pk)
    run_job("sync-shared-folders")
    assert folder_path(circle.event.pk) not in cloud.folders


@pytest.mark.slow
@pytest.mark.parametrize("flag", [{}, {"force_delete_reference_if_external_services_fail": "true"}])
def test_event_goes_whatever_the_file_service_says_and_its_folder_later(
    cloud: NextcloudServer, flag: dict[str, str]
) -> None:
    circle = with_folder()
    cloud.failing = {"all": 503}
    traces = Traces()
    assert circle.api("creator").delete(circle.path, **flag).status_code == 204
    assert not Event.objects.exists()
    assert len(traces.mails()) == 2
    run_job("sync-shared-folders")
    assert folder_path(circle.event.pk) in cloud.folders
    cloud.failing = {}
    run_job("sync-shared-folders")
    assert cloud.folders == {"Open Talk", "Open Talk/meetings"}
    assert cloud.shares == {}


@pytest.mark.slow
def test_cancellation_carries_no_way_to_the_folder(cloud: NextcloudServer) -> None:
    circle = with_folder()
    stored = SharedFolder.objects.get()
    circle.api("creator").delete(circle.path)
    deliver_due()
    assert len(mail.outbox) == 2
    for message in mail.outbox:
        text = message.message().as_string() + message.body + str(message.alternatives)
        for secret in (stored.read_url, stored.read_password, stored.write_url, stored.write_password):
            assert secret not in text


def test_wrong_flag_deletes_no_event() -> None:
    circle = Circle()
    answer = circle.api("creator").delete(circle.path, force_delete_reference_if_external_services_fail="1")
    assert (answer.status_code, Event.objects.count()) == (400, 1)


# --- The job ---


@pytest.mark.slow
def test_dry_run_counts_and_asks_nobody(cloud: NextcloudServer) -> None:
    circle = with_folder()
    FolderDeletion.objects.create(path="old")
    SharedFolder.objects.create(event=factories.event(circle.alice))
    asked = len(cloud.asked)
    run_job("sync-shared-folders", is_dry_run=True)
    assert JobRun.objects.get().touched == 2
    assert len(cloud.asked) == asked


@pytest.mark.slow
def test_folder_that_is_refused_does_not_hold_up_the_others(cloud: NextcloudServer) -> None:
    circle = with_folder()
    cloud.on("/remote.php/dav/files/meet%20ings/locked", Reply(status=423))
    for name in ("locked", *cloud.folders):
        FolderDeletion.objects.create(path=name)
    run_job("sync-shared-folders", limit=1)
    assert FolderDeletion.objects.exclude(tried_at=None).get().path == "locked"
    run_job("sync-shared-folders")
    assert FolderDeletion.objects.get().path == "locked"
    assert cloud.folders == set()
    assert circle.event


def test_service_that_is_down_is_asked_once_a_run(cloud: NextcloudServer) -> None:
    cloud.failing = {"all": 503}
    for number in range(5):
        FolderDeletion.objects.create(path=str(number))
    run_job("sync-shared-folders")
    assert len(cloud.asked) == 1


@pytest.mark.slow
def test_folder_for_an_event_that_goes_meanwhile_goes_too(
    cloud: NextcloudServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    circle = Circle()
    SharedFolder.objects.create(event=circle.event)
    create = nextcloud.Nextcloud.create

    def slow(self: Any, name: str) -> Folder:
        made = create(self, name)
        circle.api("creator").delete(circle.path)
        return made

    monkeypatch.setattr(nextcloud.Nextcloud, "create", slow)
    run_job("sync-shared-folders")
    assert not SharedFolder.objects.exists()
    run_job("sync-shared-folders")
    assert cloud.folders == {"Open Talk", "Open Talk/meetings"}
