"""Indicators as pages show them: every value printed, the status in words, and what it means."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from council_finance.quantities import (
    as_fraction,
    decimals_needed,
    nearest_quantity,
    print_quantity,
)
from council_finance.statuses import TONES, tone_of
from monitoring.reports.selectors.report_data import ReportData
from performance.indicators.printing import (
    ARROWS,
    DIRECTION_WORDS,
    print_actual,
    print_benchmark,
    print_target,
    print_value,
)
from performance.indicators.report_rows import IndicatorRow
from performance.indicators.rules import (
    HIGHER,
    LOWER,
    UNRATED,
    Boundary,
    Goal,
    next_boundary,
    worsening,
)
from performance.indicators.scheme import PerformanceScheme
from performance.indicators.selectors.months import fraction_or_none
from performance.indicators.selectors.report_indicators import indicators_of
from performance.indicators.settings_tables import performance_scheme, performance_settings
from performance.indicators.statements.performance import age_in_months, outcome_headings
from performance.indicators.statements.summary import counted, status_counted, summary_statuses

OLD_MONTHS = 12
_LETTERS = {"r": "red", "a": "amber", "g": "green"}


@dataclass(frozen=True)
class StatusTag:
    """A status for the template: its words, tone, and whether it has a colour of its own."""

    word: str
    tone: str

    @property
    def rag(self) -> bool:
        """Return True for a status with a colour and a shape of its own."""
        return self.tone in TONES


@dataclass(frozen=True)
class PrintedIndicator:
    """An indicator as a page shows it; `derived` is the status worked out, where it is another."""

    row: IndicatorRow
    target: str
    actual: str
    previous: str
    covers: str
    age: str
    arrow: str
    direction: str
    status: StatusTag
    derived: StatusTag | None
    boundary: str
    level: int


@dataclass(frozen=True)
class OutcomeGroup:
    """The indicators that stand under the same headings."""

    title: str
    rows: tuple[PrintedIndicator, ...]


def tag_of(status: str, scheme: PerformanceScheme) -> StatusTag:
    """Return a status in the council's words, with the tone of the status itself."""
    word = status.casefold()
    return StatusTag(scheme.label(status), tone_of(_LETTERS.get(word, word)) if status else "grey")


def goal_of_row(row: IndicatorRow) -> Goal:
    """Return what a row's value is held against."""
    return Goal(
        polarity=row.polarity,
        target=fraction_or_none(row.rated_target),
        low=fraction_or_none(row.target_low),
        high=fraction_or_none(row.target_high),
        is_strict=row.target_is_strict,
        minimum=fraction_or_none(row.floor),
    )


def print_row(row: IndicatorRow, facts: ReportData) -> PrintedIndicator:
    """Return an indicator as a page shows it."""
    scheme = performance_scheme(facts.settings)
    age = age_in_months(row, facts.period.as_at)
    other = row.is_against_the_figures and row.has_target
    return PrintedIndicator(
        row=row,
        target=print_target(row),
        actual=print_actual(row),
        previous=print_value(row, row.previous, row.decimals),
        covers=row.data_period,
        age="" if age is None else describe_age(age),
        arrow=ARROWS[row.direction],
        direction=DIRECTION_WORDS[row.direction],
        status=tag_of(row.status, scheme) if row.status else StatusTag("Not rated", "grey"),
        derived=tag_of(row.derived, scheme) if other and row.derived else None,
        boundary=describe_boundary(row, boundary_of(row, scheme), scheme),
        level=1 if row.parent else 0,
    )


def describe_age(months: int) -> str:
    """Return the age of data at the report's date."""
    if months == 0:
        return "of this month"
    return "1 month old" if months == 1 else f"{months} months old"


def boundary_of(row: IndicatorRow, scheme: PerformanceScheme) -> Boundary | None:
    """Return the nearest worse status of a rated value."""
    if row.rated is None or row.derived in (*UNRATED, ""):
        return None
    return next_boundary(scheme.rules, goal_of_row(row), as_fraction(row.rated))


def describe_boundary(
    row: IndicatorRow, boundary: Boundary | None, scheme: PerformanceScheme
) -> str:
    """Return how far a value is from the next status: `0.09 (0.2% of the target) from Red`."""
    if boundary is None:
        return ""
    distance = nearest_quantity(boundary.distance)
    text = print_value(row, distance, max(row.decimals, min(decimals_needed(distance), 2)))
    share = ""
    if boundary.percent is not None:
        share = f" ({print_quantity(nearest_quantity(boundary.percent), 1)}% of the target)"
    return f"{text}{share} from {scheme.label(boundary.status)}"


def groups_of(
    facts: ReportData, status: str = "", service: str = ""
) -> tuple[list[OutcomeGroup], int]:
    """Return the indicators by outcome, filtered by status and service, and how many there are."""
    keys = facts.keys_under(service) if service else set()
    rows = [
        row
        for row in indicators_of(facts)
        if (not status or status_counted(row) == status) and (not service or row.home in keys)
    ]
    found: dict[str, list[PrintedIndicator]] = {}
    for row in rows:
        found.setdefault(" · ".join(outcome_headings(row)), []).append(print_row(row, facts))
    groups = [OutcomeGroup(title or "Indicators", tuple(each)) for title, each in found.items()]
    return groups, len(rows)


@dataclass(frozen=True)
class PerformanceOverview:
    """The indicators of a report in words, with their number by status.

    `statuses` are status, words and count, also without values that are a year old or more.
    """

    sentence: str
    statuses: tuple[tuple[str, StatusTag, int, int], ...]
    age_sentence: str
    comparisons: tuple[str, ...]


def performance_overview(
    facts: ReportData, rows: Sequence[IndicatorRow] | None = None
) -> PerformanceOverview:
    """Return the overview of a report's indicators, or of some of them."""
    shown = counted(indicators_of(facts) if rows is None else rows)
    scheme = performance_scheme(facts.settings)
    counts = Counter(status_counted(row) for row in shown)
    young = [row for row in shown if not _is_old(row, facts)]
    young_counts = Counter(status_counted(row) for row in young)
    words = [word for word in summary_statuses(facts, shown) if counts[word]]
    return PerformanceOverview(
        sentence=describe_counts(counts, words, scheme),
        statuses=tuple(
            (word, tag_of(word, scheme), counts[word], young_counts[word]) for word in words
        ),
        age_sentence=_describe_ages(shown, facts),
        comparisons=tuple(_describe_comparisons(shown, facts)),
    )


def describe_counts(counts: Counter[str], words: Sequence[str], scheme: PerformanceScheme) -> str:
    """Return how many indicators have each status, in a sentence."""
    total = sum(counts.values())
    parts = [f"{counts[word]} {scheme.label(word)}" for word in words]
    noun = "1 indicator" if total == 1 else f"{total} indicators"
    return f"Of {noun}: {', '.join(parts)}." if parts else "There are no indicators."


def _is_old(row: IndicatorRow, facts: ReportData) -> bool:
    age = age_in_months(row, facts.period.as_at)
    return age is not None and age >= OLD_MONTHS


def _describe_ages(rows: Sequence[IndicatorRow], facts: ReportData) -> str:
    dated = [row for row in rows if age_in_months(row, facts.period.as_at) is not None]
    old = [row for row in dated if _is_old(row, facts)]
    if not old:
        return ""
    are = "is" if len(old) == 1 else "are"
    return f"{len(old)} of {len(dated)} values {are} a year old or more at the report’s date."


def _describe_comparisons(rows: Sequence[IndicatorRow], facts: ReportData) -> list[str]:
    """Return for each comparator how many indicators are better than it, by polarity."""
    settings, found = performance_settings(facts.settings), []
    codes = settings.comparators or tuple(
        dict.fromkeys(each.comparator for row in rows for each in row.benchmarks)
    )
    for code in codes:
        compared = [better for row in rows if (better := is_better_than(row, code)) is not None]
        if compared:
            label = settings.comparator_label(code)
            found.append(f"{sum(compared)} of {len(compared)} are better than {label}.")
    return found


def is_better_than(row: IndicatorRow, comparator: str) -> bool | None:
    """Return True where a value is better than a comparator's; None where that is not known."""
    value = next((b.value for b in row.benchmarks if b.comparator == comparator), None)
    if row.polarity not in (HIGHER, LOWER):
        return None
    worse = worsening(goal_of_row(row), fraction_or_none(value), fraction_or_none(row.actual))
    return None if worse is None else worse < 0


def print_comparators(row: IndicatorRow, facts: ReportData) -> list[tuple[str, str, str]]:
    """Return label, value and word (better, worse, the same) of each comparator."""
    settings, found = performance_settings(facts.settings), []
    for each in row.benchmarks:
        worse = worsening(
            goal_of_row(row), fraction_or_none(each.value), fraction_or_none(row.actual)
        )
        label = settings.comparator_label(each.comparator)
        found.append((label, print_benchmark(row, each), _compare_in_words(worse)))
    return found


def _compare_in_words(worse: Fraction | None) -> str:
    if worse is None:
        return ""
    return "the same" if worse == 0 else "worse" if worse > 0 else "better"
