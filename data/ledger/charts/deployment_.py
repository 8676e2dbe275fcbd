"""Chart forms of the deployment chapter: totals by day, contingents, an accounting, who acknowledged when."""

from collections.abc import Sequence
from datetime import date
from math import isinf
from typing import NamedTuple

import altair as alt
import pandas as pd
from matplotlib.dates import DateFormatter, date2num
from matplotlib.figure import SubFigure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator

from ..analyses import stated_ends
from ..bounds import Interval, interval
from ..dates import span
from ..figures import GROUPS, LIGHT, Ink, group_of
from ..prose import number
from ..tables import Ledger
from .common import Draw, ground, legend

WINDOWS = ((date(2024, 10, 10), date(2024, 11, 30)), (date(2024, 12, 1), date(2026, 3, 25)))
"""The two stretches of the broken axis of days: the weeks with most claims, and all after."""

_TICKS = (
    (date(2024, 10, 15), date(2024, 11, 1), date(2024, 11, 15)),
    (date(2025, 1, 1), date(2026, 1, 1)),
)
_TOP = 18500


class Panel(NamedTuple):
    """One quantity: its name, its claims, its ribbons, whether it is planned, and labels of single claims.

    A ribbon is (frame of analyses.envelope, last day on which it stands). `labels` maps a claim to
    (words, shift right and up in points, alignment).
    """

    name: str
    claims: pd.DataFrame
    ribbons: Sequence[tuple[pd.DataFrame, date]] = ()
    planned: bool = False
    labels: dict[str, tuple[str, float, float, str]] = {}  # noqa: RUF012


def totals_by_day(ledger: Ledger, panels: Sequence[Panel], tolerance: float) -> Draw:
    """Claimed totals by day on a broken axis, over the range of what the voices' latest totals say.

    The ribbon is hatched on days on which the totals cannot all hold although every stated end gives way by
    the share `tolerance`. Marks stand at stated ends; an arrow shows a side that the wording leaves open.
    """

    def draw(body: SubFigure, ink: Ink) -> None:
        grid = body.subplots(len(panels), 2, sharex="col", sharey="row", width_ratios=(1.7, 1))
        for axes_row, panel in zip(grid, panels, strict=True):
            for axes, (first, last) in zip(axes_row, WINDOWS, strict=True):
                axes.set_xlim(date2num(first), date2num(last))
                axes.set_ylim(0, _TOP)
                axes.grid(axis="y")
                axes.yaxis.set_major_locator(FixedLocator([0, 5000, 10000, 15000]))
                axes.yaxis.set_major_formatter(FuncFormatter(lambda y, _: number(y)))
                axes.tick_params(labelsize=8.5, length=0)
                for frame, end in panel.ribbons:
                    _ribbon(axes, frame, end, tolerance, ink)
                _marks(ledger, axes, panel, (first, last), ink)
            heading = f"{panel.name}, soldiers" if panel is panels[0] else panel.name
            axes_row[0].set_title(heading, loc="left", fontsize=9.5, color=ink.muted, pad=3)
        for axes, ticks, form in zip(grid[-1], _TICKS, ("%-d %b", "%b %Y"), strict=True):
            axes.xaxis.set_major_locator(FixedLocator([date2num(day) for day in ticks]))
            axes.xaxis.set_major_formatter(DateFormatter(form))
        grid[-1][0].set_xlabel("2024", loc="left", fontsize=8.5, labelpad=1)
        groups = pd.concat([group_of(ledger, panel.claims) for panel in panels])
        soft = {"facecolor": ink.muted, "alpha": 0.3, "linewidth": 0}
        extra = [
            Patch(**soft, label="what the latest totals say"),
            Patch(
                facecolor="none",
                edgecolor=ink.muted,
                hatch="/////",
                linewidth=0,
                label="they cannot all hold",
            ),
            Line2D([], [], marker="o", fillstyle="none", color=ink.text, linestyle="none", label="planned"),
        ]
        legend(axes, ink, list(groups), extra)

    return draw


def _ribbon(axes, frame: pd.DataFrame, end: date, tolerance: float, ink: Ink) -> None:
    days = [*frame["day"].iloc[1:], end]
    for step, until in zip(frame.itertuples(), days, strict=True):
        # A single number has no height; it is drawn as a thin band.
        low, high = step.stated_low - 180, step.stated_high + 180
        x = [date2num(step.day), date2num(until)]
        axes.fill_between(x, low, high, color=ink.muted, alpha=0.3, linewidth=0, zorder=1)
        if step.slack > tolerance:
            axes.fill_between(
                x, low, high, facecolor="none", edgecolor=ink.text, hatch="/////", linewidth=0, zorder=1
            )


def _marks(ledger: Ledger, axes, panel: Panel, window: tuple[date, date], ink: Ink) -> None:
    groups = group_of(ledger, panel.claims)
    for index, row in panel.claims.iterrows():
        first, last = span(row["stated_on"])
        if not window[0] <= last <= window[1]:
            continue
        colour, mark = ink.group[groups[index]], GROUPS[groups[index]]
        held, said = interval(row), stated_ends(interval(row))
        x = (date2num(first) + date2num(last)) / 2
        if last > first:  # the day is not known: a line over the days that it may be
            axes.plot(
                [date2num(first), date2num(last)], [said.low] * 2, color=colour, linewidth=0.9, zorder=2
            )
        if said.low < said.high:
            axes.plot([x, x], [said.low, said.high], color=colour, linewidth=1.4, zorder=2)
        off = said.high > _TOP
        style = {"color": colour, "linestyle": "none", "markersize": 5.5, "zorder": 3}
        style["markerfacecolor"] = ink.page if panel.planned else colour
        for end in sorted({said.low, said.high}):
            axes.plot([x], [_TOP - 500 if off else end], marker="^" if off else mark, clip_on=False, **style)
        for open_side, sign in ((isinf(held.high), 1), (held.low == 0, -1)):
            if open_side and not off:
                axes.annotate(
                    "", (x, said.low + sign * 1900), (x, said.low + sign * 350),
                    arrowprops={"arrowstyle": "->", "color": colour, "linewidth": 1, "shrinkA": 0, "shrinkB": 0},
                )  # fmt: skip
        if row["claim_id"] in panel.labels:
            words, right, up, align = panel.labels[row["claim_id"]]
            text = axes.annotate(
                words, (x, min(said.high, _TOP - 500)), (right, up), textcoords="offset points", fontsize=9,
                va="center", ha=align, zorder=4,
            )  # fmt: skip
            text.set_in_layout(False)


class Contingents(NamedTuple):
    """What one voice says: its kind, first and second contingent, and its own totals of both, if any.

    `words` gives the sum in words, `totals` pairs (number, words).
    """

    name: str
    group: str
    first: Interval | None
    second: Interval | None
    words: str
    totals: Sequence[tuple[float, str]]


def contingent_bars(rows: Sequence[Contingents], xlabel: str) -> Draw:
    """First and second contingent end to end, one bar a voice, with that voice's own total as a diamond."""

    def draw(body: SubFigure, ink: Ink) -> None:
        axes = body.subplots()
        axes.set_xlim(0, 22500)
        for place, row in enumerate(rows):
            y, colour = -place, ink.group[row.group]
            axes.annotate(
                row.name,
                (0, y + 0.4),
                xycoords=("axes fraction", "data"),
                fontsize=8.5,
                color=ink.muted,
                va="center",
            )
            if row.first:
                _two_bars(axes, y, row, colour)
            for value, words in row.totals:
                axes.plot(
                    [value], [y], marker="D", markersize=7, color=ink.page, markeredgecolor=ink.text,
                    markeredgewidth=1.6, linestyle="none", zorder=4,
                )  # fmt: skip
                below = {"ha": "center", "va": "top", "textcoords": "offset points", "fontsize": 7.5}
                axes.annotate(words, (value, y - 0.16), (0, -6), **below)
            if not row.first:
                _beside(axes, y, max(value for value, _ in row.totals), row.words)
        axes.set_ylim(-len(rows) + 0.35, 0.6)
        axes.yaxis.set_major_locator(NullLocator())
        axes.xaxis.set_major_locator(FixedLocator([0, 5000, 10000, 15000]))
        axes.xaxis.set_major_formatter(FuncFormatter(lambda x, _: number(x)))
        axes.grid(axis="x")
        axes.set_xlabel(xlabel, loc="left", fontsize=8.5)
        grey = ink.muted
        handles = [
            Patch(facecolor=grey, label="first contingent"),
            Patch(facecolor="none", edgecolor=grey, hatch="/////", label="second, added to it"),
            Line2D(
                [], [], marker="D", color=ink.page, markeredgecolor=ink.text, markeredgewidth=1.6, linestyle="none",
                label="total of both, as said",
            ),
        ]  # fmt: skip
        body.legend(handles=handles, loc="outside lower left", ncols=3, frameon=False, fontsize=8)

    return draw


def _two_bars(axes, y: float, row: Contingents, colour: str) -> None:
    first, total = stated_ends(row.first), stated_ends(row.first + row.second)
    axes.barh(y, first.low, 0.3, color=colour)
    axes.barh(
        y,
        total.low - first.low,
        0.3,
        left=first.low,
        facecolor="none",
        edgecolor=colour,
        hatch="/////",
        linewidth=0.9,
    )
    if total.high > total.low:
        axes.plot([total.low, total.high], [y, y], color=colour, linewidth=2)
        axes.plot([total.high] * 2, [y - 0.12, y + 0.12], color=colour, linewidth=2)
    if isinf((row.first + row.second).high):
        axes.plot([total.high + 350], [y], marker=">", color=colour, markersize=6, linestyle="none")
    _beside(axes, y, total.high, row.words)


def _beside(axes, y: float, x: float, words: str) -> None:
    axes.annotate(
        words, (x, y), (13, 0), textcoords="offset points", va="center", fontsize=9, fontweight="bold"
    )


def remainder_waterfall(steps: Sequence[tuple[str, Interval, str]], xlabel: str, ends: int = 1) -> Draw:
    """What is left of a total after each deduction: (name, what is left, its words), from first to last.

    Solid to the least that is left, hatched from there to the most; left of zero the parts exceed the total.
    The last `ends` steps are results, each taken from the step before them.
    """

    def draw(body: SubFigure, ink: Ink) -> None:
        axes = body.subplots()
        colour = ink.group["South Korea"]
        top = max(left.high for _, left, _ in steps)
        axes.set_xlim(min(left.low for _, left, _ in steps) * 1.35, top * 1.32)
        for place, (name, left, words) in enumerate(steps):
            y, last = -place, place >= len(steps) - ends
            shade = ink.group["North Korea and Russia"] if last else colour
            axes.barh(y - 0.14, max(left.low, 0), 0.36, color=shade, alpha=0.85)
            start = max(left.low, 0) if not last else left.low
            axes.barh(
                y - 0.14, left.high - start, 0.36, left=start, facecolor="none", edgecolor=shade, hatch="/////",
                linewidth=0.9,
            )  # fmt: skip
            axes.annotate(
                name,
                (0, y + 0.24),
                (4, 0),
                textcoords="offset points",
                fontsize=8.5,
                color=ink.muted,
                va="center",
                bbox=ground(ink),
            )
            axes.annotate(
                words, (left.high, y - 0.14), (7, 0), textcoords="offset points", fontsize=9, fontweight="bold",
                va="center",
            )  # fmt: skip
            if not last:  # a thread down to the next bar, as in a waterfall
                after = steps[place + 1][1].high
                axes.plot([after, after], [y - 0.32, y - 0.96], color=ink.muted, linewidth=0.8, linestyle=":")
        axes.axvline(0, color=ink.text, linewidth=1)
        axes.set_ylim(-len(steps) + 0.45, 0.5)
        axes.yaxis.set_major_locator(NullLocator())
        axes.xaxis.set_major_formatter(FuncFormatter(lambda x, _: number(x).replace("-", "\N{MINUS SIGN}")))
        axes.grid(axis="x")
        axes.set_xlabel(xlabel, loc="left", fontsize=8.5)
        keys = [
            Patch(facecolor=ink.muted, label="the least that is left"),
            Patch(facecolor="none", edgecolor=ink.muted, hatch="/////", label="from there to the most"),
        ]
        body.legend(handles=keys, loc="outside lower left", ncols=2, frameon=False, fontsize=8)

    return draw


class Slider(NamedTuple):
    """One number that a reader can move: its name, words, kind of claimant, ends and where it starts."""

    name: str
    label: str
    group: str
    low: float
    default: float
    high: float


def accounting_explorer(total: Slider, parts: Sequence[Slider], rest: str) -> alt.Chart:
    """An interactive sum: parts as steps of a waterfall, the total as a line, and what is left as last step.

    A slider moves each number; `rest` names what is left. The page shows the sum with the defaults.
    """
    sliders = [
        alt.param(
            name=s.name,
            value=s.default,
            bind=alt.binding_range(min=s.low, max=s.high, step=100, name=f"{s.label}: "),
        )
        for s in (total, *parts)
    ]
    value = " : ".join(f"datum.part == '{s.name}' ? {s.name}" for s in parts) + " : 0"
    added = " + ".join(s.name for s in parts)
    data = [
        {"part": s.name, "label": s.label, "order": k, "kind of claimant": s.group}
        for k, s in enumerate(parts)
    ]
    shown = [g for g in GROUPS if g in {s.group for s in parts}]
    x = alt.X(
        "start:Q",
        title="soldiers",
        scale=alt.Scale(domain=[0, 21000]),
        axis=alt.Axis(format=",d", tickCount=5),
    )
    y = alt.Y("label:N", title=None, sort=[*(s.label for s in parts), rest], axis=alt.Axis(labelLimit=200))
    steps = (
        alt.Chart(alt.Data(values=data))
        .transform_calculate(value=value)
        .transform_stack(stack="value", as_=["start", "end"], groupby=[], sort=[alt.SortField("order")])
        .transform_calculate(words="format(datum.value, ',d')")
    )
    left = alt.Chart(alt.Data(values=[{"label": rest}])).transform_calculate(
        start=f"min({total.name}, {added})",
        end=f"max({total.name}, {added})",
        words=(
            f"{total.name} >= {added} ? format({total.name} - ({added}), ',d')"
            f" : format({added} - {total.name}, ',d') + ' too many'"
        ),
    )
    colour = alt.Color(
        "kind of claimant:N", title=None, scale=alt.Scale(domain=shown, range=[LIGHT.group[g] for g in shown])
    )
    bars = steps.mark_bar(height=20).encode(x=x, x2="end:Q", y=y, color=colour).add_params(*sliders)
    gap = left.mark_bar(height=20, color=LIGHT.group["Press, or no claimant named"]).encode(
        x=x, x2="end:Q", y=y
    )
    words = [
        chart.mark_text(align="left", fontSize=12, fontWeight="bold", color="ink:text").encode(
            x=alt.value(alt.expr("width + 8")), y=y, text="words:N"
        )
        for chart in (steps, left)
    ]
    one = alt.Chart(alt.Data(values=[{"k": 0}])).transform_calculate(
        sent=total.name, words=f"{f'{total.label}: '!r} + format({total.name}, ',d')"
    )
    line = one.mark_rule(color="ink:text", strokeWidth=2, strokeDash=[5, 3]).encode(x="sent:Q")
    head = one.mark_text(fontSize=12, color="ink:text", align="center", y=-9).encode(
        x="sent:Q", text="words:N"
    )
    return alt.layer(line, bars, gap, *words, head).properties(width=268, height=alt.Step(34))


STANCES = {
    "denies": ("X", "full", "denies"),
    "neither": ("o", "none", "neither confirms nor denies"),
    "asserts": ("D", "full", "asserts"),
}
"""Mark and words of each stance of an actor towards the deployment."""


def acknowledgement_ladder(
    rows: Sequence[tuple[str, str, Sequence[tuple[str, float]], str]], xlabel: str
) -> Draw:
    """Days from one statement to each actor's first of each stance, on an axis that is linear near zero.

    A row is (actor, kind of claimant, pairs of stance and days, words on when it asserts). The bar runs from
    zero to the day on which the actor asserts; an actor that does not has none.
    """

    def draw(body: SubFigure, ink: Ink) -> None:
        axes = body.subplots()
        axes.set_xscale("symlog", linthresh=12, linscale=1.3)
        axes.set_xlim(-11, 260)
        for place, (actor, group, points, words) in enumerate(rows):
            y, colour = -place, ink.group[group]
            axes.annotate(
                actor,
                (0, y + 0.24),
                xycoords=("axes fraction", "data"),
                fontsize=8.5,
                fontweight="bold",
                va="center",
            )
            axes.annotate(
                words, (1, y + 0.24), xycoords=("axes fraction", "data"), fontsize=8, color=ink.muted, va="center",
                ha="right",
            )  # fmt: skip
            axes.plot([-11, 260], [y - 0.16] * 2, color=ink.grid, linewidth=0.8, zorder=0)
            for stance, days in points:
                mark, fill, _ = STANCES[stance]
                if stance == "asserts":
                    axes.plot([0, days], [y - 0.16] * 2, color=colour, linewidth=2.2, zorder=1)
                axes.plot(
                    [days], [y - 0.16], marker=mark, color=colour, markersize=7, linestyle="none",
                    markerfacecolor=colour if fill == "full" else ink.page, markeredgewidth=1.5, zorder=3,
                )  # fmt: skip
        axes.axvline(0, color=ink.text, linewidth=1, zorder=0)
        axes.set_ylim(-len(rows) + 0.55, 0.55)
        axes.yaxis.set_major_locator(NullLocator())
        axes.xaxis.set_major_locator(FixedLocator([-7, 0, 7, 14, 30, 60, 190]))
        axes.xaxis.set_major_formatter(FuncFormatter(lambda x, _: f"{x:.0f}".replace("-", "\N{MINUS SIGN}")))
        axes.xaxis.set_minor_locator(NullLocator())
        axes.set_xlabel(xlabel, loc="left", fontsize=8.5)
        extra = [
            Line2D(
                [], [], marker=mark, color=ink.text, linestyle="none", markeredgewidth=1.4,
                markerfacecolor=ink.text if fill == "full" else "none", label=words,
            )
            for mark, fill, words in STANCES.values()
        ]  # fmt: skip
        legend(axes, ink, [], extra, columns=3)

    return draw


class Sighting(NamedTuple):
    """One statement on combat: who and when in words, kind, day said, first day spoken of, words, if they fought."""

    name: str
    group: str
    day: date
    since: date | None
    words: str
    fought: bool


def sightings(rows: Sequence[Sighting], start: date, end: date) -> Draw:
    """Statements on combat, one row each, at the day said; filled: they fought, open: not seen or not known.

    A line runs back to the day of which the statement speaks, where it names an earlier one.
    """

    def draw(body: SubFigure, ink: Ink) -> None:
        axes = body.subplots()
        axes.set_xlim(date2num(start), date2num(end))
        middle = sum(axes.get_xlim()) / 2
        for place, row in enumerate(rows):
            x, colour = date2num(row.day), ink.group[row.group]
            if row.since:
                axes.plot([date2num(row.since), x], [-place] * 2, color=colour, linewidth=1.6)
                axes.plot([date2num(row.since)], [-place], marker="|", markersize=9, color=colour)
            axes.plot(
                [x], [-place], marker=GROUPS[row.group], color=colour, markersize=7, linestyle="none",
                markerfacecolor=colour if row.fought else ink.page, markeredgewidth=1.5,
            )  # fmt: skip
            right = x < middle
            edge = x if right or not row.since else date2num(row.since)
            axes.annotate(
                row.words, (edge, -place), (8 if right else -8, 0), textcoords="offset points", fontsize=8, va="center",
                ha="left" if right else "right", bbox=ground(ink),
            )  # fmt: skip
        axes.set_ylim(-len(rows) + 0.4, 0.6)
        axes.yaxis.set_major_locator(FixedLocator([-k for k in range(len(rows))]))
        axes.set_yticklabels([row.name for row in rows])
        axes.tick_params(axis="y", labelsize=8)
        axes.xaxis.set_major_formatter(DateFormatter("%-d %b"))
        axes.set_xlabel(f"{start.year}", loc="left", fontsize=8.5)
        axes.xaxis.set_major_locator(
            FixedLocator([date2num(date(2024, m, d)) for m, d in ((11, 1), (11, 15), (12, 1), (12, 15))])
        )
        axes.tick_params(axis="x", labelsize=8)
        axes.grid(axis="x")
        extra = [
            Line2D([], [], marker="o", color=ink.text, linestyle="none", label="says that they fought"),
            Line2D(
                [], [], marker="o", color=ink.text, linestyle="none", fillstyle="none",
                label="not seen, not confirmed or denied",
            ),
        ]  # fmt: skip
        legend(axes, ink, [row.group for row in rows], extra)

    return draw
