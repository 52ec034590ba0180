"""What was stored is what stands in the file, as an independent reader adds it up."""

import csv
import io
import random
from decimal import Decimal

import openpyxl
import pytest
import xlsxwriter
from django.db.models import Sum

from monitoring.models import NodeFigure, Period, Position
from monitoring.uploading.services.uploads import upload_file
from tests.quick_cases import quick_first

HEADINGS = ("service_code", "cost_centre", "account", "current_budget", "forecast")
SERVICES = ("ADULT", "CHILD-OPS", "ECI", "TRADING")
PRINTS = ("{:.2f}", "{:,.2f}", "£{:,.2f}", " {:.2f} ")


def ledger(seed: int, lines: int = 400) -> list[tuple]:
    numbers = random.Random(seed)
    rows = []
    for line in range(lines):
        amounts = [numbers.randint(-(10**11), 10**11) for _ in range(2)]
        rows.append((SERVICES[line % 4], f"CC{line // 5}", str(line % 5), *amounts))
    return rows


def as_csv(rows, numbers) -> bytes:
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(HEADINGS)
    for *codes, budget, forecast in rows:
        texts = [numbers.choice(PRINTS).format(Decimal(p) / 100) for p in (budget, forecast)]
        writer.writerow([*codes, *texts])
    return out.getvalue().encode()


def as_xlsx(rows, numbers) -> bytes:
    out = io.BytesIO()
    with xlsxwriter.Workbook(out) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, HEADINGS)
        for number, (*codes, budget, forecast) in enumerate(rows, start=1):
            sheet.write_row(number, 0, [*codes, budget / 100, forecast / 100])
    return out.getvalue()


def added_up(content: bytes) -> tuple[int, int]:
    """The sums of the last two columns, read by other means than the product's."""
    if content.startswith(b"PK"):
        sheet = openpyxl.load_workbook(io.BytesIO(content)).active
        rows = [[repr(cell) for cell in row[3:]] for row in sheet.iter_rows(2, values_only=True)]
    else:
        rows = [row[3:] for row in csv.reader(io.StringIO(content.decode()))][1:]
    plain = [[Decimal(t.strip().replace(",", "").replace("£", "")) for t in row] for row in rows]
    return tuple(
        int((sum(column) * 100).to_integral_value()) for column in zip(*plain, strict=True)
    )


@pytest.mark.parametrize("seed", quick_first(range(4)))
@pytest.mark.parametrize("write", [as_csv, as_xlsx])
def test_the_stored_sums_are_those_of_the_file(somerset, write, seed):
    content = write(ledger(seed), random.Random(seed))
    upload_file(
        kind="position", year=somerset, period=4, content=content, file_name="ledger", by=None
    )
    period = Period.objects.get(year=somerset, number=4)
    stored = Position.objects.filter(batch=period.batch).aggregate(
        budget=Sum("current_budget_pence"), forecast=Sum("forecast_pence")
    )
    top = NodeFigure.objects.get(period=period, key="SCC")
    assert (stored["budget"], stored["forecast"]) == added_up(content)
    assert (top.budget_pence, top.forecast_pence) == added_up(content)
    assert top.lines == 400
