"""The report in a real browser: nothing from the network, nothing over anything, what is drawn is what was measured."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from devtools import Browser, program

from weirlib import report, results
from weirlib.results import Run

LOOKING = (Path(__file__).parent / "looking.js").read_text(encoding="utf-8")
WIDTHS = (360, 1280, 1920)
UNIT = re.compile(r"msg/s|per second|, %|\bns\b|, ms|, us|, µs|, s\b|per core|messages|ratio|median|senders|switches|CPU|trials|response|round trip|"
                  r"requests|one send|holds the table|wake-up|stand-still|Jain|per million")  # fmt: skip


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    path = program()
    if path is None:
        pytest.skip("no Chromium on PATH: the report was not looked at in a browser (scripts/weir test installs it where apt can)")
    made = Browser(path)
    yield made
    made.close()


@pytest.fixture(scope="module")
def pages(built: Path, pressed: Run) -> list[Path]:
    """Two reports that have every page between them."""
    return [built / "report.html", report.build(pressed.path)]


def opened(browser: Browser, page: Path, width: int = 1280) -> Browser:
    browser.open(page, width)
    browser.js(LOOKING + "; void 0")
    return browser


def test_nothing_is_asked_of_the_network_and_the_console_stays_empty(browser: Browser, pages: list[Path]) -> None:
    for page in pages:
        opened(browser, page)
        browser.js("document.querySelectorAll('nav a').forEach(a => a.click())")
        assert [r["request"]["url"].partition("#")[0] for r in browser.having("Network.requestWillBeSent")] == [page.as_uri()]
        assert not browser.having("Runtime.exceptionThrown") and not browser.having("Log.entryAdded")
        assert not browser.having("Runtime.consoleAPICalled")


def test_every_chart_has_marks_a_sentence_and_axes_with_units(browser: Browser, pages: list[Path]) -> None:
    for page in pages:
        found = opened(browser, page).js("unfold(); charts()")
        assert len(found) > 10
        for chart in found:
            assert chart["marks"] > 0, chart["title"]
            assert chart["caption"].endswith(".") and chart["command"].startswith("scripts/weir run"), chart["title"]
            # A row a channel needs no label beside the names.
            labels = chart["labels"][: 1 if chart["kind"] in ("intervals", "forest", "grid") else 2]
            assert labels and all(UNIT.search(label) for label in labels), (chart["title"], chart["labels"])


@pytest.mark.parametrize("width", WIDTHS)
def test_nothing_lies_over_anything(browser: Browser, pages: list[Path], width: int) -> None:
    for page in pages:
        opened(browser, page, width)
        assert browser.js("document.documentElement.scrollWidth") <= width
        assert browser.js("unfold(); overlaps()") == []
        assert browser.js("document.documentElement.scrollWidth") <= width


def test_a_planted_overlap_is_seen(browser: Browser, pages: list[Path]) -> None:
    opened(browser, pages[0])
    browser.js("document.querySelector('#guide table').style.marginTop = '-60px'")
    assert browser.js("overlaps()") != []
    opened(browser, pages[0])
    browser.js("{ const t = document.querySelectorAll('figure svg text'); t[1].parentNode.append(t[0].cloneNode(true)); unfold(); }")
    assert browser.js("overlaps()") != []


def amount(label: str) -> float:
    """`20 M`, `300 ns`, `2×`."""
    number, unit = re.fullmatch(r"([\d.]+)\s*(\S*)", label.replace("×", "")).groups()  # type: ignore[union-attr]
    return float(number) * {"": 1, "k": 1e3, "M": 1e6, "G": 1e9, "ns": 1, "µs": 1e3, "ms": 1e6, "s": 1e9}[unit]


def test_medians_are_drawn_where_the_results_have_them(browser: Browser, built: Path) -> None:
    run, checked = results.read(built), 0
    for chart in opened(browser, built / "report.html").js("unfold(); medians()"):
        if "Ratio" in chart["title"]:  # of two channels: its medians are nobody's figure
            continue
        ticks = [(x, math.log(amount(label))) for x, label in chart["ticks"]]
        slope, base = np.polyfit(*zip(*ticks), 1)
        for case in (run.cases[identity] for identity in chart["ids"]):
            if case.channel in chart["at"]:
                drawn = math.exp(slope * chart["at"][case.channel] + base)
                assert drawn == pytest.approx(float(np.median(list(case.figure().values()))), rel=0.01), case.id
                checked += 1
    assert checked > 30


def test_what_failed_is_drawn_nowhere(browser: Browser, built: Path) -> None:
    assert not any("tbb" in chart["at"] for chart in opened(browser, built / "report.html").js("unfold(); medians()"))


def test_the_filter_leaves_rows_that_fit_and_says_when_none_does(browser: Browser, built: Path) -> None:
    opened(browser, built / "report.html")
    before = browser.js("shownRows()")

    def asked(name: str, own: str) -> set[str]:
        return set(browser.js(f"ask({name!r}, {own!r})"))

    assert asked("mpmc_ring", "") == {"mpmc_ring:spin", "mpmc_ring:park"}
    assert asked("", "library") == {name for name in before if name.startswith(("boost", "tbb"))}
    assert asked("tbb, futex", "own") == {"futex_ring"}
    assert asked("no such channel", "") == set()
    assert "no row is left" in browser.js("document.getElementById('filter-said').textContent")
    assert asked("", "") == set(before)


def test_a_click_sorts_by_amount(browser: Browser, built: Path) -> None:
    opened(browser, built / "report.html")
    table = "document.querySelector('#throughput_by_topology table')"
    column = f"Array.from({table}.tBodies[0].rows).map(row => row.cells[1].textContent)"
    for _ in range(2):
        browser.js(f"{table}.querySelectorAll('th')[1].click()")
    values = [amount(cell.removesuffix(" msg/s")) for cell in browser.js(column)]
    assert len(values) > 3 and values == sorted(values, reverse=True)
    browser.js(f"{table}.querySelectorAll('th')[1].click()")
    assert [amount(cell.removesuffix(" msg/s")) for cell in browser.js(column)] == sorted(values)


def test_one_page_is_shown_at_a_time_and_all_without_a_script(browser: Browser, built: Path) -> None:
    shown = "Array.from(document.querySelectorAll('.page')).filter(page => page.getBoundingClientRect().height > 0).map(page => page.id)"
    browser.open(built / "report.html", fragment="#ping_pong")
    assert browser.js(shown) == ["page-latency"]
    browser.open(built / "report.html")
    assert browser.js(shown) == ["page-guide"]
    browser.call("Emulation.setScriptExecutionDisabled", value=True)
    try:
        browser.open(built / "report.html")
        assert len(browser.js(shown)) == 8 and browser.js("document.getElementById('tools').getBoundingClientRect().height") == 0
    finally:
        browser.call("Emulation.setScriptExecutionDisabled", value=False)


def test_light_and_dark_have_contrast(browser: Browser, built: Path) -> None:
    papers = set()
    for scheme in ("light", "dark"):
        browser.call("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}])
        opened(browser, built / "report.html")
        style = "getComputedStyle(document.body)"
        paper, ink = ([int(v) for v in re.findall(r"\d+", browser.js(f"{style}.{part}"))[:3]] for part in ("backgroundColor", "color"))
        papers.add(tuple(paper))
        assert abs(sum(paper) - sum(ink)) > 450
    assert len(papers) == 2
