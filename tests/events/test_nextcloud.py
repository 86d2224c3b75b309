"""The requests to Nextcloud, and its answers, the odd ones too."""

from typing import Any

import pytest
import time_machine

from events.shared_folders import FileServiceError
from events.shared_folders.nextcloud import PASSWORD_LETTERS, Nextcloud
from tests.events.nextcloud import DAV, SHARES, NextcloudServer
from tests.local_server import Reply
from tests.sweeps import sweep

PATH = "Open Talk/meetings/mine"


def ocs(data: Any, **meta: Any) -> Reply:
    return Reply({"ocs": {"meta": {"status": "ok", "statuscode": 200, "message": "OK"} | meta, "data": data}})


def failure(work: Any, *args: Any, **kwargs: Any) -> FileServiceError:
    with pytest.raises(FileServiceError) as raised:
        work(*args, **kwargs)
    assert "s3cr3t" not in str(raised.value)
    return raised.value


def test_missing_folders_above_are_made(cloud: NextcloudServer) -> None:
    folder = Nextcloud().create("mine")
    assert folder.path == PATH
    assert cloud.folders == {"Open Talk", "Open Talk/meetings", PATH}
    asked = len(cloud.asked)
    Nextcloud().create("other")
    assert len(cloud.asked) == asked + 3  # the folder and its two links


def test_folder_that_is_there_already_is_somebody_elses(cloud: NextcloudServer) -> None:
    first, second = Nextcloud().create("mine"), Nextcloud().create("mine")
    assert (first.path, second.path.rpartition("-")[0]) == (PATH, PATH)
    assert len(cloud.links(first.path)) == len(cloud.links(second.path)) == 2


@pytest.mark.parametrize(("directory", "path"), [("", "mine"), ("a/b/c", "a/b/c/mine"), ("Ö #?%", "Ö #?%/mine")])
def test_directory_is_the_operators_choice(cloud: NextcloudServer, settings: Any, directory: str, path: str) -> None:
    settings.NEXTCLOUD_DIRECTORY = directory
    assert Nextcloud().create("mine").path == path
    assert path in cloud.folders


def test_passwords_satisfy_strict_policies_and_differ(cloud: NextcloudServer) -> None:
    passwords = set()
    for number in range(5):
        folder = Nextcloud().create(str(number))
        passwords |= {folder.read_password, folder.write_password}
    assert len(passwords) == 10
    for password in passwords:
        assert len(password) == 20
        assert all(set(password) & set(letters) for letters in PASSWORD_LETTERS)


@time_machine.travel("2026-11-23T09:00:00Z", tick=False)
def test_links_expire_where_the_operator_says_so(cloud: NextcloudServer, settings: Any) -> None:
    settings.NEXTCLOUD_LINK_DAYS = 30
    Nextcloud().create("mine")
    assert {share["expireDate"] for share in cloud.shares.values()} == {"2026-12-23"}


def test_account_is_named_in_the_path_as_it_is_called(cloud: NextcloudServer) -> None:
    Nextcloud().create("mine")
    assert cloud.asked[0].path == f"{DAV}Open%20Talk/meetings/mine"


@sweep(
    "answer",
    [
        Reply(b"<?xml version='1.0'?><ocs/>"),
        Reply(b"[]"),
        Reply({"ocs": []}),
        Reply({"ocs": {"meta": {}, "data": {}}}),
        ocs([]),
        ocs({"id": "1"}),
        ocs({"url": "https://cloud.example.org/s/x"}),
        ocs({"id": "1", "url": "javascript:alert(1)"}),
        ocs({"id": "1", "url": "https://cloud.example.org/s/x"}, statuscode=403, message="Password is too common"),
        ocs({"id": "1", "url": "https://cloud.example.org/s/x"}, statuscode=None),
        Reply({"ocs": {"meta": {"statuscode": 200}, "data": {"id": "1", "url": "https://x.org"}}}, status=403),
    ],
    fast=4,
)
def test_answer_without_a_link_fails_and_names_the_folder_that_stays(cloud: NextcloudServer, answer: Reply) -> None:
    cloud.on(SHARES, answer)
    error = failure(Nextcloud().create, "mine")
    assert (error.left_behind, error.is_down) == (PATH, False)


def test_reason_is_told_to_the_operator(cloud: NextcloudServer) -> None:
    cloud.on(SHARES, ocs([], statuscode=403, message="Public upload disabled by the administrator"))
    assert "403 Public upload disabled by the administrator" in str(failure(Nextcloud().create, "mine"))


@pytest.mark.parametrize(
    ("status", "is_down"), [(401, True), (429, True), (500, True), (503, True), (403, False), (423, False), (507, True)]
)
def test_what_is_not_about_the_folder_says_that_nothing_works(
    cloud: NextcloudServer, status: int, is_down: bool
) -> None:
    cloud.failing = {"all": status}
    assert failure(Nextcloud().create, "mine").is_down is is_down
    assert failure(Nextcloud().delete, path=PATH, share_ids=[]).is_down is is_down


def test_wrong_password_is_down(cloud: NextcloudServer, settings: Any) -> None:
    settings.NEXTCLOUD_PASSWORD = "old"
    assert failure(Nextcloud().create, "mine").is_down


def test_redirect_is_not_followed(cloud: NextcloudServer) -> None:
    cloud.on(f"{DAV}Open%20Talk/meetings/mine", Reply(status=302, headers={"Location": "http://169.254.169.254/"}))
    failure(Nextcloud().create, "mine")
    assert len(cloud.asked) == 1


def test_all_requests_of_one_operation_share_the_deadline(cloud: NextcloudServer, settings: Any) -> None:
    settings.NEXTCLOUD_TIMEOUT_SECONDS = 1
    cloud.on(SHARES, Reply(b"x" * 100, drip_seconds=0.05))
    # The whole answer would come, be no JSON, and say nothing about the service.
    assert failure(Nextcloud().create, "mine").is_down


def test_deletion_takes_links_before_the_folder(cloud: NextcloudServer) -> None:
    folder = Nextcloud().create("mine")
    cloud.on(f"{DAV}Open%20Talk/meetings/mine", Reply(status=423))
    failure(Nextcloud().delete, path=folder.path, share_ids=[folder.read_share_id, folder.write_share_id])
    assert (cloud.shares, PATH in cloud.folders) == ({}, True)


def test_what_is_gone_is_deleted(cloud: NextcloudServer) -> None:
    Nextcloud().delete(path="gone", share_ids=["7", "", "../../users/x"])
    assert [asked.path for asked in cloud.asked] == [f"{SHARES}/7", f"{SHARES}/..%2F..%2Fusers%2Fx", f"{DAV}gone"]


def test_without_a_path_nothing_is_deleted(cloud: NextcloudServer) -> None:
    cloud.folders = {"", "Open Talk"}
    Nextcloud().delete(path="", share_ids=[])
    assert cloud.asked == []
