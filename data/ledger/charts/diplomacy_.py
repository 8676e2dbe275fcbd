"""Chart forms of the diplomacy chapter: aligned points, turns of an exchange, days to an answer, visits, denials."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from textwrap import fill
from typing import NamedTuple

import altair as alt
import pandas as pd
from matplotlib.dates import DateFormatter, MonthLocator, date2num
from matplotlib.figure import SubFigure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import FixedLocator, NullLocator

from ..dates import in_words, span
from ..figures import GROUPS, LIGHT, Ink
from ..tables import Ledger
from .common import DAYS_AXIS, Draw, claim_page, ground, letter_mark, phrases

SIDES = {"United States": "United States, NATO and partners", "North Korea": "North Korea and Russia"}
"""The two sides of the exchange, each with the kind of claimant whose colour and mark it takes."""

LANES = {
    ("United States", "offer"): "offer",
    ("United States", "welcome"): "kind words",
    ("United States", "recognition"): "‘nuclear power’",
    ("United States", "condition"): "aim restated",
    ("North Korea", "condition"): "condition",
    ("North Korea", "refusal"): "refusal",
    ("North Korea", "silence"): "silence noted",
    ("North Korea", "weapon_test"): "weapon test",
    ("North Korea", "meeting_elsewhere"): "talks elsewhere",
}
"""Lanes of the exchange from the top, by side and move."""

LEVELS = {
    "leader": ("*", "head of state"),
    "minister": ("o", "minister or equal"),
}
"""Ranks of visitors, each with its mark."""


# --- Joint statements ----------------------------------------------------------------------------

MADE, ABSENT, UNREAD = "made", "absent", "unread"
"""What a statement does with a point: makes it; does not, the text being read whole; not in the parts read."""


def aligned_points(
    blocks: Sequence[tuple[str, Sequence[tuple[str, Sequence[tuple[str, str]]]]]], columns: Sequence[str]
) -> Draw:
    """The points of several statements side by side, under headings.

    A block is a heading and its rows; a row is a point and, for each column, (MADE, ABSENT or UNREAD, the
    shortest phrase or ''). Rows with phrases are taller.
    """
    first, step = 0.47, 0.205

    def draw(body: SubFigure, ink: Ink) -> None:
        axes = body.subplots()
        axes.set_axis_off()
        axes.set_xlim(0, 1)
        for x, name in enumerate(columns):
            axes.text(
                first + x * step, 0.2, name, fontsize=8.5, fontweight="bold", ha="center", va="bottom",
                linespacing=1.15,
            )  # fmt: skip
        y = 0.0
        for heading, rows in blocks:
            y -= 0.95
            axes.text(0, y, heading, fontsize=8.5, color=ink.muted, style="italic", va="center")
            axes.plot([0, 1], [y - 0.5] * 2, color=ink.muted, linewidth=0.8)
            y -= 0.5
            for point, cells in rows:
                phrases = [fill(f"“{words}”", 20) if words else "" for _, words in cells]
                lines = max((text.count("\n") + 1 if text else 0) for text in phrases)
                tall = 1.0 + 0.62 * lines
                axes.text(0, y - 0.5, fill(point, 36), fontsize=8.5, va="center", linespacing=1.1)
                for x, ((state, _), text) in enumerate(zip(cells, phrases, strict=True)):
                    at = first + x * step
                    if state == MADE:
                        axes.plot([at], [y - 0.5], marker="o", color=ink.text, markersize=6.5)
                    else:
                        sign = "–" if state == ABSENT else "?"
                        axes.text(at, y - 0.5, sign, fontsize=9, color=ink.muted, ha="center", va="center")
                    axes.text(
                        at, y - 0.9, text, fontsize=7.5, color=ink.muted, ha="center", va="top", linespacing=1.1
                    )  # fmt: skip
                y -= tall
                axes.plot([0, 1], [y] * 2, color=ink.grid, linewidth=0.6)
        axes.set_ylim(y - 0.1, 1.6)
        body.legend(
            handles=[
                Line2D([], [], marker="o", color=ink.text, linestyle="none", markersize=6, label="makes the point"),
                Line2D([], [], marker=letter_mark("–"), color=ink.muted, linestyle="none", markersize=6, label="does not (text read whole)"),
                Line2D([], [], marker=letter_mark("?"), color=ink.muted, linestyle="none", markersize=6, label="not in the parts read"),
            ],
            loc="outside lower left", ncols=3, frameon=False, fontsize=7.5, handletextpad=0.2, columnspacing=1.0,
        )  # fmt: skip

    return draw


# --- The exchange --------------------------------------------------------------------------------


def exchange_frame(exchanges: pd.DataFrame, claims: pd.DataFrame, claimants: pd.DataFrame) -> pd.DataFrame:
    """Return the moves in order of day, with what the charts of the exchange need.

    Adds first and last (days on which the move was printed), claimant, statement, own (whether the side
    speaks itself, alone or with allies) and answered (first day of the move that it answers, if any).
    """
    kept = claims[["claim_id", "stated_on", "statement", "claimant_id"]]
    rows = exchanges.merge(kept, on="claim_id", validate="one_to_one")
    who = claimants.set_index("claimant_id")
    country = rows["claimant_id"].map(who["country"])
    side = rows["side"].map({"United States": "US", "North Korea": "KP"})
    joint = rows["claimant_id"].str.startswith("us-") & country.isna()
    rows["own"] = (country == side).fillna(False) | joint
    rows["claimant"] = rows["claimant_id"].map(who["label"])
    rows["first"] = [span(text)[0] for text in rows["stated_on"]]
    rows["last"] = [span(text)[1] for text in rows["stated_on"]]
    rows["answered"] = rows["answers"].map(rows.set_index("claim_id")["first"])
    return rows.sort_values(["first", "claim_id"], ignore_index=True)


def exchange_lanes(
    moves: pd.DataFrame, labels: Mapping[str, tuple[str, tuple[int, int], bool]], window: tuple[date, date]
) -> Draw:
    """Two sides over time, a lane a move, and below the same with the days of `window` drawn large.

    `labels` gives some moves a short text, its shift in points (right, up), and whether it stands in the
    days drawn large or in the whole. Lines within those days are drawn there alone. Filled marks are the side's own words, open ones what others tell of it. Lines join an answer to what a
    source says that it answers.
    """

    def draw(body: SubFigure, ink: Ink) -> None:
        close = moves[(moves["first"] >= window[0]) & (moves["first"] <= window[1])]
        few = [lane for lane in LANES if lane in set(zip(close["side"], close["move"], strict=True))]
        above, below = body.subplots(2, 1, height_ratios=[len(LANES) + 0.4, len(few) + 0.2])
        start, end = min(moves["first"]), max(moves["first"])
        inside = set(close["claim_id"])
        far = moves[
            moves["answers"].notna() & ~(moves["claim_id"].isin(inside) & moves["answers"].isin(inside))
        ]
        words = {large: {c: w[:2] for c, w in labels.items() if w[2] == large} for large in (False, True)}
        _lanes(above, moves, far, list(LANES), words[False], ink, gap=7)
        above.set_xlim(date2num(start) - 22, date2num(end) + 22)
        above.axvspan(*(date2num(day) for day in window), color=ink.grid, alpha=0.6, linewidth=0, zorder=0)
        above.xaxis.set_major_locator(MonthLocator(bymonth=(1, 4, 7, 10)))
        above.xaxis.set_major_formatter(DateFormatter("%b %y"))
        _lanes(below, close, close[close["answers"].isin(inside)], few, words[True], ink, gap=1)
        below.set_xlim(date2num(window[0]) - 0.5, date2num(window[1]) + 0.5)
        below.xaxis.set_major_formatter(DateFormatter("%-d %b"))
        below.set_title("The shaded days, drawn large", loc="left", fontsize=9.5, color=ink.muted)
        marks = [
            Line2D([], [], marker=GROUPS[g], color=ink.group[g], linestyle="none", markersize=6, label=side)
            for side, g in SIDES.items()
        ]
        plain = {"color": ink.text, "linestyle": "none", "marker": "o", "markersize": 5.5}
        marks += [
            Line2D([], [], label="in its own voice", **plain),
            Line2D([], [], fillstyle="none", label="told by others", **plain),
            Line2D([], [], color=ink.muted, linewidth=1, linestyle="--", label="tied by a source"),
        ]
        body.legend(
            handles=marks, loc="outside lower left", ncols=3, frameon=False, fontsize=8, handletextpad=0.4,
            columnspacing=1.2,
        )  # fmt: skip

    return draw


def _lanes(
    axes, moves: pd.DataFrame, joined: pd.DataFrame, lanes: list, labels: Mapping, ink: Ink, gap: int
) -> None:
    place = _stack(moves, lanes, gap)
    for y, lane in enumerate(lanes):
        axes.axhline(-y, color=ink.grid, linewidth=0.8, zorder=0)
        if y and lanes[y - 1][0] != lane[0]:
            axes.axhline(-y + 0.5, color=ink.muted, linewidth=1)
    for row in joined.itertuples():
        (x0, y0), (x1, y1) = place[row.answers], place[row.claim_id]
        axes.plot([x0, x1], [y0, y1], color=ink.muted, linewidth=1, linestyle="--", zorder=1)
    for row in moves.itertuples():
        group = SIDES[row.side]
        x, y = place[row.claim_id]
        axes.plot(
            [x], [y], marker=GROUPS[group], color=ink.group[group], markersize=5.5, linestyle="none",
            markerfacecolor=ink.group[group] if row.own else ink.page, zorder=3,
        )  # fmt: skip
        if row.claim_id in labels:
            text, (right, up) = labels[row.claim_id]
            axes.annotate(
                text, (x, y), (right, up), textcoords="offset points", fontsize=9, va="center",
                ha="left" if right > 0 else "right" if right < 0 else "center", zorder=2, linespacing=1.0,
                bbox={"facecolor": ink.page, "edgecolor": "none", "pad": 0.6},
            )  # fmt: skip
    axes.set_ylim(-len(lanes) + 0.5, 0.7)
    axes.set_yticks([-y for y in range(len(lanes))], [LANES[lane] for lane in lanes], fontsize=9)
    for tick, lane in zip(axes.get_yticklabels(), lanes, strict=True):
        tick.set_color(ink.group[SIDES[lane[0]]])
    axes.tick_params(axis="x", labelsize=8.5)


def _stack(moves: pd.DataFrame, lanes: list, gap: int) -> dict[str, tuple[float, float]]:
    """Place each move: its day across, its lane down; moves of a lane within `gap` days stand in steps."""
    place, last = {}, {}
    for row in moves.sort_values(["first", "claim_id"]).itertuples():
        lane = lanes.index((row.side, row.move))
        x = float(date2num(row.first))
        before = last.get(lane)
        step = (before[1] + 1) % 3 if before and x - before[0] < gap else 0
        last[lane] = (x, step)
        place[row.claim_id] = (x, -lane + (0, 0.26, -0.26)[step])
    return place


def exchange_live(ledger: Ledger, moves: pd.DataFrame) -> alt.LayerChart:
    """An interactive exchange: hover for the words, click a mark for its claim or a move in the legend, drag or
    scroll to zoom in time.

    Shape tells the move, colour the side; dashes join an answer to what a source says that it answers.
    """
    names = {move: words for (_, move), words in LANES.items()}
    rows = pd.DataFrame(
        {
            "claim": moves["claim_id"],
            "side": moves["side"],
            "move": moves["move"].map(names),
            "lane": [f"{'US' if s == 'United States' else 'NK'}: {LANES[s, m]}" for s, m in zip(moves["side"], moves["move"], strict=True)],
            "day": [d.isoformat() for d in moves["first"]],
            "stated": moves["stated_on"].map(in_words),
            "claimant": moves["claimant"],
            "statement": moves["statement"],
            "printed": [phrases(ledger, claim) for claim in moves["claim_id"]],
            "page": moves["claim_id"].map(claim_page),
            "answers": moves["answers"].fillna("none stated"),
            "note": moves["note"].fillna(""),
        }
    )  # fmt: skip
    lane_of, day_of = (rows.set_index("claim")[c] for c in ("lane", "day"))
    joined = rows[rows["answers"] != "none stated"]
    lines = pd.DataFrame(
        [
            {"link": f"{r.claim} to {r.answers}", "day": day, "lane": lane, "end": end}
            for r in joined.itertuples()
            for end, (day, lane) in enumerate(
                [(day_of[r.answers], lane_of[r.answers]), (r.day, r.lane)]
            )
        ]
    )  # fmt: skip
    order = [f"{'US' if s == 'United States' else 'NK'}: {label}" for (s, _), label in LANES.items()]
    shapes = (
        "circle",
        "square",
        "cross",
        "diamond",
        "triangle-down",
        "stroke",
        "triangle-up",
        "triangle-right",
    )
    hover = ("claim", "side", "move", "claimant", "stated", "statement", "printed", "answers", "note")
    margin = timedelta(days=20)
    pick = alt.selection_point(fields=["move"], bind="legend")
    zoom = alt.selection_interval(bind="scales", encodings=["x"])
    ends = [(moves["first"].min() - margin).isoformat(), (moves["first"].max() + margin).isoformat()]
    x = alt.X(
        "day:T",
        title=None,
        scale=alt.Scale(domain=ends),
        axis=DAYS_AXIS,
    )
    y = alt.Y(
        "lane:N",
        title=None,
        sort=order,
        scale=alt.Scale(domain=order),
        axis=alt.Axis(grid=True, labelLimit=170),
    )
    colours = alt.Scale(domain=list(SIDES), range=[LIGHT.group[g] for g in SIDES.values()])
    dashes = (
        alt.Chart(alt.Data(values=lines.to_dict("records")))
        .mark_line(
            strokeDash=[4, 3], strokeWidth=1, clip=True, color=LIGHT.group["Press, or no claimant named"]
        )
        .encode(x=x, y=y, detail="link:N", order="end:O")
    )
    points = (
        alt.Chart(alt.Data(values=rows.to_dict("records")))
        .mark_point(size=70, strokeWidth=2, clip=True)
        .encode(
            x=x,
            y=y,
            color=alt.Color("side:N", scale=colours, legend=None),  # each lane names its side
            shape=alt.Shape(
                "move:N",
                scale=alt.Scale(domain=list(names.values()), range=shapes),
            ),
            opacity=alt.condition(pick, alt.value(0.95), alt.value(0.1)),
            tooltip=[alt.Tooltip(f"{c}:N") for c in hover],
            href="page:N",
        )
        .add_params(pick, zoom)
    )
    return (dashes + points).properties(width=300, height=alt.Step(26))


class Answer(NamedTuple):
    """One linked answer: who answers what, the least and greatest number of days (None: not dated), and a kind."""

    name: str
    low: float | None
    high: float | None
    kind: str


KINDS = {"reply": "o", "silence, noted so long after": "s", "an outsider's reading": "X"}
"""Kinds of linked answer, each with its mark; only the first is a reply."""


def answer_days(answers: Sequence[Answer], xlabel: str) -> Draw:
    """One row an answer: who answers what above, the days between as a mark or bar below, in words beside it."""

    def draw(body: SubFigure, ink: Ink) -> None:
        axes = body.subplots()
        axes.set_xscale("symlog", linthresh=1, linscale=0.4)
        axes.set_xlim(-0.15, 400)
        for place, row in enumerate(answers):
            y = -place
            axes.annotate(
                row.name, (0, y + 0.22), xycoords=("axes fraction", "data"), fontsize=8.5, va="center",
                bbox=ground(ink),
            )  # fmt: skip
            if row.low is None:
                axes.annotate("dates not stated", (0, y - 0.2), (6, 0), textcoords="offset points", fontsize=8, va="center", color=ink.muted, style="italic")  # fmt: skip
                continue
            hollow = row.kind != "reply"
            axes.plot([row.low, row.high], [y - 0.2] * 2, color=ink.text, linewidth=2)
            axes.plot(
                [row.low, row.high], [y - 0.2] * 2, marker=KINDS[row.kind], color=ink.text, markersize=6, linestyle="none",
                markerfacecolor=ink.page if hollow else ink.text,
            )  # fmt: skip
            words = f"{row.low:.0f}" if row.low == row.high else f"{row.low:.0f} to {row.high:.0f}"
            axes.annotate(
                words, (row.high, y - 0.2), (8, 0), textcoords="offset points", fontsize=9, fontweight="bold", va="center"
            )  # fmt: skip
        axes.set_ylim(-len(answers) + 0.4, 0.6)
        axes.yaxis.set_major_locator(NullLocator())
        ticks = [0, 1, 3, 10, 30, 100, 300]
        axes.set_xticks(ticks, [str(t) for t in ticks])
        axes.xaxis.set_minor_locator(NullLocator())
        axes.grid(axis="x")
        axes.set_xlabel(xlabel, loc="left", fontsize=8.5)
        body.legend(
            handles=[
                Line2D([], [], marker=m, color=ink.text, markerfacecolor=ink.text if k == "reply" else ink.page, linestyle="none", markersize=6, label=k)
                for k, m in KINDS.items()
            ],
            loc="outside lower left", ncols=3, frameon=False, fontsize=8, handletextpad=0.2, columnspacing=1.0,
        )  # fmt: skip

    return draw


# --- Visits --------------------------------------------------------------------------------------


def visit_dots(visits: pd.DataFrame, quarters: Sequence[str], empty: str) -> Draw:
    """One mark a visit by quarter: to Russia above the line, to North Korea below, elsewhere on it.

    `visits` has the columns quarter, direction and level; quarters without any are hatched, keyed by `empty`.
    """

    def draw(body: SubFigure, ink: Ink) -> None:
        axes = body.subplots()
        colour = ink.group["North Korea and Russia"]
        deepest = 0
        for x, quarter in enumerate(quarters):
            rows = visits[visits["quarter"] == quarter]
            if rows.empty:
                axes.axvspan(
                    x - 0.5,
                    x + 0.5,
                    facecolor="none",
                    edgecolor=ink.muted,
                    alpha=0.5,
                    hatch="////",
                    linewidth=0,
                )
            for direction, sign in (("to_russia", 1), ("to_north_korea", -1), ("third_country", 0)):
                ranks = sorted(rows.loc[rows["direction"] == direction, "level"], key=list(LEVELS).index)
                deepest = max(deepest, len(ranks))
                for step, level in enumerate(ranks, start=1):
                    axes.plot(
                        [x], [sign * step], marker=LEVELS[level][0], color=colour, linestyle="none",
                        markersize=10 if level == "leader" else 6.5,
                    )  # fmt: skip
        axes.axhline(0, color=ink.muted, linewidth=1, zorder=0)
        axes.set_xlim(-0.6, len(quarters) - 0.4)
        axes.set_ylim(-deepest - 1.1, deepest + 1.1)
        small = {"fontsize": 8.5, "color": ink.muted, "va": "center"}
        small["bbox"] = {"facecolor": ink.page, "edgecolor": "none", "pad": 1.5}
        axes.text(-0.4, deepest + 0.65, "North Koreans to Russia, one mark a visit", **small)
        axes.text(-0.4, -deepest - 0.65, "Russians to North Korea", **small)
        years = [x for x, quarter in enumerate(quarters) if quarter.endswith("Q1")]
        axes.xaxis.set_major_locator(FixedLocator(years))
        axes.set_xticklabels([quarters[x][:4] for x in years], ha="left")
        axes.tick_params(axis="x", labelsize=8.5)
        axes.set_yticks([s * n for n in range(deepest + 1) for s in (1, -1)][1:], [str(n) for n in range(deepest + 1) for _ in (1, 2)][1:], fontsize=8)  # fmt: skip
        for x in years:
            axes.axvline(x - 0.5, color=ink.grid, linewidth=0.8, zorder=0)
        shown = [level for level in LEVELS if level in set(visits["level"])]
        handles = [
            Line2D([], [], marker=LEVELS[v][0], color=colour, linestyle="none", markersize=9 if v == "leader" else 6, label=LEVELS[v][1])
            for v in shown
        ]  # fmt: skip
        handles.append(Patch(facecolor="none", edgecolor=ink.muted, hatch="////", linewidth=0, label=empty))
        body.legend(
            handles=handles, loc="outside lower left", ncols=3, frameon=False, fontsize=8, handletextpad=0.3,
            columnspacing=1.0,
        )  # fmt: skip

    return draw


class Counted(NamedTuple):
    """A published count beside ours: what it counts, its group and number, whether it is a floor, and our count."""

    name: str
    group: str
    published: float
    floor: bool
    ours: int


def counts_beside(rows: Sequence[Counted], xlabel: str) -> Draw:
    """One row a published count, with the ledger's own count of the same days as a bar tick on the same axis."""

    def draw(body: SubFigure, ink: Ink) -> None:
        axes = body.subplots()
        top = max(row.published for row in rows) * 1.25
        axes.set_xlim(0, top)
        for place, row in enumerate(rows):
            y = -place
            axes.annotate(
                row.name, (0, y + 0.36), xycoords=("axes fraction", "data"), fontsize=8.5, va="center",
                bbox=ground(ink),
            )  # fmt: skip
            colour = ink.group[row.group]
            axes.plot([row.ours, row.published], [y] * 2, color=ink.grid, linewidth=3, zorder=0)
            axes.plot(
                [row.published],
                [y],
                marker=GROUPS[row.group],
                color=colour,
                markersize=8,
                linestyle="none",
            )
            if row.floor:
                axes.annotate("", (row.published + top * 0.07, y), (row.published, y), arrowprops={"arrowstyle": "->", "color": colour})  # fmt: skip
            axes.plot(
                [row.ours],
                [y],
                marker="|",
                color=ink.text,
                markersize=13,
                markeredgewidth=2.2,
                linestyle="none",
            )
            axes.annotate(
                f"{'more than ' if row.floor else ''}{row.published:.0f}", (row.published, y), (0, -13),
                textcoords="offset points", fontsize=8.5, ha="center", va="center", color=colour, fontweight="bold",
            )  # fmt: skip
            axes.annotate(
                f"{row.ours}", (row.ours, y), (0, -13), textcoords="offset points", fontsize=8.5, ha="center", va="center", fontweight="bold"
            )  # fmt: skip
        axes.set_ylim(-len(rows) + 0.5, 0.6)
        axes.yaxis.set_major_locator(NullLocator())
        axes.grid(axis="x")
        axes.set_xlabel(xlabel, loc="left", fontsize=8.5)
        groups = dict.fromkeys(row.group for row in rows)
        handles = [
            Line2D([], [], marker=GROUPS[g], color=ink.group[g], linestyle="none", markersize=6, label=g) for g in GROUPS if g in groups
        ]  # fmt: skip
        handles.append(
            Line2D([], [], marker="|", color=ink.text, linestyle="none", markersize=10, markeredgewidth=2, label="visits in this ledger, same days")
        )  # fmt: skip
        body.legend(
            handles=handles, loc="outside lower left", ncols=2, frameon=False, fontsize=8, handletextpad=0.3,
            columnspacing=1.0,
        )  # fmt: skip

    return draw


# --- Denials -------------------------------------------------------------------------------------

ANSWERS = {"denies": "cross", "does not say": "circle", "acknowledges": "diamond"}
"""Kinds of answer to allegations, each with its mark."""


def answers_over_time(ledger: Ledger, answers: pd.DataFrame) -> alt.VConcatChart:
    """An interactive timeline of what governments answered: who down, days across, one panel a subject.

    `answers` has the columns claim, subject, claimant, day (ISO), stated, answer (one of ANSWERS),
    statement. Clicking an answer in the legend mutes the others; hover shows the phrases, a click on a mark
    leads to its claim.
    """
    answers = answers.assign(
        printed=[phrases(ledger, claim) for claim in answers["claim"]], page=answers["claim"].map(claim_page)
    )
    colours = [
        LIGHT.group[g] for g in ("North Korea and Russia", "Press, or no claimant named", "South Korea")
    ]
    pick = alt.selection_point(fields=["answer"], bind="legend")
    base = alt.Chart(alt.Data(values=answers.to_dict("records"))).encode(
        x=alt.X("day:T", title=None, scale=alt.Scale(padding=8), axis=DAYS_AXIS),
        y=alt.Y("claimant:N", title=None, sort=alt.EncodingSortField("day", op="min"), axis=alt.Axis(labelLimit=170, grid=True)),
        color=alt.Color("answer:N", scale=alt.Scale(domain=list(ANSWERS), range=colours)),
        shape=alt.Shape("answer:N", scale=alt.Scale(domain=list(ANSWERS), range=list(ANSWERS.values()))),
        opacity=alt.condition(pick, alt.value(0.9), alt.value(0.1)),
        tooltip=[
            alt.Tooltip(f"{c}:N")
            for c in ("claim", "claimant", "stated", "answer", "subject", "statement", "printed")
        ],
        href="page:N",
    )  # fmt: skip
    panels = []
    for order, subject in enumerate(dict.fromkeys(answers["subject"])):
        points = base.transform_filter(f"datum.subject == {subject!r}").mark_point(filled=True, size=70)
        if len(set(answers.loc[answers["subject"] == subject, "answer"])) > 1:
            # Answers of different kinds within days of each other stand in steps, and do not hide each other.
            points = points.encode(yOffset=alt.YOffset("answer:N", scale=alt.Scale(domain=list(ANSWERS))))
        points = points.add_params(pick) if order == 0 else points
        title = alt.TitleParams(
            f"On {subject}", fontSize=12, fontWeight="normal", anchor="start", frame="group"
        )
        panels.append(points.properties(width=290, height=alt.Step(26, **{"for": "position"}), title=title))
    return alt.vconcat(*panels, spacing=12).resolve_scale(x="independent", y="independent")
