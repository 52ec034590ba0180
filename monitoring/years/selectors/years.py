"""The financial years with their state, and the reasons against taking one back or archiving it."""

from dataclasses import dataclass

from django.db.models import Exists, OuterRef

from council_finance.periods import CLOSE, period_name
from monitoring.published.models import Report
from monitoring.reports.selectors.pages import next_period
from monitoring.structure.models import FinancialYear, Period, PeriodState
from monitoring.structure.selectors.calendar import calendar_of, years
from monitoring.uploading.models import UNDER_WAY, Upload, UploadState


@dataclass(frozen=True)
class YearRow:
    """A year on the page of years: its state, and what may be done with it next."""

    year: FinancialYear
    state: str
    tone: str
    text: str
    may_roll_forward: bool = False
    may_take_back: bool = False
    may_archive: bool = False


def year_rows() -> tuple[list[YearRow], list[YearRow]]:
    """Return the years that are in use and those that are archived, the latest first each."""
    found = list(years())
    starts = {year.start for year in found}
    rows = [_build_row(year, starts) for year in found]
    return (
        [row for row in rows if not row.year.is_archived],
        [row for row in rows if row.year.is_archived],
    )


def _build_row(year: FinancialYear, starts: set[int]) -> YearRow:
    calendar = calendar_of(year)
    last = max(calendar.versions, default=None)
    published = "" if last is None else f"Published up to {_name_in_sentence(last)}."
    if year.is_archived:
        return YearRow(year, "Archived", "grey", published)
    rolls = year.start + 1 not in starts
    if last is None:
        return YearRow(
            year,
            "Nothing published",
            "amber",
            "Figures begin with the approved budget.",
            may_take_back=rolls and year.start - 1 in starts,
        )
    if any(each.number == CLOSE and each.is_published for each in calendar.periods):
        return YearRow(year, "Closed", "green", published, may_roll_forward=rolls, may_archive=True)
    following = next_period(year)
    due = f" {following.name} is next." if following else " The close was reopened."
    return YearRow(year, "Under way", "blue", published + due, may_roll_forward=rolls)


def _name_in_sentence(number: int) -> str:
    """Return `month 3`, `the close` or `the approved budget`."""
    name = period_name(number).lower()
    return name if name.startswith("month") else f"the {name}"


def why_not_take_back(year: FinancialYear) -> list[str]:
    """Return every reason against removing a year that was rolled forward, in sentences."""
    reasons = []
    if Report.objects.filter(period__year=year).exists():
        reasons.append(
            f"A report of {year} has been published, and what is published is never removed."
        )
    if not years().filter(start=year.start - 1).exists():
        reasons.append(f"{year} was not rolled forward from a year before it.")
    if following := years().filter(start=year.start + 1).first():
        reasons.append(f"{following} has been set up after it. Take {following} back first.")
    running = (UploadState.CHECKING, UploadState.STORING)
    if Upload.objects.filter(year=year, state__in=running).exists():
        reasons.append(f"A file of {year} is being checked or stored. Try again when it has ended.")
    return reasons


def why_not_archive(year: FinancialYear) -> list[str]:
    """Return every reason against archiving a year, in sentences."""
    if year.is_archived:
        return [f"{year} is archived already."]
    reasons = []
    if not year.periods.filter(number=CLOSE, state=PeriodState.PUBLISHED).exists():
        reasons.append(f"The close of {year} is not published. Publish it first.")
    reopened = Period.objects.filter(
        Exists(Report.objects.filter(period=OuterRef("pk"))), year=year, state=PeriodState.OPEN
    )
    reasons += [
        f"{period.name} was reopened and is not published again. Publish it first."
        for period in reopened.exclude(number=CLOSE).order_by("number")
    ]
    if Upload.objects.filter(year=year, state__in=UNDER_WAY).exists():
        reasons.append(
            f"A file of {year} is not stored yet. Confirm or withdraw it, or wait until it has "
            "ended."
        )
    return reasons


def files_of(year: FinancialYear) -> list[Upload]:
    """Return the files uploaded for a year, the latest first, without their content."""
    found = Upload.objects.filter(year=year).defer("content").select_related("uploaded_by")
    return list(found.order_by("-pk"))


def state_to_take_back(year: FinancialYear) -> str:
    """Return a text that differs once anything of the year has changed since it was looked at."""
    last = Upload.objects.filter(year=year).order_by("-pk").values_list("pk", flat=True).first()
    return f"{year.revision}-{last or 0}"
