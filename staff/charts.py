"""Charts as plain numbers for templates/admin/_chart.html: bars over days, and bars by kind.

Everything is in units of the drawing, whole numbers; colours and fonts are classes of static/charts.css.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

WIDTH, HEIGHT = 440, 190
LEFT, RIGHT, TOP, BOTTOM = 40, 8, 12, 24  # what the labels of the axes take
ROW, WORDS = 30, 130  # a bar by kind: its height, and what its name takes
GAP = 2


@dataclass(frozen=True)
class Bar:
    x: int
    y: int
    width: int
    height: int
    css: str
    told: str


@dataclass(frozen=True)
class Label:
    x: int
    y: int
    text: str
    anchor: str = "start"


@dataclass(frozen=True)
class Series:
    """One number for each day; `css` colours it, in the chart and its legend."""

    name: str
    css: str
    values: Sequence[int]


@dataclass(frozen=True, kw_only=True)
class Chart:
    name: str  # the beginning of ids on the page
    title: str
    told: str  # the whole of it in a sentence
    height: int
    bars: list[Bar]
    labels: list[Label]
    lines: list[int]  # where the grid is, from above
    legend: list[Series]
    head: list[str]  # of the table behind it
    rows: list[list[Any]]
    width: int = WIDTH


def over_days(
    *, name: str, title: str, told: str, days: Sequence[str], series: Sequence[Series], table: tuple[list[str], Any]
) -> Chart:
    """A column for each day, its series on top of each other. `table` is the head and the rows behind it."""
    top = _round_up(max((sum(values) for values in zip(*(each.values for each in series), strict=True)), default=0))
    levels = [0, top // 2, top]
    places = [HEIGHT - BOTTOM - _tall(level, top) for level in levels]
    labels = [Label(LEFT - 6, y + 4, str(level), "end") for level, y in zip(levels, places, strict=True)]
    return Chart(
        name=name,
        title=title,
        told=told,
        height=HEIGHT,
        bars=_columns(days, series, top),
        labels=labels + _names_of(days),
        lines=places,
        legend=[each for each in series if each.name],
        head=table[0],
        rows=table[1],
    )


def by_kind(*, name: str, title: str, told: str, kinds: Sequence[tuple[str, str, int]], head: list[str]) -> Chart:
    """A bar to the right for each (name, css, number)."""
    most = max((count for _word, _css, count in kinds), default=0) or 1
    bars, labels = [], []
    for number, (word, css, count) in enumerate(kinds):
        y = TOP + number * ROW
        long = round(count / most * (WIDTH - WORDS - 60))
        labels.append(Label(WORDS - 8, y + 15, word, "end"))
        if count:
            bars.append(Bar(WORDS, y, max(long, 2), ROW - 10, css, f"{word}: {count}"))
        labels.append(Label(WORDS + max(long, 2) + 6, y + 15, str(count)))
    return Chart(
        name=name,
        title=title,
        told=told,
        height=2 * TOP + len(kinds) * ROW,
        bars=bars,
        labels=labels,
        lines=[],
        legend=[],
        head=head,
        rows=[[word, count] for word, _css, count in kinds],
    )


def _columns(days: Sequence[str], series: Sequence[Series], top: int) -> list[Bar]:
    bars = []
    for number, day in enumerate(days):
        x, floor = round(LEFT + number * _step(days)) + GAP, HEIGHT - BOTTOM
        for each in series:
            value = each.values[number]
            tall = max(_tall(value, top), 2) if value else 0  # one mail among a million is still one
            floor -= tall
            if value:
                told = " ".join(filter(None, (f"{day}:", each.name, str(value))))
                bars.append(Bar(x, floor, round(_step(days)) - 2 * GAP, tall, each.css, told))
    return bars


def _step(days: Sequence[str]) -> float:
    return (WIDTH - LEFT - RIGHT) / len(days)


def _tall(value: int, top: int) -> int:
    return round(value / top * (HEIGHT - TOP - BOTTOM))


def _names_of(days: Sequence[str]) -> list[Label]:
    """Of the first, the middle and the last day: more do not fit beside each other."""
    middle = len(days) // 2
    named = {0: "start", middle: "middle", len(days) - 1: "end"}
    edge = {"start": 0.0, "middle": 0.5, "end": 1.0}
    return [
        Label(round(LEFT + (number + edge[anchor]) * _step(days)), HEIGHT - 6, days[number], anchor)
        for number, anchor in named.items()
    ]


def _round_up(most: int) -> int:
    """The next of 2, 4, 6 … 18, 20, 40 … 180, 200 …: its half is a whole number too."""
    scale = 1
    while most > 18 * scale:
        scale *= 10
    return max(2 * scale * math.ceil(most / (2 * scale)), 2)
