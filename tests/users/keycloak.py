"""Speaks the part of Keycloak's admin API that the site uses, as Keycloak 24 to 26 do."""

import json
import uuid
from typing import Any
from urllib.parse import parse_qs

from tests.local_server import Asked, LocalServer, Reply

REALM = "meet & greet"
TOKEN = "/realms/meet%20%26%20greet/protocol/openid-connect/token"
USERS = "/admin/realms/meet%20%26%20greet/users"


class KeycloakServer(LocalServer):
    """`people` are its accounts; a token is good for `lifetime` seconds and while it is in `tokens`."""

    def __init__(self) -> None:
        super().__init__()
        self.people: list[dict[str, Any]] = []
        self.tokens: list[str] = []
        self.lifetime = 60
        self.on(TOKEN, self._token)
        self.on(USERS, self._users)

    def add(self, email: str, /, first: str = "Dora", last: str = "Dorn", **fields: Any) -> str:
        attributes = fields.pop("attributes", {})
        row = {"id": str(uuid.uuid4()), "username": email, "enabled": True, "email": email, "attributes": attributes}
        self.people.append(row | {"firstName": first, "lastName": last} | fields)
        return row["id"]

    def _token(self, asked: Asked) -> Reply:
        form = {name: values[0] for name, values in parse_qs(asked.body.decode()).items()}
        if form != {"grant_type": "client_credentials", "client_id": "site", "client_secret": "secret"}:
            return Reply({"error": "unauthorized_client"}, status=401)
        self.tokens.append(f"token{len(self.tokens)}")
        return Reply({"access_token": self.tokens[-1], "expires_in": self.lifetime, "token_type": "Bearer"})

    def _users(self, asked: Asked) -> Reply:
        if asked.headers.get("Authorization", "").removeprefix("Bearer ") not in self.tokens:
            return Reply({"error": "HTTP 401 Unauthorized"}, status=401)
        found = [person for person in self.people if self._matches(person, asked.query)]
        if asked.query.get("briefRepresentation") != "false":
            found = [{name: value for name, value in person.items() if name != "attributes"} for person in found]
        return Reply(json.dumps(found[: int(asked.query.get("max", 100))]).encode())

    def _matches(self, person: dict[str, Any], query: dict[str, str]) -> bool:
        if "enabled" in query and person["enabled"] is not (query["enabled"] == "true"):
            return False
        if "q" in query:
            name, _colon, value = query["q"].partition(":")
            if not any(held.startswith(value) for held in person["attributes"].get(name, [])):
                return False
        if "email" in query:
            held = str(person["email"]).lower()
            return held == query["email"].lower() if query.get("exact") == "true" else query["email"].lower() in held
        text = query["search"].strip("*").lower()
        return any(text in str(person[name]).lower() for name in ("username", "email", "firstName", "lastName"))
