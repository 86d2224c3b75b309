"""Input fields and query parameters by themselves."""

from datetime import UTC, datetime
from typing import Any

import pytest
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.test import APIRequestFactory

from rest import fields
from rest.errors import BadRequest
from rest.renderers import timestamp


def code_of(field: serializers.Field[Any, Any, Any, Any], value: Any) -> str:
    """The code of the one thing that is wrong."""
    with pytest.raises(serializers.ValidationError) as caught:
        field.run_validation(value)
    return str(caught.value.get_codes()[0])  # type: ignore[index]


def request(**query: Any) -> Request:
    return Request(APIRequestFactory().get("/v1/things", query))


@pytest.mark.parametrize(
    "text",
    [
        "2026-11-23T09:00:00Z",
        "2026-11-23t09:00:00z",
        "2026-11-23T10:00:00+01:00",
        "2026-11-23T10:00+01:00",
        "2026-11-23T04:00:00-05:00",
        "2026-11-23T09:00:00.000Z",
        "2026-11-23T09:00:00.999999999Z",
        "2026-11-23T09:00:00-00:00",
    ],
)
def test_instant_takes_any_offset_and_whole_seconds(text: str) -> None:
    assert fields.Instant().run_validation(text) == datetime(2026, 11, 23, 9, tzinfo=UTC)


@pytest.mark.parametrize("value", ["", "2026-11-23", "2026-11-23T09:00:00", "x", 5, True, [], "2026-11-23T24:01:00Z"])
def test_instant_refuses_what_has_no_offset(value: Any) -> None:
    assert code_of(fields.Instant(), value) == "invalid_type"


@pytest.mark.parametrize("text", ["0001-01-01T23:59:59Z", "9999-12-30T00:00:01Z", "9999-12-31T23:59:59-12:00"])
def test_instant_keeps_a_day_from_the_ends(text: str) -> None:
    assert code_of(fields.Instant(), text) == "out_of_range"


@pytest.mark.parametrize(
    ("instant", "text"),
    [
        (datetime(2026, 11, 23, 9, tzinfo=UTC), "2026-11-23T09:00:00Z"),
        (datetime(2026, 11, 23, 9, 0, 0, 999999, tzinfo=UTC), "2026-11-23T09:00:00Z"),
        (datetime(987, 1, 2, tzinfo=UTC), "0987-01-02T00:00:00Z"),
        (datetime.fromisoformat("2026-11-23T10:00:00+01:00"), "2026-11-23T09:00:00Z"),
    ],
)
def test_timestamp_is_the_frontends_spelling(instant: datetime, text: str) -> None:
    assert timestamp(instant) == text


def test_text_is_kept_as_it_is() -> None:
    assert fields.Text(max_length=5).run_validation(" \ta\n ") == " \ta\n "
    assert fields.Text().run_validation("") == ""


@pytest.mark.parametrize(
    ("value", "code"),
    [
        ("", "blank"),
        ("abcdef", "max_length"),
        (5, "invalid_type"),
        (True, "invalid_type"),
        (None, "null"),
        ([], "invalid_type"),
    ],
)
def test_text_names_what_is_wrong(value: Any, code: str) -> None:
    assert code_of(fields.Text(min_length=1, max_length=5), value) == code


@pytest.mark.parametrize("value", ["true", 1, 0, "", [], {}])
def test_flag_is_true_or_false(value: Any) -> None:
    assert fields.Flag().run_validation(True) is True
    assert code_of(fields.Flag(), value) == "invalid_type"


@pytest.mark.parametrize("name", ["Europe/Berlin", "Asia/Calcutta", "UTC", "Etc/GMT+5", "America/Argentina/Salta"])
def test_zone_is_echoed_as_given(name: str) -> None:
    assert fields.ZoneName().run_validation(name) == name


@pytest.mark.parametrize("value", ["europe/berlin", "Mars", "/etc/localtime", "Europe", "posixrules"])
def test_zone_is_an_iana_name(value: str) -> None:
    assert code_of(fields.ZoneName(), value) == "unknown_zone"


@pytest.mark.parametrize("value", ["", "x", 5, True, None, []])
def test_identifier_is_a_uuid_as_text(value: Any) -> None:
    assert code_of(fields.Identifier(), value) in {"invalid", "null"}


@pytest.mark.parametrize(
    ("field", "value", "code"),
    [
        (fields.EmailAddress(), "nobody", "invalid_email"),
        (fields.EmailAddress(), 5, "invalid_email"),
        (fields.EmailAddress(), '"a b"@example.org', "invalid_email"),
        (fields.EmailAddress(), "a@[127.0.0.1]", "invalid_email"),
        (fields.WebAddress(), "rtmp://x.example.org", "invalid_url"),
        (fields.AnyAddress(), "x.example.org", "invalid_url"),
    ],
)
def test_addresses_say_which_kind_they_are_not(field: Any, value: Any, code: str) -> None:
    assert code_of(field, value) == code


# --- Query parameters ---


def test_flag_in_a_query() -> None:
    assert fields.query_flag(request(a="true"), "a") is True
    assert fields.query_flag(request(a="false"), "a", None) is False
    assert fields.query_flag(request(), "a", None) is None


@pytest.mark.parametrize("text", ["", "1", "TRUE", "yes"])
def test_other_flags_in_a_query_are_refused(text: str) -> None:
    with pytest.raises(BadRequest):
        fields.query_flag(request(a=text), "a")


def test_words_in_a_query_are_repeated_or_separated() -> None:
    raw = Request(APIRequestFactory().get("/v1/things?a=x,y&a=z&a="))
    assert fields.query_words(raw, "a", {"x", "y", "z"}) == ["x", "y", "z"]
    assert fields.query_words(request(), "a", {"x"}) == []
    with pytest.raises(BadRequest):
        fields.query_words(raw, "a", {"x", "y"})


def test_number_in_a_query_is_clamped() -> None:
    assert fields.query_number(request(a="5000"), "a", 0, 1000) == 1000
    assert fields.query_number(request(), "a", 7, 1000) == 7
    for text in ("", "-1", "x", "1.5", "²", "9" * 50):
        with pytest.raises(BadRequest):
            fields.query_number(request(a=text), "a", 0, 1000)


def test_instant_in_a_query_survives_a_lost_plus() -> None:
    expected = datetime(2026, 11, 23, 9, tzinfo=UTC)
    for text in ("2026-11-23T10:00:00+01:00", "2026-11-23T10:00:00 01:00", "2026-11-23T09:00:00.000Z"):
        assert fields.query_instant(request(a=text), "a") == expected
    assert fields.query_instant(request(), "a") is None
    with pytest.raises(BadRequest):
        fields.query_instant(request(a=""), "a")


def test_empty_word_in_a_query_is_none_of_those_known() -> None:
    assert fields.query_word(request(), "a", "x", "y") == "x"
    with pytest.raises(BadRequest):
        fields.query_word(request(a=""), "a", "x", "y")
