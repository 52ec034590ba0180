"""Bundles of published reports, unpacked, and the totals that must be found in them."""

import json
import tempfile
import zipfile
from io import BytesIO
from pathlib import Path

from benchmarks.downloads import PACKS
from benchmarks.upload import ROOT

SERVICES = "code,name,parent_code,order,total_label\n00001,Council,,1,Total\n"
SERVICES += "00123,Roads,00001,1,\n01E5,Parks,00001,2,\n"
POSITION = "service_code,cost_centre,account,current_budget,forecast\n"
POSITION += "00123,007,0100,100.25,110.50\n01E5,008,0200,-50.00,-49.99\n"
DIGITS = {
    "pack.toml": 'council = "Council of digits"\nfinancial_year = "2021/22"\npublish = [1]\n',
    "services.csv": SERVICES,
    "periods/01/position.csv": POSITION,
}
"""A council whose codes look like numbers."""


def make_files(folder: Path) -> None:
    """Write a folder for each published report: its bundle, figures.jsonl and expected.json."""
    from django.core.management import call_command

    from monitoring.models import Report
    from monitoring.open_data.bundle import bundle_name, make_bundle
    from monitoring.open_data.flat_rows import flat_rows
    from monitoring.open_data.writers import json_lines_parts
    from monitoring.packs.services import load_pack
    from monitoring.reports.selectors.report_data import published_data

    call_command("migrate", verbosity=0)
    for name in PACKS:
        load_pack(folder=ROOT / "fixtures" / name, by=None)
    with tempfile.TemporaryDirectory() as pack:
        for name, text in DIGITS.items():
            (Path(pack) / name).parent.mkdir(parents=True, exist_ok=True)
            (Path(pack) / name).write_text(text)
        load_pack(folder=Path(pack), by=None)
    for report in Report.objects.select_related("period__year"):
        place = folder / bundle_name(report)
        zipfile.ZipFile(BytesIO(make_bundle(report))).extractall(place)
        facts = published_data(report)
        with (place / "figures.jsonl").open("wb") as file:
            file.writelines(json_lines_parts(flat_rows([facts])))
        (place / "expected.json").write_text(json.dumps(_expected(facts)))


def _expected(facts) -> dict:
    """Return the number of cells, the row keys, and totals in pence by statement and measure.

    Totals are those of statements whose counted rows are all parts of one total; the figures are
    taken from the JSON that was frozen.
    """
    from monitoring.models import ReportStatement
    from monitoring.reports.selectors.statements import all_statements

    made = {name: each for name, each in all_statements(facts).items() if each.rows}
    texts = dict(ReportStatement.objects.filter(report=facts.report).values_list("name", "text"))
    totals, cells = {}, 0
    for name, each in made.items():
        rows = json.loads(texts[name])["rows"]
        cells += sum(len(row["cells"]) for row in rows)
        if (total := _grand_total(each)) is None:
            continue
        printed = next(row for row in rows if row["key"] == total)
        for column in each.columns:
            value = printed["cells"][column.key]["value"]
            if column.kind == "amount" and value is not None and column.key not in each.uncast:
                totals[f"{name} {column.key}"] = round(value * 100)
    keys = {name: [row.key for row in each.rows if row.cells] for name, each in made.items()}
    codes = sorted({node.code for node in facts.nodes})
    return {"cells": cells, "totals": totals, "keys": keys, "codes": codes}


def _grand_total(statement) -> str | None:
    """Return the key of the total that every counted row is a part of, through other totals."""
    rows = {row.key: row for row in statement.rows}
    counted = {
        row.key
        for row in statement.rows
        if row.cells and row.kind in ("service", "line") and not row.sum_of and not row.is_number
    }

    def parts_of(key: str) -> list[str]:
        return [key] if key in counted else [p for each in rows[key].sum_of for p in parts_of(each)]

    for row in statement.rows:
        if row.kind == "total" and row.sum_of and sorted(parts_of(row.key)) == sorted(counted):
            return row.key
    return None
