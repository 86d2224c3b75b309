"""GET /.well-known/opentalk/api (contract 1)."""

from tests.api import Api


def test_anybody_learns_where_the_api_is() -> None:
    answer = Api(authorization="Bearer expired").get("/.well-known/opentalk/api")
    assert answer.status_code == 200
    assert answer.json() == {"opentalk_api": {"v1": {"base_url": "v1"}}}
