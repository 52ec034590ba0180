"""Leicestershire's plan of 2019 and Kent's New Monies, cell by cell as they were printed."""

import csv

import pytest

from monitoring.reports.selectors.year_data import current_year_data
from planning.plan.register import register_rows
from planning.plan.selectors.plan_data import plan_of
from tests.conftest import FIXTURES, REFERENCE
from tests.planning.plans import made, published_plan, texts

LEICESTERSHIRE, KENT = REFERENCE / "leicestershire-2019-23", REFERENCE / "kent-2017-05"
YEARS = ("2019-20", "2020-21", "2021-22", "2022-23")


@pytest.fixture
def leicestershire(db, tmp_path):
    return published_plan(tmp_path / "leicestershire", "leicestershire-2019-23", "2040/41")


def printed(path) -> list[dict[str, str]]:
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


def plain(text: str) -> str:
    """A printed cell without the unit; `Nil` is nil."""
    return text.replace("£", "").replace("m", "").replace("Nil", "0.0")


def cells(row: dict[str, str]) -> list[str]:
    """The printed amounts of a row: those under a year or a total."""
    return [text for name, text in row.items() if name[:2] == "20" or name == "total_k"]


def test_the_summary(leicestershire):
    keys = ("base", "transfers", "subtotal", "growth", "savings", "net")
    rows = printed(LEICESTERSHIRE / "mtfs_summary.csv")
    found = texts(leicestershire, "mtfs-summary")
    assert [found[key] for key in keys] == [cells(row) for row in rows]
    assert list(found) == list(keys), "a department's plan has no gap of its own"


SIGNS = {"unchanged": "*", "amended": "**", "new": ""}


def test_growth_and_savings_item_by_item(leicestershire):
    for name, file, columns in (
        ("mtfs-growth", "appendix_b_growth_cumulative.csv", ("mark",)),
        ("mtfs-savings", "appendix_c_savings_cumulative.csv", ("mark", "kind")),
    ):
        found = texts(leicestershire, name, *columns, *YEARS)
        statement = made(leicestershire, name)
        for row in printed(LEICESTERSHIRE / file):
            words = [SIGNS.get(row["status"], "")] + [row[c] for c in columns if c == "kind"]
            if row["reference"]:
                assert found[row["reference"]] == words + cells(row)
            elif row["description"] == "Total Communities and Wellbeing":
                # One item stands under the heading, so it has no subtotal; it prints the same.
                assert found["AC12"][-4:] == cells(row)
            elif row["description"].startswith("Total "):
                labels = {each.label: each.key for each in statement.rows}
                assert found[labels[row["description"]]] == words + cells(row)
            else:
                assert found["total"] == words + cells(row)
    steps = texts(leicestershire, "mtfs-savings", *(f"{year}-step" for year in YEARS))
    for row, part in zip(
        printed(LEICESTERSHIRE / "ac12_delivery_steps.csv"), range(1, 5), strict=True
    ):
        given = [text.replace("£", "").removesuffix(",000") for text in cells(row)]
        assert steps[f"AC12.{part}"] == [f"-{text}" if text else "0" for text in given]


def test_the_capital_plan_and_what_is_to_come(leicestershire):
    found = texts(leicestershire, "capital-plan", *YEARS, "total")
    rows = printed(LEICESTERSHIRE / "appendix_d_capital_programme.csv")
    for number, row in enumerate(rows[:-1], start=1):
        assert found[f"CAP-{number}"] == cells(row)
    assert found["total"] == cells(rows[-1])
    ranges = texts(leicestershire, "capital-plan", "amount_low", "amount_high")
    assert ranges["CAP-F1"] == ["17,000", "35,000"]


def test_external_funding_transfers_and_quoted_gaps(leicestershire):
    years = ("2017-18", "2018-19", "2019-20")
    found = texts(leicestershire, "external-funding", *years)
    for number, row in enumerate(printed(LEICESTERSHIRE / "better_care_fund.csv"), start=1):
        key = f"BCF-{number}" if number < 6 else "subtotal:1"
        assert found[key] == [plain(text) for text in cells(row)]
    assert found["of_which_not_recurrent"] == ["9.5", "6.8", "5.8"]
    amounts = {row.key: row.cells for row in made(leicestershire, "external-funding").rows}
    for number, row in enumerate(printed(LEICESTERSHIRE / "other_funding_2019_20.csv"), start=1):
        text = row["amount"].replace("£", "").replace(",", "")
        pounds = float(text[:-1]) * 1_000_000 if text.endswith("m") else float(text)
        assert amounts[f"OTH-{number}"]["2019-20"].value == pytest.approx(pounds)
    transfers = {row.reference: row for row in plan(leicestershire).roll.items}
    shown = [f"{transfers[f'T{n}'].amounts[2019] / 1e8:.1f}" for n in (1, 2, 3)]
    whole = f"{transfers['T'].amounts[2019] / 1e8:.1f}"
    rows = printed(LEICESTERSHIRE / "budget_transfers.csv")
    assert [*shown, whole] == [
        row["amount_m"].strip("()").join(("-", "")) if "(" in row["amount_m"] else row["amount_m"]
        for row in rows
    ]
    gaps = {each.year: each.gap for each in plan(leicestershire).section.gaps}
    quoted = printed(LEICESTERSHIRE / "budget_shortfall.csv")
    assert [f"{gaps[year] / 1e8:.1f}" for year in (2021, 2022)] == [
        r["shortfall_m"] for r in quoted
    ]


def plan(year):
    return plan_of(current_year_data(year))


def test_the_registers_that_adoption_yields(leicestershire):
    for year in YEARS:
        expected = printed(FIXTURES / f"leicestershire-2019-23/expected/savings_{year}.csv")
        rows = register_rows(plan(leicestershire), int(year[:4]))
        assert [
            (r.reference, r.title, r.service, r.decision, r.category, r.agreed // 100) for r in rows
        ] == [
            (
                *(r["reference"], r["title"], r["service_code"], r["decision"], r["category"]),
                int(r["agreed_saving"]),
            )
            for r in expected
        ]


def test_kents_new_monies(db, tmp_path):
    """Three tables: two lists of items, and the funding as allocated and smoothed.

    Smoothed totals print 24.1, 24.1 and 24.2: their sources, rounded by themselves, add to 24.2,
    24.2 and 24.3, as the amounts do.
    """
    kent = published_plan(tmp_path / "kent", "kent-2017-05", "2041/42")
    found = texts(kent, "mtfs-growth", "2017-18", "2018-19")
    for file, prefix, subtotal in (
        ("new_monies_high_impact_changes.csv", "HIC", "subtotal:1"),
        ("new_monies_market_sustainability.csv", "MKT", "subtotal:2"),
    ):
        for number, row in enumerate(printed(KENT / file), start=1):
            is_total = next(iter(row.values())) == "Total"
            here = found[subtotal if is_total else f"{prefix}{number}"]
            nil = {"£0": "0.0"}
            wanted = [row["2017/18_k"], nil.get(row["full_year_k"], row["full_year_k"])]
            assert here == wanted
    sources = texts(kent, "external-funding", "2017-18", "2018-19", "2019-20", "total")
    keys = ("AL-NEW", "AL-KCC", "subtotal:1", "SM-NEW", "SM-KCC", "subtotal:2")
    for key, row in zip(keys, printed(KENT / "new_monies_funding.csv"), strict=True):
        shown = [
            plain(row[f"{part}_m"]) for part in ("year_one", "year_two", "year_three", "total")
        ]
        if key == "subtotal:2":
            shown = ["24.2", "24.2", "24.3", shown[-1]]
        assert sources[key] == shown
    left = texts(kent, "funding-programme")
    assert left["as allocated:cost"] == ["18.0", "24.3", "24.3", "24.3"]
    assert left["as allocated:funding"] == ["32.9", "24.3", "15.5", "6.8"]
    assert left["as allocated:balance"] == ["14.9", "0.0", "-8.8", "-17.5"]
