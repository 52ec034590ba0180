"""This build beside an earlier one: both measured in turn, in one run, on one machine.

An earlier build is a checkout of its commit with packages of its own, made once under .venv/builds
and kept. Both are measured by the same drivers: programs that use only what both builds have, and
whose last line is a JSON object of figures.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BUILDS = ROOT / ".venv" / "builds"
BEFORE = "5a90810"
"""The build whose figures set the aims of docs/performance.md."""

Figures = dict[str, float]
Found = dict[str, dict[str, list[float]]]
"""By the name of a build and of a figure, its values in the order in which they were measured."""


@dataclass(frozen=True)
class Build:
    """A checkout of the product and the Python that has its packages."""

    name: str
    root: Path
    python: Path


def this_build() -> Build:
    """The build that this file belongs to."""
    return Build("this build", ROOT, Path(sys.executable))


def build_of(commit: str) -> Build:
    """Check a commit out, and install its packages, unless that was done before."""
    full = _git("rev-parse", "--verify", f"{commit}^{{commit}}")
    root, packages = BUILDS / full[:12], BUILDS / f"{full[:12]}-packages"
    if not root.exists():
        _git("worktree", "prune")
        _git("worktree", "add", "--quiet", "--force", "--detach", str(root), full)
    python, installed = packages / "bin" / "python", packages / "installed"
    if not installed.exists():
        subprocess.run([sys.executable, "-m", "venv", "--clear", packages], check=True)
        quiet = ("--quiet", "--disable-pip-version-check")
        requirements = ("-r", root / "requirements.txt")
        subprocess.run([python, "-m", "pip", "install", *quiet, *requirements], check=True)
        installed.touch()
    return Build(commit, root, python)


def _git(*arguments: str) -> str:
    command = ["git", "-C", str(ROOT), *arguments]
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout.strip()


def driven(
    build: Build, driver: Path, *arguments: str, env: Mapping[str, str] | None = None
) -> Figures:
    """Run a driver by a build, in its folder, and return the figures of its last line."""
    environment = os.environ | (env or {}) | {"PYTHONPATH": str(build.root)}
    said = subprocess.run(
        [build.python, driver, *arguments],
        cwd=build.root,
        env=environment,
        check=True,
        stdout=subprocess.PIPE,
        text=True,
    ).stdout
    figures: Figures = json.loads(said.splitlines()[-1])
    return figures


def interleaved(
    measure: Callable[[Build], Figures], builds: Sequence[Build], *, pairs: int
) -> Found:
    """Measure the builds in turn, so often; one round before that does not count."""
    found: Found = {build.name: {} for build in builds}
    for number in range(pairs + 1):
        for build in builds:
            figures = measure(build)
            for name, value in figures.items() if number else ():
                found[build.name].setdefault(name, []).append(value)
    return found


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add --before, the commit of the earlier build, and --pairs."""
    parser.add_argument(
        "--before", default=BEFORE, help="commit of the earlier build (%(default)s)"
    )
    parser.add_argument("--pairs", type=int, default=5, help="rounds that count (%(default)s)")


def print_table(
    found: Found, earlier: Build, *, unit: str, floor: Mapping[str, float] | None = None
) -> None:
    """Print lowest, median and highest of both builds, the floor, and the ratio of the medians."""
    columns = (unit, f"{earlier.name}: low", "median", "high", "this build: low", "median", "high")
    print("| " + " | ".join((*columns, "floor", "ratio", "this / floor")) + " |")
    print("|---|" + "---:|" * 9)
    before, now = found[earlier.name], found[this_build().name]
    for name, values in now.items():
        cells = [name, *_spread(before[name]), *_spread(values)]
        middle = statistics.median(values)
        least = (floor or {}).get(name)
        cells.append("" if least is None else f"{least:,.2f}")
        cells.append(f"{middle / statistics.median(before[name]):.2f}")
        cells.append(f"{middle / least:.2f}" if least else "")
        print("| " + " | ".join(cells) + " |", flush=True)


def _spread(values: Sequence[float]) -> list[str]:
    figures = (min(values), statistics.median(values), max(values))
    return [f"{figure:,.2f}" for figure in figures]
