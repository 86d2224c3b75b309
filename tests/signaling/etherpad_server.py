"""An Etherpad on a real socket: groups, pads, authors, sessions and PDFs, with the answers of its API 1."""

from typing import Any
from urllib.parse import parse_qsl, unquote

from tests.local_server import Asked, LocalServer, Reply

KEY, PDF = "etherpad-key", b"%PDF-1.7 notes"


class Etherpad(LocalServer):
    def __init__(self) -> None:
        super().__init__()
        self.groups: dict[str, str] = {}  # by mapper
        self.pads: set[str] = set()
        self.authors: dict[str, str] = {}  # names by mapper
        self.sessions: dict[str, dict[str, str]] = {}
        self.made = 0
        self.otherwise = self._answer

    def use(self, settings: Any) -> None:
        for name, value in self.variables().items():
            setattr(settings, name, value)

    def variables(self) -> dict[str, str]:
        return {"ETHERPAD_URL": self.url, "ETHERPAD_API_KEY": KEY}

    def _answer(self, asked: Asked) -> Reply:
        if asked.path.endswith("/export/pdf"):
            return self._export(asked)
        given = dict(parse_qsl(asked.body.decode(), keep_blank_values=True))
        function = getattr(self, f"_{asked.path.removeprefix('/api/1/')}", None)
        if given.pop("apikey", "") != KEY:
            return Reply({"code": 4, "message": "no or wrong API Key", "data": None}, status=401)
        if function is None:
            return Reply({"code": 3, "message": "no such function", "data": None}, status=404)
        data = function(**given)
        if isinstance(data, str):
            return Reply({"code": 1, "message": data, "data": None})
        return Reply({"code": 0, "message": "ok", "data": data})

    def _export(self, asked: Asked) -> Reply:
        session = (asked.headers["Cookie"] or "").removeprefix("sessionID=")
        pad = unquote(asked.path.split("/")[2])
        is_let_in = session in self.sessions and pad.startswith(f"{self.sessions[session]['groupID']}$")
        return Reply(PDF) if is_let_in and pad in self.pads else Reply(b"You do not have permission", status=403)

    def _createGroupIfNotExistsFor(self, groupMapper: str) -> Any:  # noqa: N802, N803 - Etherpad's names
        return {"groupID": self.groups.setdefault(groupMapper, f"g.{len(self.groups) + 1}")}

    def _createGroupPad(self, groupID: str, padName: str, text: str) -> Any:  # noqa: N802, N803
        pad = f"{groupID}${padName}"
        if pad in self.pads:
            return "padName does already exist"
        self.pads.add(pad)
        return {"padID": pad}

    def _getReadOnlyID(self, padID: str) -> Any:  # noqa: N802, N803
        return {"readOnlyID": f"r.{padID[2:].partition('$')[0]}"} if padID in self.pads else "padID does not exist"

    def _createAuthorIfNotExistsFor(self, authorMapper: str, name: str) -> Any:  # noqa: N802, N803
        self.authors[authorMapper] = name
        return {"authorID": f"a.{authorMapper}"}

    def _createSession(self, **given: str) -> Any:  # noqa: N802
        self.made += 1
        self.sessions[f"s.{self.made}"] = given
        return {"sessionID": f"s.{self.made}"}

    def _deleteSession(self, sessionID: str) -> Any:  # noqa: N802, N803
        return "sessionID does not exist" if self.sessions.pop(sessionID, None) is None else None

    def _deleteGroup(self, groupID: str) -> Any:  # noqa: N802, N803
        if groupID not in self.groups.values():
            return "groupID does not exist"
        self.groups = {mapper: group for mapper, group in self.groups.items() if group != groupID}
        self.pads = {pad for pad in self.pads if not pad.startswith(f"{groupID}$")}
        return None
