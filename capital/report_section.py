"""The capital section of a report: read live for a draft, kept as plain data when published."""

from collections.abc import Iterator, Mapping
from typing import Any

from capital.draft_rows import change_rows, funding_rows, reason_rows, scheme_rows
from capital.draft_totals import read_totals
from capital.models import FundingPosition, SchemePosition
from capital.programme_section import NAME, DraftSection, ProgrammeSection
from capital.published_schemes import keep_programme
from capital.selectors import SCHEMES
from council_finance import registry
from monitoring.models import Period
from monitoring.reports.selectors.report_data import ReportData


@registry.report_section(NAME)
def capital_data(period: Period) -> Mapping[str, Any]:
    """Return the period's capital section as plain data, each list read when it is needed.

    Changes and reasons are looked for only where there are schemes.
    """
    section = DraftSection(
        {
            "schemes": lambda: [row.to_data() for row in scheme_rows(period)],
            "changes": lambda: (
                [dict(vars(row)) for row in change_rows(period)] if section["schemes"] else []
            ),
            "reasons": lambda: (
                [dict(vars(row)) for row in reason_rows(period)] if section["schemes"] else []
            ),
            "funding": lambda: [dict(vars(row)) for row in funding_rows(period)],
        },
        lambda: read_totals(period),
    )
    return section


registry.published_rows(NAME)(keep_programme)


@registry.period_content(NAME)
def has_figures(period: Period) -> bool:
    """Return True where a period has figures of schemes or of funding."""
    has_schemes = not SCHEMES.is_known_empty(period.year)
    if has_schemes and SchemePosition.objects.filter(period=period).exists():
        return True
    return FundingPosition.objects.filter(period=period).exists()


def section_of(facts: ReportData) -> ProgrammeSection:
    """Return the capital section of a report, draft or published."""
    return facts.typed_section(NAME, ProgrammeSection)


def draft_section(period: Period) -> ProgrammeSection:
    """Return the capital section of a period as it is stored now, published or not."""
    return ProgrammeSection(capital_data(period))


def _grant_funding(facts: ReportData) -> Iterator[registry.GrantFunding]:
    """Yield the sources that name a grant of the register, with what they are to pay."""
    for row in section_of(facts).funding:
        if row.grant_reference:
            yield registry.GrantFunding(row.grant_reference, row.name, row.forecast)


registry.register_grant_funding(_grant_funding)
