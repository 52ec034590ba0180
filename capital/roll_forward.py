"""The programme that a year takes over from the published close of the year before.

Schemes and sources of funding carry over. What was not spent is offered as carry forward, which
another person approves.
"""

from dataclasses import dataclass

from capital.calculations import difference
from capital.models import CapitalScheme, FundingSource, ProgrammeChange
from capital.programme_section import NAME
from capital.report_rows import CapitalSection, FundingRow, SchemeRow
from council_finance.periods import CLOSE, financial_year_label
from monitoring.models import FinancialYear, Report
from monitoring.published.selectors.published_data import frozen_of

REFERENCE_START = "Unspent "


@dataclass(frozen=True)
class CarriedScheme:
    """A scheme of the published close; `is_new` where the year does not have it yet.

    `unspent` is what its budget was not spent of, in pence; nil where all was, and where it has
    been offered already. `prior_years` includes the year that closed; None where not known.
    """

    before: SchemeRow
    is_new: bool
    unspent: int
    prior_years: int | None

    @property
    def changes(self) -> bool:
        """Return whether carrying it over adds anything."""
        return self.is_new or self.unspent > 0


@dataclass(frozen=True)
class RollForwardPlan:
    """The schemes and new sources that `year` takes over; `refusal` says why it cannot, or ""."""

    year: FinancialYear
    schemes: tuple[CarriedScheme, ...] = ()
    sources: tuple[FundingRow, ...] = ()
    refusal: str = ""

    @property
    def has_changes(self) -> bool:
        """Return whether there is anything to take over."""
        return bool(self.sources) or any(each.changes for each in self.schemes)


def plan_roll_forward(year: FinancialYear) -> RollForwardPlan:
    """Return the programme of the published close of the year before, as `year` takes it over."""
    close = Report.objects.filter(
        period__year__start=year.start - 1,
        period__year__council=year.council,
        period__number=CLOSE,
    )
    report = close.order_by("version").last()
    section = CapitalSection(frozen_of(report).get("parts", {}).get(NAME) if report else None)
    if not section.schemes:
        before = financial_year_label(year.start - 1)
        return RollForwardPlan(
            year,
            refusal=f"The close of {before} has not been published with a capital programme. "
            f"Publish it first: its schemes are what {year} takes over.",
        )
    known = set(CapitalScheme.objects.filter(year=year).values_list("reference", flat=True))
    changes = ProgrammeChange.objects.filter(year=year, reference__startswith=REFERENCE_START)
    offered = set(changes.values_list("scheme__reference", flat=True))
    sources = set(FundingSource.objects.filter(year=year).values_list("reference", flat=True))
    return RollForwardPlan(
        year,
        tuple(_carry_scheme(each, known, offered) for each in section.schemes),
        tuple(each for each in section.funding if each.reference not in sources),
    )


def _carry_scheme(scheme: SchemeRow, known: set[str], offered: set[str]) -> CarriedScheme:
    variance = None if scheme.is_variations else difference(scheme.forecast, scheme.budget)
    unspent = max(0, -(variance or 0))
    earlier = scheme.prior_years
    spent = None if earlier is None or scheme.forecast is None else earlier + scheme.forecast
    return CarriedScheme(
        before=scheme,
        is_new=scheme.reference not in known,
        unspent=0 if scheme.reference in offered else unspent,
        prior_years=spent,
    )
