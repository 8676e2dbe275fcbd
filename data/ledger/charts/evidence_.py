"""Chart forms of the evidence chapter: a census, tables of counts, who rests on whom, flows and ordered bars."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import altair as alt
import numpy as np
import pandas as pd
from matplotlib.figure import SubFigure
from matplotlib.lines import Line2D
from matplotlib.patches import PathPatch, Rectangle
from matplotlib.path import Path as Curve

from ..figures import GROUPS, LIGHT, Ink
from .common import SHADES, Draw, legend

HEADS = {
    "South Korea": "South\nKorea",
    "Ukraine": "Ukraine",
    "United States, NATO and partners": "US, NATO,\npartners",
    "North Korea and Russia": "N. Korea,\nRussia",
    "Press, or no claimant named": "Press,\nunnamed",
    "Monitors and researchers": "Monitors",
    "Other states and persons": "Others",
}
"""Short heads of columns for the kinds of claimant."""
NARROW = HEADS | {
    "United States, NATO and partners": "US,\nNATO,\npartners",
    "North Korea and Russia": "North\nKorea,\nRussia",
}
"""The same for a table whose columns are narrow."""


def census_heatmap(cells: pd.DataFrame, topics: Sequence[str]) -> alt.Chart:
    """An interactive heat table: months down, kinds of claimant across, the number of claims in each cell.

    `cells` has one row a topic, month and kind: topic, month, kind (one of GROUPS), n, measures (words for
    the hover). Cells of none are drawn as an outline with a dash. The first of `topics` is shown first.
    """
    shown = cells.assign(head=cells["kind"].map(NARROW).str.replace("\n", "|"))
    pick = alt.param("topic", value=topics[0], bind=alt.binding_select(options=list(topics), name="Topic: "))
    blue, grey = LIGHT.group["South Korea"], LIGHT.group["Press, or no claimant named"]
    base = (
        alt.Chart(alt.Data(values=shown.to_dict("records")))
        .transform_filter("datum.topic == topic")
        .encode(
            x=alt.X(
                "head:N",
                title=None,
                sort=[head.replace("\n", "|") for head in NARROW.values()],
                axis=alt.Axis(
                    orient="top",
                    labelAngle=0,
                    labelFontSize=alt.expr("width < 350 ? 8.5 : 11"),  # or the heads collide on a phone
                    labelPadding=32,
                    labelExpr="split(datum.label, '|')",
                    domain=False,
                    ticks=False,
                ),
            ),
            y=alt.Y(
                "month:N",
                title=None,
                sort=sorted(set(cells["month"])),
                axis=alt.Axis(domain=False, ticks=False),
                scale=alt.Scale(paddingInner=0.1),
            ),
            tooltip=[
                alt.Tooltip("month:N"),
                alt.Tooltip("kind:N", title="kind of claimant"),
                alt.Tooltip("n:Q", title="claims"),
                alt.Tooltip("measures:N", title="what they count or say"),
            ],
        )
    )
    held, empty = base.transform_filter("datum.n > 0"), base.transform_filter("datum.n == 0")
    strength = alt.Opacity(
        "n:Q",
        legend=None,
        scale=alt.Scale(type="sqrt", domain=[0, int(cells["n"].max())], range=SHADES),
    )
    return alt.layer(
        held.mark_rect(color=blue).encode(opacity=strength).add_params(pick),
        held.mark_text(fontSize=11, color="ink:text").encode(text="n:Q"),
        empty.mark_rect(fill="transparent", stroke=grey, strokeWidth=0.6, strokeDash=[2, 2]),
        empty.mark_text(text="–", fontSize=11, color="ink:muted"),
    ).properties(width=378, height=alt.Step(17))


def count_table(
    counts: pd.DataFrame, heads: Sequence[str], empty: str = "", side: float = 1.55, corner: str = ""
) -> Draw:
    """A table of counts as shades, each with its number.

    `counts` has the names of the rows as its index and one column a head; `side` says how wide the names
    are, in quarters of the columns; `corner` names what runs down. With `empty`, cells of none are hatched
    and the words key the hatching; without, they hold a dot.
    """

    def draw(body: SubFigure, ink: Ink) -> None:
        axes = body.subplots()
        axes.set_axis_off()
        rows, columns = counts.shape
        axes.set_xlim(-side * columns / 4, columns)
        axes.set_ylim(-rows - (0.9 if empty else 0.05), 1.15)
        shade, top = ink.group["South Korea"], float(counts.to_numpy().max())
        axes.text(-0.12, 0.1, corner, fontsize=7.5, color=ink.muted, ha="right", va="bottom")
        for x, head in enumerate(heads):
            axes.text(x + 0.5, 0.1, head, fontsize=7.5, color=ink.muted, ha="center", va="bottom")
        for place, (name, row) in enumerate(counts.iterrows()):
            axes.text(-0.12, -place - 0.5, name, fontsize=8.5, ha="right", va="center")
            for x, n in enumerate(row):
                middle = {"ha": "center", "va": "center"}
                if n:
                    strength = SHADES[0] + (SHADES[1] - SHADES[0]) * float(np.sqrt(n / top))
                    box = {"facecolor": shade, "alpha": strength, "linewidth": 0}
                    axes.add_patch(Rectangle((x + 0.04, -place - 0.94), 0.92, 0.88, **box))
                    axes.text(x + 0.5, -place - 0.5, f"{n}", fontsize=8.5, **middle)
                elif empty:
                    axes.add_patch(_hatched(x + 0.04, -place - 0.94, 0.92, 0.88, ink))
                else:
                    axes.text(x + 0.5, -place - 0.5, "·", fontsize=8.5, color=ink.muted, **middle)
        if empty:
            axes.add_patch(_hatched(0.04, -rows - 0.75, 0.45, 0.5, ink))
            axes.text(0.6, -rows - 0.5, empty, fontsize=8, color=ink.muted, va="center")

    return draw


def _hatched(x: float, y: float, width: float, height: float, ink: Ink) -> Rectangle:
    return Rectangle(
        (x, y), width, height, facecolor="none", edgecolor=ink.muted, hatch="////", linewidth=0.4, alpha=0.8
    )


class Mark(NamedTuple):
    """One claim in the network: its row's day, lane, words, claimant, whether it is a plan, and its kind."""

    claim_id: str
    day: str
    lane: int
    words: str
    who: str
    plan: bool
    group: str


_ACROSS = (0, 1.07, 2.03, 2.88)
"""Where the lanes stand: each as wide as its words need."""


def who_rests_on_whom(
    marks: Sequence[Mark], lanes: Sequence[str], arrows: Sequence[tuple], ties: Sequence[tuple]
) -> Draw:
    """Claims as marks in lanes, day by day downwards, with arrows to the claims that they rest on.

    `marks` come in the order of their days; those of one day share a row, stacked within a lane. A plan is
    hollow. `arrows` are pairs (claim, its basis), drawn with a head; `ties` are pairs on one basis, dotted.
    """

    def draw(body: SubFigure, ink: Ink) -> None:
        axes = body.subplots()
        axes.set_axis_off()
        at, days, depth = _rows_of(marks)
        axes.set_xlim(-0.64, 3.98)
        axes.set_ylim(-depth - 0.1, 0.95)
        for x, lane in zip(_ACROSS, lanes, strict=True):
            axes.text(x - 0.08, 0.62, lane, fontsize=8, color=ink.muted, va="center", fontweight="bold")
        for day, (top, bottom) in days.items():
            axes.plot([-0.62, 3.98], [-top + 0.42] * 2, color=ink.grid, linewidth=0.6, zorder=0)
            axes.text(
                -0.62,
                -(top + bottom) / 2 - 0.05,
                day,
                fontsize=7.5,
                color=ink.muted,
                va="center",
                linespacing=1.1,
            )
        used = dict.fromkeys(_ACROSS, 0)  # lines that already run in the gutter of each lane
        for place, (start, end) in enumerate([*arrows, *ties]):
            lane = at[end][0]
            _connect(axes, at[start], at[end], place < len(arrows), 0.09 + 0.04 * (used[lane] % 3), ink)
            used[lane] += 1
        for mark in marks:
            x, y = at[mark.claim_id]
            axes.plot(
                [x], [y], marker=GROUPS[mark.group], color=ink.group[mark.group], markersize=7, linestyle="none",
                markeredgewidth=1.5, markerfacecolor=ink.page if mark.plan else ink.group[mark.group],
            )  # fmt: skip
            axes.text(x + 0.09, y + 0.14, mark.words, fontsize=8, fontweight="bold", va="center")
            axes.text(x + 0.09, y - 0.26, mark.who, fontsize=7.5, color=ink.muted, va="center")
        plain = {"marker": "o", "color": ink.text, "linestyle": "none", "markersize": 6}
        extra = [
            Line2D([], [], label="said to have been sent, or to be there", **plain),
            Line2D([], [], fillstyle="none", label="planned or expected", **plain),
            Line2D([], [], color=ink.text, marker=">", markersize=5, label="rests on, or copies"),
            Line2D([], [], color=ink.text, linestyle=":", label="one basis"),
        ]
        legend(axes, ink, [], extra)

    return draw


def _rows_of(marks: Sequence[Mark]) -> tuple[dict, dict, int]:
    """Return where each claim stands, the first and last row of each day, and the number of rows."""
    at, days, top = {}, {}, 0
    for day in dict.fromkeys(mark.day for mark in marks):
        stacked: dict[int, int] = {}
        for mark in marks:
            if mark.day == day:
                at[mark.claim_id] = (_ACROSS[mark.lane], -(top + stacked.setdefault(mark.lane, 0)))
                stacked[mark.lane] += 1
        days[day] = (top, top + max(stacked.values()) - 1)
        top += max(stacked.values())
    return at, days, top


def _connect(axes, start: tuple, end: tuple, arrow: bool, gutter: float, ink: Ink) -> None:
    # Lines run in the gutter left of a lane, and change lanes between two rows, clear of all words.
    (x0, y0), (x1, y1) = start, end
    if x0 == x1:
        path = [(x0, y0), (x1 - gutter, y0), (x1 - gutter, y1), (x1 - 0.05, y1)]
    else:
        between = y0 + 0.43 if y1 >= y0 else y0 - 0.57
        path = [
            (x0, y0), (x0 - gutter, y0), (x0 - gutter, between), (x1 - gutter, between), (x1 - gutter, y1), (x1 - 0.05, y1),
        ]  # fmt: skip
    style = {"linewidth": 1.1} if arrow else {"linewidth": 1.3, "linestyle": ":"}
    axes.plot(*zip(*path, strict=True), color=ink.text, solid_joinstyle="round", zorder=1, **style)
    if arrow:
        axes.plot([x1 - 0.075], [y1], marker=">", color=ink.text, markersize=4.5, zorder=3)


def wording_alluvial(flows: pd.DataFrame, names: Mapping[str, str], firm: str, least: int = 4) -> Draw:
    """Flows from the bound claimed (left) to the bound printed (right), one unit of height a printing.

    `flows` has claimed, printed and n; `names` the bounds in the order of the page with their words. Flows
    that change the bound are coloured: those that end in the bound `firm` in one colour, others in another.
    A flow that changes the bound has its n printed on it when that is `least` or more.
    """
    order = [bound for bound in names if bound in set(flows["claimed"]) | set(flows["printed"])]

    def draw(body: SubFigure, ink: Ink) -> None:
        axes = body.subplots()
        axes.set_axis_off()
        axes.set_xlim(-0.42, 1.42)
        gap = flows["n"].sum() * 0.045
        left = _stack(axes, flows, "claimed", order, gap, 0, names, ink)
        right = _stack(axes, flows, "printed", order, gap, 1, names, ink)
        ranked = flows.assign(
            a=flows["claimed"].map(order.index), b=flows["printed"].map(order.index)
        ).sort_values(["a", "b"])
        spans = {}
        for flow in ranked.itertuples():
            spans[flow.claimed, flow.printed] = [left[flow.claimed] - flow.n, flow.n]
            left[flow.claimed] -= flow.n
        labelled: dict[str, int] = {}
        for flow in ranked.sort_values(["b", "a"]).itertuples():
            low, n = spans[flow.claimed, flow.printed]
            right[flow.printed] -= n
            changed = flow.claimed != flow.printed
            colour = ink.grid
            if changed:
                colour = ink.group["North Korea and Russia" if flow.printed == firm else "South Korea"]
            _band(axes, low, right[flow.printed], n, colour, 0.85 if changed else 0.8, 2 if changed else 1)
            if changed and n >= least:
                labelled[flow.claimed] = labelled.get(flow.claimed, 0) + 1
                x, y = _along(low + n / 2, right[flow.printed] + n / 2, 0.03 + 0.06 * labelled[flow.claimed])
                axes.text(
                    x, y, f"{n}", ha="center", fontsize=7.5, va="center", fontweight="bold", zorder=3,
                    bbox={"facecolor": ink.page, "edgecolor": "none", "pad": 0.4, "alpha": 0.75},
                )  # fmt: skip
        axes.text(0, gap * 1.1, "as claimed", fontsize=8.5, color=ink.muted, ha="right", va="bottom")
        axes.text(1, gap * 1.1, "as printed", fontsize=8.5, color=ink.muted, ha="left", va="bottom")
        axes.set_ylim(-flows["n"].sum() - gap * (len(order) - 1), gap * 2.2)
        keys = [
            ("North Korea and Russia", "becomes a plain number"),
            ("South Korea", "changes otherwise"),
        ]
        handles = [Rectangle((0, 0), 1, 1, facecolor=ink.group[g], label=words) for g, words in keys]
        handles.append(Rectangle((0, 0), 1, 1, facecolor=ink.grid, label="unchanged"))
        body.legend(handles=handles, loc="outside lower left", ncols=3, frameon=False, fontsize=8)

    return draw


def _stack(axes, flows, side: str, order: Sequence[str], gap: float, x: int, names, ink: Ink) -> dict:
    """Draw the bars of one side downwards; return the top of each."""
    tops, y = {}, 0.0
    totals = flows.groupby(side)["n"].sum()
    for bound in order:
        n = float(totals.get(bound, 0))
        tops[bound] = y
        axes.add_patch(Rectangle((x - 0.012, y - n), 0.024, n, facecolor=ink.text, linewidth=0))
        words = f"{names[bound]}  {n:.0f}" if x == 0 else f"{n:.0f}  {names[bound]}"
        axes.text(
            x + (0.03 if x else -0.03),
            y - n / 2,
            words,
            fontsize=8.5,
            va="center",
            ha="left" if x else "right",
        )
        y -= n + gap
    return tops


def _band(axes, low0: float, low1: float, n: float, colour: str, alpha: float, order: int) -> None:
    top0, top1 = low0 + n, low1 + n
    points = [(0.012, low0), (0.5, low0), (0.5, low1), (0.988, low1)]
    back = [(0.988, top1), (0.5, top1), (0.5, top0), (0.012, top0), (0.012, low0)]
    steps = [Curve.MOVETO, *[Curve.CURVE4] * 3, Curve.LINETO, *[Curve.CURVE4] * 3, Curve.CLOSEPOLY]
    axes.add_patch(
        PathPatch(Curve(points + back, steps), facecolor=colour, alpha=alpha, linewidth=0, zorder=order)
    )


def _along(start: float, end: float, t: float) -> tuple[float, float]:
    """Return the point at t of the middle line of a band, the curve that _band draws."""
    return 1.5 * t - 1.5 * t**2 + t**3, start + (end - start) * (3 * t**2 - 2 * t**3)


def ordered_bars(
    panels: Sequence[tuple[str, str, Sequence[tuple[str, int, bool]]]], side: float = 0.42
) -> Draw:
    """Bars in panels under each other, each on its own scale: (heading, kind of claimant, rows).

    A row is (name, n, solid); a row that is not solid is hatched, for what has no name. `side` is the
    share of the width that the names take.
    """

    def draw(body: SubFigure, ink: Ink) -> None:
        heights = [len(rows) + 1.1 for _, _, rows in panels]
        grid = body.subplots(len(panels), 1, height_ratios=heights, squeeze=False)[:, 0]
        for axes, (heading, group, rows) in zip(grid, panels, strict=True):
            axes.set_axis_off()
            top = max(n for _, n, _ in rows)
            width = top * 1.18
            axes.set_xlim(-width * side / (1 - side), width)
            axes.set_ylim(-len(rows) + 0.4, 1.2)
            axes.annotate(
                heading, (axes.get_xlim()[0], 0.85), (4, 0), textcoords="offset points", fontsize=8.5,
                color=ink.muted, va="center",
            )  # fmt: skip
            for place, (name, n, solid) in enumerate(rows):
                style = {"facecolor": ink.group[group]} if solid else {"facecolor": "none", "hatch": "/////"}
                axes.barh(-place, n, 0.66, edgecolor=ink.group[group], linewidth=0.8, **style)
                axes.text(-width * 0.012, -place, name, fontsize=8.5, ha="right", va="center")
                axes.annotate(
                    f"{n:,}", (n, -place), (4, 0), textcoords="offset points", fontsize=9, fontweight="bold",
                    va="center",
                )  # fmt: skip

    return draw
