"""The page of other numbers: each line with its own and the imagined numbers, and the effect."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from council_finance.money import exact_pounds, plain_pounds
from council_finance.quantities import plain_quantity
from council_finance.statements.display import NOT_GIVEN
from monitoring.reports.selectors.report_data import ReportData
from performance.activity.models import ActivityScenario
from performance.activity.report_rows import GroupRow, LineRow
from performance.activity.report_section import section_of
from performance.activity.totals import ActivityTotal
from performance.activity.what_if import (
    Numbers,
    WhatIf,
    can_be_imagined,
    current_numbers,
    imagine_all,
    months_left,
    one_more,
)
from performance.activity.words import volume_name


@dataclass(frozen=True)
class ImaginedRow:
    """A line of the form; `volume` and `cost` are the texts of its cells."""

    place: int
    name: str
    volume_now: str
    cost_now: str
    volume: str
    cost: str
    this_year: str
    full_year: str
    to_save: str
    fault: str


@dataclass(frozen=True)
class WhatIfPage:
    """The form, and what the imagined numbers come to."""

    group: GroupRow
    counted: str
    rows: list[ImaginedRow]
    months_left: int
    sentence: str
    target: str
    this_year: str
    full_year: str


def lines_to_imagine(facts: ReportData, code: str) -> list[LineRow]:
    """Return the lines of a group whose cost in a full year can be worked out."""
    return [line for line in section_of(facts).lines_under(code) if can_be_imagined(line)]


def what_if_page(
    facts: ReportData,
    code: str,
    *,
    numbers: Mapping[str, Numbers],
    texts: Mapping[str, tuple[str, str]],
    faults: Mapping[str, str],
) -> WhatIfPage | None:
    """Return the page with the numbers that a person typed; None without such a group."""
    section = section_of(facts)
    group = section.find(code)
    if group is None:
        return None
    months = months_left(facts.period.number)
    lines = lines_to_imagine(facts, code)
    found = imagine_all(lines, numbers, months)
    variance = ActivityTotal(section.lines_under(code)).variance
    this_year = sum(each.this_year for each in found)
    full_year = sum(each.full_year for each in found)
    return WhatIfPage(
        group=group,
        counted=volume_name(group),
        rows=[
            _build_row(place, each, texts, faults, months, variance)
            for place, each in enumerate(found)
        ],
        months_left=months,
        sentence=_describe_effect(this_year, full_year, months) if numbers else "",
        target=_describe_target(variance, months),
        this_year=plain_pounds(this_year),
        full_year=plain_pounds(full_year),
    )


def _build_row(
    place: int,
    found: WhatIf,
    texts: Mapping[str, tuple[str, str]],
    faults: Mapping[str, str],
    months: int,
    variance: int | None,
) -> ImaginedRow:
    line, now = found.line, current_numbers(found.line)
    volume, cost = texts.get(line.reference, ("", ""))
    more = one_more(line, months)
    fewer = more.fewer_to_save(variance) if more and variance and variance > 0 else None
    return ImaginedRow(
        place=place,
        name=line.name,
        volume_now=plain_quantity(now.volume),
        cost_now=exact_pounds(now.unit_cost),
        volume=volume,
        cost=cost,
        this_year=plain_pounds(found.this_year),
        full_year=plain_pounds(found.full_year),
        to_save=NOT_GIVEN if fewer is None else f"{fewer:,}",
        fault=faults.get(line.reference, ""),
    )


def _describe_effect(this_year: int, full_year: int, months: int) -> str:
    """Return what the imagined numbers cost or save, from next month and in a full year."""
    if not full_year:
        return "These numbers cost the same as today’s."
    word = "cost" if full_year > 0 else "save"
    year = f"{plain_pounds(abs(full_year))} in a full year"
    if not months:
        return f"These numbers {word} {year}. No month of this year is left."
    left = "the month that is left" if months == 1 else f"the {months} months that are left"
    return f"These numbers {word} {plain_pounds(abs(this_year))} this year, in {left}, and {year}."


def _describe_target(variance: int | None, months: int) -> str:
    """Return what it would take to end the year on budget."""
    if variance is None or variance <= 0 or not months:
        return ""
    return (
        f"To end the year on budget, {plain_pounds(variance)} would have to be saved. The last "
        "column says how many fewer of one line alone would save that by the end of the year."
    )


def numbers_of_scenario(scenario: ActivityScenario) -> dict[str, Numbers]:
    """Return the numbers that a scenario keeps, by reference."""
    return {reference: Numbers(*pair) for reference, pair in scenario.numbers.items()}


def texts_of_numbers(numbers: Mapping[str, Numbers]) -> dict[str, tuple[str, str]]:
    """Return the texts of numbers as the form's cells have them."""
    return {
        reference: (plain_quantity(each.volume), exact_pounds(each.unit_cost))
        for reference, each in numbers.items()
    }


def scenario_rows(scenarios: list[ActivityScenario]) -> list[dict[str, Any]]:
    """Return the scenarios as the page lists them."""
    return [
        {
            "pk": each.pk,
            "name": each.name,
            "by": each.written_by.name if each.written_by else "",
            "at": each.written_at,
        }
        for each in scenarios
    ]
