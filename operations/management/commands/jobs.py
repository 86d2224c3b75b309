"""`manage.py jobs`: the periodic jobs by hand, with the names and parameters of OpenTalk's controller."""

import json
import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management import BaseCommand, CommandError, CommandParser

from operations import job
from operations.cleanup import ThresholdExceeded
from operations.jobs import JOBS
from operations.management.output import write_rows
from operations.models import JobRun
from operations.parameters import InvalidParameters, defaults, made

# Exit codes beside 0 and argparse's own 2.
FAILED, RUNNING, STOPPED = 1, 3, 4
SHOWN = 20


class Command(BaseCommand):
    help = (
        "Runs, lists and explains the periodic jobs. Exit codes: 0 done, 1 the job or one of its objects failed,"
        " 2 wrong arguments, 3 another run of it is going on, 4 it would change so much that it needs --force."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
        execute = actions.add_parser("execute", help="run a job now")
        _name(execute)
        execute.add_argument(
            "--parameters", default="{}", metavar="JSON", help="an object; what is missing has its default"
        )
        execute.add_argument("--timeout", type=float, default=3600.0, metavar="SECONDS", help="3600 by default")
        execute.add_argument("--dry-run", action="store_true", help="only say what would be done")
        execute.add_argument("--force", action="store_true", help="also where it is more than the threshold")
        execute.add_argument("--hide-duration", action="store_true", help="do not say how long it took")
        _json(execute)
        _json(actions.add_parser("list", help="the jobs, and what their last run did"))
        for spelling in ("default-parameters", "defaults"):
            _name(actions.add_parser(spelling, help="the parameters of a job as JSON"))
        history = actions.add_parser("history", help=f"the last {SHOWN} runs, of all jobs or of one")
        history.add_argument("name", nargs="?", choices=sorted(JOBS), metavar="NAME")
        _json(history)

    def handle(self, *args: Any, action: str, **options: Any) -> None:
        match action:
            case "execute":
                self._execute(**options)
            case "list":
                self._list(is_json=options["json"])
            case "history":
                runs = JobRun.objects.order_by("-started_at")
                runs = runs.filter(job=options["name"]) if options["name"] else runs
                write_rows(self.stdout, [_run(row) for row in runs[:SHOWN]], is_json=options["json"], none="no runs")
            case _:
                self.stdout.write(json.dumps(defaults(JOBS[options["name"]]), indent=2))

    # --- execute ---

    def _execute(self, *, name: str, **options: Any) -> None:
        chosen = _chosen(name, options["parameters"], force=options["force"])
        how = {"is_dry_run": options["dry_run"], "seconds": options["timeout"]}
        row = job.run(chosen, **how, watcher=_Bar(self.stderr, name))
        if row is None:
            raise CommandError(f"Another run of {name} is going on.", returncode=RUNNING)
        shown = _run(row) | {"result": row.result}
        if options["hide_duration"]:
            shown["seconds"] = None
        if options["json"]:
            self.stdout.write(json.dumps(shown, indent=2))
        else:
            self._tell(row, shown["seconds"])
        if row.state == JobRun.State.FAILED:
            code = STOPPED if row.error.startswith(ThresholdExceeded.__name__) else FAILED
            raise CommandError(row.error, returncode=code)

    def _tell(self, row: JobRun, seconds: float | None) -> None:
        for _key, label in row.result.get("objects", []):
            self.stdout.write(label)
        verb = "would be changed" if row.is_dry_run else "changed"
        failed = f", {row.failed} failed" if row.failed else ""
        took = "" if seconds is None else f" in {seconds:.1f} s"
        self.stdout.write(f"{row.job}: {row.touched} objects {verb}{failed}{took}")
        if stopped := row.result.get("stopped"):
            self.stdout.write(stopped)

    # --- list and history ---

    def _list(self, *, is_json: bool) -> None:
        rows = []
        for name in sorted(JOBS):
            last = JobRun.objects.filter(job=name, is_dry_run=False).first()
            run = _run(last) if last else {}
            told = {key: run.get(key) for key in ("started", "state", "changed", "failed")}
            rows.append({"job": name, "title": str(JOBS[name].title)} | told)
        write_rows(self.stdout, rows, is_json=is_json, none="no jobs")


class _Bar:
    """A line on the terminal that is written over."""

    def __init__(self, stream: Any, name: str) -> None:
        self.stream, self.name = stream, name
        self.is_shown = sys.stderr.isatty()

    def __call__(self, done: int, total: int | None) -> None:
        if self.is_shown:
            self.stream.write(f"\r{self.name}: {done} of {total}", ending="\n" if done == total else "")


def _name(parser: ArgumentParser) -> None:
    parser.add_argument("name", choices=sorted(JOBS), metavar="NAME", help=", ".join(sorted(JOBS)))


def _json(parser: ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="for programs")


def _chosen(name: str, parameters: str, *, force: bool) -> job.Job:
    try:
        given = json.loads(parameters)
    except ValueError as error:
        raise CommandError(f"--parameters is no JSON: {error}", returncode=2) from None
    if not isinstance(given, dict):
        raise CommandError("--parameters must be a JSON object, such as {}", returncode=2)
    try:
        return made(name, given | ({"force": True} if force else {}))
    except InvalidParameters as error:
        raise CommandError(str(error), returncode=2) from None


def _run(row: JobRun) -> dict[str, Any]:
    return {
        "job": row.job,
        "started": row.started_at.isoformat(timespec="seconds"),
        "seconds": None if row.duration is None else round(row.duration.total_seconds(), 1),
        "state": row.state,
        "dry_run": row.is_dry_run,
        "changed": row.touched,
        "failed": row.failed,
        "parameters": row.parameters,
        "error": row.error,
    }
