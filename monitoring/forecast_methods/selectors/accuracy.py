"""How close each method's proposals came to the results, by published reports alone."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from council_finance.money import round_half_away
from council_finance.periods import CLOSE, period_name
from monitoring.forecast_methods.calculations import METHODS, LineInputs, work_out
from monitoring.forecast_methods.selectors.frozen_figures import (
    Code,
    ReportKey,
    latest_reports,
    same_lines,
)
from monitoring.forecast_methods.selectors.line_inputs import FiguresOfLines, Place, read_inputs
from monitoring.structure.models import Period

MOST_YEARS = 5
"""The number of closed years that are looked at, the latest first."""


class Against(StrEnum):
    """The result that proposals are compared with."""

    OUTTURN = "outturn"
    FORECAST = "forecast"


@dataclass(frozen=True)
class Accuracy:
    """The average difference of a method's proposals from the results, in pence.

    `signed` is proposal less result: positive where the method proposes too much. `count` is the
    number of reports compared, and `result` names what they were compared with in words.
    """

    against: Against
    count: int
    absolute: int
    signed: int
    result: str


@dataclass(frozen=True)
class Comparison:
    """A published report that is looked back at: the figures of its lines, and their results.

    `inputs` are by code what methods work from, `results` in pence what came of them.
    """

    against: Against
    inputs: Mapping[Code, LineInputs]
    results: Mapping[Code, int]

    def difference(self, method: str, codes: Iterable[Code]) -> int | None:
        """Return the sum of proposals less that of results, of lines that have both; or None."""
        found = [
            worked.pence - self.results[code]
            for code in codes
            if code in self.inputs
            and code in self.results
            and (worked := work_out(method, self.inputs[code])).pence is not None
        ]
        return sum(found) if found else None


@dataclass(frozen=True)
class PastProposals:
    """The reports in which proposals for some lines are compared with their results.

    `codes` are the lines' codes by id; `latest` names the latest report, whose forecasts are the
    results of a year that is not closed.
    """

    comparisons: Sequence[Comparison]
    codes: Mapping[int, Code]
    latest: str

    def accuracy_of(self, method: str, lines: Iterable[int]) -> list[Accuracy]:
        """Return a method's accuracy for the sum of these lines (ids): one for each result.

        Each report counts once, with those of the lines that have a proposal and a result. Empty
        where there is too little history, and for methods of apps, whose past is not kept.
        """
        if method not in METHODS:
            return []
        codes = [self.codes[line] for line in lines]
        found: dict[Against, list[int]] = defaultdict(list)
        for comparison in self.comparisons:
            difference = comparison.difference(method, codes)
            if difference is not None:
                found[comparison.against].append(difference)
        return [self._build_accuracy(each, found[each]) for each in Against if found[each]]

    def _build_accuracy(self, against: Against, differences: Sequence[int]) -> Accuracy:
        count = len(differences)
        return Accuracy(
            against,
            count,
            round_half_away(sum(map(abs, differences)), count),
            round_half_away(sum(differences), count),
            "the outturn" if against is Against.OUTTURN else f"the forecast of {self.latest}",
        )


def past_proposals(period: Period, codes: Mapping[int, Code]) -> PastProposals:
    """Return the past proposals for lines (id to code) at a period, by published reports alone.

    Looked at are the reports of the same period of closed years, and this year's reports before
    both the period and the latest report. The result is the year's outturn where its close is
    published, else the forecast of its latest report. The number of queries does not depend on
    the number of lines, up to 5,000.
    """
    start = period.year.start
    reports = latest_reports(start - MOST_YEARS - 1, start)
    of_year = [number for year, number in reports if year == start]
    latest = max(of_year, default=period.number)
    compared = [
        report
        for (year, number), report in reports.items()
        if _is_compared(year, number, period, latest, reports)
    ]
    figures = _read_figures(codes, reports, compared, reports.get((start, latest)))
    return PastProposals(
        [_compare_report(each, figures, codes.values(), latest) for each in compared],
        codes,
        period_name(latest).lower(),
    )


def _is_compared(
    year: int, number: int, period: Period, latest: int, reports: Mapping[tuple[int, int], object]
) -> bool:
    """Return whether the proposals of a report are compared with results that came later."""
    if period.number == CLOSE:
        return False
    if year == period.year.start:
        return number < min(period.number, latest)
    is_recent = year >= period.year.start - MOST_YEARS
    return is_recent and number == period.number and (year, CLOSE) in reports


def _read_figures(
    codes: Mapping[int, Code],
    reports: Mapping[tuple[int, int], ReportKey],
    compared: Sequence[ReportKey],
    latest: ReportKey | None,
) -> FiguresOfLines:
    """Read the lines' figures in the reports that are compared, in their results, and before."""
    starts = {report.start for report in compared}
    own = {line: code for line, code in codes.items() if compared}
    current = latest.start if latest else None
    others = (starts | {start - 1 for start in starts}) - {current}
    ids = same_lines(own.values(), others) if own else {}
    if latest is not None:
        ids |= {(latest.start, code): line for line, code in own.items()}
    results = [reports[start, CLOSE] for start in starts if (start, CLOSE) in reports]
    if latest is not None and latest.start in starts:
        results.append(latest)
    return read_inputs([Place.of(report) for report in compared], reports, ids, results)


def _compare_report(
    report: ReportKey, figures: FiguresOfLines, codes: Collection[Code], latest: int
) -> Comparison:
    """Return a report's figures with the outturn, or with the forecast of the latest report."""
    is_closed = (report.start, CLOSE) in figures.reports
    inputs, results = {}, {}
    for code in codes:
        line = figures.inputs(Place.of(report), code)
        result = figures.outturn(report.start, code)
        if not is_closed:
            found = figures.find(figures.reports[report.start, latest], code)
            result = None if found is None else found.forecast
        if line is not None and result is not None:
            inputs[code], results[code] = line, result
    return Comparison(Against.OUTTURN if is_closed else Against.FORECAST, inputs, results)
