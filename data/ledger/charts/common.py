"""The forms of static chart that the chapters use: each returns a function that draws on a SubFigure.

A form takes ledger rows and words; it never computes a finding. Every mark differs in shape as well
as in colour, and every row is labelled where it stands.
"""

from collections.abc import Callable, Iterable, Sequence
from math import ceil, cos, floor, inf, log10, radians

import altair as alt
import matplotlib
import pandas as pd
from matplotlib.dates import DateFormatter, date2num
from matplotlib.figure import SubFigure
from matplotlib.lines import Line2D
from matplotlib.markers import MarkerStyle
from matplotlib.patches import Ellipse, PathPatch
from matplotlib.path import Path as MapPath
from matplotlib.ticker import FuncFormatter, NullLocator
from matplotlib.transforms import Bbox

from ..bounds import Interval, interval
from ..dates import in_words, span
from ..figures import GROUPS, LIGHT, Ink, group_of
from ..maps import read_boundaries
from ..prose import number, wording
from ..tables import Ledger

Draw = Callable[[SubFigure, Ink], None]

# Vega has no x among its shapes: the path draws one. Its "cross" is matplotlib's plus.
_X = "M-1,-.6L-.6,-1L0,-.4L.6,-1L1,-.6L.4,0L1,.6L.6,1L0,.4L-.6,1L-1,.6L-.4,0Z"
_ARROWS = {
    "above": "M0,-1.2L0,-2.8M-.5,-2.1L0,-2.8L.5,-2.1",
    "below": "M0,1.2L0,2.8M-.5,2.1L0,2.8L.5,2.1",
}
"""Arrows beside a mark of an interactive chart, towards the end that a wording leaves open."""

_IN_MILLIONS = (
    "datum.value < 1000000 ? format(datum.value, ',') : format(datum.value / 1000000, '~f') + ' million'"
)
"""Words of a number on an axis, as prose.number() sets them, in the expressions of Vega."""

DAYS_AXIS = alt.Axis(format="%b %y", tickCount=6)
"""The axis of days of interactive charts: few enough months to stand upright."""

SHADES = (0.08, 0.42)
"""Weakest and strongest shade of a cell: the number on it stands out from the strongest in both appearances."""

SHAPES = dict(
    zip(
        GROUPS,
        ("circle", "square", "triangle-up", "diamond", _X, "cross", "triangle-down"),
        strict=True,
    )
)
"""The marks of the kinds of claimant in interactive charts, the same as GROUPS has for static ones."""

POLARITY = {
    "assert": ("asserts", {}),
    "cannot_confirm": ("cannot confirm", {"fillstyle": "none"}),
    "deny": ("denies", {"fillstyle": "none"}),
    "no_comment": ("does not say", {"fillstyle": "none"}),
}


def letter_mark(letter: str) -> MarkerStyle:
    """Return a letter of our own as the mark of a line: matplotlib draws one as mathematics alone."""
    with matplotlib.rc_context({"text.parse_math": True}):
        return MarkerStyle(f"${letter}$")


def legend(axes, ink: Ink, groups: Sequence[str], extra: Sequence[Line2D] = (), columns: int = 2) -> None:
    """Key the marks of the groups that a chart shows, below its axes."""
    marks = [
        Line2D([], [], marker=GROUPS[g], color=ink.group[g], linestyle="none", markersize=6, label=g)
        for g in GROUPS
        if g in set(groups)
    ]
    axes.figure.legend(
        handles=[*marks, *extra], loc="outside lower left", ncols=columns, frameon=False,
        fontsize=8, handletextpad=0.5, columnspacing=1.2, borderaxespad=0.2,
    )  # fmt: skip


def ground(ink: Ink) -> dict:
    """Return the box that keeps gridlines out of the words that stand on them."""
    return {"facecolor": ink.page, "edgecolor": "none", "pad": 0.8}


def claim_rows(
    ledger: Ledger, claims: pd.DataFrame, xlabel: str, log: bool = False, xlim: tuple | None = None
) -> Draw:
    """One row a claim: who and when above, the bound as a mark on one axis below.

    A point is a mark, a range or a vague word a bar (hatched when vague), an open end an arrow; a
    claimant who does not assert has an open mark.
    """
    names = ledger.claimants.set_index("claimant_id")["name"]
    groups = group_of(ledger, claims)

    def draw(body: SubFigure, ink: Ink) -> None:
        axes = body.subplots()
        shown = [interval(row) for _, row in claims.iterrows()]
        if log:
            axes.set_xscale("log")
        axes.set_xlim(*(xlim or _limits(shown, log)))
        for place, ((index, row), ends) in enumerate(zip(claims.iterrows(), shown, strict=True)):
            y = -place
            colour, mark = ink.group[groups[index]], GROUPS[groups[index]]
            style = POLARITY[row["polarity"]][1]
            _mark_interval(axes, ends, y - 0.16, colour, mark, style, vague=row["bound"] == "vague")
            said = "" if row["polarity"] == "assert" else f" – {POLARITY[row['polarity']][0]}"
            when = "" if pd.isna(row["stated_on"]) else f", {in_words(row['stated_on'])}"
            axes.annotate(
                f"{names[row['claimant_id']]}{when}{said}", (0, y + 0.22), xycoords=("axes fraction", "data"),
                fontsize=8.5, color=ink.muted, va="center", bbox=ground(ink),
            )  # fmt: skip
            _label(axes, ends, y - 0.16, wording(ledger, row), ink)
        axes.set_ylim(-len(claims) + 0.45, 0.5)
        axes.yaxis.set_major_locator(NullLocator())
        axes.xaxis.set_major_formatter(FuncFormatter(lambda x, _: number(x)))
        axes.xaxis.set_minor_locator(NullLocator())
        axes.grid(axis="x")
        axes.set_xlabel(xlabel, loc="left", fontsize=8.5)
        legend(axes, ink, list(groups))

    return draw


def _limits(shown: Sequence[Interval], log: bool) -> tuple[float, float]:
    ends = [e for i in shown for e in (i.low, i.high) if e not in (0, inf)]
    return (min(ends) / 1.6, max(ends) * 1.6) if log else (0, max(ends) * 1.25)


def _mark_interval(axes, ends: Interval, y: float, colour: str, mark: str, style: dict, vague: bool) -> None:
    left, right = axes.get_xlim()
    low, high = max(ends.low, left), min(ends.high, right)
    if ends.low == ends.high:
        axes.plot([ends.low], [y], marker=mark, color=colour, markersize=8, linestyle="none", **style)
        return
    if vague:
        axes.barh(
            y, high - low, 0.2, left=low, facecolor="none", edgecolor=colour, hatch="/////", linewidth=0.8
        )
    else:
        axes.plot([low, high], [y, y], color=colour, linewidth=2.2, solid_capstyle="butt")
    for end, tip, direction in ((ends.low, low, "<"), (ends.high, high, ">")):
        if end in (0, inf):
            axes.plot(
                [tip], [y], marker=direction, color=colour, markersize=6, clip_on=False, linestyle="none"
            )
        elif not vague:
            axes.plot([tip], [y], marker=mark, color=colour, markersize=8, linestyle="none", **style)


def _label(axes, ends: Interval, y: float, text: str, ink: Ink) -> None:
    # The label stands right of the mark unless the mark ends in the right third of the axis.
    left, right = axes.get_xlim()
    tip = min(ends.high, right)
    transform = axes.transData + axes.transAxes.inverted()
    across = transform.transform((tip, y))[0]
    start = transform.transform((max(ends.low, left), y))[0]
    if across < 0.68:
        axes.annotate(
            text, (tip, y), (9, 0), textcoords="offset points", va="center", fontsize=9.5, fontweight="bold"
        )
    else:
        anchor = (max(ends.low, left), y) if start > 0.3 else (tip, y)
        shift = (-9, 0) if start > 0.3 else (0, 11)
        axes.annotate(
            text,
            anchor,
            shift,
            textcoords="offset points",
            va="center",
            ha="right",
            fontsize=9.5,
            fontweight="bold",
        )


def dumbbells(
    rows: Sequence[tuple[str, Sequence[tuple[float, str]], str]], xlabel: str, unit: str = ""
) -> Draw:
    """Ranges on one axis: each row is a name, its labelled points, and the words for its range.

    The points are the ends that the inputs allow, joined by a bar; nothing between them is marked
    as likelier.
    """

    def draw(body: SubFigure, ink: Ink) -> None:
        axes = body.subplots()
        top = max(value for _, points, _ in rows for value, _ in points)
        axes.set_xlim(0, top * 1.3)
        for place, (name, points, words) in enumerate(rows):
            y = -place
            values = [value for value, _ in points]
            axes.plot(
                [min(values), max(values)], [y, y], color=ink.group["South Korea"], linewidth=5, alpha=0.35
            )
            axes.plot(values, [y] * len(values), marker="|", markersize=14, color=ink.text, linestyle="none")
            axes.annotate(
                name,
                (0, y + 0.36),
                xycoords=("axes fraction", "data"),
                fontsize=8.5,
                color=ink.muted,
                va="center",
                bbox=ground(ink),
            )
            axes.annotate(
                words,
                (max(values), y),
                (9, 2),
                textcoords="offset points",
                va="center",
                fontweight="bold",
                fontsize=9.5,
            )
            (low, low_label), (high, high_label) = points[0], points[-1]
            small = {"textcoords": "offset points", "va": "center", "fontsize": 7.5, "color": ink.muted}
            axes.annotate(low_label, (low, y), (-9, 0), ha="right", **small)
            axes.annotate(high_label, (high, y), (9, -12), ha="left", **small)
        axes.set_ylim(-len(rows) + 0.45, 0.6)
        axes.yaxis.set_major_locator(NullLocator())
        axes.xaxis.set_major_formatter(FuncFormatter(lambda x, _: f"{number(x)}{unit}"))
        axes.grid(axis="x")
        axes.set_xlabel(xlabel, loc="left", fontsize=8.5)

    return draw


def wording_ladder(steps: Sequence[tuple[str, str, str, str]]) -> Draw:
    """Printings of one claim under each other: (where, phrase, its English, what changed)."""

    def draw(body: SubFigure, ink: Ink) -> None:
        axes = body.subplots()
        axes.set_axis_off()
        axes.set_xlim(0, 1)
        axes.set_ylim(-len(steps) + 0.45, 0.5)
        axes.plot([0.02, 0.02], [-len(steps) + 1, 0], color=ink.grid, linewidth=2, zorder=0)
        for place, (where, phrase, english, change) in enumerate(steps):
            drifted = change != "none"
            colour = ink.group["North Korea and Russia"] if drifted else ink.group["South Korea"]
            axes.plot([0.02], [-place], marker="X" if drifted else "o", color=colour, markersize=8)
            axes.text(0.07, -place + 0.27, where, fontsize=8, color=ink.muted, va="center")
            axes.text(0.07, -place + 0.02, f"“{english}”", fontsize=9.5, fontweight="bold", va="center")
            note = f"“{phrase}”"
            axes.text(0.07, -place - 0.22, note, fontsize=8, style="italic", color=ink.muted, va="center")
            axes.text(
                1,
                -place + 0.27,
                f"drift: {change}" if drifted else "as said",
                fontsize=8,
                color=colour,
                ha="right",
                va="center",
            )

    return draw


def claim_matrix(
    rows: Sequence[tuple[str, Sequence[tuple[str, str, bool]]]],
    columns: Sequence[str],
    widths: float = 0.34,
    corner: str = "",
) -> Draw:
    """A table of marks: each row is a name and, for each column, (words, group, solid) or None.

    `corner` names what runs down and across.
    """

    def draw(body: SubFigure, ink: Ink) -> None:
        axes = body.subplots()
        axes.set_xlim(-widths * len(columns) * 1.2, len(columns) - 0.5)
        axes.set_ylim(-len(rows) + 0.4, 1.2)
        axes.set_axis_off()
        head = {"fontsize": 8.5, "color": ink.muted, "va": "bottom", "linespacing": 1.1}
        axes.text(axes.get_xlim()[0], 0.5, corner, **head)
        for x, name in enumerate(columns):
            axes.text(x, 0.5, name, ha="center", **head)
        for place, (name, cells) in enumerate(rows):
            axes.plot(
                [axes.get_xlim()[0], len(columns) - 0.5], [-place - 0.5] * 2, color=ink.grid, linewidth=0.8
            )
            axes.text(axes.get_xlim()[0], -place, name, fontsize=9, va="center", linespacing=1.15)
            for x, cell in enumerate(cells):
                if cell is None:
                    axes.text(x, -place, "–", color=ink.muted, ha="center", va="center")
                    continue
                words, group, solid = cell
                axes.plot(
                    [x], [-place + (0.14 if words else 0)], marker=GROUPS[group], color=ink.group[group], markersize=8,
                    fillstyle="full" if solid else "none", markeredgewidth=1.5,
                )  # fmt: skip
                axes.text(x, -place - 0.22, words, fontsize=7.5, color=ink.muted, ha="center", va="center")

    return draw


def lanes(ledger: Ledger, claims: pd.DataFrame, labels: dict[str, str], start: str, end: str) -> Draw:
    """Claimants as lanes over days: filled marks assert, open marks do not; each mark is labelled."""
    names = ledger.claimants.set_index("claimant_id")["name"]
    groups = group_of(ledger, claims)
    order = list(dict.fromkeys(claims["claimant_id"]))

    def draw(body: SubFigure, ink: Ink) -> None:
        axes = body.subplots()
        axes.set_xlim(date2num(span(start)[0]), date2num(span(end)[1]))
        middle = sum(axes.get_xlim()) / 2
        for index, row in claims.iterrows():
            y = -order.index(row["claimant_id"])
            first, last = (date2num(day) for day in span(row["stated_on"]))
            first, last = max(first, axes.get_xlim()[0]), min(last, axes.get_xlim()[1])
            style = {"color": ink.group[groups[index]], "markersize": 8, **POLARITY[row["polarity"]][1]}
            if last - first > 1:  # the day is not known: a line over the days that it may be
                axes.plot([first, last], [y - 0.12] * 2, color=style["color"], linewidth=1, linestyle=":")
            axes.plot(
                [first if last - first <= 1 else (first + last) / 2],
                [y - 0.12],
                marker=GROUPS[groups[index]],
                linestyle="none",
                **style,
            )
            at = first if last - first <= 1 else (first + last) / 2
            right = at > middle
            axes.annotate(
                labels[row["claim_id"]], (at, y - 0.12), (-8 if right else 8, 0), textcoords="offset points",
                ha="right" if right else "left", va="center", fontsize=8.5,
                bbox=ground(ink),
            )  # fmt: skip
        for place, claimant in enumerate(order):
            axes.annotate(
                names[claimant],
                (0, -place + 0.25),
                xycoords=("axes fraction", "data"),
                fontsize=8.5,
                color=ink.muted,
                va="center",
                bbox=ground(ink),
            )
        axes.set_ylim(-len(order) + 0.45, 0.5)
        axes.yaxis.set_major_locator(NullLocator())
        axes.xaxis.set_major_formatter(DateFormatter("%-d %b %Y"))
        axes.set_xticks(
            [date2num(day) for day in sorted({span(d)[0] for d in claims["stated_on"] if len(d) == 10})]
        )
        axes.tick_params(axis="x", labelsize=8)
        for label in axes.get_xticklabels():
            label.set_rotation(30)
            label.set_ha("right")
        axes.grid(axis="x")
        extra = [
            Line2D([], [], marker="o", color=ink.text, linestyle="none", fillstyle="full", label="asserts"),
            Line2D(
                [],
                [],
                marker="o",
                color=ink.text,
                linestyle="none",
                fillstyle="none",
                label="cannot confirm, or does not say",
            ),
        ]
        legend(axes, ink, list(groups), extra)

    return draw


def place_map(ledger: Ledger, panels: Sequence[tuple]) -> Draw:
    """Maps side by side: a ring of the stated precision around each place, never a pin for a region.

    A panel is (title, (west, south, east, north) in degrees, {place_id: (label, group, shift in
    points)}, {country name: (longitude, latitude)}). The projection is equirectangular, true at the
    middle latitude of the panel.
    """
    gazetteer = ledger.places.set_index("place_id")
    land = read_boundaries(ledger.data)

    def draw(body: SubFigure, ink: Ink) -> None:
        ratios = [(e - w) * cos(radians((s + n) / 2)) / (n - s) for _, (w, s, e, n), _, _ in panels]
        for axes, (title, (west, south, east, north), places, countries) in zip(
            body.subplots(1, len(panels), width_ratios=ratios, squeeze=False)[0], panels, strict=True
        ):
            axes.set_xlim(west, east)
            axes.set_ylim(south, north)
            axes.set_aspect(1 / cos(radians((south + north) / 2)))
            axes.set_xticks([])
            axes.set_yticks([])
            axes.set_title(title, loc="left", fontsize=9, color=ink.muted)
            for rings in land.values():
                for ring in rings:
                    # Cut a little outside the window, so that the cut edge itself is not drawn.
                    window = Bbox.from_extents(west - 1, south - 1, east + 1, north + 1)
                    shape = MapPath(ring, closed=True).clip_to_bbox(window)
                    axes.add_patch(PathPatch(shape, facecolor=ink.land, edgecolor=ink.muted, linewidth=0.5))
            for country, (x, y) in countries.items():
                axes.text(x, y, country, fontsize=7.5, color=ink.muted, ha="center", style="italic")
            for place, (label, group, shift) in places.items():
                row = gazetteer.loc[place]
                x, y = float(row["longitude"]), float(row["latitude"])
                tall = 2 * float(row["precision_km"]) / 111.2  # kilometres in a degree of latitude
                axes.add_patch(
                    Ellipse(
                        (x, y),
                        tall / cos(radians(y)),
                        tall,
                        facecolor=ink.group[group],
                        alpha=0.25,
                        edgecolor=ink.group[group],
                    )
                )
                axes.plot([x], [y], marker=GROUPS[group], color=ink.group[group], markersize=4)
                axes.annotate(
                    label, (x, y), shift, textcoords="offset points", fontsize=8.5, va="center",
                    ha="right" if shift[0] < 0 else "left",
                )  # fmt: skip
        legend(axes, ink, [group for *_, places, _ in panels for _, group, _ in places.values()])

    return draw


def _by_group(rows: pd.DataFrame) -> tuple[alt.Parameter, alt.Color, alt.Shape]:
    """Return the legend's selection, and the colours and shapes of the kinds of claimant in some rows."""
    present = [g for g in GROUPS if g in set(rows["kind of claimant"])]
    field = "kind of claimant:N"
    colours = alt.Scale(domain=present, range=[LIGHT.group[g] for g in present])
    marks = alt.Scale(domain=present, range=[SHAPES[g] for g in present])
    pick = alt.selection_point(fields=["kind of claimant"], bind="legend")
    return pick, alt.Color(field, scale=colours, title=None), alt.Shape(field, scale=marks, title=None)


def asserted_numbers(claims: pd.DataFrame) -> pd.DataFrame:
    """Return the claims that a chart of numbers over time can draw: asserted, dated, and not vague words."""
    return claims[
        claims["stated_on"].notna()
        & claims["bound"].notna()
        & claims["polarity"].eq("assert")
        & claims["bound"].ne("vague")
    ]


def phrases(ledger: Ledger, claim_id: str) -> str:
    """Return the printed phrases of a claim, each with its English and its publisher, for the hover of a mark."""
    rows = ledger.printings[ledger.printings["claim_id"] == claim_id]
    return "; ".join(f"“{r.quote}” ({r.quote_en}), {r.publisher}" for r in rows.itertuples())[:400]


def claim_page(claim_id: str) -> str:
    """Return the address of a claim's page, relative to a chapter: where a click on its mark leads."""
    return f"../claims/{claim_id}.html"


def choice(name: str, label: str, values: Iterable[str]) -> alt.Parameter:
    """Return a menu of the values, sorted, after one that shows them all; chosen() reads it."""
    options = ["all", *sorted(set(values))]
    return alt.param(name, value="all", bind=alt.binding_select(options=options, name=f"{label}: "))


def chosen(name: str, field: str) -> str:
    """Return the filter, as a Vega expression, that keeps the rows whose field has the value of a menu."""
    return f"{name} == 'all' || datum['{field}'] == {name}"


def _definitions(ledger: Ledger, claims: pd.DataFrame) -> pd.Series:
    """Word what each claim counts: its measure, and what exactly, where claims of a measure differ in that."""
    label = claims["measure"].map(ledger.measures.set_index("measure")["label"])
    counts = claims["claim_id"].map(ledger.scopes.set_index("claim_id")["counts"])
    words = counts.str.replace(r"^capacity_(\d+)", r"capacity, were all \1 mm", regex=True).str.replace(
        "_", " "
    )
    several = counts.groupby(claims["measure"]).transform("nunique") > 1
    return label.where(~several, label + ": " + words)


def _log_ticks(low: float, high: float) -> list[float]:
    """Return round numbers between two ends, five or fewer, for an axis of powers of ten."""
    for steps in ((1, 2, 5), (1, 3), (1,)):
        decades = range(floor(log10(low)), ceil(log10(high)) + 1)
        ticks = [m * 10.0**k for k in decades for m in steps if low <= m * 10.0**k <= high]
        if len(ticks) <= 5:
            break
    return ticks


def numbers_over_time(ledger: Ledger, claims: pd.DataFrame) -> alt.VConcatChart:
    """An interactive chart of every number claimed, by day stated, one panel a measure, on a log axis.

    A mark is a stated point or the stated end of a bound, with an arrow to the side left open; a line runs
    from low to high where both are stated. Hover shows the printed phrases, a click leads to the claim, two
    menus choose a claimant and a definition. `claims` come from asserted_numbers(), so that the source line
    counts what is drawn.
    """
    kept = claims.copy()
    kept["claimant"] = kept["claimant_id"].map(ledger.claimants.set_index("claimant_id")["label"])
    kept["kind of claimant"] = group_of(ledger, kept)
    kept["panel"] = kept["measure"].map(ledger.measures.set_index("measure")["label"])
    kept["definition"] = _definitions(ledger, kept)
    kept["day"] = [span(text)[0].isoformat() for text in kept["stated_on"]]
    kept["stated"] = kept["stated_on"].map(in_words)
    kept["as claimed"] = [wording(ledger, row) for _, row in kept.iterrows()]
    kept["value"] = kept["point"].fillna(kept["low"]).fillna(kept["high"]).astype(float)
    kept["top"] = kept["high"].fillna(kept["value"]).astype(float)
    ends = [interval(row) for _, row in kept.iterrows()]
    kept["open"] = ["above" if e.high == inf else "below" if e.low == 0 else "" for e in ends]
    kept["printed"] = [phrases(ledger, claim) for claim in kept["claim_id"]]
    kept["page"] = kept["claim_id"].map(claim_page)
    hover = ["claim_id", "claimant", "stated", "as claimed", "definition", "statement", "printed"]
    shown = [*hover, "kind of claimant", "panel", "day", "value", "top", "open", "page"]
    pick, colour, shape = _by_group(kept)
    days = pd.to_datetime(kept["day"])
    margin = (days.max() - days.min()) * 0.03
    across = [(days.min() - margin).date().isoformat(), (days.max() + margin).date().isoformat()]
    base = (
        alt.Chart(alt.Data(values=kept[shown].to_dict("records")))
        .transform_filter(chosen("claimant", "claimant"))
        .transform_filter(chosen("definition", "definition"))
        .encode(
            x=alt.X("day:T", title=None, scale=alt.Scale(domain=across), axis=DAYS_AXIS),
            color=colour,
            opacity=alt.condition(pick, alt.value(0.9), alt.value(0.1)),
            tooltip=[alt.Tooltip(f"{c}:N", title=c.replace("_", " ")) for c in hover],
            href="page:N",
        )
    )
    panels = []
    for order, (_, rows) in enumerate(kept.groupby("measure")):
        panel, low, high = rows["panel"].iloc[0], rows["value"].min() / 1.5, rows["top"].max() * 1.7
        y = alt.Y(
            "value:Q",
            title=None,
            scale=alt.Scale(type="log", domain=[low, high], nice=False),
            axis=alt.Axis(values=_log_ticks(low, high), labelExpr=_IN_MILLIONS),
        )
        one = base.transform_filter(f"datum.panel == {panel!r}").encode(y=y)
        points = one.mark_point(filled=True, size=55).encode(shape=shape)
        if order == 0:
            points = points.add_params(pick)
        ranges = one.transform_filter("datum.top > datum.value").mark_rule(strokeWidth=2).encode(y2="top:Q")
        arrows = [
            one.transform_filter(f"datum.open == '{side}'").mark_point(
                shape=path, filled=False, size=55, strokeWidth=1.2
            )
            for side, path in _ARROWS.items()
        ]
        title = alt.TitleParams(
            f"{panel} (logarithmic axis)", fontSize=12, fontWeight="normal", anchor="start", frame="group"
        )
        panels.append(alt.layer(ranges, *arrows, points).properties(width=380, height=115, title=title))
    menus = (
        choice("claimant", "Claimant", kept["claimant"]),
        choice("definition", "What is counted", kept["definition"]),
    )
    return alt.vconcat(*panels, spacing=14).resolve_scale(x="shared", y="independent").add_params(*menus)
