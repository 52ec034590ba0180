"""What the pages of a capital programme cost with 50 schemes and with 5,000, over ten years.

    make benchmark-capital                              SQLite
    make benchmark-capital DATABASE_URL=postgres://…    PostgreSQL: a database of its own is made

For each size a process of its own with Somerset's year, whose month 3 is published and month 4 a
draft, both with the whole programme, and ten earlier years with a published close of as many
schemes. A scheme has a reason for its variance, every second one an approved change of its budget,
every fourth one a change that waits, and one scheme 27 reasons; a variations budget has a blank
forecast. Of 50 schemes each has both changes, so that pages of lists are full with either. Both
processes answer the same page in turn, several times; the middle counts, in processor time, that of
PostgreSQL's process too. The aim is that 5,000 schemes take at most 1.3 times as long as 50.
"""

import argparse
import contextlib
import json
import os
import statistics
import subprocess
import sys
from collections.abc import Iterator

from benchmarks.review_pages import processor_seconds
from benchmarks.upload import ROOT, own_environment

SIZES = (50, 5_000)
CLOSED_YEARS = 10
LAST = 2019
TIMES = 15
MANY_REASONS = 27
SOURCES = 12


def prepare(size: int):
    """Store the programme of ten years, and return an officer."""
    from django.core.management import call_command

    from council_finance.accounts.models import Role, User
    from monitoring.packs.services import load_pack

    call_command("migrate", verbosity=0)
    load_pack(folder=ROOT / "fixtures" / "somerset-2019-20", by=None)
    now = _fill_year(LAST, (3, 4), size)
    _freeze(now, 3)
    _compare_draft(now)
    for start in range(LAST - CLOSED_YEARS, LAST):
        _fill_year(start, (13,), size)
        _add_close(start)
    return User.objects.create_user("officer", password="-", role=Role.FINANCE_OFFICER)


def _fill_year(start: int, numbers: tuple[int, ...], size: int):
    """Store schemes, changes and funding of a year, and the figures of the periods."""
    from capital.models import (
        CapitalScheme,
        FundingPosition,
        FundingSource,
        ProgrammeChange,
        SchemePosition,
    )
    from monitoring.models import FinancialYear, Period, Service

    year, made = FinancialYear.objects.get_or_create(
        start=start, defaults={"council": "Somerset County Council"}
    )
    if made:
        Period.objects.bulk_create(Period(year=year, number=number) for number in range(14))
    services = list(Service.objects.filter(year=year).order_by("pk")) or [None]
    schemes = CapitalScheme.objects.bulk_create(
        CapitalScheme(
            year=year,
            reference=f"S-{place:05d}",
            name=f"Scheme {place}",
            programme=f"Programme {place % 40}",
            service=services[place % len(services)],
            order=place,
            original_budget_pence=100_000 + place,
            total_budget_pence=900_000 + place,
            completion="March 2021",
        )
        for place in range(size)
    )
    ProgrammeChange.objects.bulk_create(
        ProgrammeChange(
            year=year,
            reference=f"{state}-{scheme.reference}",
            scheme=scheme,
            period=1,
            kind="variation",
            amount_pence=5_000,
            total_amount_pence=5_000,
            state=state,
        )
        for state, step in (("approved", 2), ("proposed", 4))
        for scheme in schemes[:: step if size > SIZES[0] else 1]
    )
    slippage = CapitalScheme.objects.create(
        year=year,
        reference="V",
        name="Expected slippage",
        kind="variations",
        order=size,
        original_budget_pence=-size * 1_000,
    )
    sources = FundingSource.objects.bulk_create(
        FundingSource(
            year=year,
            reference=f"F-{place}",
            name=f"Source {place}",
            kind="borrowing" if not place else "grant",
            order=place,
            original_pence=size * 1_000_000 // SOURCES,
        )
        for place in range(SOURCES)
    )
    for period in Period.objects.filter(year=year, number__in=numbers):
        _fill_period(period, schemes)
        SchemePosition.objects.create(period=period, scheme=slippage, budget_pence=-size * 1_000)
        FundingPosition.objects.bulk_create(
            FundingPosition(
                period=period,
                source=source,
                budget_pence=source.original_pence,
                forecast_pence=source.original_pence,
            )
            for source in sources
        )
    return year


def _fill_period(period, schemes) -> None:
    from capital.models import SchemePosition, VarianceReason

    SchemePosition.objects.bulk_create(
        SchemePosition(
            period=period,
            scheme=scheme,
            budget_pence=110_000 + place,
            actual_to_date_pence=40_000,
            forecast_pence=100_000 + 3 * place,
            total_forecast_pence=910_000,
            completion="June 2021",
        )
        for place, scheme in enumerate(schemes)
    )
    reasons = [(scheme, -7_000) for scheme in schemes]
    reasons += [(schemes[0], 100)] * (MANY_REASONS - 1)
    VarianceReason.objects.bulk_create(
        VarianceReason(
            period=period,
            scheme=scheme,
            order=place,
            kind="rephasing",
            amount_pence=pence,
            reason="Planning took longer.",
        )
        for place, (scheme, pence) in enumerate(reasons)
    )


def _freeze(year, number: int) -> None:
    """Put the programme into the published report of a period, as publishing does."""
    from capital.report_section import capital_data
    from council_finance import registry
    from monitoring.models import Period, Report
    from monitoring.published.selectors.published_data import frozen_of

    report = Report.objects.get(period__year=year, period__number=number)
    period = Period.objects.select_related("year").get(year=year, number=number)
    frozen = dict(frozen_of(report))
    frozen["parts"] = frozen["parts"] | {"capital": dict(capital_data(period))}
    Report.objects.filter(pk=report.pk).update(frozen=frozen)
    registry.keep_published_rows(report, {"capital": frozen["parts"]["capital"]})


def _compare_draft(year) -> None:
    """Let month 4 be compared with the report of month 3, as its figures would."""
    from monitoring.models import Period, Report

    before = Report.objects.get(period__year=year, period__number=3)
    Period.objects.filter(year=year, number=4).update(compared_with=before)


def _add_close(start: int) -> None:
    """Publish the close of an earlier year: a copy of Somerset's month 3 with its own programme."""
    from monitoring.models import FinancialYear, Period, PeriodState, Report
    from monitoring.published.selectors.published_data import frozen_of

    like = Report.objects.get(period__year__start=LAST, period__number=3)
    period = Period.objects.get(year__start=start, number=13)
    Period.objects.filter(pk=period.pk).update(state=PeriodState.PUBLISHED, batch=like.batch_id)
    Report.objects.create(
        period=period, version=1, batch_id=like.batch_id, frozen=dict(frozen_of(like))
    )
    _freeze(FinancialYear.objects.get(start=start), 13)


def answer(size: int) -> None:
    """Prepare the programme, then answer each line of the input: seconds and queries of a page."""
    from django.conf import settings
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext

    settings.ALLOWED_HOSTS.append("testserver")
    client = Client()
    client.force_login(prepare(size))
    if connection.vendor == "postgresql":
        # As after a night: statistics are there, and rows are known to be visible.
        connection.cursor().execute("VACUUM ANALYZE")
    addresses = page_addresses()
    print(json.dumps(list(addresses)), flush=True)
    for line in sys.stdin:
        address = addresses[line.strip()]
        with CaptureQueriesContext(connection) as captured:
            start = processor_seconds()
            response = client.get(address)
            seconds = processor_seconds() - start
        if response.status_code != 200:
            raise SystemExit(f"The page answered {response.status_code}.")
        print(json.dumps([seconds, len(captured)]), flush=True)


def page_addresses() -> dict[str, str]:
    """Return the address of each page of the capital programme by what it is."""
    from django.urls import reverse

    return {
        "published programme": reverse("capital", args=[LAST, 3]),
        "draft programme": reverse("capital", args=[LAST, 4]),
        "scheme with its history": reverse("capital-scheme", args=[LAST, "S-00001"]),
        "schemes to forecast": reverse("capital-entry", args=[LAST, 4]),
        "forecast of a scheme": reverse("capital-forecast", args=[LAST, 4, "S-00001"]),
        "changes": reverse("capital-changes", args=[LAST, 4]),
        "one change": reverse("capital-change", args=[LAST, 4, "proposed-S-00000"]),
        "new change": reverse("capital-change-new", args=[LAST, 4]),
    }


@contextlib.contextmanager
def _serve(size: int) -> Iterator[subprocess.Popen[str]]:
    """Start a process that answers for a programme of so many schemes."""
    command = [sys.executable, "-m", "benchmarks.capital_pages", "--size", str(size)]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    with (
        own_environment() as environment,
        subprocess.Popen(command, env=environment, cwd=ROOT, **pipes) as process,
    ):
        yield process
        process.stdin.close()


def measure() -> dict[str, dict[int, tuple[float, int]]]:
    """Return by page and size the middle of seconds, and queries; the sizes take turns."""
    with contextlib.ExitStack() as stack:
        running = {size: stack.enter_context(_serve(size)) for size in SIZES}
        pages = [json.loads(process.stdout.readline()) for process in running.values()][0]
        found = {page: {size: [] for size in SIZES} for page in pages}
        for _ in range(TIMES):
            for page, sizes in found.items():
                for size, process in running.items():
                    print(page, file=process.stdin, flush=True)
                    sizes[size].append(json.loads(process.stdout.readline()))
    return {
        page: {
            size: (statistics.median(seconds for seconds, _ in times), times[-1][1])
            for size, times in sizes.items()
        }
        for page, sizes in found.items()
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--size", type=int, help="answer for one size in this process")
    arguments = parser.parse_args()
    if arguments.size:
        import django

        django.setup()
        answer(arguments.size)
        return
    database = "PostgreSQL" if os.environ.get("DATABASE_URL") else "SQLite"
    print(f"{database}, milliseconds (queries), {CLOSED_YEARS} closed years\n")
    print(f"| page | {SIZES[0]} schemes | {SIZES[1]:,} schemes | ratio |")
    print("|---|---:|---:|---:|")
    for page, sizes in measure().items():
        few, many = (sizes[size] for size in SIZES)
        cells = [f"{seconds * 1000:.1f} ({queries})" for seconds, queries in (few, many)]
        print(f"| {page} | {' | '.join(cells)} | {many[0] / few[0]:.2f} |")


if __name__ == "__main__":
    main()
