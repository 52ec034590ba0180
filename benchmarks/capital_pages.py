"""How long the pages of a capital programme take with 50 schemes and with 5,000, over ten years.

    make benchmark-capital                              SQLite
    make benchmark-capital DATABASE_URL=postgres://…    PostgreSQL: a database of its own is made

For each size a process of its own: Somerset's year, whose month 3 is published and month 4 a
draft, both with the whole programme, and nine earlier years with a published close of as many
schemes. A scheme has a reason for its variance, every second one a change of its budget, and one
scheme 27 reasons. Each page is asked for several times in the process; the middle time counts.
The aim is that 5,000 schemes take at most 1.3 times as long as 50.
"""

import argparse
import json
import os

from benchmarks.pages import middle_time
from benchmarks.upload import ROOT, own_place

SIZES = (50, 5_000)
YEARS = 10
LAST = 2019
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
    for start in range(LAST - YEARS + 1, LAST):
        _fill_year(start, (13,), size)
        _add_close(start)
    return User.objects.create_user("officer", password="-", role=Role.FINANCE_OFFICER)


def _fill_year(start: int, numbers: tuple[int, ...], size: int):
    """Store schemes, changes and funding of a year, and the figures of the periods."""
    from capital.models import CapitalScheme, FundingPosition, FundingSource, ProgrammeChange
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
            reference=f"C-{scheme.reference}",
            scheme=scheme,
            period=1,
            kind="variation",
            amount_pence=5_000,
            total_amount_pence=5_000,
        )
        for scheme in schemes[::2]
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
    from monitoring.models import Period, Report
    from monitoring.published.selectors.published_data import frozen_of

    report = Report.objects.get(period__year=year, period__number=number)
    period = Period.objects.select_related("year").get(year=year, number=number)
    frozen = dict(frozen_of(report))
    frozen["parts"] = frozen["parts"] | {"capital": dict(capital_data(period))}
    Report.objects.filter(pk=report.pk).update(frozen=frozen)


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


def measure(size: int) -> dict[str, tuple[float, int]]:
    """Return seconds and queries of each page."""
    from django.conf import settings
    from django.test import Client
    from django.urls import reverse

    settings.ALLOWED_HOSTS.append("testserver")
    client = Client()
    client.force_login(prepare(size))
    addresses = {
        "published programme": reverse("capital", args=[LAST, 3]),
        "draft programme": reverse("capital", args=[LAST, 4]),
        "scheme": reverse("capital-scheme", args=[LAST, "S-00000"]),
        "entry": reverse("capital-entry", args=[LAST, 4]),
        "entry of a scheme": reverse("capital-forecast", args=[LAST, 4, "S-00000"]),
        "changes": reverse("capital-changes", args=[LAST, 4]),
    }
    return {
        name: middle_time(lambda _, address=address: client.get(address))
        for name, address in addresses.items()
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--size", type=int, help="measure one size in this process")
    arguments = parser.parse_args()
    if arguments.size:
        import django

        django.setup()
        print(json.dumps(measure(arguments.size)))
        return
    database = "PostgreSQL" if os.environ.get("DATABASE_URL") else "SQLite"
    found = {}
    for size in SIZES:
        with own_place() as run:
            said = run("benchmarks.capital_pages", "--size", str(size))
            found[size] = json.loads(said.splitlines()[-1])
    few, many = (found[size] for size in SIZES)
    print(f"{database}, milliseconds (queries)\n")
    print(f"| page | {SIZES[0]} schemes | {SIZES[1]:,} schemes | ratio |")
    print("|---|---:|---:|---:|")
    for name in few:
        cells = [
            f"{seconds * 1000:.0f} ({queries})" for seconds, queries in (few[name], many[name])
        ]
        print(f"| {name} | {' | '.join(cells)} | {many[name][0] / few[name][0]:.2f} |")


if __name__ == "__main__":
    main()
