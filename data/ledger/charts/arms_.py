"""Chart forms of the arms chapter: ranges in blocks, a tornado, cumulative steps, a plane of shares, two calculators."""

from collections.abc import Sequence
from datetime import date
from math import isinf
from typing import NamedTuple

import altair as alt
import pandas as pd
from matplotlib.dates import DateFormatter, MonthLocator, date2num
from matplotlib.figure import SubFigure
from matplotlib.ticker import FixedLocator, FuncFormatter, MultipleLocator, NullLocator

from ..analyses import Assumption, stated_ends
from ..bounds import Interval, interval
from ..dates import span
from ..figures import GROUPS, LIGHT, Ink
from ..prose import number, wording
from ..tables import Ledger
from .common import SHAPES, Draw, claim_page, legend, phrases

# --- Ranges in blocks ----------------------------------------------------------------------------


class Range(NamedTuple):
    """One row: who and when, the ends said aloud, their words, the kind of claimant, which ends are open, the claim."""

    label: str
    low: float
    high: float
    words: str
    group: str
    open_low: bool = False
    open_high: bool = False
    vague: bool = False
    claim: str = ""


def short_date(row: pd.Series) -> str:
    """Return the month and year in which a claim was stated, or the year where no more is known."""
    bare = row["stated_on"].strip("~?")
    return bare if len(bare) == 4 else f"{span(row['stated_on'])[0]:%b %Y}"


def claim_range(ledger: Ledger, row: pd.Series, group: str, words: str | None = None) -> Range:
    """Return the row of a claim: label of its claimant with the month, its stated ends, its wording."""
    held = interval(row)
    said = stated_ends(held)
    who = ledger.claimants.set_index("claimant_id")["label"][row["claimant_id"]]
    vague = row["bound"] == "vague"
    return Range(
        f"{who}, {short_date(row)}",
        said.low,
        said.high,
        words or wording(ledger, row),
        group,
        held.low == 0 and not vague,
        isinf(held.high),
        vague,
        row["claim_id"],
    )


def ranges(
    blocks: Sequence[tuple[str, Sequence[Range]]],
    xlabel: str,
    ticks: Sequence[float],
    xlim: tuple[float, float],
    log: bool = False,
    bands: Sequence[tuple[Interval, str, Sequence[int]]] = (),
    columns: tuple[float, float, float] = (2.0, 2.05, 1.0),
) -> Draw:
    """Rows in blocks on one axis: names to the left, marks in the middle, the words to the right.

    An open end is an arrow; a row open at both ends is a hollow mark, for its words bound nothing; a vague
    word is a hatched bar. `bands` are (interval, words, blocks): a grey reference behind the rows of blocks.
    """
    lines: list[Range | str] = []
    spans: list[tuple[int, int]] = []
    for heading, rows in blocks:
        spans.append((len(lines), len(lines) + len(rows)))
        lines += [heading, *rows]

    def draw(body: SubFigure, ink: Ink) -> None:
        left, axes, right = body.subplots(1, 3, width_ratios=columns, sharey=True)
        for side in (left, right):
            side.set_axis_off()
            side.set_xlim(0, 1)
        if log:
            axes.set_xscale("log")
        axes.set_xlim(*xlim)
        axes.set_ylim(-len(lines) + 0.4, 0.6)
        for held, words, inside in bands:
            top, bottom = spans[inside[0]][0] - 0.5, spans[inside[-1]][1] + 0.5
            axes.fill_betweenx([-top, -bottom], held.low, held.high, color=ink.muted, alpha=0.2, linewidth=0)
            _text(
                axes,
                (held.low + held.high) / 2,
                -spans[inside[0]][0],
                words,
                ink,
                ha="center",
                color=ink.muted,
            )
        for place, line in enumerate(lines):
            if isinstance(line, str):
                _text(left, 0.025, -place, line, ink, fontweight="bold", color=ink.muted)
                continue
            _text(left, 0.055, -place, line.label, ink)
            _text(right, 0.02, -place, line.words, ink, fontweight="bold")
            _mark(axes, line, -place, ink)
        axes.yaxis.set_major_locator(NullLocator())
        axes.xaxis.set_major_locator(FixedLocator(list(ticks)))
        axes.xaxis.set_minor_locator(NullLocator())
        axes.xaxis.set_major_formatter(FuncFormatter(lambda x, _: f"{x:,.10g}"))
        axes.tick_params(axis="x", labelsize=8)
        axes.grid(axis="x")
        axes.set_xlabel(xlabel, loc="center", fontsize=8)
        legend(axes, ink, [line.group for line in lines if isinstance(line, Range)])

    return draw


def _text(axes, x: float, y: float, words: str, ink: Ink, **style) -> None:
    # Texts stay out of the layout: a long name may not squeeze the axis beside it.
    chosen = {"fontsize": 8, "va": "center", "color": ink.text, "clip_on": False} | style
    axes.text(x, y, words, **chosen).set_in_layout(False)


def _mark(axes, line: Range, y: float, ink: Ink) -> None:
    colour, mark = ink.group[line.group], GROUPS[line.group]
    if line.vague:
        right = axes.get_xlim()[1] if line.open_high else line.high
        axes.barh(y, min(right, axes.get_xlim()[1]) - line.low, 0.5, left=line.low, facecolor="none",
                  edgecolor=colour, hatch="//////", linewidth=0.8)  # fmt: skip
    else:
        axes.plot([line.low, line.high], [y, y], color=colour, linewidth=2, solid_capstyle="butt")
    for end, is_open, way in ((line.low, line.open_low, -1), (line.high, line.open_high, 1)):
        if is_open and not line.vague:
            axes.annotate("", (end, y), (way * 19, 0), textcoords="offset points",
                          arrowprops={"arrowstyle": "<|-", "color": colour, "linewidth": 1.2, "shrinkA": 0,
                                      "shrinkB": 3})  # fmt: skip
    if not line.vague:
        hollow = line.open_low and line.open_high
        axes.plot(
            [line.low, line.high], [y, y], marker=mark, color=colour, markersize=6, linestyle="none",
            markerfacecolor=ink.page if hollow else colour, markeredgewidth=1.2,
        )  # fmt: skip


# --- What moves the total ------------------------------------------------------------------------


def tornado_bars(
    swings: pd.DataFrame,
    ranks: pd.Series,
    inputs: dict[str, tuple[str, str]],
    start: float,
    references: Sequence[tuple[str, Interval, str]],
    xlabel: str,
    rank_label: str,
) -> Draw:
    """Bars of a tornado, widest first, with the rank of each assumption as a bar of its own to the right.

    `swings` comes from analyses.tornado(), `ranks` gives an index from 0 to 1 by name, `inputs` the words for
    the two ends of each assumption; `references` are (name, interval, words), drawn below the bars.
    """

    def draw(body: SubFigure, ink: Ink) -> None:
        axes, right = body.subplots(1, 2, width_ratios=(3.7, 1.0), sharey=True)
        blue, grey = ink.group["South Korea"], ink.muted
        top = max([swings[["at_low", "at_high"]].max().max(), *(i.high for _, i, _ in references)])
        axes.set_xlim(0, top * 1.12)
        small = {"textcoords": "offset points", "va": "center", "fontsize": 8}
        for place, row in enumerate(swings.itertuples()):
            y = -place
            low, high = sorted((row.at_low, row.at_high))
            axes.barh(y - 0.12, high - low, 0.34, left=low, color=blue, alpha=0.45, linewidth=0)
            axes.annotate(inputs[row.name][0], (row.at_low, y - 0.12), (-4, 0), ha="right", **small)
            axes.annotate(inputs[row.name][1], (row.at_high, y - 0.12), (4, 0), ha="left", **small)
            axes.text(0, y + 0.27, row.label, fontsize=8.5, color=ink.muted, va="center")
            axes.plot([start, start], [y - 0.33, y + 0.09], color=ink.text, linewidth=1.2, linestyle=":")
            right.barh(y - 0.12, ranks[row.name], 0.34, facecolor="none", edgecolor=ink.text, hatch="/////")
            right.annotate(f"{ranks[row.name]:.2f}", (ranks[row.name], y - 0.12), (4, 0), **small)
        rows = len(swings)
        for place, (name, held, words) in enumerate(references, start=rows):
            y = -place - 0.25
            axes.plot([held.low, held.high], [y - 0.12] * 2, color=grey, linewidth=3, solid_capstyle="butt",
                      marker="|", markersize=10)  # fmt: skip
            axes.text(0, y + 0.27, name, fontsize=8.5, color=ink.muted, va="center")
            axes.annotate(
                words,
                (held.high, y - 0.12),
                (0, 12),
                ha="right",
                fontweight="bold",
                **{**small, "va": "bottom"},
            )
        axes.set_ylim(-rows - len(references) + 0.25, 0.55)
        right.set_xlim(0, 1.35)
        right.set_xticks([])
        right.text(0, 0.27, rank_label, fontsize=8, color=ink.muted, va="center")
        right.spines["bottom"].set_visible(False)
        axes.yaxis.set_major_locator(NullLocator())
        axes.xaxis.set_major_locator(MultipleLocator(5))
        axes.tick_params(axis="x", labelsize=8)
        axes.grid(axis="x")
        axes.set_xlabel(xlabel, loc="left", fontsize=8.5)

    return draw


# --- Cumulative steps ----------------------------------------------------------------------------


class Step(NamedTuple):
    """A total up to a day: its words, whether more is allowed, whether it counts something else, the side of the words."""

    day: date
    total: float
    words: str
    floor: bool = False
    aside: bool = False
    left: bool = False


def step_panels(panels: Sequence[tuple[str, str, Sequence[Step]]], start: str, end: str, ylabel: str) -> Draw:
    """Small multiples of totals that grow: (heading, kind of claimant, steps).

    A step stands on the day up to which its source counts; the line begins at the first step, for before it
    the source has no number. A floor has an arrow upwards; a hollow mark is an aside, joined to nothing.
    """
    top = max(step.total for *_, steps in panels for step in steps) * 1.4

    def draw(body: SubFigure, ink: Ink) -> None:
        grid = body.subplots(len(panels), 1, sharex=True, sharey=True, squeeze=False)[:, 0]
        for axes, (heading, group, steps) in zip(grid, panels, strict=True):
            colour, mark = ink.group[group], GROUPS[group]
            path = [(s.day, s.total) for s in steps if not s.aside]
            axes.step(
                [date2num(d) for d, _ in path],
                [v for _, v in path],
                where="post",
                color=colour,
                linewidth=1.6,
            )
            for s in steps:
                axes.plot([date2num(s.day)], [s.total], marker=mark, color=colour, markersize=6.5,
                          markerfacecolor=ink.page if s.aside else colour)  # fmt: skip
                if s.floor:
                    axes.annotate("", (date2num(s.day), s.total), (0, 13), textcoords="offset points",
                                  arrowprops={"arrowstyle": "<|-", "color": colour, "shrinkA": 0, "shrinkB": 2})  # fmt: skip
                # Words stand above the line that runs on to the right; an aside has no line.
                axes.annotate(s.words, (date2num(s.day), s.total), (-7 if s.left else 7, 0 if s.aside else 7),
                              textcoords="offset points", fontsize=8, va="center", ha="right" if s.left else "left",
                              fontweight="normal" if s.aside else "bold",
                              color=ink.muted if s.aside else ink.text)  # fmt: skip
            axes.set_title(heading, loc="left", fontsize=8.5, color=ink.muted, pad=2)
            axes.set_ylim(0, top)
            axes.tick_params(axis="y", labelsize=8)
            axes.grid(axis="y")
        grid[-1].set_xlim(date2num(span(start)[0]), date2num(span(end)[1]))
        grid[-1].xaxis.set_major_locator(MonthLocator(bymonth=(1, 4, 7, 10)))
        grid[-1].xaxis.set_major_formatter(DateFormatter("%b %Y"))
        grid[-1].tick_params(axis="x", labelsize=8)
        body.supylabel(ylabel, fontsize=8.5, color=ink.muted)
        legend(grid[-1], ink, [group for _, group, _ in panels])

    return draw


# --- The plane of shares -------------------------------------------------------------------------


def share_plane(
    supplies: Sequence[Range],
    uses: Sequence[Range],
    use_head: str,
    shares: Sequence[float],
    wedge: Interval,
    wedge_words: str,
    xlabel: str,
    ylabel: str,
    limit: tuple[float, float],
) -> Draw:
    """Supply across, use upwards, lines of equal share between: a claim is a tick on the side of what it counts.

    The words of the uses stand to the right, under `use_head`. `shares` are fractions drawn as lines through zero; `wedge` is the span of the shares claimed. `limit` is
    the greatest supply and the greatest use shown.
    """

    def draw(body: SubFigure, ink: Ink) -> None:
        grid = body.subplots(2, 2, width_ratios=(2.1, 1.95), height_ratios=(3.3, 0.24 * len(supplies)))
        plane, side, foot, blank = grid.ravel()
        blank.set_axis_off()
        plane.set_xlim(0, limit[0])
        plane.set_ylim(0, limit[1])
        ends = [0, limit[0]]
        plane.fill_between(ends, [e / wedge.high for e in ends], [e / wedge.low for e in ends], color=ink.muted,
                           alpha=0.22, linewidth=0)  # fmt: skip
        for share in shares:
            x = min(limit[0], limit[1] * share)
            plane.plot([0, x], [0, x / share], color=ink.muted, linewidth=0.9, linestyle=(0, (4, 2)))
            over = x < limit[0]
            plane.annotate(f"{share:.0%}", (x, x / share), (0, 3) if over else (-3, 4), textcoords="offset points",
                           ha="center" if over else "right", va="bottom", fontsize=8, color=ink.muted,
                           annotation_clip=False)  # fmt: skip
        middle = 2 / (1 / wedge.low + 1 / wedge.high)
        x = limit[1] * 0.52 * middle
        plane.text(x, limit[1] * 0.52, wedge_words, fontsize=8, ha="center", va="center", linespacing=1.2,
                   bbox={"facecolor": ink.page, "edgecolor": "none", "pad": 1.5})  # fmt: skip
        for one in uses:
            plane.plot(ends, [one.low] * 2, color=ink.group[one.group], linewidth=0.7, alpha=0.6)
        plane.tick_params(labelsize=8)
        plane.set_ylabel(ylabel, fontsize=8.5)
        _use_labels(side, uses, limit[1], ink)
        _text(side, 0.13, limit[1] * 1.025, use_head, ink, color=ink.muted)
        foot.set_xlim(0, limit[0])
        foot.set_ylim(-len(supplies) + 0.4, 0.6)
        foot.spines["bottom"].set_visible(False)
        foot.set_xticks(plane.get_xticks()[plane.get_xticks() <= limit[0]], [])
        foot.tick_params(length=0)
        foot.grid(axis="x")
        foot.yaxis.set_major_locator(NullLocator())
        foot.xaxis.set_label_position("bottom")
        foot.set_xlabel(xlabel, loc="left", fontsize=8.5)
        blank.set_ylim(*foot.get_ylim())
        blank.set_xlim(0, 1)
        for place, one in enumerate(supplies):
            _mark(foot, one, -place, ink)
            _text(blank, 0, -place, f"{one.label}: {one.words}", ink)
        legend(plane, ink, [r.group for r in (*supplies, *uses)])

    return draw


def _use_labels(axes, uses: Sequence[Range], top: float, ink: Ink) -> None:
    """Write the uses beside the plane, pushed apart upwards where they lie close, each with a leader."""
    axes.set_axis_off()
    axes.set_xlim(0, 1)
    axes.set_ylim(0, top)
    gap, last = top * 0.058, -top
    for one in sorted(uses, key=lambda r: r.low):
        last = max(one.low, last + gap)
        axes.plot([0, 0.1], [one.low, last], color=ink.group[one.group], linewidth=0.8, clip_on=False)
        axes.plot(
            [0], [one.low], marker=GROUPS[one.group], color=ink.group[one.group], markersize=5, clip_on=False
        )
        _text(axes, 0.13, last, f"{one.label}: {one.words}", ink, fontsize=7.5)


# --- Calculators ---------------------------------------------------------------------------------

TOTAL = "containers * share * (share_152 * per_box_152 + (1 - share_152) * per_box_122) / 1000000"
TOTAL_SETTINGS = (
    "format(containers, ',.0f') + ' boxes, ' + format(share, '.0%') + ' with ammunition, of these ' + format(share_152, '.0%')",
    "'with ' + format(per_box_152, '.0f') + ' shells of 152 mm, the rest with ' + format(per_box_122, '.0f') + ' rockets'",
)
"""analyses.rounds_shipped() in millions, and its inputs in lines of words, as Vega expressions."""

USE = "supply / share_of_fire"
USE_SETTINGS = (
    "format(supply, '.1f') + ' million a year supplied, at ' + format(share_of_fire, '.0%') + ' of all fire'",
)
"""analyses.use_implied() in millions, and its inputs in lines of words, as Vega expressions."""


def _sliders(assumptions: Sequence[Assumption]) -> dict[str, alt.Parameter]:
    return {
        a.name: alt.param(
            name=a.name,
            value=a.default,
            bind=alt.binding_range(min=a.low, max=a.high, step=(a.high - a.low) / 100, name=f"{a.label}: "),
        )
        for a in assumptions
    }


def calculator(
    ledger: Ledger,
    assumptions: Sequence[Assumption],
    result: str,
    settings: Sequence[str],
    published: Sequence[Range],
    xlabel: str,
    top: float,
    answer: str,
) -> alt.LayerChart:
    """Published numbers as rows, and a line that the reader moves with one slider an assumption.

    `result` and `settings` are Vega expressions over the names of the assumptions: the number on the axis, and
    the lines of words that spell the settings out. `answer` names the line. A dashed end is open.
    """
    sliders = _sliders(assumptions)
    order = [one.label for one in published]
    rows = pd.DataFrame([one._asdict() for one in published]).assign(
        tip=[min(one.high + 0.06 * top, top) for one in published],
        foot=[max(one.low - 0.06 * top, 0) for one in published],
        beside=[min(one.high + 0.06 * top, top) if one.open_high else one.high for one in published],
        printed=[phrases(ledger, one.claim) for one in published],
        page=[claim_page(one.claim) for one in published],
    )
    present = [g for g in GROUPS if g in set(rows["group"])]
    colour = alt.Color(
        "group:N", scale=alt.Scale(domain=present, range=[LIGHT.group[g] for g in present]), title=None
    )
    shape = alt.Shape(
        "group:N", scale=alt.Scale(domain=present, range=[SHAPES[g] for g in present]), title=None
    )
    y = alt.Y(
        "label:N",
        title=None,
        sort=order,
        scale=alt.Scale(domain=order),
        axis=alt.Axis(labelLimit=200, ticks=False, domain=False),
    )
    scale = alt.Scale(domain=[0, top], nice=False)
    axis = alt.X("low:Q", title=xlabel, scale=scale, axis=alt.Axis(tickCount=6))
    base = alt.Chart(alt.Data(values=rows.to_dict("records"))).encode(
        y=y,
        color=colour,
        tooltip=[
            alt.Tooltip("claim:N"),
            alt.Tooltip("label:N", title="who, when"),
            alt.Tooltip("words:N", title="as claimed"),
            alt.Tooltip("printed:N"),
        ],
        href="page:N",
    )
    bars = base.mark_rule(strokeWidth=3).encode(x=axis, x2="high:Q")
    more = (
        base.transform_filter("datum.open_high")
        .mark_rule(strokeWidth=1.5, strokeDash=[3, 2])
        .encode(x=alt.X("high:Q", scale=scale), x2="tip:Q")
    )
    less = (
        base.transform_filter("datum.open_low")
        .mark_rule(strokeWidth=1.5, strokeDash=[3, 2])
        .encode(x=alt.X("low:Q", scale=scale), x2="foot:Q")
    )
    points = base.mark_point(filled=True, size=60, opacity=1)
    text = [
        base.mark_text(align="left", dx=9, fontSize=11, **halo).encode(
            x=alt.X("beside:Q", scale=scale), text="words:N", color=alt.value("ink:text")
        )
        for halo in ({"stroke": "ink:page", "strokeWidth": 3}, {})  # the line may run through the words
    ]
    live = (
        alt.Chart(alt.Data(values=[{"row": 0}]))
        .transform_calculate(value=result, at=f"min({result}, {top})")
        .transform_calculate(words=f"{f'{answer}: '!r} + format(datum.value, '.1f') + ' million'")
    )
    at = alt.X("at:Q", scale=scale)
    line = live.mark_rule(color="ink:text", strokeWidth=2).encode(x=at)
    head = live.mark_text(
        color="ink:text", fontWeight="bold", fontSize=12, align="center", baseline="bottom", dy=-6
    ).encode(x=at, y=alt.value(0), text="words:N")
    notes = [
        live.transform_calculate(said=line)
        .mark_text(color="ink:muted", fontSize=11, align="left", baseline="bottom", dy=-24 - 14 * above)
        .encode(x=alt.value(-140), y=alt.value(0), text="said:N")
        for above, line in enumerate(reversed(settings))
    ]
    return (
        alt.layer(
            bars,
            more,
            less,
            points.encode(x=axis, shape=shape),
            points.encode(x=alt.X("high:Q", scale=scale), shape=shape),
            line,
            *text,
            head,
            *notes,
        )
        .add_params(*sliders.values())
        .properties(width=240, height=alt.Step(23))
    )


def millions(value: Interval) -> Interval:
    """Return an interval in millions."""
    return Interval(value.low / 1e6, value.high / 1e6)


def in_millions(row: Range) -> Range:
    """Return a row whose ends are in millions; its words stay."""
    return row._replace(low=row.low / 1e6, high=row.high / 1e6)


def plain(value: float) -> str:
    """Word a number without a unit, for the ends of bars."""
    return number(round(value, 1))
