"""Drafts that are not worked out anew are as they would be: random acts, then a whole pass."""

import random

import pytest

from council_finance.accounts.models import Role
from council_finance.errors import Refused
from monitoring.models import BudgetLine, NodeFigure, Period, Position
from monitoring.pipeline.figures import recompute_period
from monitoring.selectors.node_lines import line_in
from monitoring.services.forecasts import Change, save_forecasts
from tests.month_pack import SERVICES, SERVICES_NOW, small_council
from tests.packs import bring, csv_of, virements

COLUMNS = (
    *("service_code", "cost_centre", "account", "description", "current_budget", "forecast"),
    "exempt",
)
LEAVES = ("HOME", "DAY", "SCHOOL", "BUSES", "ROADS", "")
ACTS = 25


def ledger(chance: random.Random) -> str:
    """Some lines, each with a service of its own choice, or none."""
    rows = []
    for number in range(1, chance.randint(4, 9)):
        service = chance.choice(LEAVES) if chance.random() < 0.3 else LEAVES[number % 5]
        name = chance.choice(["Staff", "Fuel"])
        forecast = chance.choice(["", str(chance.randint(50, 900))])
        exempt = chance.choice(["", "", "yes"])
        amounts = [str(chance.randint(100, 900)), forecast]
        rows.append([service, f"C{number}", "NET", name, *amounts, exempt])
    return csv_of(COLUMNS, rows)


def type_a_forecast(year, chance: random.Random, officer) -> None:
    periods = Period.objects.filter(year=year, state="open", batch__isnull=False)
    period = chance.choice(list(periods.select_related("batch")))
    position = chance.choice(list(Position.objects.filter(batch=period.batch)))
    line = BudgetLine.objects.select_related("service").get(pk=position.line_id)
    seen = line_in(period, period.batch, line, None).forecast
    changes = [Change(line.pk, seen, chance.choice([None, chance.randint(100, 90_000)]))]
    save_forecasts(service=line.service, number=period.number, changes=changes, by=officer)


def act(year, chance: random.Random, officer) -> None:
    """Something that figures depend on, which may well be refused."""
    kind = chance.choice(["file", "file", "file", "type", "type", "services", "virement"])
    if kind == "file":
        bring(year, "position", ledger(chance), chance.choice([2, 3]))
    elif kind == "type":
        type_a_forecast(year, chance, officer)
    elif kind == "services":
        bring(year, "services", chance.choice([SERVICES, SERVICES_NOW]))
    else:
        one, other = chance.sample(list(BudgetLine.objects.filter(year=year)), 2)
        ends = [one.cost_centre, one.account, other.cost_centre, other.account]
        row = [
            f"V-{chance.randint(1, 10**6)}",
            "2",
            *ends,
            "5",
            "technical",
            "",
            "Jo",
            "2021-05-01",
        ]
        bring(year, "virements", virements(",".join([*row, "", "Moved"])))


def figures(period: Period) -> list[dict]:
    rows = NodeFigure.objects.filter(period=period).order_by("place")
    return [{k: v for k, v in row.items() if k != "id"} for row in rows.values()]


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(2))
def test_drafts_are_as_a_whole_pass_would_make_them(db, tmp_path, person, seed):
    year, chance = small_council(tmp_path), random.Random(seed)
    officer, done = person(Role.FINANCE_LEAD), 0
    for _ in range(ACTS):
        try:
            act(year, chance, officer)
            done += 1
        except Refused:
            pass
        for period in Period.objects.filter(year=year, state="open", batch__isnull=False):
            assert period.figures_revision == period.year.revision
            kept = figures(period)
            recompute_period(period.pk)
            assert figures(period) == kept, (seed, period.number)
    assert done > ACTS // 2
