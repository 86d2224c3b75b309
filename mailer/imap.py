"""The mailbox that mails for the site arrive in, over IMAP (RFC 3501, RFC 6851)."""

import imaplib
import ssl
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Self

TIMEOUT_SECONDS = 30


@dataclass(frozen=True)
class Account:
    """`security`: tls from the start, starttls, or none. `done` is the folder for what has been read."""

    host: str
    port: int
    user: str
    password: str
    security: str
    folder: str = "INBOX"
    done: str = "Processed"


class Mailbox:
    """Open in a `with`. Raises OSError and imaplib.IMAP4.error."""

    def __init__(self, account: Account) -> None:
        self._account = account
        self._connection: imaplib.IMAP4

    def __enter__(self) -> Self:
        account = self._account
        how: dict[str, Any] = {"host": account.host, "port": account.port, "timeout": TIMEOUT_SECONDS}
        if account.security == "tls":
            self._connection = imaplib.IMAP4_SSL(**how, ssl_context=ssl.create_default_context())
        else:
            self._connection = imaplib.IMAP4(**how)
        try:
            if account.security == "starttls":
                self._connection.starttls(ssl.create_default_context())
            self._connection.login(_quoted(account.user), account.password)  # which quotes the password
            _checked(self._connection.select(_quoted(account.folder)))
        except BaseException:
            self._connection.shutdown()
            raise
        return self

    def __exit__(self, *_error: object) -> None:
        try:
            self._connection.logout()
        except (OSError, imaplib.IMAP4.error):
            self._connection.shutdown()

    def names(self) -> list[str]:
        """The UIDs of what is in the folder, oldest first."""
        (found,) = _checked(self._connection.uid("SEARCH", "UNDELETED"))
        return [name.decode() for name in (found or b"").split()]

    def mails(self, names: list[str], *, most_bytes: int) -> Iterator[tuple[str, bytes]]:
        """Each with the first bytes of it, one more than the limit where there are more."""
        for name in names:
            found = _checked(self._connection.uid("FETCH", name, f"(BODY.PEEK[]<0.{most_bytes + 1}>)"))
            # Somebody else may have moved it.
            yield from ((name, bytes(part[1])) for part in found[:1] if isinstance(part, tuple))

    def put_away(self, name: str) -> None:
        """Into the folder for what has been read, which is made where it is missing."""
        folder = _quoted(self._account.done)
        has_move = "MOVE" in self._connection.capabilities
        command = "MOVE" if has_move else "COPY"
        if self._connection.uid(command, name, folder)[0] != "OK":
            self._connection.create(folder)
            _checked(self._connection.uid(command, name, folder))
        if not has_move:
            _checked(self._connection.uid("STORE", name, "+FLAGS.SILENT", r"(\Deleted)"))
            _checked(self._connection.expunge())


def _checked(answer: tuple[str, list[Any]]) -> list[Any]:
    kind, data = answer
    if kind != "OK":
        raise imaplib.IMAP4.error(b" ".join(item for item in data if isinstance(item, bytes)).decode(errors="replace"))
    return data


def _quoted(name: str) -> str:
    return '"' + name.replace("\\", "\\\\").replace('"', '\\"') + '"'
