"""The forms of chart that only the casualties chapter uses: rows and words in, a drawing function out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from math import inf, sqrt

import pandas as pd
from matplotlib.colors import to_rgb
from matplotlib.dates import DateFormatter, MonthLocator, date2num
from matplotlib.figure import SubFigure
from matplotlib.patches import Patch, Rectangle
from matplotlib.ticker import FixedLocator, FuncFormatter, MaxNLocator, NullLocator

from ..bounds import Interval, interval
from ..figures import GROUPS, Ink
from ..prose import number
from .common import SHADES, Draw, ground, legend

SIGNS = {"about": "~", "more_than": ">", "at_least": "≥", "up_to": "≤", "nearly": "<", "exact": ""}
"""Signs of the bounds, for tables too narrow for the words."""


def short(row: pd.Series) -> str:
    """Write a claim's number with the sign of its bound: '~2,700', '>3,000'. A range has both ends."""
    if row["bound"] == "range":
        return f"{number(row['low'])}–{number(row['high'])}"
    end = next(row[e] for e in ("point", "low", "high") if not pd.isna(row[e]))
    return f"{SIGNS[row['bound']]}{number(end)}"


def day_words(day: date) -> str:
    """Write a day in few letters: '19 Dec 2024'."""
    return f"{day.day} {day:%b %Y}"


# --- Levels by date ------------------------------------------------------------------------------


@dataclass(frozen=True)
class Panel:
    """One panel of totals over time: its name, its marks, its ribbon and its labels.

    `marks` has the columns day, low, high, group, vague, dated (a reference was stated); `ribbon` day, low,
    high, from each day to the next; `labels` maps places in `marks` to (words, shift in points).
    """

    name: str
    marks: pd.DataFrame
    ribbon: pd.DataFrame
    top: float
    labels: Mapping[int, tuple[str, tuple[float, float]]] = field(default_factory=dict)


def levels(panels: Sequence[Panel], start: date, turn: date, end: date) -> Draw:
    """Totals over two stretches of time, the first drawn wider, with a stepped ribbon behind.

    A bound without an end is an arrow; a vague word a dotted bar; an open mark has no stated reference.
    """

    def draw(body: SubFigure, ink: Ink) -> None:
        grid = body.subplots(len(panels), 2, sharey="row", sharex="col", width_ratios=(2.3, 1), squeeze=False)
        for (left, right), panel in zip(grid, panels, strict=True):
            left.set_title(panel.name, loc="left", fontsize=9, fontweight="bold")
            for axes, (first, last) in ((left, (start, turn)), (right, (turn, end))):
                axes.set_xlim(date2num(first), date2num(last))
                _level_axes(axes, panel)
                _ribbon(axes, panel.ribbon, end, ink)
                for place, mark in panel.marks.iterrows():
                    if first <= mark["day"] < last:
                        _level_mark(axes, mark, ink)
                        if place in panel.labels:
                            _level_label(axes, mark, *panel.labels[place], ink)
            left.tick_params(axis="y", labelsize=8)
            right.tick_params(axis="y", labelleft=False)
        for axes, interval_ in ((grid[-1][0], 1), (grid[-1][1], 3)):
            axes.xaxis.set_major_locator(MonthLocator(interval=interval_))
            axes.xaxis.set_major_formatter(DateFormatter("%b\n%Y"))
            axes.tick_params(axis="x", labelsize=7.5)
        groups = [g for panel in panels for g in panel.marks["group"]]
        extra = [Patch(facecolor=ink.grid, edgecolor=ink.muted, label="what the voices said last")]
        legend(grid[-1][0], ink, groups, extra, columns=2)

    return draw


def _level_axes(axes, panel: Panel) -> None:
    axes.set_ylim(0, panel.top)
    axes.yaxis.set_major_formatter(FuncFormatter(lambda y, _: number(y)))
    axes.grid(axis="y")


def _ribbon(axes, ribbon: pd.DataFrame, end: date, ink: Ink) -> None:
    days = [*ribbon["day"], end]
    lows, highs = ([*ribbon[c], ribbon[c].iloc[-1]] for c in ("low", "high"))
    axes.fill_between([date2num(d) for d in days], lows, highs, step="post", color=ink.grid, linewidth=0)
    for edge in (lows, highs):
        axes.step([date2num(d) for d in days], edge, where="post", color=ink.muted, linewidth=0.7)


def _level_mark(axes, mark: pd.Series, ink: Ink) -> None:
    x, colour = date2num(mark["day"]), ink.group[mark["group"]]
    if mark["vague"]:
        axes.plot([x, x], [mark["low"], mark["high"]], color=colour, linewidth=1.6, linestyle=":")
        return
    said = mark["low"] if mark["low"] > 0 else mark["high"]
    style = {"fillstyle": "full" if mark["dated"] else "none", "markersize": 5.5, "linestyle": "none"}
    if mark["high"] == inf or mark["low"] == 0:
        axes.annotate(
            "", (x, said), (0, 15 if mark["high"] == inf else -15), textcoords="offset points",
            arrowprops={"arrowstyle": "<|-", "color": colour, "linewidth": 1.1, "shrinkA": 0, "shrinkB": 2, "mutation_scale": 6},
        )  # fmt: skip
    axes.plot([x], [said], marker=GROUPS[mark["group"]], color=colour, **style)


def _level_label(axes, mark: pd.Series, words: str, shift: tuple[float, float], ink: Ink) -> None:
    said = mark["low"] if mark["low"] > 0 else mark["high"]
    axes.annotate(
        words, (date2num(mark["day"]), said), shift, textcoords="offset points", fontsize=7.5,
        ha="left" if shift[0] >= 0 else "right", va="center", linespacing=1.0,
    )  # fmt: skip


# --- What all claims allow together --------------------------------------------------------------


def regions(panels: Sequence[tuple[str, pd.DataFrame, Sequence[float]]], end: date) -> Draw:
    """What all totals allow from day to day: a filled block, or a crossed one where nothing is allowed.

    A panel is (name, steps, ticks); steps have the columns day, floor, ceiling, from each day to the next,
    and `words`, written at the block where not blank.
    """

    def draw(body: SubFigure, ink: Ink) -> None:
        stack = body.subplots(len(panels), 1, sharex=True, squeeze=False)[:, 0]
        for axes, (name, steps, ticks) in zip(stack, panels, strict=True):
            axes.set_title(name, loc="left", fontsize=9, fontweight="bold")
            axes.set_yscale("log")
            axes.set_ylim(ticks[0] / 1.5, ticks[-1] * 1.9)
            axes.set_xlim(date2num(steps["day"].iloc[0]), date2num(end))
            axes.yaxis.set_major_locator(FixedLocator(list(ticks)))
            axes.yaxis.set_minor_locator(NullLocator())
            axes.yaxis.set_major_formatter(FuncFormatter(lambda y, _: number(y)))
            axes.tick_params(axis="y", labelsize=8)
            axes.grid(axis="y")
            stops = [*steps["day"].iloc[1:], end]
            for step, stop in zip(steps.itertuples(), stops, strict=True):
                _region(axes, step, date2num(stop), ink)
        stack[-1].xaxis.set_major_locator(MonthLocator(interval=2))
        stack[-1].xaxis.set_major_formatter(DateFormatter("%b\n%Y"))
        stack[-1].tick_params(axis="x", labelsize=8)
        keys = [
            Patch(facecolor=ink.group["South Korea"], alpha=0.55, label="every total allows this"),
            Patch(
                facecolor="none",
                edgecolor=ink.group["North Korea and Russia"],
                hatch="xxx",
                label="no number: a floor above a ceiling",
            ),
        ]
        body.legend(handles=keys, loc="outside lower left", ncols=2, frameon=False, fontsize=8)

    return draw


def _region(axes, step, stop: float, ink: Ink) -> None:
    left, top = date2num(step.day), axes.get_ylim()[1]
    bottom = max(step.floor, axes.get_ylim()[0])
    empty = step.floor > step.ceiling
    low, high = (step.ceiling, step.floor) if empty else (bottom, min(step.ceiling, top))
    if empty:
        colour = ink.group["North Korea and Russia"]
        style = {"facecolor": "none", "edgecolor": colour, "hatch": "xxx", "linewidth": 0.9}
    else:
        style = {
            "facecolor": ink.group["South Korea"],
            "alpha": 0.55 if step.ceiling < inf else 0.2,
            "linewidth": 0,
        }
        if low == high:  # a single number is a line, not nothing
            low, high = low / 1.03, high * 1.03
    axes.add_patch(Rectangle((left, low), stop - left, high - low, **style))
    if step.words:
        axes.annotate(
            step.words, ((left + stop) / 2, high), (0, 9 if empty or step.ceiling < inf else -8), textcoords="offset points", ha="center", va="center",
            fontsize=8, bbox={"facecolor": ink.page if high < top else "none", "edgecolor": "none", "pad": 0.8},
        )  # fmt: skip


# --- Rates ---------------------------------------------------------------------------------------


def rate_table(
    rows: Sequence[tuple[str, Sequence[tuple[float, str]], int | None, str]],
    columns: Sequence[str],
    head: str,
) -> Draw:
    """A table of shares, darker as they grow; a frame marks the pair that the claimant itself used.

    A row is (label, (percent, text) for each column, place of the framed column, own words).
    """

    def draw(body: SubFigure, ink: Ink) -> None:
        axes = body.subplots()
        left, wide = 2.4, len(columns)
        axes.set_xlim(-left, wide + 1.12)
        axes.set_ylim(-len(rows), 1.15)
        axes.set_axis_off()
        for x, name in enumerate(columns):
            axes.text(x + 0.5, 0.55, name, ha="center", va="center", fontsize=8, linespacing=1.15)
        axes.text(wide + 0.12, 0.55, head, va="center", fontsize=8, color=ink.muted, linespacing=1.15)
        most = max(value for _, cells, _, _ in rows for value, _ in cells)
        for place, (label, cells, own, words) in enumerate(rows):
            y = -place - 1
            axes.text(-left, y + 0.5, label, va="center", fontsize=8, linespacing=1.15)
            axes.text(wide + 0.12, y + 0.5, words, va="center", fontsize=8, linespacing=1.1)
            for x, (value, text) in enumerate(cells):
                strength = SHADES[0] + (SHADES[1] - SHADES[0]) * value / most
                shade = _mix(ink.page, ink.group["South Korea"], strength)
                axes.add_patch(Rectangle((x + 0.03, y + 0.04), 0.94, 0.92, facecolor=shade, linewidth=0))
                axes.text(x + 0.5, y + 0.5, text, ha="center", va="center", fontsize=9, fontweight="bold")
            if own is not None:
                axes.add_patch(
                    Rectangle(
                        (own + 0.04, y + 0.06), 0.92, 0.88, fill=False, edgecolor=ink.text, linewidth=1.8
                    )
                )

    return draw


def _mix(page: str, colour: str, share: float) -> tuple[float, ...]:
    return tuple(a + (b - a) * share for a, b in zip(to_rgb(page), to_rgb(colour), strict=True))


# --- Wounded per killed --------------------------------------------------------------------------


@dataclass(frozen=True)
class RatioRow:
    """One row of the strip plot: its label, its marks as (interval, words beside it), and the words at the right.

    `group` is the kind of claimant, or blank for a reference class, which has `before`, words left of its
    least ratio; a dashed row mixes dates.
    """

    label: str
    marks: Sequence[tuple[Interval, str]]
    right: str
    group: str = ""
    before: str = ""
    dashed: bool = False


def ratio_strip(
    classes: Sequence[RatioRow],
    claims: Sequence[RatioRow],
    shades: Sequence[tuple[Interval, str]],
    heads: tuple[str, str, str, str],
    errors: tuple[str, str],
    ticks: Sequence[float],
) -> Draw:
    """Ratios on one log axis: reference classes above, claims below, shaded by some of the classes.

    `heads` are the headings of both halves and of both right-hand columns; `errors` say at the foot what
    pushes a ratio left and right.
    """

    def draw(body: SubFigure, ink: Ink) -> None:
        # Placed by hand: the labels stand outside the axes, in columns of their own.
        axes = body.add_axes((0.325, 0.1, 0.45, 0.895))
        axes.set_xscale("log")
        axes.set_xlim(ticks[0] * 0.82, ticks[-1] * 1.12)
        split, foot = -len(classes) - 0.5, -len(classes) - len(claims) - 2.5
        axes.set_ylim(foot + 0.2, 0.6)
        axes.vlines(ticks, foot + 0.4, -0.4, color=ink.grid, linewidth=0.8, zorder=0)
        for low_high, words in shades:
            axes.fill_betweenx(
                [foot + 0.4, split - 1.5], low_high.low, low_high.high, color=ink.grid, alpha=0.55, linewidth=0, zorder=0
            )  # fmt: skip
            axes.text(
                sqrt(low_high.low * low_high.high), split - 1.22, words, fontsize=7.5, color=ink.muted, ha="center", va="center"
            )  # fmt: skip
        sides = axes.get_yaxis_transform()
        for y, name, right in ((0.2, heads[0], heads[2]), (split - 0.6, heads[1], heads[3])):
            axes.text(-0.68, y, name, transform=sides, fontsize=9, fontweight="bold", va="center")
            axes.text(
                1.45, y, right, transform=sides, fontsize=7.5, color=ink.muted, va="center", ha="right",
                linespacing=1.05,
            )  # fmt: skip
        for place, row in enumerate([*classes, *claims]):
            y = -place - (0.7 if place < len(classes) else 2.2)
            axes.text(-0.68, y, row.label, transform=sides, fontsize=8, va="center", linespacing=1.05)
            axes.text(1.45, y, row.right, transform=sides, fontsize=8, va="center", ha="right")
            for found, words in row.marks:
                _ratio_mark(axes, found, words, y, row, ink)
            least = min(found.low for found, _ in row.marks)
            axes.annotate(
                row.before, (least, y), (-6, 0), textcoords="offset points", fontsize=8, color=ink.muted, ha="right", va="center"
            )  # fmt: skip
        axes.yaxis.set_major_locator(NullLocator())
        axes.xaxis.set_major_locator(FixedLocator(list(ticks)))
        axes.xaxis.set_minor_locator(NullLocator())
        axes.xaxis.set_major_formatter(FuncFormatter(lambda x, _: number(x)))
        axes.tick_params(axis="x", labelsize=8, length=0)
        axes.spines["bottom"].set_visible(False)
        for x, words, side in ((-0.02, errors[0], "left"), (1.02, errors[1], "right")):
            axes.annotate(
                words, (x, 0), (0, -20), xycoords="axes fraction", textcoords="offset points", fontsize=7.5,
                color=ink.muted, ha=side, va="top", linespacing=1.15,
            )  # fmt: skip

    return draw


def _ratio_mark(axes, found: Interval, words: str, y: float, row: RatioRow, ink: Ink) -> None:
    colour = ink.group[row.group] if row.group else ink.muted
    mark = GROUPS[row.group] if row.group else "|"
    big = 7 if len(row.marks) == 1 else 5
    style = {"color": colour, "marker": mark, "markersize": big if row.group else 11, "linestyle": "none"}
    style |= {"markeredgewidth": 1.0 if row.group else 2.2, "fillstyle": "none" if row.dashed else "full"}
    if big == 5:  # marks that touch keep an edge between them
        style |= {"markeredgecolor": ink.page, "markersize": 6} if row.group else {}
    ends, words_at, shift = sorted({found.low, found.high}), found.high, 7
    if found.low == 0:  # the arrow of an upper bound runs left, and its words stand beyond it
        ends, words_at, shift = [found.high], found.high / 1.45, -3
        axes.annotate(
            "", (words_at, y), (found.high, y), arrowprops={"arrowstyle": "-|>", "color": colour, "linewidth": 1.6, "mutation_scale": 9}
        )  # fmt: skip
    elif found.low != found.high:
        dashes = {"linewidth": 1.6, "linestyle": (0, (2, 1.5))} if row.dashed else {"linewidth": 2.4}
        axes.plot([found.low, found.high], [y, y], color=colour, **dashes)
    axes.plot(ends, [y] * len(ends), **style)
    axes.annotate(
        words, (words_at, y), (shift, 0), textcoords="offset points", fontsize=8, fontweight="bold", va="center",
        ha="left" if shift > 0 else "right",
    )  # fmt: skip


# --- The floor -----------------------------------------------------------------------------------


def evidence_ladder(rows: Sequence[tuple[str, float, str, str]], floor: float) -> Draw:
    """Bars from one zero, one under the other, never stacked: (label, value, value in words, kind).

    The kinds are `seen`, `room` (places, hatched) and `estimate` (outlined). A line carries the largest floor down.
    """

    def draw(body: SubFigure, ink: Ink) -> None:
        axes = body.subplots()
        axes.set_xlim(0, max(value for _, value, _, _ in rows) * 1.2)
        seen, other = ink.group["North Korea and Russia"], ink.group["South Korea"]
        styles = {
            "seen": {"color": seen},
            "room": {"facecolor": "none", "edgecolor": ink.muted, "hatch": "/////", "linewidth": 0.9},
            "estimate": {"facecolor": "none", "edgecolor": other, "linewidth": 1.6},
        }
        for place, (label, value, said, kind) in enumerate(rows):
            axes.barh(-place - 0.16, value, 0.36, **styles[kind])
            axes.annotate(
                label, (0, -place + 0.22), (2, 0), textcoords="offset points", fontsize=8, color=ink.muted, va="center",
                bbox=ground(ink), zorder=4,
            )  # fmt: skip
            axes.annotate(
                said, (value, -place - 0.16), (5, 0), textcoords="offset points", fontsize=9, fontweight="bold", va="center"
            )  # fmt: skip
        bottom = -len(rows) + 0.45
        lowest = max(place for place, (_, _, _, kind) in enumerate(rows) if kind == "seen")
        axes.plot(
            [floor, floor], [-lowest - 0.34, bottom], color=ink.text, linewidth=1, linestyle="--", zorder=3
        )
        axes.set_ylim(bottom, 0.5)
        axes.yaxis.set_major_locator(NullLocator())
        axes.xaxis.set_major_formatter(FuncFormatter(lambda x, _: number(x)))
        axes.tick_params(axis="x", labelsize=8)
        axes.grid(axis="x")
        axes.set_xlabel("Dead, or places for them", loc="left", fontsize=8.5)
        keys = [
            Patch(label="seen or admitted", **styles["seen"]),
            Patch(label="places for the dead", **styles["room"]),
            Patch(label="estimates", **styles["estimate"]),
        ]
        body.legend(handles=keys, loc="outside lower left", ncols=3, frameon=False, fontsize=8)

    return draw


# --- Vintages ------------------------------------------------------------------------------------


def tadpoles(
    panels: Sequence[tuple[str, pd.DataFrame, str]],
    step: tuple[int, date, float, float, str],
    start: date,
    end: date,
) -> Draw:
    """Each claimant's successive totals by day stated, in small panels with scales of their own.

    A panel is (name, rows with day, value, words and shift, group): a head is a new total, its tail runs from the
    one before. `step` is (panel, day, old value, new value, words): an arrow from one total to the next.
    """

    def draw(body: SubFigure, ink: Ink) -> None:
        tall = (len(panels) + 1) // 2
        grid = body.subplots(tall, 2, sharex=True, squeeze=False)
        for place, (axes, (name, rows, group)) in enumerate(zip(grid.flat, panels, strict=True)):
            colour = ink.group[group]
            days = [date2num(day) for day in rows["day"]]
            axes.plot(days, rows["value"], color=colour, linewidth=1.1, alpha=0.75)
            axes.plot(days, rows["value"], marker=GROUPS[group], color=colour, linestyle="none", markersize=5)
            for row, x in zip(rows.itertuples(), days, strict=True):
                if row.words:
                    axes.annotate(
                        row.words, (x, row.value), row.shift, textcoords="offset points", fontsize=7.5, va="center",
                        ha="left" if row.shift[0] > 0 else "right" if row.shift[0] < 0 else "center",
                    )  # fmt: skip
            axes.set_title(name, loc="left", fontsize=8.5, fontweight="bold")
            axes.set_xlim(date2num(start), date2num(end))
            axes.grid(axis="y")
            axes.tick_params(labelsize=7.5)
            axes.yaxis.set_major_formatter(FuncFormatter(lambda y, _: number(y)))
            axes.xaxis.set_major_locator(MonthLocator(interval=4))
            axes.xaxis.set_major_formatter(DateFormatter("%b\n%Y"))
            axes.yaxis.set_major_locator(MaxNLocator(4, steps=[1, 2, 5, 10]))
            if place == step[0]:
                _, day, old, new, words = step
                x = date2num(day)
                axes.annotate(
                    "", (x, new), (x, old), arrowprops={"arrowstyle": "-|>", "color": ink.text, "linewidth": 1.8, "shrinkB": 3, "mutation_scale": 10}
                )  # fmt: skip
                axes.annotate(
                    words, (x, (old + new) / 2), (6, 0), textcoords="offset points", fontsize=8, va="center", linespacing=1.1
                )  # fmt: skip
            axes.set_ylim(0, max(rows["value"]) * 1.25)

    return draw


# --- Who leads -----------------------------------------------------------------------------------


def crossing_dots(
    rows: Sequence[tuple[str, str, Sequence[tuple[int, Mapping[str, str]]]]],
    ticks: Sequence[int],
    xlabel: str,
) -> Draw:
    """Days after the first voice, one row a level, on a square-root axis: dots joined, named above and below.

    A row is (level, first day in words, dots); a dot is (days, the voices of that day and their kinds).
    """

    def draw(body: SubFigure, ink: Ink) -> None:
        axes = body.subplots()
        axes.set_xlim(-0.7, sqrt(max(ticks)) * 1.06)
        for place, (level, first, dots) in enumerate(rows):
            y = -place
            xs = [sqrt(days) for days, _ in dots]
            axes.plot([min(xs), max(xs)], [y, y], color=ink.muted, linewidth=1, zorder=1)
            axes.annotate(level, (-0.6, y + 0.42), fontsize=9.5, fontweight="bold", va="center")
            axes.annotate(
                first, (-0.6, y + 0.42), (34, 0), textcoords="offset points", fontsize=8, color=ink.muted, va="center"
            )  # fmt: skip
            for order, (x, (days, voices)) in enumerate(zip(xs, dots, strict=True)):
                for beside, group in enumerate(voices.values()):
                    axes.plot(
                        [x + 0.42 * beside], [y], marker=GROUPS[group], color=ink.group[group], markersize=7
                    )
                below = order % 2 == 0
                text = "\nand ".join(voices) + (f" +{days}" if days else "")
                axes.annotate(
                    text, (x, y), (-4 if order == 0 else 0, -6 if below else 6), textcoords="offset points", fontsize=8,
                    ha="left" if order == 0 else "center", va="top" if below else "bottom", linespacing=1.0,
                )  # fmt: skip
        axes.set_ylim(-len(rows) + 0.5, 0.7)
        axes.yaxis.set_major_locator(NullLocator())
        axes.xaxis.set_major_locator(FixedLocator([sqrt(t) for t in ticks]))
        axes.xaxis.set_major_formatter(FuncFormatter(lambda x, _: number(round(x * x))))
        axes.tick_params(axis="x", labelsize=8)
        axes.grid(axis="x")
        axes.set_xlabel(xlabel, loc="left", fontsize=8.5)

    return draw


# --- Rounding ------------------------------------------------------------------------------------


def rounding_grid(
    blocks: Sequence[tuple[str, Sequence[tuple[str, str, Sequence[int]]]]], steps: Sequence[str]
) -> Draw:
    """Dots, one a claim, under the coarsest step to which each figure is rounded.

    A block is (heading, rows); a row is (name, kind of claimant, count for each step).
    """
    lines = sum(len(rows) + 1 for _, rows in blocks)

    def draw(body: SubFigure, ink: Ink) -> None:
        axes = body.subplots()
        axes.set_axis_off()
        axes.set_xlim(-2.35, len(steps) - 0.45)
        axes.set_ylim(-lines + 0.3, 1.3)
        axes.text(-2.35, 0.9, "divisible by", fontsize=8.5, color=ink.muted, va="center")
        for x, name in enumerate(steps):
            axes.text(x, 0.9, name, ha="center", va="center", fontsize=8.5, fontweight="bold")
        y = 0
        for heading, rows in blocks:
            axes.text(-2.35, y + 0.1, heading, fontsize=9, fontweight="bold", va="center")
            axes.plot([-2.35, len(steps) - 0.5], [y - 0.32] * 2, color=ink.grid, linewidth=0.8)
            y -= 1
            for name, group, counts in rows:
                axes.text(-2.35, y, name, fontsize=8.5, va="center", linespacing=1.1)
                for x, n in enumerate(counts):
                    if not n:
                        axes.text(x, y, "–", color=ink.muted, ha="center", va="center")
                    for dot in range(n):
                        across, down = dot % 4, dot // 4
                        offset = (min(n, 4) - 1) / 2
                        axes.plot(
                            [x + (across - offset) * 0.2], [y + (0.17 if n > 4 else 0) - down * 0.34],
                            marker=GROUPS[group], color=ink.group[group], markersize=4.5,
                        )  # fmt: skip
                y -= 1

    return draw


def to_marks(claims: pd.DataFrame, groups: pd.Series, days: Sequence[date]) -> pd.DataFrame:
    """Return claims as the marks of a Panel, in their order, with the claim ids."""
    ends = [interval(row) for _, row in claims.iterrows()]
    return pd.DataFrame(
        {
            "claim_id": list(claims["claim_id"]),
            "day": list(days),
            "low": [e.low for e in ends],
            "high": [e.high for e in ends],
            "group": list(groups),
            "vague": list(claims["bound"].eq("vague")),
            "dated": list(claims["refers_to"].notna()),
        }
    )
