"""GET /signaling: no WebSocket is served."""

from tests.api import Api


def test_socket_answers_503_in_json() -> None:
    answer = Api().get("/signaling")
    assert (answer.status_code, answer.json()["code"]) == (503, "service_unavailable")
    assert answer["Content-Type"] == "application/json"
    assert int(answer["Retry-After"]) > 0
