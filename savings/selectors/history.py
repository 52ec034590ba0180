"""One saving: what the register says of it, and what every report said since."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from council_finance.money import plain_pounds
from council_finance.statements import Display
from monitoring.council_settings import read_settings
from monitoring.models import FinancialYear, Period, PeriodState, Report
from monitoring.selectors.reports import periods as all_periods
from savings.models import Replacement, Saving
from savings.selectors.part import NAME, savings_part
from savings.selectors.register import counting
from savings.selectors.rows import SavingRow, saving_row

NOT_SAID = "not given"


@dataclass(frozen=True)
class HistoryRow:
    """A saving in a period's report, or in its draft (`version` None); amounts in `unit`."""

    period: Period
    version: int | None
    row: SavingRow
    unit: str


@dataclass(frozen=True)
class Said:
    """What was agreed: the title, and what else is known of it, each with its label."""

    title: str
    facts: list[tuple[str, str]]


@dataclass(frozen=True)
class Change:
    """Change control: what took whose place, from when, and who agreed to it, when and why."""

    replacement: Replacement
    other: Saving
    from_period: Period


def of_register(saving: Saving) -> Said:
    """As the register has it today."""
    words = {name: getattr(saving, name) for name in _WORDS}
    amounts = (saving.agreed_saving_pence, saving.investment_pence)
    return _said(saving.title, saving.service.name, amounts, words)


def of_report(last: HistoryRow) -> Said:
    """As the last report that held it has it."""
    saving = last.row.saving
    amounts = (saving["agreed"], saving["investment"])
    return _said(saving["title"], saving["service_name"], amounts, saving)


_WORDS = ("decision", "category", "committee", "owner")


def _said(title: str, service: str, amounts: tuple[int, int | None], words: Mapping) -> Said:
    agreed, investment = amounts
    facts = [
        ("Service", service),
        ("Agreed saving", plain_pounds(agreed)),
        ("Investment", NOT_SAID if investment is None else plain_pounds(investment)),
        *((name.capitalize(), words[name] or NOT_SAID) for name in _WORDS),
    ]
    return Said(title, facts)


def published_history(year: FinancialYear, reference: str) -> list[HistoryRow]:
    """What the latest version of each report said of the saving, the first report first."""
    # Only the savings of each report are read, which may hold much else.
    reports = Report.objects.filter(period__year=year).order_by("period__number", "version")
    latest: dict[int, tuple[int, dict | None]] = {}
    for number, version, part in reports.values_list(
        "period__number", "version", f"frozen__parts__{NAME}"
    ):
        latest[number] = (version, _find(part, reference))
    periods = {period.number: period for period in _periods(year)}
    display = _in_pounds(year)
    return [
        HistoryRow(periods[number], version, saving_row(saving, display, {}), display.unit_label)
        for number, (version, saving) in latest.items()
        if saving is not None
    ]


def draft_history(year: FinancialYear, reference: str) -> list[HistoryRow]:
    """What stands of the saving in the open periods that have figures, the first first."""
    display = _in_pounds(year)
    rows = []
    for period in _periods(year):
        if period.state == PeriodState.OPEN and period.batch_id is not None:
            saving = _find(savings_part(period), reference)
            if saving is not None:
                row = saving_row(saving, display, {})
                rows.append(HistoryRow(period, None, row, display.unit_label))
    return rows


def _in_pounds(year: FinancialYear) -> Display:
    """A single saving would round to little or nothing in thousands or millions."""
    return replace(read_settings(year.settings).display_for("savings-tracker"), unit="pounds")


def _find(part: dict | None, reference: str) -> dict | None:
    rows = part["savings"] if part else []
    return next((row for row in rows if row["reference"] == reference), None)


def _periods(year: FinancialYear):
    return all_periods().filter(year=year).order_by("number")


def changes_of(saving: Saving) -> tuple[Change | None, list[Change]]:
    """What replaced the saving, and what it replaced."""
    rows = Replacement.objects.select_related("replaced", "replacing", "entered_by")
    periods = {period.number: period for period in _periods(saving.year)}

    def change(row: Replacement, other: Saving) -> Change:
        return Change(row, other, periods[row.from_period])

    by = rows.filter(replaced=saving).first()
    of = rows.filter(replacing=saving).order_by("pk")
    return by and change(by, by.replacing), [change(row, row.replaced) for row in of]


def next_open(saving: Saving) -> Period | None:
    """The month to report on next: the first open period with figures in which it counts."""
    for period in _periods(saving.year):
        is_open = period.state == PeriodState.OPEN and period.batch_id is not None
        if is_open and counting([saving], period.number):
            return period
    return None


@dataclass(frozen=True)
class OtherYear:
    """What another year's register agreed under the same reference."""

    year: FinancialYear
    reference: str
    agreed: str


def other_years(saving: Saving) -> list[OtherYear]:
    """What other years agreed under the same reference, the first year first."""
    rows = Saving.objects.filter(reference=saving.reference).exclude(year=saving.year_id)
    rows = rows.select_related("year").order_by("year__start")
    return [OtherYear(r.year, r.reference, plain_pounds(r.agreed_saving_pence)) for r in rows]
