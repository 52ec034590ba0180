"""One saving: its entry in the register, and what each report said of it since."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from council_finance.money import plain_pounds
from council_finance.statements import Display
from monitoring.models import FinancialYear, Period, PeriodState, Report
from monitoring.structure.council_settings import read_settings
from monitoring.structure.selectors.calendar import periods as all_periods
from savings.models import Replacement, Saving
from savings.report_rows import SavingRow, SavingsSection
from savings.selectors.printed_rows import PrintedSaving, print_saving
from savings.selectors.register import counts_in
from savings.selectors.report_section import NAME, savings_section

NOT_GIVEN = "not given"


@dataclass(frozen=True)
class HistoryRow:
    """A saving in a period's report, or in its draft (`version` None); amounts in `unit`."""

    period: Period
    version: int | None
    row: PrintedSaving
    unit: str


@dataclass(frozen=True)
class AgreedTerms:
    """The title of a saving and the other terms agreed, each with its label."""

    title: str
    facts: list[tuple[str, str]]


@dataclass(frozen=True)
class ReplacementNote:
    """A replacement under change control, the other saving of the two, and its first period."""

    replacement: Replacement
    other: Saving
    from_period: Period


def terms_in_register(saving: Saving) -> AgreedTerms:
    """Return the terms of a saving as the register has them today."""
    amounts = (saving.agreed_saving_pence, saving.investment_pence)
    return _agreed_terms(saving, saving.service.name, *amounts)


def terms_in_report(last: HistoryRow) -> AgreedTerms:
    """Return the terms of a saving as the last report that held it has them."""
    saving = last.row.saving
    return _agreed_terms(saving, saving.service_name, saving.agreed, saving.investment)


def _agreed_terms(
    saving: Saving | SavingRow, service: str, agreed: int, investment: int | None
) -> AgreedTerms:
    facts = [
        ("Service", service),
        ("Agreed saving", plain_pounds(agreed)),
        ("Investment", NOT_GIVEN if investment is None else plain_pounds(investment)),
        ("Decision", saving.decision or NOT_GIVEN),
        ("Category", saving.category or NOT_GIVEN),
        ("Committee", saving.committee or NOT_GIVEN),
        ("Owner", saving.owner or NOT_GIVEN),
    ]
    return AgreedTerms(saving.title, facts)


def published_history(year: FinancialYear, reference: str) -> list[HistoryRow]:
    """Return the saving in the latest version of each report, in the order of the periods."""
    # Only this section of each report is read: the others may be large.
    reports = Report.objects.filter(period__year=year).order_by("period__number", "version")
    latest = {
        number: (version, SavingsSection.from_data(data).find(reference))
        for number, version, data in reports.values_list(
            "period__number", "version", f"frozen__parts__{NAME}"
        )
    }
    periods = {period.number: period for period in _list_periods(year)}
    display = _display_in_pounds(year)
    return [
        HistoryRow(periods[number], version, print_saving(saving, display), display.unit_label)
        for number, (version, saving) in latest.items()
        if saving is not None
    ]


def draft_history(year: FinancialYear, reference: str) -> list[HistoryRow]:
    """Return the saving in the drafts of the open periods with figures, in their order."""
    display = _display_in_pounds(year)
    drafts = (
        (period, savings_section(period).find(reference)) for period in _periods_in_draft(year)
    )
    return [
        HistoryRow(period, None, print_saving(saving, display), display.unit_label)
        for period, saving in drafts
        if saving is not None
    ]


def _display_in_pounds(year: FinancialYear) -> Display:
    """Return the tracker's display in pounds: one saving would round to little in thousands."""
    return replace(read_settings(year.settings).display_for("savings-tracker"), unit="pounds")


def _list_periods(year: FinancialYear) -> list[Period]:
    return list(all_periods().filter(year=year).order_by("number"))


def _periods_in_draft(year: FinancialYear) -> Iterator[Period]:
    for period in _list_periods(year):
        if period.state == PeriodState.OPEN and period.batch_id is not None:
            yield period


def replacement_notes(saving: Saving) -> tuple[ReplacementNote | None, list[ReplacementNote]]:
    """Return the replacement of the saving, and the replacements in which it replaced others."""
    rows = Replacement.objects.select_related("replaced", "replacing", "entered_by")
    periods = {period.number: period for period in _list_periods(saving.year)}
    by = rows.filter(replaced=saving).first()
    return (
        ReplacementNote(by, by.replacing, periods[by.from_period]) if by else None,
        [
            ReplacementNote(row, row.replaced, periods[row.from_period])
            for row in rows.filter(replacing=saving).order_by("pk")
        ],
    )


def next_open_period(saving: Saving) -> Period | None:
    """Return the first open period with figures in which the saving counts."""
    drafts = _periods_in_draft(saving.year)
    return next((period for period in drafts if counts_in(saving, period.number)), None)


@dataclass(frozen=True)
class OtherYear:
    """The amount that another year's register agreed under the same reference."""

    year: FinancialYear
    reference: str
    agreed: str


def other_years(saving: Saving) -> list[OtherYear]:
    """Return the amounts that other years agreed under the same reference, the first year first."""
    rows = Saving.objects.filter(reference=saving.reference).exclude(year=saving.year_id)
    rows = rows.select_related("year").order_by("year__start")
    return [OtherYear(r.year, r.reference, plain_pounds(r.agreed_saving_pence)) for r in rows]
