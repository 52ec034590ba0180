"""A council's settings of its performance indicators."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

from council_finance.registry import (
    FieldKind,
    SettingsError,
    SettingsField,
    SettingsTable,
    register_settings_table,
)
from monitoring.structure.council_settings import CouncilSettings
from performance.indicators.rules import MEASURES
from performance.indicators.scheme import PerformanceScheme, read_performance_scheme

PERFORMANCE, STATUSES = "performance", "performance-statuses"
DERIVED, DECLARED = "derived", "declared"
GIVEN, STRAIGHT_LINE, LAST_YEAR = "given", "straight_line", "last_year"
PREVIOUS = "previous"
_COMPARISONS = (PREVIOUS, LAST_YEAR)
KNOWN_COMPARATORS = {
    "previous_year": "Previous year",
    "same_period_last_year": "Same period last year",
    "stat_neighbours": "Statistical neighbours",
    "england": "England",
}


@dataclass(frozen=True)
class PerformanceSettings:
    """How a council compares and rates its indicators.

    `comparators` are codes in the order of columns; without any they follow from the files. The
    floor is `minimum_percent` behind the target, None where there is none. `weeks` are those of
    each month from April on, repeated; empty where months are compared as they are.
    """

    comparators: tuple[str, ...] = ()
    labels: Mapping[str, str] | None = None
    compare: tuple[str, ...] = (PREVIOUS,)
    minimum_percent: Fraction | None = None
    status: str = DERIVED
    profile: str = GIVEN
    weeks: tuple[int, ...] = ()
    declared: tuple[str, ...] = ()

    def comparator_label(self, code: str) -> str:
        """Return the heading of a comparator's column."""
        fallback = KNOWN_COMPARATORS.get(code, code.replace("_", " ").capitalize())
        return (self.labels or {}).get(code, fallback)

    def weeks_of(self, period: int) -> int | None:
        """Return the weeks of a month (1 to 12); None where months are not counted in weeks."""
        return self.weeks[(period - 1) % len(self.weeks)] if self.weeks and period else None


def performance_settings(settings: CouncilSettings) -> PerformanceSettings:
    """Return how the council compares and rates its indicators."""
    found: PerformanceSettings = settings.of_apps[PERFORMANCE]
    return found


def performance_scheme(settings: CouncilSettings) -> PerformanceScheme:
    """Return the council's rules for the status of an indicator."""
    found: PerformanceScheme = settings.of_apps[STATUSES]
    return found


def statuses_to_declare(settings: CouncilSettings) -> tuple[str, ...]:
    """Return the statuses that officers may give, those of the settings or of the rules."""
    return performance_settings(settings).declared or performance_scheme(settings).statuses


def _read_settings(table: Mapping[str, object]) -> PerformanceSettings:
    comparators = _read_texts(table, "comparators")
    labels = _read_texts(table, "comparator_labels")
    if labels and len(labels) != len(comparators):
        raise SettingsError(
            "[performance]: comparator_labels must have a label for each of the comparators, in "
            "their order."
        )
    return PerformanceSettings(
        comparators=comparators,
        labels=dict(zip(comparators, labels, strict=True)) if labels else {},
        compare=_read_comparisons(table),
        minimum_percent=_read_percent(table.get("minimum_percent")),
        status=_read_choice(table, "status", (DERIVED, DECLARED)),
        profile=_read_choice(table, "profile", (GIVEN, STRAIGHT_LINE, LAST_YEAR)),
        weeks=_read_weeks(table),
        declared=_read_texts(table, "declared"),
    )


def _read_texts(table: Mapping[str, object], key: str) -> tuple[str, ...]:
    given = table.get(key, [])
    if not isinstance(given, list) or not all(isinstance(each, str) and each for each in given):
        raise SettingsError(f'[performance]: {key} must be a list of texts, such as ["england"].')
    if len({each.casefold() for each in given}) < len(given):
        raise SettingsError(f"[performance]: {key} names one twice.")
    return tuple(given)


def _read_comparisons(table: Mapping[str, object]) -> tuple[str, ...]:
    given = table.get("compare", [PREVIOUS])
    found = [given] if isinstance(given, str) else given
    if not isinstance(found, list) or not found or not set(found) <= set(_COMPARISONS):
        raise SettingsError(
            '[performance]: compare must be ["previous"], ["last_year"] or both of them.'
        )
    return tuple(dict.fromkeys(found))


def _read_percent(given: object) -> Fraction | None:
    if given is None:
        return None
    is_number = isinstance(given, int | float) and not isinstance(given, bool)
    if not is_number or not math.isfinite(float(str(given))) or not 0 <= float(str(given)) <= 100:
        raise SettingsError("[performance]: minimum_percent must be a number from 0 to 100.")
    return Fraction(str(given))


def _read_choice(table: Mapping[str, object], key: str, words: tuple[str, ...]) -> str:
    given = table.get(key, words[0])
    if given not in words:
        raise SettingsError(f"[performance]: {key} must be one of {', '.join(words)}.")
    return str(given)


def _read_weeks(table: Mapping[str, object]) -> tuple[int, ...]:
    given = table.get("weeks", [])
    texts = [str(each) for each in given] if isinstance(given, list) else [""]
    if not all(text in ("4", "5") for text in texts):
        raise SettingsError("[performance]: weeks must be a list of 4 and 5, such as [4, 4, 5].")
    return tuple(int(text) for text in texts)


register_settings_table(
    SettingsTable(
        name=PERFORMANCE,
        title="Performance indicators",
        table="performance",
        fields=(
            SettingsField(
                "comparators",
                "Comparators",
                "Codes of the comparators in benchmarks.csv, one to a line, in the order of "
                "columns.",
                FieldKind.TEXTS,
                unset="those of the files, in their order",
            ),
            SettingsField(
                "comparator_labels",
                "Labels of the comparators",
                "The heading of each comparator’s column, one to a line, in the same order.",
                FieldKind.TEXTS,
                unset="the codes in words",
            ),
            SettingsField(
                "compare",
                "Values are compared with",
                "The direction of travel is judged against the first of these.",
                FieldKind.SEVERAL,
                unset="the previous value",
                choices=(
                    (PREVIOUS, "The previous value"),
                    (LAST_YEAR, "The same period last year"),
                ),
            ),
            SettingsField(
                "minimum_percent",
                "Minimum, in % behind the target",
                "The floor of indicators that give no minimum of their own.",
                FieldKind.WHOLE_NUMBER,
                unset="no minimum",
                most=100,
            ),
            SettingsField(
                "status",
                "The status",
                "Officers may give it, or it follows from the rules. Both are shown.",
                FieldKind.CHOICE,
                unset="follows from the rules",
                choices=((DERIVED, "Follows from the rules"), (DECLARED, "Is given by officers")),
            ),
            SettingsField(
                "profile",
                "Cumulative counts are held against",
                "The part of the year’s target that is due by the month.",
                FieldKind.CHOICE,
                unset="the target as it is given",
                choices=(
                    (GIVEN, "The target as it is given"),
                    (STRAIGHT_LINE, "The year’s target by the months gone"),
                    (LAST_YEAR, "Last year’s share at this month"),
                ),
            ),
            SettingsField(
                "weeks",
                "Weeks of each month",
                "4 or 5, one to a line, from April on and repeated, where monthly counts follow "
                "weeks.",
                FieldKind.TEXTS,
                unset="months are compared as they are",
            ),
            SettingsField(
                "declared",
                "Statuses that officers may give",
                "One to a line, the worst first.",
                FieldKind.TEXTS,
                unset="those of the rules",
            ),
        ),
        read=_read_settings,
    )
)

register_settings_table(
    SettingsTable(
        name=STATUSES,
        title="Statuses of indicators",
        table="status_scheme",
        fields=(
            SettingsField(
                "performance",
                "Rules",
                "In order: the first that holds gives an indicator its status. A shortfall is "
                "counted in the bad direction: nil or less is good.",
                FieldKind.RULES,
                unset="no rules",
                measures=MEASURES,
                has_labels=True,
            ),
        ),
        read=read_performance_scheme,
    )
)
