"""Two runs side by side: ratios for one machine only, and which declared orders the second run reverses."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import synthetic

from weirlib import cli, comparison, orders, report, results
from weirlib.results import Run

QUICK = 6
PAIR = {name: synthetic.PLANTED[name] for name in ("mpmc_ring:spin", "mutex_condvar", "futex_ring")}


def run(path: Path, seed: int = 7, faster: float = 1.0, **changes: object) -> Run:
    """`mutex_condvar` is `faster` than planted."""
    channels = {n: (v * faster if n == "mutex_condvar" else v, *rest) for n, (v, *rest) in PAIR.items()}
    plan = synthetic.Plan(channels=channels, rounds=QUICK, seed=seed, histogram=False, failing="", regime_flips="", **changes)  # type: ignore[arg-type]
    return results.read(synthetic.write(path, plan))


def change(run: Run, **environment: object) -> Run:
    file = run.path / "environment.json"
    file.write_text(json.dumps(json.loads(file.read_text()) | environment))
    return results.read(run.path)


def place(run: Run, where: str = "throughput/p:1/c:1/cap:1024/msg:16/work:0/place:spread") -> orders.Place:
    return orders.places(run)[where]


def test_planted_orders_are_declared(tmp_path: Path) -> None:
    found, of = orders.declared(place(run(tmp_path / "a")))
    assert of == 3 and {("mpmc_ring:spin", "mutex_condvar"), ("futex_ring", "mutex_condvar")} <= set(found)


def test_of_times_the_shorter_is_ahead(tmp_path: Path) -> None:
    found, _ = orders.declared(place(run(tmp_path / "a"), "ping_pong/place:spread"))
    assert ("mpmc_ring:spin", "mutex_condvar") in found


def test_what_failed_has_no_order(tmp_path: Path) -> None:
    path = run(tmp_path / "a").path
    synthetic.write_stress(path, synthetic.stress_lines(list(PAIR), failed=["mpmc_ring:spin"]))
    assert "mpmc_ring:spin" not in json.dumps(orders.data(results.read(path)))


def test_with_two_rounds_nothing_is_declared(tmp_path: Path) -> None:
    path = synthetic.write(tmp_path / "a", synthetic.Plan(channels=PAIR, rounds=2, histogram=False))
    assert all(not found["declared"] for found in orders.data(results.read(path)))


def test_a_second_run_of_the_same_reverses_nothing(tmp_path: Path) -> None:
    found = orders.agreement(run(tmp_path / "a"), run(tmp_path / "b", seed=8))
    assert found.pairs > 20 and min(found.first, found.second) >= 0.6 * found.pairs
    assert len(found.reversed) <= 0.01 * found.first
    assert f"Of {found.pairs} pairs" in found.sentence


def test_a_planted_reversal_is_found(tmp_path: Path) -> None:
    found = orders.agreement(run(tmp_path / "a"), run(tmp_path / "b", seed=8, faster=30))
    assert ("throughput/p:1/c:1/cap:1024/msg:16/work:0/place:spread", "futex_ring", "mutex_condvar") in found.reversed


def test_runs_of_one_machine_have_ratios(tmp_path: Path) -> None:
    found = comparison.compare(run(tmp_path / "a"), run(tmp_path / "b", seed=8, faster=2))
    assert found.one_machine
    moved = {identity: ratio for ratio, identity, _ in found.moved}
    ratio = moved["throughput/mutex_condvar/p:1/c:1/cap:1024/msg:16/work:0/place:spread"]
    assert ratio.low and ratio.high and ratio.low < 2 < ratio.high < 2.3
    assert not any("futex_ring" in identity for identity in moved)
    table = next(t for t in found.tables if t.caption.startswith("throughput/p:1/c:1/cap:1024/msg:16/work:0/"))
    assert "better in the second" in [cell.text for row in table.rows for cell in row]


def test_runs_of_two_machines_never_have_a_ratio(tmp_path: Path) -> None:
    second = change(run(tmp_path / "b", seed=8, faster=2), cpu_model="Another CPU")
    path, lines = report.build_comparison(run(tmp_path / "a"), second)
    page = path.read_text(encoding="utf-8")
    assert "Two machines, so there are no ratios: processor: Planted CPU @ 2.9 GHz and Another CPU." in lines[2]
    assert "×" not in page.partition("<main>")[2].partition("<script>")[0] and "second / first" not in page
    assert "throughput/mutex_condvar/p:1/c:1/cap:1024" in page


def test_a_machine_that_is_not_known_is_another(tmp_path: Path) -> None:
    second = run(tmp_path / "b")
    (second.path / "environment.json").unlink()
    assert not comparison.compare(run(tmp_path / "a"), results.read(second.path)).one_machine


def test_what_else_changed_is_said(tmp_path: Path) -> None:
    found = comparison.compare(run(tmp_path / "a"), change(run(tmp_path / "b"), revision="9999fff"))
    assert found.one_machine and found.changed == ["revision: 0123abc and 9999fff"]


def test_runs_with_nothing_in_common_say_so(tmp_path: Path) -> None:
    second = run(tmp_path / "b")
    lines = [json.loads(line) for line in (second.path / "trials.jsonl").read_text().splitlines()]
    (second.path / "trials.jsonl").write_text("".join(json.dumps(line | {"id": line["id"] + "/more:1"}) + "\n" for line in lines))
    found = comparison.compare(run(tmp_path / "a"), results.read(second.path))
    assert found.orders.sentence == "The runs have no pair of channels in common." and not found.tables


def test_the_command_compares(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    a, b = run(tmp_path / "a").path, run(tmp_path / "b", seed=8).path
    assert cli.main(["report", str(a), str(b)]) == 0
    said = capsys.readouterr().out
    assert "pairs of channels" in said and len(said.splitlines()) <= 41
    assert (b / "against-a.html").exists()
    assert cli.main(["report", str(a), str(a)]) == 2
    assert "are the same run" in capsys.readouterr().err
