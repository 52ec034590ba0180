"""Find services that had a budget in the month before and have none in this month yet."""

from dataclasses import dataclass

import pandas as pd

from monitoring.figures.selectors.inputs import PlacedLines, figures_inputs
from monitoring.ledger.selectors.positions import ledger_positions
from monitoring.structure.council_settings import read_settings
from monitoring.structure.models import BudgetLine, Period
from monitoring.structure.selectors.calendar import earlier_period
from monitoring.structure.trees import ServiceRow, Tree
from monitoring.uploading.models import Upload, UploadState

_NAMED = 10
"""The number of services that are named; the others are counted."""


@dataclass(frozen=True)
class MissingRest:
    """Services without a budget in `period`, and their budgets in the period `before` in pence."""

    period: Period
    before: Period
    services: list[ServiceRow]
    pence: int

    @property
    def sentence(self) -> str:
        """Say what is missing, for people who upload or publish figures."""
        count = len(self.services)
        named = ", ".join(f"{each.code} ({each.name})" for each in self.services[:_NAMED])
        more = f" and {count - _NAMED} more" if count > _NAMED else ""
        display = read_settings(self.period.year.settings).display
        (amount,) = display.distinct_words(self.pence)
        others = "1 service" if count == 1 else f"{count:,} services"
        return (
            f"{self.period.name} holds no budgets of {others} that had "
            f"{amount} in {self.before.name.lower()}: {named}{more}."
        )


HELD = (
    "The period is not published before they are there, or somebody says with a reason that it is "
    "all."
)


def holds_a_whole_position(period: Period) -> bool:
    """Return True where a position of the whole period is stored: lines it left out are gone."""
    stored = Upload.objects.filter(year=period.year, period=period.number, kind="position")
    return stored.filter(scope="", state=UploadState.STORED).exists()


def missing_rest(
    period: Period, now: pd.DataFrame, last: pd.DataFrame, before: Period, tree: Tree
) -> MissingRest | None:
    """Return the services with a budget in the period `before` and none in `now`; None for none.

    Both frames have columns line, service (id, the line's service today) and current_budget.
    """
    homes = {pk: tree.home(pk) for pk in tree.register}
    had = last[last["current_budget"] != 0]
    here = set(now.loc[now["current_budget"] != 0, "service"].map(homes))
    left = had[~had["service"].map(homes).isin(here)]
    if left.empty:
        return None
    services = sorted(
        (tree.register[pk] for pk in set(left["service"].map(homes))), key=_order_and_code
    )
    return MissingRest(period, before, services, int(left["current_budget"].sum()))


def _order_and_code(service: ServiceRow) -> tuple[int, str]:
    return service.order, service.code


def missing_rest_of(period: Period, placed: PlacedLines | None = None) -> MissingRest | None:
    """Return the services that an open period with figures still lacks; None where it is complete.

    `placed` are its lines, where the caller has read them already.
    """
    if period.is_published or period.batch is None or holds_a_whole_position(period):
        return None
    before = earlier_period(period)
    if before is None or before.batch is None:
        return None
    placed = placed or figures_inputs(period)
    last = ledger_positions(before.batch)
    lines = BudgetLine.objects.filter(year=period.year).values_list("pk", "service_id")
    last = last.assign(service=last["line"].map(dict(lines)))
    return missing_rest(period, placed.positions, last, before, placed.tree)
