"""`python -m tests.tree.send_for_ever`: sends what is due until it is killed, as a worker does from task to task."""

# ruff: noqa: PLC0415 - models can be imported only after setup()
import os
import time

import django


def main() -> None:
    from django.db import InterfaceError, OperationalError, close_old_connections

    from mailer.send import deliver_due

    while True:
        close_old_connections()
        try:
            count = deliver_due()
        except (InterfaceError, OperationalError):
            count = 0
        if not count:
            time.sleep(0.1)


if __name__ == "__main__":
    os.environ["DJANGO_SETTINGS_MODULE"] = "opentalk_site.settings"
    django.setup()
    main()
