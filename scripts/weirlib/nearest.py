"""The nearest valid word to a mistyped one."""

from collections.abc import Iterable


def edit_distance(a: str, b: str) -> int:
    """Levenshtein's distance."""
    row = list(range(len(b) + 1))
    for i, letter in enumerate(a, start=1):
        diagonal, row[0] = row[0], i
        for j, other in enumerate(b, start=1):
            best = min(diagonal + (letter != other), row[j] + 1, row[j - 1] + 1)
            diagonal, row[j] = row[j], best
    return row[-1]


def nearest(word: str, valid: Iterable[str]) -> str | None:
    """The valid word with the smallest distance, the first of equals; None without valid words."""
    candidates = list(valid)
    if not candidates:
        return None
    return min(candidates, key=lambda candidate: edit_distance(word, candidate))


def unknown(kind: str, word: str, valid: Iterable[str]) -> str:
    """The line for an unknown word, with the nearest valid one."""
    found = nearest(word, valid)
    return f"unknown {kind} {word}" + (f"; nearest: {found}" if found else "")
