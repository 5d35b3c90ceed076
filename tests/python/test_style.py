"""A channel looks the same in every chart, whatever was drawn before it, and can be told from the others."""

from __future__ import annotations

import itertools
import subprocess
import sys

import numpy as np
import pytest
import synthetic
from conftest import ROOT

from weirlib import style

# Machado, Oliveira, Fernandes (2009), severity 1, linear RGB
VISION = {
    "full": np.eye(3),
    "deuteranopia": np.array(
        [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]]
    ),
    "protanopia": np.array(
        [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]]
    ),
    "tritanopia": np.array(
        [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]]
    ),
}
TELLING = 10.0  # CIE76 distance; 2.3 is just noticeable side by side


def linear(colour: str) -> np.ndarray:
    c = np.array([int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)])
    return np.where(c <= 0.04045, c / 12.92, ((c + 0.055) / 1.055) ** 2.4)


def lab(rgb: np.ndarray) -> np.ndarray:
    to_xyz = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])
    xyz = to_xyz @ np.clip(rgb, 0, 1) / np.array([0.9505, 1.0, 1.089])
    f = np.where(xyz > 0.008856, np.cbrt(xyz), 7.787 * xyz + 16 / 116)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


def contrast(a: str, b: str) -> float:
    light, dark = sorted((linear(c) @ [0.2126, 0.7152, 0.0722] for c in (a, b)), reverse=True)
    return float((light + 0.05) / (dark + 0.05))


@pytest.mark.parametrize("vision", VISION)
@pytest.mark.parametrize("dark", [0, 1], ids=["light", "dark"])
def test_hues_are_told_apart_under_colour_vision_deficiencies(vision: str, dark: int) -> None:
    seen = {name: lab(VISION[vision] @ linear(pair[dark])) for name, pair in style.HUES.items()}
    for a, b in itertools.combinations(seen, 2):
        assert np.linalg.norm(seen[a] - seen[b]) > TELLING, (a, b)


@pytest.mark.parametrize("dark", [0, 1], ids=["light", "dark"])
def test_colours_stand_out_from_the_paper(dark: int) -> None:
    paper = style.SURFACES["paper"][dark]
    for name, pair in style.HUES.items():
        assert contrast(pair[dark], paper) >= 3.0, name
    for name in ("ink", "muted", "failed"):
        assert contrast(style.SURFACES[name][dark], paper) >= 4.5, name


def test_no_two_known_families_share_colour_and_marker() -> None:
    assert len(set(style.FAMILIES.values())) == len(style.FAMILIES)


def test_unknown_families_never_take_the_marker_of_a_known_one() -> None:
    assert not set(style.UNKNOWN_MARKERS) & {marker for _, marker in style.FAMILIES.values()}


CATALOGUE = {
    "mutex_condvar": ("", "naive"),
    "mpmc_ring": ("", "spin", "yield", "park"),
    "moodycamel": ("spin", "yield", "park", "tokens", "credit", "blocking"),
    "moodycamel_rwq": ("spin", "yield", "park", "blocking"),
    "atomic_queue": ("spin", "yield", "park", "optimist"),
    "atomic_queue2": ("spin", "yield", "park", "runtime"),
    "tbb": ("", "spin", "yield", "park"),
}


@pytest.mark.parametrize("family", CATALOGUE)
def test_variants_share_hue_and_marker_and_differ_in_filling_and_line(family: str) -> None:
    looks = [style.look(f"{family}:{variant}".rstrip(":")) for variant in CATALOGUE[family]]
    assert len({(lk.hue, lk.marker) for lk in looks}) == 1
    assert len({lk.fill for lk in looks}) == len(looks)
    assert len({lk.line for lk in looks}) == len(looks)


def test_a_look_depends_on_the_name_alone() -> None:
    names = [*synthetic.MANY, "my_channel", "my_channel:park", "another"]
    forward = {n: style.look(n) for n in names}
    style.look.cache_clear()
    assert {n: style.look(n) for n in reversed(names)} == forward


def test_a_look_is_the_same_in_another_process() -> None:
    code = "from weirlib import style; print(style.look('my_channel:park'), style.look('unheard_of'))"
    said = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT / "scripts",
        env={"PYTHONHASHSEED": "1"},
        text=True,
        capture_output=True,
        check=True,
        timeout=60,
    ).stdout
    assert said.strip() == f"{style.look('my_channel:park')} {style.look('unheard_of')}"


def test_an_inlined_chart_names_variables_instead_of_colours() -> None:
    svg = style.themed(f'<path style="fill: {style.HUES["blue"][0]}; stroke: {style.SURFACES["ink"][0]}"/>')
    assert svg == '<path style="fill: var(--blue); stroke: var(--ink)"/>'
