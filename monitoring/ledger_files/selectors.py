"""Services that the month before had budgets for and that a month has nothing of yet."""

from dataclasses import dataclass

import pandas as pd

from council_finance.money import exact_pounds
from monitoring.figures.selectors.inputs import Inputs, figures_inputs
from monitoring.ledger.selectors.positions import ledger_positions
from monitoring.structure.models import BudgetLine, Period
from monitoring.structure.selectors.calendar import earlier_period
from monitoring.structure.trees import ServiceRow, Tree
from monitoring.uploading.models import Upload, UploadState

_NAMED = 10


@dataclass(frozen=True)
class MissingRest:
    """Services without a budget in this period, and what they had in pence; `before` is when."""

    period: Period
    before: Period
    services: list[ServiceRow]
    pence: int

    @property
    def sentence(self) -> str:
        """What is missing, for whoever brings figures in or publishes them."""
        count = len(self.services)
        named = ", ".join(f"{each.code} ({each.name})" for each in self.services[:_NAMED])
        more = f" and {count - _NAMED} more" if count > _NAMED else ""
        others = "1 service" if count == 1 else f"{count} services"
        return (
            f"{self.period.name} holds no budgets of {others} that had "
            f"{exact_pounds(self.pence)} in {self.before.name.lower()}: {named}{more}."
        )


HELD = (
    "The period is not published before they are there, or somebody says with a reason that it is "
    "all."
)


def holds_a_whole_position(period: Period) -> bool:
    """Whether a position of the whole period was stored: what it leaves out is gone."""
    stored = Upload.objects.filter(year=period.year, period=period.number, kind="position")
    return stored.filter(scope="", state=UploadState.STORED).exists()


def missing_rest(
    period: Period, now: pd.DataFrame, last: pd.DataFrame, before: Period, tree: Tree
) -> MissingRest | None:
    """The services of the month `before` that `now` has no line with a budget of; None for none.

    Both frames have columns line, service (id, where the line stands today) and current_budget.
    """
    homes = {pk: tree.home(pk) for pk in tree.register}
    had = last[last["current_budget"] != 0]
    here = set(now.loc[now["current_budget"] != 0, "service"].map(homes))
    left = had[~had["service"].map(homes).isin(here)]
    if left.empty:
        return None
    services = sorted((tree.register[pk] for pk in set(left["service"].map(homes))), key=_place)
    return MissingRest(period, before, services, int(left["current_budget"].sum()))


def _place(service: ServiceRow) -> tuple:
    return service.order, service.code


def missing_rest_of(period: Period, inputs: Inputs | None = None) -> MissingRest | None:
    """What an open period with figures waits for before it is published; None where it is whole.

    `inputs` are what its figures are worked out from, where somebody has read them already.
    """
    if period.is_published or period.batch is None or holds_a_whole_position(period):
        return None
    before = earlier_period(period)
    if before is None:
        return None
    inputs = inputs or figures_inputs(period)
    last = ledger_positions(before.batch)
    lines = BudgetLine.objects.filter(year=period.year).values_list("pk", "service_id")
    last = last.assign(service=last["line"].map(dict(lines)))
    return missing_rest(period, inputs.positions, last, before, inputs.tree)
