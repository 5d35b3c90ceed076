"""A scenario of a user's own has a chart, a table and a line in the terminal, though nobody wrote one for it."""

from __future__ import annotations

import json
from pathlib import Path

import synthetic

from weirlib import report, results, summary
from weirlib.charts import own_scenario


def made(folder: Path) -> Path:
    """A run of a scenario that only its user knows, over two channels at two capacities."""
    synthetic.write(folder, synthetic.Plan())
    path = folder / "trials.jsonl"
    template = json.loads(path.read_text().splitlines()[0])
    lines = []
    for number in range(7):
        for channel, goodput in (("mpmc_ring:spin", 9000.0), ("mutex_condvar", 5000.0)):
            for cap in (100, 1024):
                figures = {"goodput": ("msg/s", "higher", goodput + cap + number), "response_p99": ("ns", "lower", 1e9 / goodput)}
                metrics = [{"metric": n, "unit": u, "direction": d, "value": v} for n, (u, d, v) in figures.items()]
                place = {"round": number, "id": f"lunch/{channel}/p:1/c:1/cap:{cap}", "workload": "lunch", "channel": channel}
                lines.append(template | place | {"params": {"p": 1, "c": 1, "cap": cap}, "metrics": metrics, "status": "ok"})
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    return folder


def test_its_figures_are_drawn_and_said(tmp_path: Path) -> None:
    run = results.read(made(tmp_path / "run"))
    (section,) = own_scenario.sections(run)
    assert [p.title for p in section.panels][:2] == [
        "Goodput, capacity 100",
        "Goodput, capacity 1024",
    ]
    assert "1 sender, 1 receiver" in section.question
    assert "mpmc_ring:spin is ahead of all others: 9.10 k msg/s" in section.readings[0]
    assert "lunch goodput capacity" in summary.table(run.path)
    report.build(run.path)
    assert (run.path / "charts" / "scenario_lunch.png").is_file()


def test_what_only_some_trials_have_is_not_compared(tmp_path: Path) -> None:
    run = results.read(made(tmp_path / "run"))
    first = run.of("lunch")[0]
    del first.trials[0].metrics["response_p99"]
    assert [name for name, *_ in own_scenario.figures(run.of("lunch"))] == ["goodput"]


def test_workloads_with_charts_of_their_own_are_left_to_them(tmp_path: Path) -> None:
    run = results.read(synthetic.write(tmp_path / "run", synthetic.Plan()))
    assert own_scenario.sections(run) == []
