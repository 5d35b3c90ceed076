"""What else the machine did, and which class it is of."""

import os
from pathlib import Path

import pytest

from weirlib.gating import machine
from weirlib.gating.machine import Moment, class_of, foreign_cores, stolen_cores

STAT = """cpu  900 0 300 5000 0 0 0 40 0 0
cpu0 100 10 20 3000 5 1 2 {steal} 0 0
cpu1 300 0 80 1000 0 0 0 7 0 0
cpu10 500 0 200 1000 0 0 0 9 0 0
intr 12345
"""


@pytest.fixture
def stat(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Ticks of three processors, of which the first two are ours."""
    path = tmp_path / "stat"
    path.write_text(STAT.format(steal=3))
    monkeypatch.setattr(machine, "STAT", path)
    monkeypatch.setattr(machine, "TICK_S", 0.01)
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {0, 1})
    return path


def test_only_the_processors_that_we_may_use_count(stat: Path) -> None:
    found = machine.moment()
    assert found.busy == pytest.approx(0.01 * (100 + 10 + 20 + 1 + 2 + 300 + 80))
    assert found.stolen == pytest.approx(0.01 * (3 + 7))


def test_time_that_the_host_took_is_told_from_time_that_others_took(stat: Path) -> None:
    before = machine.moment()
    stat.write_text(STAT.format(steal=103))
    after = machine.moment()
    assert after.stolen - before.stolen == pytest.approx(1.0)
    assert after.busy == before.busy


def test_others_are_what_is_busy_and_not_ours() -> None:
    before, after = Moment(10.0, 100.0, 5.0, 50.0), Moment(12.0, 103.0, 5.5, 52.0)
    assert foreign_cores(before, after) == pytest.approx(0.5), "3 s busy, 2 s of them ours, in 2 s"
    assert stolen_cores(before, after) == pytest.approx(0.25)
    assert foreign_cores(before, Moment(12.0, 101.0, 5.0, 52.0)) == 0.0, "ticks are coarse: less than nothing is nothing"


def test_a_class_is_the_processor_how_many_and_whether_virtual() -> None:
    metal = {"cpu_model": "Intel(R) Xeon(R) @ 2.60GHz", "allowed_cpus": [0, 1, 2, 3], "virtualized": ""}
    assert class_of(metal) == "intel-r-xeon-r-2-60ghz-4-cpus"
    assert class_of(metal | {"virtualized": "KVM"}) == "intel-r-xeon-r-2-60ghz-4-cpus-virtual"
    assert class_of({}) == "unknown-0-cpus"


CPUINFO = """processor\t: 0
vendor_id\t: AuthenticAMD
cpu family\t: 26
model\t\t: 2
model name\t: AMD EPYC
address sizes\t: 48 bits physical, 48 bits virtual

processor\t: 1
model name\t: Another
"""


def test_a_name_that_generations_share_comes_with_the_generation(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine, "CPUS", tmp_path / "cpuinfo")
    assert class_of({"cpu_model": "AMD EPYC"}) == "amd-epyc-0-cpus", "where there is no such file"
    machine.CPUS.write_text(CPUINFO)
    assert class_of({"cpu_model": "AMD EPYC"}) == "amd-epyc-0-cpus-family-26-model-2"
    assert class_of({"cpu_model": "Another"}) == "another-0-cpus"
    assert class_of({"cpu_model": "of another machine"}) == "of-another-machine-0-cpus"
