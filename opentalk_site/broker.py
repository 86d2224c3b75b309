"""How Celery talks to its broker."""

from pathlib import Path


def transport_options(url: str, *, folder: Path) -> dict[str, object]:
    """Who queues a task does not wait for a broker that is down: the sweeps need no wake-up."""
    options: dict[str, object] = {"max_retries": 0}
    if url.startswith(("redis://", "rediss://")):
        # Without them redis-py waits for ever for a server that took the connection and says nothing.
        options |= {"socket_connect_timeout": 1, "socket_timeout": 1.5}
    if url.startswith("filesystem://"):
        # The worker reads and the web process writes one folder: kombu's "in" and "out" are the same one on both sides.
        options |= {
            "data_folder_in": str(folder / "queue"),
            "data_folder_out": str(folder / "queue"),
            "control_folder": str(folder / "control"),
            "polling_interval": 0.5,
        }
    return options
