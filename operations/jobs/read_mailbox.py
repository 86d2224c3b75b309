"""The IMAP mailbox that answers arrive in: what was taken in moves to another folder.

A crash in between takes a mail in once more, which changes nothing.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any, ClassVar

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from events.services.inbound import take_in_mail
from invites.models import InboundMail
from mailer.imap import Account, Mailbox
from mailer.inbound import MOST_BYTES
from operations.job import Job, Outcome


@dataclass(frozen=True, kw_only=True)
class ReadMailbox(Job):
    name: ClassVar[str] = "read-mailbox"
    title = _("Read the mailbox of answers")
    limit: int = 200

    @property
    def lock_time(self) -> timedelta:
        """Two runs at once do no harm, and an answer should not wait for a dead one."""
        return timedelta(minutes=10)

    def run(self, *, is_dry_run: bool) -> Outcome:
        """Touches mails."""
        account: dict[str, Any] = settings.INBOUND_IMAP
        if not (settings.INBOUND_DOMAIN and account):
            return Outcome(0)
        with Mailbox(Account(**account)) as mailbox:
            names = mailbox.names()[: self.limit]
            if is_dry_run:
                return Outcome(len(names))
            count = 0
            for name, data in mailbox.mails(names, most_bytes=MOST_BYTES):
                take_in_mail(data=data, source=InboundMail.Source.IMAP)
                mailbox.put_away(name)
                count += 1
            return Outcome(count)
