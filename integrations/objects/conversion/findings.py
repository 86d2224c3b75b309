"""What a look at a file finds. Without Django: the process that looks starts in a moment."""

from dataclasses import dataclass

MOST_PAGES = 10_000


@dataclass(frozen=True)
class Finding:
    """`problem` is a member of Content.Problem, "" for a file that is well; then it has its type, and its pages."""

    problem: str = ""
    mime_type: str = ""
    page_count: int | None = None


class Unreadable(Exception):
    """`problem` says why, as in a Finding."""

    def __init__(self, problem: str = "damaged") -> None:
        super().__init__(problem)
        self.problem = problem
