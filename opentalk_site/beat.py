"""The part of settings.py that says how often each periodic job runs, in seconds."""

from datetime import timedelta
from typing import Any

HOURLY = (
    "adhoc-event-cleanup", "claim-invites", "invite-cleanup", "prune-callback-bodies", "prune-calls", "prune-chats",
    "prune-cospace-events", "prune-cospace-sessions", "prune-imports", "prune-inbound-mails",
    "prune-mail-bodies", "prune-messages", "prune-sensor-data", "prune-trash",
    "prune-reports",
)  # fmt: skip

# What deletes what people made, or only writes into the log: daily, once staff have switched it on.
DAILY = ("event-cleanup", "room-cleanup", "self-check")


def schedule(**often: int) -> dict[str, dict[str, Any]]:
    """Those that run more often than hourly are named by the caller, with "_" for "-"."""
    times = dict.fromkeys(HOURLY, 3600) | dict.fromkeys(DAILY, 86400)
    times |= {name.replace("_", "-"): seconds for name, seconds in often.items()}
    return {name: _entry(name, times[name]) for name in sorted(times)}


def _entry(name: str, seconds: int) -> dict[str, Any]:
    return {
        "task": "operations.tasks.run_job",
        "args": [name],
        "schedule": timedelta(seconds=seconds),
        # What piled up while no worker ran is dropped: the next call finds everything.
        "options": {"expire_seconds": seconds},
        "enabled": name not in DAILY,
    }
