"""One grant as a person may read it: the latest report, its balance and its history by report."""

from dataclasses import dataclass

from council_finance.money import plain_pounds
from council_finance.periods import period_name
from monitoring.models import FinancialYear, Period, Report
from monitoring.published.selectors.published_data import frozen_of
from monitoring.structure.selectors.calendar import calendar_of
from reserves.grants.report_rows import GrantRow, GrantsSection
from reserves.grants.report_section import NAME, grants_data


@dataclass(frozen=True)
class ReadableGrant:
    """A grant of a year as of its latest period that a person may read; `draft` if not published.

    `period` is None before the year has any figures.
    """

    year: FinancialYear
    period: Period | None
    grant: GrantRow
    draft: bool


def readable_grant(year: FinancialYear, reference: str, *, drafts: bool) -> ReadableGrant | None:
    """Return the grant in the latest period to read, with `drafts` the register's as it is now.

    None where it is not there for readers of published reports alone.
    """
    period = calendar_of(year).last_readable(with_drafts=drafts)
    draft = drafts and (period is None or not period.is_published)
    if draft:
        of = period or Period.objects.select_related("year", "batch").get(year=year, number=0)
        section = GrantsSection(grants_data(of))
    else:
        section = _published_section(period)
    found = section.find(reference)
    if found is None and drafts and not draft:
        # Added to the register since the last report.
        latest = Period.objects.select_related("year", "batch").filter(year=year).last()
        found, draft = GrantsSection(grants_data(latest)).find(reference) if latest else None, True
    return ReadableGrant(year, period, found, draft) if found else None


def _published_section(period: Period | None) -> GrantsSection:
    report = Report.objects.filter(period=period).order_by("version").last() if period else None
    return GrantsSection(frozen_of(report).get("parts", {}).get(NAME) if report else None)


def balance_steps(grant: GrantRow) -> list[tuple[str, str]]:
    """Return the steps from the opening to the closing balance with their amounts in pounds.

    Empty where no balance is carried forward, as what was received or applied is not given.
    """
    if grant.carried_forward is None:
        return []
    steps = [
        ("Brought forward on 1 April", grant.opening or 0),
        ("Received", grant.received or 0),
        ("Applied", -(grant.applied or 0)),
        ("Given back", -(grant.repaid or 0)),
        ("Other movements", grant.other_movements or 0),
    ]
    shown = [(label, pence) for label, pence in steps[:3]]
    shown += [(label, pence) for label, pence in steps[3:] if pence]
    return [(label, plain_pounds(pence)) for label, pence in shown]


def share_rows(grant: GrantRow) -> list[tuple[str, str]]:
    """Return each service that shares the grant, and what it is expected to bring in pounds."""
    return [
        (
            share.service_name or "The whole council",
            "–" if share.expected is None else plain_pounds(share.expected),
        )
        for share in grant.shares
    ]


def report_rows(year: FinancialYear, reference: str) -> list[tuple[str, str, str, str, str]]:
    """Return the grant in each published report: period, expected, received, applied, balance."""
    rows = []
    for period in Period.objects.filter(year=year).order_by("number"):
        found = _published_section(period).find(reference)
        if found is not None:
            amounts = (found.expected, found.received, found.applied, found.carried_forward)
            texts = ["–" if pence is None else plain_pounds(pence) for pence in amounts]
            rows.append((period_name(period.number), texts[0], texts[1], texts[2], texts[3]))
    return rows
