"""Panels one by one as SVG for the page, and all of a section on one PNG for the files under charts/."""

from __future__ import annotations

import io
import re
from pathlib import Path
from typing import Sequence

import matplotlib
from matplotlib.figure import Figure

from weirlib import style
from weirlib.charts.section import Panel

DPI = 72  # one px of a panel is one unit of its SVG
GAP = 18
PNG_DPI = 144


def _place(figure: Figure, panel: Panel, x: float, top: float, sheet: tuple[float, float]) -> None:
    """Draws the panel with its upper left corner at (x, top) px of the sheet, top counted downwards."""
    left, right, head, foot = panel.margins
    width, height = sheet
    box = (
        x + left,
        height - top - panel.height + foot,
        panel.width - left - right,
        panel.height - head - foot,
    )
    axes = figure.add_axes((box[0] / width, box[1] / height, box[2] / width, box[3] / height))
    axes.set_facecolor("none")
    panel.draw(axes)
    figure.text((x + 4) / width, 1 - (top + 4) / height, panel.title, weight="bold", size=10.5, va="top")
    if panel.subtitle:
        figure.text(
            (x + 4) / width,
            1 - (top + 19) / height,
            panel.subtitle,
            size=8.5,
            va="top",
            color=style.colour("muted"),
        )


def _figure(width: float, height: float) -> Figure:
    return Figure(figsize=(width / DPI, height / DPI), dpi=DPI)


def inline_svg(panel: Panel, prefix: str) -> str:
    """For the page: no XML head, colours as variables, ids that stay unique among many charts."""
    with matplotlib.rc_context(style.RC):
        figure = _figure(panel.width, panel.height)
        _place(figure, panel, 0, 0, (panel.width, panel.height))
        out = io.StringIO()
        figure.patch.set_visible(False)  # the page's own paper
        figure.savefig(out, format="svg", metadata={"Date": None, "Creator": None})
    svg = out.getvalue()
    svg = svg[svg.index("<svg") :]
    svg = re.sub(r"<metadata>.*?</metadata>", "", svg, flags=re.S)
    svg = re.sub(r'(\bid="|url\(#|href="#)', rf"\g<1>{prefix}-", svg)
    svg = re.sub(
        r"<svg [^>]*>",
        f'<svg viewBox="0 0 {panel.width} {panel.height}" xmlns="http://www.w3.org/2000/svg" '
        'xmlns:xlink="http://www.w3.org/1999/xlink" role="img" aria-label="@label@">',
        svg,
        count=1,
    )
    return style.themed(_fonts(re.sub(r"\n\s*", "\n", svg)))


def _fonts(svg: str) -> str:
    """What to fall back on where DejaVu Sans, by which the layout was made, is missing: Verdana is as wide."""
    return svg.replace("'DejaVu Sans'", "'DejaVu Sans', Verdana, sans-serif")


def _rows(panels: Sequence[Panel], columns: int) -> list[Sequence[Panel]]:
    return [panels[i : i + columns] for i in range(0, len(panels), columns)]


def _sheet(panels: Sequence[Panel], title: str, lines: Sequence[str], columns: int) -> Figure:
    rows = _rows(panels, columns)
    width = max(sum(p.width + GAP for p in row) for row in rows) + GAP
    top = 44.0 + 14 * len(lines)
    height = top + sum(max(p.height for p in row) + GAP for row in rows)
    figure = _figure(width, height)
    figure.set_facecolor(style.colour("paper"))
    figure.text(GAP / width, 1 - 14 / height, title, size=14, weight="bold", va="top")
    for number, line in enumerate(lines):
        at = (GAP / width, 1 - (36 + 14 * number) / height)
        figure.text(*at, line, size=9.5, va="top", color=style.colour("muted"))
    for row in rows:
        x = float(GAP)
        for panel in row:
            _place(figure, panel, x, top, (width, height))
            x += panel.width + GAP
        top += max(p.height for p in row) + GAP
    return figure


def write_sheet(panels: Sequence[Panel], title: str, lines: Sequence[str], path: Path, columns: int) -> None:
    """A PNG with all panels under the title and its lines."""
    with matplotlib.rc_context(style.RC):
        _sheet(panels, title, lines, columns).savefig(path, dpi=PNG_DPI, metadata={"Software": None})
