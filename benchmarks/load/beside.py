"""This build and an earlier one, each a site of its own, read by the same people in turn."""

import argparse
import contextlib

from benchmarks.builds import Build, build_of, print_table, this_build
from benchmarks.live.site import Site, own_site
from benchmarks.load.crowd import Crowd, load, officer
from benchmarks.load.measure import Times, percentile
from benchmarks.load.people import CONFIRMED, SENT

_PORTS_APART = 20
_EVERYTHING = "all pages of the 60 people"


def run_beside(arguments: argparse.Namespace) -> int:
    """Print the 95th percentile by kind of page while ledgers are stored; return the exit status.

    Both sites are up all the while, and one of them is read. Each round is a stretch of `seconds`
    with one build and then with the other; the table has lowest, median and highest of the rounds.
    """
    builds = [build_of(arguments.before), this_build()]
    found: dict[str, dict[str, list[float]]] = {build.name: {} for build in builds}
    wrong = 0
    with contextlib.ExitStack() as stack:
        sites = []
        for number, build in enumerate(builds):
            site = stack.enter_context(
                own_site(workers=1, build=build, ports_from=number * _PORTS_APART)
            )
            site.start()
            load(site, arguments.lines)
            sites.append((build, site))
        print("Both councils are loaded.", flush=True)
        for number in range(1, arguments.pairs + 1):
            for build, site in sites:
                times = _stretch(site, arguments)
                wrong += sum(map(len, times.errors.values()))
                for kind, value in _percentiles(times).items():
                    found[build.name].setdefault(kind, []).append(value)
                _tell(number, build, times)
    print()
    print_table(found, builds[0], unit="95th percentile, ms")
    return int(wrong > 0)


def _stretch(site: Site, arguments: argparse.Namespace) -> Times:
    crowd = Crowd(site)
    times = crowd.measure(arguments.seconds, [officer(site, arguments.lines)])
    crowd.stop()
    return times


def _percentiles(times: Times) -> dict[str, float]:
    """Milliseconds by kind of page, and of all that the 60 people asked for."""
    of_people = {k: v for k, v in times.seconds.items() if k not in (SENT, CONFIRMED)}
    every = {_EVERYTHING: times.all_but(SENT, CONFIRMED)} | dict(sorted(of_people.items()))
    return {kind: percentile(seconds, 95) * 1000 for kind, seconds in every.items()}


def _processor(times: Times, pages: int) -> str:
    """Processor milliseconds an answer by program: other programs disturb them least."""
    parts = sorted(times.processor.items())
    return ", ".join(f"{who} {seconds * 1000 / pages:.0f} ms" for who, seconds in parts)


def _tell(number: int, build: Build, times: Times) -> None:
    pages, errors = len(times.all_but()), sum(map(len, times.errors.values()))
    print(
        f"Round {number}, {build.name}: {pages:,} answers, {errors} errors, "
        f"{len(times.uploads)} ledgers stored; {_processor(times, pages)}.",
        flush=True,
    )
    for kind, first in ((kind, errors[0]) for kind, errors in times.errors.items()):
        print(f"  {kind}: {first}", flush=True)
