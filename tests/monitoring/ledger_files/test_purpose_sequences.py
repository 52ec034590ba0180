"""Random uploads of every purpose, whole and for one service, against plain dictionaries.

The oracle keeps a dictionary a line and knows nothing of batches, entries or frames. Every figure
is new, so that none goes back to what an earlier file said.
"""

import itertools
import random
from collections import defaultdict

import pytest

from monitoring.ledger.selectors.typed_forecasts import typed_figures
from monitoring.ledger_files.upload_kinds.typed import FILE_COLUMNS
from monitoring.models import NodeFigure, Period, Position
from monitoring.uploading.services.uploads import upload_file
from tests.councils.loaded import load_pack
from tests.councils.packs import write_pack
from tests.quick_cases import quick_first

SERVICES = "code,name,parent_code\nTOP,Council,\nA,Adults,TOP\nB,Children,TOP\nC,Roads,TOP\n"
LINES = {f"{service}{n}": service for service in "ABC" for n in range(3)}
BUDGETS = ("original_budget", "current_budget")
ACTUALS = ("actual_to_date", "commitments", "profiled_budget_to_date")
PLANNED = ("planned_use_of_reserves", "planned_use_of_capital_receipts")
OWN = {
    "position": (*BUDGETS, *ACTUALS, "forecast", *PLANNED),
    "budgets": BUDGETS,
    "actuals": ACTUALS,
    "forecasts": ("forecast", *PLANNED),
}


class Month:
    """One month by the rules: a dictionary a line, and what people and files of forecasts said."""

    def __init__(self, before: "Month | None"):
        self.before, self.lines, self.entered = before, {}, {}

    def current(self, line):
        return self.lines[line] | self.entered.get(line, {})

    def _blank(self, line):
        row = dict.fromkeys((*BUDGETS, *ACTUALS, "forecast")) | dict.fromkeys(PLANNED, 0)
        if self.before and line in self.before.lines:
            before = self.before.current(line)
            row |= {name: before[name] for name in ("forecast", *PLANNED)}
        return row | {"current_budget": 0}

    def position(self, rows, scope):
        self.lines = {k: row for k, row in self.lines.items() if scope and LINES[k] != scope}
        for line, given in rows.items():
            said = {name: value for name, value in given.items() if value is not None}
            self.lines[line] = self._blank(line) | said
            kept = self.entered.get(line, {})
            self.entered[line] = {k: v for k, v in kept.items() if k not in said}

    def change(self, kind, rows):
        for line, given in rows.items():
            said = {name: value for name, value in given.items() if value is not None}
            row = self.lines.setdefault(line, self._blank(line))
            if kind == "forecasts":
                self.entered.setdefault(line, {}).update(said)
            else:
                row |= said


class Uploads:
    """Draws files, brings them in and tells the oracle the same."""

    def __init__(self, year, seed):
        self.year, self.draw = year, random.Random(seed)
        self.pence = itertools.count(101, 7)
        self.months = {1: Month(None)}
        self.months[2] = Month(self.months[1])
        self.told = []

    def amount(self):
        return next(self.pence) * self.draw.choice((1, 1, 1, -1))

    def file(self, kind, scope):
        names = [name for name in OWN[kind] if self.draw.random() < 0.6]
        if kind in ("position", "budgets"):
            names = [*{*names, "current_budget"}]
        names = sorted(names or OWN[kind][:1])
        known = [line for line, service in LINES.items() if scope in ("", service)]
        rows = {}
        for line in self.draw.sample(known, self.draw.randint(1, len(known))):
            given = {name: self.amount() for name in names}
            for name in names:
                if name != "current_budget" and self.draw.random() < 0.3:
                    given[name] = None
            rows[line] = given
        return names, rows

    def step(self, period):
        kind = self.draw.choice((*OWN, "actuals", "forecasts"))
        scope = self.draw.choice(("", "", *"ABC"))
        names, rows = self.file(kind, scope)
        self.told.append((kind, period, scope, names, rows))
        self.bring(kind, period, scope, names, rows)

    def bring(self, kind, period, scope, names, rows):
        heading = ",".join(("service_code", "cost_centre", "account", *names))
        cells = {
            line: ["" if row[name] is None else f"{row[name] / 100:.2f}" for name in names]
            for line, row in rows.items()
        }
        body = [",".join((LINES[line], line, "NET", *own)) for line, own in cells.items()]
        content = "\n".join((heading, *body, "")).encode()
        upload_file(
            kind=kind,
            year=self.year,
            period=period,
            content=content,
            file_name=f"{kind}.csv",
            by=None,
            scope=scope,
        )
        month = self.months[period]
        if kind == "position":
            month.position(rows, scope)
        else:
            month.change(kind, rows)


def stored(year, number):
    """By line every figure in pence, with typed ones in the place of the file's."""
    period = Period.objects.get(year=year, number=number)
    typed = defaultdict(dict)
    for row in typed_figures(period.pk).itertuples():
        typed[row.line][FILE_COLUMNS[row.measure]] = int(row.amount)
    names = (*BUDGETS, *ACTUALS, "forecast", *PLANNED)
    return {
        row.line.cost_centre: {name: getattr(row, f"{name}_pence") for name in names}
        | typed[row.line_id]
        for row in Position.objects.filter(batch=period.batch).select_related("line")
    }


def expected(month):
    return {line: month.current(line) for line in month.lines}


def run(tmp_path, seed, steps):
    folder = write_pack(tmp_path, {"services.csv": SERVICES})
    uploads = Uploads(load_pack(folder=folder, by=None).year, seed)
    uploads.step(1)
    for _ in range(steps):
        number = uploads.draw.choice((1, 2, 2, 2))
        if number == 1 and uploads.months[2].lines:
            number = 2  # what is carried is what the month before said when the file was read
        uploads.step(number)
        assert_same(stored(uploads.year, number), expected(uploads.months[number]), uploads.told)
        _figures_follow(uploads.year, number, uploads.months[number])


def assert_same(found, wanted, told):
    assert found.keys() == wanted.keys(), told
    other = {
        (line, name, found[line][name], wanted[line][name])
        for line in wanted
        for name in wanted[line]
        if found[line][name] != wanted[line][name]
    }
    assert not other, f"{other} after {told}"


def _figures_follow(year, number, month):
    top = NodeFigure.objects.get(period__year=year, period__number=number, key="TOP")
    rows = expected(month).values()
    assert top.budget_pence == sum(row["current_budget"] for row in rows)
    planned = sum(row[name] for row in rows for name in PLANNED)
    forecast = [row for row in rows if row["forecast"] is not None]
    gross = sum(row["forecast"] - row["current_budget"] for row in forecast)
    assert (top.net_variance_pence or 0) == gross + planned
    actuals = [row["actual_to_date"] for row in rows if row["actual_to_date"] is not None]
    assert top.actual_to_date_pence == (sum(actuals) if actuals else None)


@pytest.mark.parametrize("seed", quick_first(range(2)))
def test_a_few_random_uploads(db, tmp_path, seed):
    run(tmp_path, seed, steps=8)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(100, 116))
def test_many_random_uploads(db, tmp_path, seed):
    run(tmp_path, seed, steps=14)
