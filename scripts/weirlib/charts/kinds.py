"""The kinds of chart, all of them: who has learnt to read one reads every other of its kind. A ninth replaces one."""

from __future__ import annotations

INTERVALS = "intervals"
LINES = "lines"
PERCENTILES = "percentiles"
DEPTH = "depth"
GRID = "grid"
FOREST = "forest"
TURNS = "turns"
POINTS = "points"

MEANING = {
    INTERVALS: "a row a channel: rounds as dots, the interval as a line, the median as a marker",
    LINES: "a figure over an axis that was varied, a line a channel",
    PERCENTILES: "values over percentiles, the slowest of a million as wide as the slowest of ten",
    DEPTH: "messages in the channel over time, with its capacity; below, who stood and what was lost",
    GRID: "a cell for each pair of two axes, shaded by the verdict",
    FOREST: "ratios with intervals about 1, a row a claim",
    TURNS: "sends and receives as two staircases over time",
    POINTS: "one mark a case or trial over two figures, or in the order of the run",
}
