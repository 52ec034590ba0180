"""The plan of a year as its statements, checks and pages read it."""

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from council_finance.money import round_half_away
from monitoring.reports.selectors.year_data import YearData
from planning.plan.calculations import (
    Roll,
    YearSummary,
    absolute_funding,
    funding_of_net_budget,
    roll_forward,
    summarise,
)
from planning.plan.marks import SIGNS, worked_out_marks
from planning.plan.models import PlanVersion
from planning.plan.report_rows import FundingRow, PlanRow, PlanSection, VersionRows
from planning.plan.risks import SavingAtRisk, savings_at_risk
from planning.plan.scenarios import Scenario, scenarios_of
from planning.plan.selectors.versions import settings_of_year
from planning.plan.settings_tables import PlanSettings, plan_settings

NAME = "plan"
YEARS_OF_HISTORY = 2
"""The closed years from which the council's own delivery of savings is judged."""


@dataclass(frozen=True)
class PlanView:
    """A year's plan: what was stored, under the settings that hold for it."""

    section: PlanSection
    settings: PlanSettings

    @property
    def version(self) -> VersionRows | None:
        """Return the version that is worked on or adopted; None where no items are stored."""
        return self.section.current

    @cached_property
    def roll(self) -> Roll:
        """Return the items of the version with the amounts of each year."""
        items = self.version.items if self.version else ()
        return roll_forward(items, self.settings.years, self.settings.amounts)

    @property
    def base(self) -> int | None:
        """Return the budget that the plan opens with: as set, else the ledger's of the year before.

        None where neither is known.
        """
        if self.settings.base_pence is not None:
            return self.settings.base_pence
        return sum(self.section.ledger_base.values()) if self.section.ledger_base else None

    @cached_property
    def funding(self) -> tuple[FundingRow, ...]:
        """Return the sources of funding with what each pays in a year."""
        settings = self.settings
        return absolute_funding(self.section.funding, settings.years, settings.funding_amounts)

    @cached_property
    def summary(self) -> list[YearSummary]:
        """Return the summary of each year."""
        years = self.settings.years
        funding = funding_of_net_budget(self.funding, years)
        return summarise(self.roll, self.base, funding)

    @cached_property
    def previous(self) -> VersionRows | None:
        """Return the version that marks are worked out against; None where there is none."""
        others = [each for each in self.section.versions if each != self.version]
        if self.version is None:
            return None
        named = [each for each in others if each.version == self.settings.compare]
        if self.settings.compare:
            return named[-1] if named else None
        place = self.section.versions.index(self.version)
        return self.section.versions[place - 1] if place else None

    @cached_property
    def previous_roll(self) -> Roll | None:
        """Return the items of the version before; None where there is none."""
        if self.previous is None:
            return None
        settings = PlanSettings.from_data(self.previous.settings)
        return roll_forward(self.previous.items, settings.years, settings.amounts)

    @cached_property
    def marks(self) -> dict[str, str]:
        """Return the mark of each item as worked out; {} without a version before."""
        return worked_out_marks(self.roll, self.previous_roll)

    @property
    def scenarios(self) -> list[Scenario]:
        """Return the plan and its scenarios with their summaries."""
        settings, section = self.settings, self.section
        return scenarios_of(
            self.roll,
            settings.amounts,
            self.base,
            section.funding,
            section.scenarios,
            funding_amounts=settings.funding_amounts,
        )

    @property
    def delivery_rate(self) -> int | None:
        """Return the per cent of savings that is delivered: as set, else as closed years show.

        None where fewer than two years are closed.
        """
        if self.settings.delivery_rate_percent is not None:
            return self.settings.delivery_rate_percent
        history = self.section.deliveries
        agreed = sum(each.agreed for each in history)
        if len(history) < YEARS_OF_HISTORY or agreed <= 0:
            return None
        return min(100, round_half_away(sum(each.delivered for each in history) * 100, agreed))

    @cached_property
    def at_risk(self) -> list[SavingAtRisk]:
        """Return the savings of the plan that may not be delivered."""
        return savings_at_risk(
            self.roll,
            schemes=self.section.schemes,
            decisions=self.section.decisions,
            not_started=self.section.not_started,
            delivery_rate_percent=self.delivery_rate,
        )

    def sign_of(self, item: PlanRow) -> str:
        """Return the sign of an item's mark: as worked out, else as entered."""
        return SIGNS[self.marks.get(item.reference) or item.change]


def plan_of(facts: YearData) -> PlanView:
    """Return the plan of a year, live or as frozen in a report."""
    section = facts.typed_section(NAME, PlanSection.from_data)
    return PlanView(section, _settings_of(section.current, plan_settings(facts.settings)))


def _settings_of(version: VersionRows | None, now: PlanSettings) -> PlanSettings:
    """Return the settings of the year, or those of a version that is adopted or not the named."""
    if version is None:
        return now
    is_named = (version.name, version.version) == (now.name, now.version)
    return now if is_named and not version.adopted_on else PlanSettings.from_data(version.settings)


def plan_of_version(data: dict[str, Any], version: PlanVersion) -> PlanView:
    """Return one version of a year's plan; `data` are those of the plan's section."""
    section = PlanSection.from_data(data)
    wanted = (version.name, version.version)
    rows = next(each for each in section.versions if (each.name, each.version) == wanted)
    return PlanView(
        replace(section, current=rows), _settings_of(rows, settings_of_year(version.year))
    )
