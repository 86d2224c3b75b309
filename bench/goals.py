"""The goals of the benchmark. A new one is a line here and a function that yields Readings."""

from bench import events, listing, mails, meetings, outbox, recurrence, requests, serving, statements, streams
from bench.measure import Goal

GOALS = (
    Goal("G1", "a page of 30 events / a view with one query", requests.events_page, must=3.0, aim=1.5),
    Goal("G2", "SQL statements of a list or detail", statements.reads, must=6, aim=3),
    Goal("G4", "most rows of a table for a page of 30, of 100,000 events", listing.rows_touched, must=40, aim=40),
    Goal("G5", "a month of a series from 1900 / from 2026", recurrence.distance, must=1.5, aim=1.1),
    Goal("G6", "a month of a series: peer / ours", recurrence.peers, must=50, aim=200, is_at_least=True),
    Goal("G7", "a month of 1,000 series: us per occurrence", requests.month_of_series, must=10, aim=3),
    Goal("G8", "one invitation to bytes / preformatted", mails.single, must=75, aim=20),
    Goal("G8B", "each of 50 invitations of one action / preformatted", mails.fifty, must=40, aim=20),
    Goal(
        "G9",
        "mails sent in a second / smtplib on one connection",
        outbox.per_second,
        must=0.2,
        aim=0.5,
        is_at_least=True,
    ),
    Goal("G11", "from a commit to the last of 200 streams / a bare server", streams.to_the_last, must=2.0, aim=1.2),
    Goal("WEBEX", "a page of 100 Webex events of 1,000,000: rows read", events.pages, must=150, aim=120),
    Goal("SERVING", "requests per second: bare server / ours", serving.requests_per_second, must=None, aim=8),
    Goal("G14", "SQL statements of planning and inviting", statements.writes, must=None, aim=8),
    Goal("G15", "a message in a live meeting / a bare hub, half arrive", meetings.against_bare_hub, must=2.0, aim=1.2),
    Goal("G15B", "half of a live meeting's messages arrive, ms", meetings.milliseconds, must=40, aim=20),
)
