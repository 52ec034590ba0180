"""The figures from which the methods work out forecasts, read for many lines with few queries."""

import datetime
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from council_finance.periods import CLOSE, financial_year_label, period_name
from monitoring.forecast_methods.calculations import (
    FROM_FILE,
    FROM_LEDGER,
    NO_PROFILE,
    LastYear,
    LineInputs,
    Profile,
    profile_of_last_year,
    profile_of_months,
)
from monitoring.forecast_methods.selectors.frozen_figures import (
    Code,
    LedgerFigures,
    ReportKey,
    latest_reports,
    read_figures,
    same_lines,
    with_typed,
)
from monitoring.forecast_methods.selectors.profiles import StoredProfiles, stored_profiles


@dataclass(frozen=True)
class Place:
    """A draft or a published report whose figures are read: its year, its period and its batch.

    `at` is when it was published; None for the draft, which is read as it is now.
    """

    start: int
    number: int
    batch: int
    at: datetime.datetime | None = None

    @classmethod
    def of(cls, report: ReportKey) -> "Place":
        """Return the place of a published report."""
        return cls(report.start, report.number, report.batch, report.published_at)


@dataclass(frozen=True)
class FiguresOfLines:
    """Figures of some lines in some drafts and reports of several years.

    `ids` are the ids of the lines by year's start and code, `figures` by batch and line.
    """

    reports: Mapping[tuple[int, int], ReportKey]
    ids: Mapping[tuple[int, Code], int]
    figures: Mapping[tuple[int, int], LedgerFigures]
    profiles: StoredProfiles

    def find(self, place: Place | ReportKey, code: Code) -> LedgerFigures | None:
        """Return a line's figures in a draft or report; None where it is not in it."""
        line = self.ids.get((place.start, code))
        return None if line is None else self.figures.get((place.batch, line))

    def outturn(self, start: int, code: Code) -> int | None:
        """Return a line's outturn of a year, as published: the actual, else the forecast."""
        close = self.reports.get((start, CLOSE))
        found = None if close is None else self.find(close, code)
        if found is None:
            return None
        return found.forecast if found.actual is None else found.actual

    def inputs(self, place: Place, code: Code) -> LineInputs | None:
        """Return the figures that the methods need of a line; None where it is not there."""
        found = self.find(place, code)
        if found is None:
            return None
        last_year = self._find_last_year(place, code)
        return LineInputs(
            number=place.number,
            budget=found.budget,
            actual=found.actual,
            commitments=found.commitments,
            ledger_profile=found.profile,
            profile=self._find_profile(place, code, found, last_year),
            last_year=last_year,
        )

    def _find_profile(
        self, place: Place, code: Code, found: LedgerFigures, last_year: LastYear
    ) -> Profile:
        """Return the profile to date of the ledger, else of a file, else of last year."""
        if found.profile is not None:
            return Profile(found.profile, FROM_LEDGER)
        line = self.ids[place.start, code]
        months = self.profiles.months_of(place.start, line, place.at)
        if months is None:
            return profile_of_last_year(found.budget, last_year, place.number)
        to_date = profile_of_months(found.budget, months, place.number)
        return Profile(to_date, NO_PROFILE if to_date is None else FROM_FILE)

    def _find_last_year(self, place: Place, code: Code) -> LastYear:
        """Return a line's actual of the same month of last year and its outturn, as published."""
        start, label = place.start - 1, financial_year_label(place.start - 1)
        month = period_name(place.number).lower()
        report = self.reports.get((start, place.number))
        if report is None:
            return LastYear(label, missing=f"no report of {month} of {label}")
        if (start, CLOSE) not in self.reports:
            return LastYear(label, missing=f"no report of the close of {label}")
        if (start, code) not in self.ids:
            return LastYear(label, missing=f"not a line of {label}")
        found, outturn = self.find(report, code), self.outturn(start, code)
        if found is None or found.actual is None:
            return LastYear(label, missing=f"no actual in {month} of {label}")
        if outturn is None:
            return LastYear(label, missing=f"no outturn in {label}")
        return LastYear(label, found.actual, outturn)


def read_inputs(
    places: Collection[Place],
    reports: Mapping[tuple[int, int], ReportKey],
    ids: Mapping[tuple[int, Code], int],
    results: Collection[ReportKey] = (),
) -> FiguresOfLines:
    """Read the figures of lines in drafts and reports, with those of the year before each.

    `ids` has the lines of all these years, `reports` all reports that may be wanted. `results` are
    the reports whose forecasts are read, with typed ones; a close is always one of them.
    """
    starts = {place.start for place in places}
    wanted = {place.batch for place in places} | {report.batch for report in results}
    closes = []
    for place in places:
        for number in (place.number, CLOSE):
            if report := reports.get((place.start - 1, number)):
                wanted.add(report.batch)
                closes += [report] if number == CLOSE else []
    figures = read_figures(wanted, set(ids.values()))
    for report in {*closes, *results}:
        lines = [line for (start, _), line in ids.items() if start == report.start]
        if any(figures.get((report.batch, line)) for line in lines):
            figures = with_typed(figures, report, lines)
    return FiguresOfLines(reports, ids, figures, stored_profiles(starts, ids.values()))


def read_draft_inputs(place: Place, codes: Mapping[int, Code]) -> FiguresOfLines:
    """Read the figures of a draft's lines (id to code) with last year's, by a few queries."""
    last = place.start - 1
    reports = latest_reports(last, last)
    last_ids = same_lines(codes.values(), [last]) if reports else {}
    own_ids = {(place.start, code): line for line, code in codes.items()}
    return read_inputs([place], reports, {**own_ids, **last_ids})
