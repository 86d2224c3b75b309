"""The protocol of a vote as a file."""

import uuid
from datetime import datetime, timedelta
from typing import Any

from django.utils.translation import gettext, gettext_lazy, pgettext_lazy

from signaling.documents import Author, Document, Section, Table, keep
from signaling.models import Entry

KINDS = {
    "roll_call": gettext_lazy("by name, shown at the end"),
    "live_roll_call": gettext_lazy("by name, shown while people vote"),
    "pseudonymous": gettext_lazy("by token, which only its owner knows"),
}
OPTIONS = {
    "yes": pgettext_lazy("vote", "Yes"),
    "no": pgettext_lazy("vote", "No"),
    "abstain": pgettext_lazy("vote", "Abstention"),
}
ISSUES = {
    "audio": gettext_lazy("Sound"),
    "video": gettext_lazy("Picture"),
    "screenshare": gettext_lazy("Shared screen"),
}


def protocol(
    *, room_id: uuid.UUID, session_id: uuid.UUID, place: uuid.UUID | None, vote_id: uuid.UUID, asker: Any, zone: str
) -> dict[str, Any]:
    author = Author(room_id, asker, zone)
    rows = Entry.objects.filter(
        session=session_id, namespace="legal_vote", place=str(place or ""), data__vote=str(vote_id)
    )
    entries = list(rows.order_by("pk").values_list("at", "data"))
    with author.speaks():
        document = _Protocol(entries, author).document()
    return keep(document, author=author, kind="vote_protocol", title=document.title, namespace="legal_vote")


class _Protocol:
    def __init__(self, entries: list[tuple[datetime, dict[str, Any]]], author: Author) -> None:
        self.author = author
        (self.began_at, self.start), (self.ended_at, self.end) = entries[0], entries[-1]
        self.votes = [(at, data) for at, data in entries if data["event"] == "voted"]
        self.issues = [(at, data) for at, data in entries if data["event"] == "issue"]
        self.is_secret = self.start["kind"] == "pseudonymous"
        self.is_canceled = self.end["state"] == "canceled"

    def document(self) -> Document:
        sections = [Section(heading=gettext("The vote"), facts=self._facts()), self._result(), self._people()]
        if self.is_secret and not self.is_canceled:
            sections.append(self._tokens())
        if self.issues:
            sections.append(self._issues())
        lead = [self.start[name] for name in ("subtitle", "topic") if self.start[name]]
        return Document(title=self.start["name"], lead=lead, sections=sections)

    def _facts(self) -> list[tuple[str, str]]:
        start, author = self.start, self.author
        facts = [
            (gettext("Kind"), str(KINDS[start["kind"]])),
            (gettext("Started by"), start["by"]["name"]),
            (gettext("Began"), author.moment(self.began_at)),
            (gettext("Ended"), author.moment(self.ended_at)),
            (gettext("How it ended"), self._how()),
            (gettext("People with a vote"), str(len(start["allowed"]))),
            (gettext("Votes cast"), str(len(self.votes))),
            (gettext("Abstention"), gettext("possible") if start["enable_abstain"] else gettext("not possible")),
        ]
        if start["duration"]:
            facts.append((gettext("Time limit"), author.lasting(timedelta(seconds=start["duration"]))))
        return facts

    def _how(self) -> str:
        names = {"name": self.end.get("by", {}).get("name", ""), "reason": self.end.get("custom", "")}
        ways = {
            "by_participant": gettext("%(name)s ended it"),
            "auto": gettext("everybody had voted"),
            "expired": gettext("the time was over"),
            "custom": gettext("%(name)s cancelled it: %(reason)s"),
            "initiator_left": gettext("cancelled, because the person who had started it left"),
            "room_destroyed": gettext("cancelled, because the meeting ended"),
        }
        return ways[self.end["reason"] if self.is_canceled else self.end["how"]] % names

    def _result(self) -> Section:
        heading = gettext("Result")
        match self.end["state"]:
            case "canceled":
                return Section(heading=heading, lines=[gettext("The vote was cancelled and has no result.")])
            case "invalid":
                return Section(heading=heading, lines=[gettext("The result is invalid: count and protocol differ.")])
        counts = [(str(name), str(self.end[option])) for option, name in OPTIONS.items() if option in self.end]
        return Section(heading=heading, table=Table(header=(gettext("Option"), gettext("Votes")), rows=counts))

    def _people(self) -> Section:
        """As they were named, with their votes unless these are by token, or came to nothing."""
        allowed = self.start["allowed"]
        heading = gettext("People with a vote")
        if self.is_secret or self.is_canceled:
            table = Table(header=(gettext("Name"),), rows=[(person["name"],) for person in allowed])
            return Section(heading=heading, table=table)
        cast = {data["by"]["user_id"]: (at, data) for at, data in self.votes}
        rows = []
        for person in allowed:
            at, data = cast.get(person["user_id"], (None, None))
            told = (str(OPTIONS[data["option"]]), self.author.moment(at)) if data and at else ("–", "–")
            rows.append((person["name"], *told))
        return Section(
            heading=heading, table=Table(header=(gettext("Name"), gettext("Vote"), gettext("Time")), rows=rows)
        )

    def _tokens(self) -> Section:
        """Neither times nor the order of the votes, from which one could tell whose a token is."""
        rows = sorted((data["token"], str(OPTIONS[data["option"]])) for _at, data in self.votes)
        return Section(
            heading=gettext("Votes by token"),
            lines=[gettext("Who voted was shown their token and can see here that the vote was counted.")],
            table=Table(header=(gettext("Token"), gettext("Vote")), rows=rows),
        )

    def _issues(self) -> Section:
        rows = [
            (
                data.get("description", ""),
                str(ISSUES[data["kind"]] if "kind" in data else gettext("Other")),
                data["by"]["name"] if "by" in data else "–",
                self.author.moment(at),
            )
            for at, data in self.issues
        ]
        header = (gettext("Description"), gettext("Kind"), gettext("Name"), gettext("Time"))
        return Section(heading=gettext("Reported problems"), table=Table(header=header, rows=rows))
