"""Plots of a season as SVG, each with a title and a description for those who cannot see it."""

from __future__ import annotations

import io
import re
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Final

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.dates import DateFormatter, MonthLocator
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

INK, SOFT, LINE = "#1b2733", "#50606e", "#d5dce3"
BLUE, ORANGE, GREY = "#14578a", "#c2571a", "#9fb0bf"  # told apart by lightness too
STYLE: Final[dict[Any, Any]] = {
    "svg.hashsalt": "replay",  # else ids in it are drawn by chance
    "svg.fonttype": "none",  # text stays text
    "font.family": "sans-serif",
    "font.size": 11,
    "text.color": INK,
    "axes.labelcolor": SOFT,
    "axes.edgecolor": LINE,
    "xtick.color": SOFT,
    "ytick.color": SOFT,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.axisbelow": True,
    "axes.grid": True,
    "axes.grid.axis": "y",
    "grid.color": LINE,
}
WIDTH: Final = 5.2  # inches: on a telephone its texts are still to be read
Words = Mapping[str, str]


def weeks(found: Sequence[Mapping[str, Any]], closing: str, words: Words) -> str:
    """Draw what came and what ended by week, with what was open."""
    days = [date.fromisoformat(one["week"]) for one in found]
    with mpl.rc_context(STYLE):
        figure, axes = _sheet(3.6)
        axes.bar(days, [one["received"] for one in found], width=6, color=GREY, label=words["received"])  # type: ignore[arg-type]
        axes.plot(days, [one["ended"] for one in found], color=ORANGE, lw=2, label=words["ended"])  # type: ignore[arg-type]
        axes.plot(days, [one["open"] for one in found], color=BLUE, lw=2, ls="--", label=words["open"])  # type: ignore[arg-type]
        axes.axvline(date.fromisoformat(closing), color=SOFT, lw=1, ls=":")  # type: ignore[arg-type]
        axes.annotate(
            words["closing"],
            (date.fromisoformat(closing), axes.get_ylim()[1]),
            ha="right",
            va="top",
            color=SOFT,
        )
        axes.xaxis.set_major_locator(MonthLocator(interval=3))  # type: ignore[no-untyped-call]
        axes.xaxis.set_major_formatter(DateFormatter("%m-%Y"))  # type: ignore[no-untyped-call]
        axes.set_ylabel(words["cases"])
        axes.legend(loc="upper left", frameon=False)
        return _svg(figure, "weeks", f"{words['received']}, {words['ended']}", _peaks(found))


def _peaks(found: Sequence[Mapping[str, Any]]) -> str:
    most = max(found, key=lambda one: int(one["received"]))
    return f"{most['week']}: {most['received']}; max {max(int(one['open']) for one in found)} open"


def left(days: Sequence[int], words: Words) -> str:
    """Draw how many days of the term were left; what is left of zero was late."""
    with mpl.rc_context(STYLE):
        figure, axes = _sheet(3.0)
        least = min([*days, 0])
        edges = list(range(least - least % 2, max([*days, 0]) + 3, 2))  # no bar with both late and met
        late, met = [one for one in days if one < 0], [one for one in days if one >= 0]
        axes.hist([met, late], bins=[edge - 0.5 for edge in edges], stacked=True, color=[BLUE, ORANGE])
        axes.axvline(-0.5, color=INK, lw=1)
        axes.set_xlabel(words["left"])
        axes.set_ylabel(words["cases"])
        return _svg(figure, "terms", words["left"], f"{len(late)} / {len(days)}")


def bars(name: str, rows: Sequence[tuple[str, int]], title: str) -> str:
    """Draw one bar a row, the first on top, each under its label."""
    lines = max(label.count("\n") for label, _ in rows) + 1
    with mpl.rc_context({**STYLE, "axes.grid": False, "axes.spines.left": False}):
        figure, axes = _sheet(0.7 + (0.25 + 0.2 * lines) * len(rows))
        counts = [count for _, count in rows]
        drawn = axes.barh(range(len(rows)), counts, color=BLUE, height=0.3)
        axes.bar_label(drawn, padding=4)
        for place, (label, _) in enumerate(rows):
            axes.text(0, place - 0.2, label, va="bottom", size=10)
        axes.set_ylim(len(rows) - 0.7, -0.35 - 0.3 * lines)
        axes.set_xlim(right=max(counts) * 1.1)
        axes.set_yticks([])
        axes.xaxis.set_major_locator(MaxNLocator(5, integer=True))
        axes.set_xlabel(title)
        told = "; ".join(f"{label.replace(chr(10), ', ')}: {count}" for label, count in rows)
        return _svg(figure, name, title, told)


def load(found: Sequence[Mapping[str, Any]], words: Words) -> str:
    """Draw for each reviewer how much was asked, against how long answers took."""
    with mpl.rc_context({**STYLE, "axes.grid.axis": "both"}):
        figure, axes = _sheet(3.4)
        known = [one for one in found if one["days_median"] is not None]
        axes.scatter(
            [one["asked"] for one in known], [one["days_median"] for one in known], color=BLUE, alpha=0.7
        )
        axes.set_xlim(left=0)
        axes.set_ylim(bottom=0)
        axes.set_xlabel(words["asked"])
        axes.set_ylabel(words["median"])
        return _svg(figure, "reviewers", words["asked"], f"{len(known)}")


def _sheet(inches: float) -> tuple[Figure, Axes]:
    figure = Figure(figsize=(WIDTH, inches), layout="constrained")
    return figure, figure.add_subplot()


def _svg(figure: Figure, name: str, title: str, description: str) -> str:
    written = io.StringIO()
    figure.savefig(
        written,
        format="svg",
        transparent=True,
        metadata={"Date": None, "Creator": None, "Format": None, "Type": None},
    )
    svg = written.getvalue()
    svg = svg[svg.index("<svg") :]
    told = (
        f'<title id="{name}-title">{_plain(title)}</title><desc id="{name}-desc">{_plain(description)}</desc>'
    )
    svg = re.sub(
        r"(<svg\b[^>]*)>", rf'\1 role="img" aria-labelledby="{name}-title {name}-desc">{told}', svg, count=1
    )
    svg = re.sub(r'(id="|url\(#|xlink:href="#)', rf"\1{name}-", svg)  # ids of several plots on one page
    return svg.replace(f'id="{name}-{name}-', f'id="{name}-')


def _plain(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;")
