"""The step of a month in which the values of indicators are reported."""

from collections import Counter
from collections.abc import Iterator

from council_finance.registry import Due, Link, MonthStep, Outstanding, month_step
from council_finance.statuses import NOT_REPORTED
from monitoring.month.selectors.month import Month
from monitoring.month.selectors.step_parts import NOBODY, OFFICERS, count_of, month_url
from performance.indicators.report_rows import IndicatorRow
from performance.indicators.selectors.report_indicators import indicators_of

_NAME = "indicators"


@month_step(
    _NAME,
    title="Performance",
    after="commentary",
    warns_of={_NAME: "Indicators that are not reported"},
)
def indicators_step(month: Month) -> MonthStep | None:
    """Return how many indicators are reported, and whose are not; None where there are none."""
    rows = [row for row in indicators_of(month.facts) if month.shows(row.home) and not row.parent]
    if not rows:
        return None
    missing = [row for row in rows if _is_missing(row)]
    is_open = month.duties.upload and not month.period.is_published
    link = Link(
        f"Indicators of {month.period.name.lower()}",
        month_url("indicators-entry" if is_open else "indicators", month),
    )
    return MonthStep(
        *_describe_state(len(missing), len(rows)),
        f"{len(rows) - len(missing):,} of {count_of(len(rows), 'indicator')} reported.",
        links=(link,),
        due=() if month.period.is_published else tuple(_list_due(month, missing, link.url)),
        outstanding=(_describe_missing(len(missing), len(rows), link),) if missing else (),
    )


def _is_missing(row: IndicatorRow) -> bool:
    """Return True for an indicator with a target, or its status, that nobody reported."""
    return row.status == NOT_REPORTED and not row.due


def _describe_state(missing: int, rows: int) -> tuple[str, str]:
    if not missing:
        return "All reported", "green"
    return ("To be reported", "amber") if missing == rows else ("Under way", "blue")


def _describe_missing(missing: int, rows: int, link: Link) -> Outstanding:
    verb = "is" if missing == 1 else "are"
    return Outstanding(
        _NAME, f"{missing:,} of {count_of(rows, 'indicator')} {verb} not reported.", link
    )


def _list_due(month: Month, missing: list[IndicatorRow], url: str) -> Iterator[Due]:
    for service, count in Counter(row.home for row in missing).items():
        yield Due(
            service,
            _NAME,
            f"Indicators: {count:,} not reported",
            url,
            month.ties.nearest(service, OFFICERS),
            NOBODY,
            OFFICERS,
        )
