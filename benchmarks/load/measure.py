"""How long each kind of page took, how many went wrong, and where the processor's time went."""

import os
import threading
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path

PERCENTILES = (50, 95, 99)
_TICKS = os.sysconf("SC_CLK_TCK")
_PROGRAMS = {
    "gunicorn": "web",
    "celery": "workers",
    "postgres": "database",
    "redis-server": "broker",
    "benchmarks.load": "the people",
}


def percentile(seconds: list[float], percent: int) -> float:
    """The least of the values that so many per cent do not exceed (nearest rank)."""
    ordered = sorted(seconds)
    return ordered[max(0, -(-len(ordered) * percent // 100) - 1)]


@dataclass
class Times:
    """Seconds by kind of page, of one stretch of the run."""

    length: float
    seconds: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    errors: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    uploads: list[tuple[float, float]] = field(default_factory=list)
    processor: dict[str, float] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def note(self, kind: str, seconds: float, error: str = "") -> None:
        """One page; an error counts apart, and its time too."""
        with self.lock:
            self.seconds[kind].append(seconds)
            if error:
                self.errors[kind].append(error)

    def all_but(self, *kinds: str) -> list[float]:
        """The seconds of every other kind together."""
        return [each for kind, found in self.seconds.items() if kind not in kinds for each in found]

    def row(self, kind: str) -> list[str]:
        """Pages, p50, p95 and p99 in milliseconds, and errors."""
        return _row(self.seconds.get(kind, []), len(self.errors.get(kind, [])))

    def row_of_all(self, *but: str) -> list[str]:
        """The same of every kind together, except some."""
        errors = sum(len(found) for kind, found in self.errors.items() if kind not in but)
        return _row(self.all_but(*but), errors)


def _row(seconds: list[float], errors: int) -> list[str]:
    if not seconds:
        return ["0", *("–" for _ in PERCENTILES), str(errors)]
    marks = (f"{percentile(seconds, percent) * 1000:.0f}" for percent in PERCENTILES)
    return [f"{len(seconds):,}", *marks, str(errors)]


def processor_seconds() -> dict[str, float]:
    """By program, the processor's seconds that its living and ended processes have used."""
    found: dict[str, float] = defaultdict(float)
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            words = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode()
            numbers = (folder / "stat").read_text().rpartition(")")[2].split()
        except (FileNotFoundError, ProcessLookupError):
            continue
        for sign, name in _PROGRAMS.items():
            if sign in words:
                found[name] += sum(map(int, numbers[11:15])) / _TICKS
                break
    return found


def used(before: dict[str, float], after: dict[str, float]) -> dict[str, float]:
    """What was used in between."""
    return {name: after[name] - before.get(name, 0) for name in after}
