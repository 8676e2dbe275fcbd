"""Chart forms of the forecasts chapter: a tally, the scorecard, shares under rules, leads and base rates."""

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

import altair as alt
import pandas as pd
from matplotlib.dates import DateFormatter, date2num
from matplotlib.figure import SubFigure
from matplotlib.lines import Line2D
from matplotlib.patches import Rectangle
from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator

from ..bounds import Interval
from ..figures import GROUPS, LIGHT, Ink
from .common import SHAPES, Draw, choice, chosen, claim_page, ground, legend, letter_mark

PER_LINE, LINE, GAP = 5, 0.62, 0.75
"""The tally: marks on a line of a cell, the height of a line, and the room around the lines."""


def tally(rows: Sequence[tuple[str, str, Sequence[int]]], heads: Sequence[str]) -> Draw:
    """A mark a forecast: kinds of claimant down, what became of the forecasts across, each cell with its number.

    A row is (words, kind, counts), one count a head. The columns are, in order: occurred and could show
    foresight (filled), occurred otherwise (open), did not occur (a cross), not decided (a dot).
    """
    lines = [max(1, *(-(-n // PER_LINE) for n in counts)) for _, _, counts in rows]
    forms = [
        {"fillstyle": "full"},
        {"fillstyle": "none", "markeredgewidth": 1.3},
        {"marker": "x", "markeredgewidth": 1.8},
        {"marker": ".", "markersize": 4},
    ]

    def draw(body: SubFigure, ink: Ink) -> None:
        axes = body.subplots()
        axes.set_axis_off()
        axes.set_xlim(-1.25, len(heads) - 0.02)
        axes.set_ylim(-LINE * sum(lines) - GAP * len(rows), 1.4)
        for x, head in enumerate(heads):
            axes.text(x, 1.2, head, fontsize=7.5, color=ink.muted, va="top", linespacing=1.15)
        y = 0.0
        for (words, group, counts), deep in zip(rows, lines, strict=True):
            axes.plot([-1.25, len(heads) - 0.02], [y, y], color=ink.grid, linewidth=0.7)
            middle = y - (LINE * deep + GAP) / 2
            axes.text(-1.25, middle, words, fontsize=8.5, va="center", linespacing=1.15)
            for x, (n, form) in enumerate(zip(counts, forms, strict=True)):
                _cell(axes, x, middle, n, {"marker": GROUPS[group], "color": ink.group[group], **form}, ink)
            y -= LINE * deep + GAP

    return draw


def _cell(axes, x: float, middle: float, n: int, style: dict, ink: Ink) -> None:
    if not n:
        axes.text(x, middle, "–", color=ink.muted, va="center", fontsize=8.5)
        return
    axes.text(x, middle, f"{n}", fontsize=9, fontweight="bold", va="center")
    deep = -(-n // PER_LINE)
    for place in range(n):
        line, across = divmod(place, PER_LINE)
        here = (x + 0.22 + 0.125 * across, middle + LINE * ((deep - 1) / 2 - line))
        axes.plot(*([v] for v in here), linestyle="none", **{"markersize": 5.5, **style})


ENDS = {
    "open or unresolvable": "triangle-right",
    "did not occur": "M-1,-.6L-.6,-1L0,-.4L.6,-1L1,-.6L.4,0L1,.6L.6,1L0,.4L-.6,1L-1,.6L-.4,0Z",
    "occurred": "M0,-1L.24,-.32L.95,-.31L.38,.12L.59,.81L0,.4L-.59,.81L-.38,.12L-.95,-.31L-.24,-.32Z",
}
"""Marks of the outcomes in the explorer."""


class Scored(NamedTuple):
    """One decided forecast: its words, kind of claimant, the days stated and resolved, and how it counts."""

    words: str
    group: str
    stated: date
    resolved: date
    occurred: bool
    open_mark: bool
    """Drawn open: the outcome shows no foresight, or rests on not having been found."""
    soft: bool


def scorecard(
    rows: Sequence[Scored], start: date, end: date, keys: Sequence[tuple[str, bool]], soft: str = ""
) -> Draw:
    """One row a forecast: the kind of claimant and the event, a dot on the day stated, a line to the outcome.

    An outcome is a star when the event occurred and a square cross when it did not; open or filled by
    `open_mark`. `keys` are the words for both (words, open or not); `soft`, if given, those for a question
    mark at the soft ones.
    """

    def draw(body: SubFigure, ink: Ink) -> None:
        axes = body.subplots()
        wide = date2num(end) - date2num(start)
        left = date2num(start) - wide * 0.72
        axes.set_xlim(left, date2num(end) + wide * 0.06)
        axes.set_ylim(-len(rows) + 0.4, 0.7)
        for place, row in enumerate(rows):
            y, colour = -place, ink.group[row.group]
            a, b = date2num(row.stated), date2num(row.resolved)
            axes.plot([left + wide * 0.02], [y], marker=GROUPS[row.group], color=colour, markersize=5)
            axes.text(left + wide * 0.06, y, row.words, fontsize=7.5, va="center")
            axes.plot([date2num(start), date2num(end)], [y, y], color=ink.grid, linewidth=0.5, zorder=0)
            axes.plot([a, b], [y, y], color=colour, linewidth=1.5, solid_capstyle="butt")
            axes.plot([a], [y], marker="o", color=colour, markersize=3)
            axes.plot([b], [y], linestyle="none", **_outcome(row.occurred, row.open_mark, ink))
            if soft and row.soft:
                axes.annotate(
                    "?", (max(a, b), y), (6, 0), textcoords="offset points", va="center", fontsize=8.5,
                    fontweight="bold",
                )  # fmt: skip
        axes.yaxis.set_major_locator(NullLocator())
        axes.set_xticks([date2num(date(year, 1, 1)) for year in range(start.year + 1, end.year + 1)])
        axes.xaxis.set_major_formatter(DateFormatter("%Y"))
        axes.xaxis.set_minor_locator(NullLocator())
        for tick in axes.get_xticks():
            axes.plot([tick, tick], axes.get_ylim(), color=ink.grid, linewidth=0.8, zorder=0)
        axes.spines["bottom"].set_bounds(date2num(start), date2num(end))
        axes.tick_params(axis="x", labelsize=8)
        occurred = rows[0].occurred
        extra = [Line2D([], [], color=ink.text, marker="o", markersize=3, label="stated, and until resolved")]
        extra += [Line2D([], [], linestyle="none", label=w, **_outcome(occurred, o, ink)) for w, o in keys]
        if soft:
            extra.append(
                Line2D(
                    [],
                    [],
                    linestyle="none",
                    marker=letter_mark("?"),
                    color=ink.text,
                    markersize=5,
                    label=soft,
                )
            )
        legend(axes, ink, [row.group for row in rows], extra)

    return draw


def _outcome(occurred: bool, open_mark: bool, ink: Ink) -> dict:
    style = {"color": ink.text, "markeredgewidth": 1.0, "zorder": 3}
    style |= {"marker": "*", "markersize": 8.5} if occurred else {"marker": "X", "markersize": 7}
    return style | {"markerfacecolor": ink.page if open_mark else ink.text}


def shares(rows: Sequence[tuple[str, int, int, str]]) -> Draw:
    """Forecasts that occurred (solid) and did not (hatched) under a rule a row: (words, hits, misses, share)."""

    def draw(body: SubFigure, ink: Ink) -> None:
        axes = body.subplots()
        axes.set_axis_off()
        top = max(hits + misses for _, hits, misses, _ in rows)
        axes.set_xlim(0, top * 1.36)
        axes.set_ylim(-len(rows) + 0.35, 0.6)
        shade = ink.group["South Korea"]
        for place, (words, hits, misses, share) in enumerate(rows):
            y = -place - 0.12
            axes.text(0, y + 0.42, words, fontsize=8.5, color=ink.muted, va="center")
            axes.barh(y, hits, 0.42, color=shade)
            axes.barh(
                y, misses, 0.42, left=hits, facecolor="none", edgecolor=shade, hatch="////", linewidth=0.8
            )
            for n, middle, colour in ((hits, hits / 2, ink.page), (misses, hits + misses / 2, ink.text)):
                box = {"facecolor": ink.page, "edgecolor": "none", "pad": 1} if colour == ink.text else None
                axes.text(
                    middle, y, f"{n}", fontsize=9, fontweight="bold", ha="center", va="center", color=colour,
                    bbox=box,
                )  # fmt: skip
            axes.text(hits + misses + top * 0.02, y, share, fontsize=9, fontweight="bold", va="center")
        marks = [
            {"facecolor": shade, "label": "occurred"},
            {"facecolor": "none", "edgecolor": shade, "hatch": "////", "label": "did not occur"},
        ]
        handles = [Rectangle((0, 0), 1, 1, **mark) for mark in marks]
        body.legend(handles=handles, loc="outside lower left", ncols=2, frameon=False, fontsize=8)

    return draw


class Lead(NamedTuple):
    """One forecast that occurred: words, kind of claimant, days to the outcome, and days between such events."""

    words: str
    group: str
    days: Interval
    usual: Interval | None


def leads(rows: Sequence[Lead], xlabel: str, usual: str) -> Draw:
    """Lollipops on a log axis: days from the statement to its outcome, and a bar at the days between such events.

    A lead that is known to the month alone is a line; `usual` words the bar. A row without a bar has no
    reference counts.
    """

    def draw(body: SubFigure, ink: Ink) -> None:
        axes = body.subplots()
        axes.set_xscale("log")
        axes.set_xlim(2, 2400)
        axes.set_ylim(-len(rows) + 0.35, 0.6)
        for place, row in enumerate(rows):
            y, colour = -place - 0.18, ink.group[row.group]
            axes.text(
                2, y + 0.42, row.words, fontsize=8, color=ink.muted, va="center",
                bbox=ground(ink),
            )  # fmt: skip
            axes.plot([2, row.days.low], [y, y], color=colour, linewidth=1)
            axes.plot([row.days.low, row.days.high], [y, y], color=colour, linewidth=3, solid_capstyle="butt")
            for end in (row.days.low, row.days.high):
                axes.plot([end], [y], marker=GROUPS[row.group], color=colour, markersize=6.5)
            low, high = f"{row.days.low:.0f}", f"{row.days.high:.0f}"
            axes.annotate(
                low if low == high else f"{low} to {high}", (row.days.high, y), (7, 0), fontsize=8.5,
                textcoords="offset points", va="center", fontweight="bold",
            )  # fmt: skip
            if row.usual:
                ends = [row.usual.low, row.usual.high]
                axes.plot(ends, [y, y], color=ink.text, linewidth=1.2, marker="|", markersize=10)
                said = f"{ends[0]:,.0f}" if ends[0] == ends[1] else f"{ends[0]:,.0f} to {ends[1]:,.0f}"
                axes.annotate(
                    f"one in {said}", (ends[0], y), (-6, 0), textcoords="offset points", ha="right",
                    va="center", fontsize=7.5, bbox=ground(ink),
                )  # fmt: skip
        axes.yaxis.set_major_locator(NullLocator())
        axes.xaxis.set_major_locator(FixedLocator([3, 10, 30, 100, 300, 1000]))
        axes.xaxis.set_minor_locator(NullLocator())
        axes.xaxis.set_major_formatter(FuncFormatter(lambda x, _: f"{x:,.0f}"))
        axes.grid(axis="x")
        axes.set_xlabel(xlabel, loc="left", fontsize=8.5)
        bar = Line2D([], [], linestyle="none", marker="|", color=ink.text, markersize=10, label=usual)
        legend(axes, ink, [row.group for row in rows], [bar])

    return draw


class Based(NamedTuple):
    """One forecast against its base rate: words, kind, the share of earlier windows, its words, the outcome."""

    words: str
    group: str
    share: Interval
    said: str
    occurred: bool
    open_mark: bool


def base_rates(rows: Sequence[Based], xlabel: str, warned: str) -> Draw:
    """A row a forecast: the share of earlier windows that would have caught such an event, and what happened.

    The share (of one) is a mark or a bar; the outcome stands at the right end when the event occurred and
    at the left when it did not.
    """

    def draw(body: SubFigure, ink: Ink) -> None:
        axes = body.subplots()
        axes.set_xlim(-6, 106)
        axes.set_ylim(-len(rows) + 0.35, 0.6)
        for place, row in enumerate(rows):
            y, colour = -place - 0.16, ink.group[row.group]
            axes.text(-6, y + 0.4, row.words, fontsize=8.5, color=ink.muted, va="center")
            axes.plot([0, 100], [y, y], color=ink.grid, linewidth=1, zorder=0)
            low, high = 100 * row.share.low, 100 * row.share.high
            axes.plot([low, high], [y, y], color=colour, linewidth=3, solid_capstyle="butt")
            for end in (low, high):
                axes.plot([end], [y], marker="|", color=colour, markersize=13, markeredgewidth=2.5)
            near = high > 60
            axes.annotate(
                row.said, (low if near else high, y), (-7 if near else 9, 0), textcoords="offset points",
                ha="right" if near else "left", va="center", fontsize=8.5,
                bbox=ground(ink),
            )  # fmt: skip
            axes.plot(
                [100 if row.occurred else 0],
                [y],
                linestyle="none",
                **_outcome(row.occurred, row.open_mark, ink),
            )
        axes.yaxis.set_major_locator(NullLocator())
        axes.set_xticks([0, 25, 50, 75, 100])
        axes.xaxis.set_major_formatter(FuncFormatter(lambda x, _: f"{x:.0f}%"))
        axes.set_xlabel(xlabel, loc="left", fontsize=8.5)
        shade = ink.group[rows[0].group]
        extra = [
            Line2D(
                [],
                [],
                linestyle="none",
                marker="|",
                color=shade,
                markersize=11,
                markeredgewidth=2.5,
                label=warned,
            ),
            Line2D([], [], linestyle="none", label="it occurred", **_outcome(True, False, ink)),
            Line2D([], [], linestyle="none", label="it did not", **_outcome(False, False, ink)),
            Line2D([], [], linestyle="none", label="not found", **_outcome(False, True, ink)),
        ]
        legend(axes, ink, [], extra, columns=4)

    return draw


def explorer(rows: pd.DataFrame, first: str, start: str, end: str) -> alt.LayerChart:
    """An interactive scorecard: a row a forecast, from the day stated to the outcome, with two choices.

    `rows` has the columns forecast, words, claimant, kind of claimant (one of GROUPS), stated, from, to
    (days), shown (outcome in words), event, rule, outcome, confirmed by, under way, kind, note, printed,
    claim. `first` is the outcome that is shown first; `start` and `end` bound the axis.
    """
    outcomes = list(dict.fromkeys(rows["shown"]))
    by_outcome = alt.param(
        "outcome", value=first, bind=alt.binding_select(options=[*outcomes, "all"], name="Outcome: ")
    )
    menus = (
        choice("kind", "Kind of event", rows["kind"]),
        choice("claimant", "Kind of claimant", rows["kind of claimant"]),
    )
    rows = rows.assign(page=rows["claim"].map(claim_page))
    present = [g for g in GROUPS if g in set(rows["kind of claimant"])]
    # One scale for both ends of a line, so that the legend keys them together.
    keyed = [*present, *outcomes]
    shades = alt.Scale(
        domain=keyed, range=[*(LIGHT.group[g] for g in present), *["ink:text"] * len(outcomes)]
    )
    forms = alt.Scale(domain=keyed, range=[*(SHAPES[g] for g in present), *(ENDS[o] for o in outcomes)])

    def keys(field: str) -> dict:
        named = {"field": field, "type": "nominal", "title": None, "legend": alt.Legend(columns=1)}
        return {"color": alt.Color(**named, scale=shades), "shape": alt.Shape(**named, scale=forms)}

    days = alt.Scale(domain=[start, end])
    hover = ["claim", "claimant", "stated", "printed", "event", "rule", "outcome", "resolved", "confirmed by"]
    base = (
        alt.Chart(alt.Data(values=rows.to_dict("records")))
        .transform_filter(chosen("outcome", "shown"))
        .transform_filter(chosen("kind", "kind"))
        .transform_filter(chosen("claimant", "kind of claimant"))
        .encode(
            x=alt.X("from:T", title=None, scale=days, axis=alt.Axis(format="%Y", tickCount="year")),
            y=alt.Y(
                "words:N",
                title=None,
                sort=None,
                axis=alt.Axis(labelLimit=236, labelFontSize=10.5, domain=False, ticks=False, grid=True),
            ),
            tooltip=[alt.Tooltip(f"{c}:N") for c in [*hover, "under way", "note"]],
            href="page:N",
        )
    )
    start_keys, end_keys = keys("kind of claimant"), keys("shown")
    # The mark at its end says aloud what a line would; of a line's end the day would be named in local time.
    lines = base.mark_rule(strokeWidth=2, aria=False).encode(x2="to:T", color=start_keys["color"])
    starts = base.mark_point(filled=True, size=60, opacity=1).encode(**start_keys)
    marks = base.mark_point(filled=True, size=70, opacity=1).encode(x=alt.X("to:T", scale=days), **end_keys)
    return alt.layer(lines.add_params(by_outcome, *menus), starts, marks).properties(
        width=262, height=alt.Step(17)
    )
