"""The demo: packs with commentary of their own, signed off, and one council at a time."""

import csv
import shutil

import pytest
from django.core.management import call_command

from monitoring.commentary.selectors import commentary_rows
from monitoring.models import FinancialYear, Report
from monitoring.packs.demo import DEMO_FILES, load_demo_pack
from monitoring.reports.selectors.report_data import current_data
from monitoring.reports.selectors.statements import statement
from tests.conftest import FIXTURES
from tests.councils.packs import period_of

PACKS = {
    "somerset-2019-20": (2019, (2, 3)),
    "cambridgeshire-2018-19": (2018, (11, 13)),
}


def written(pack, number) -> set[str]:
    path = DEMO_FILES / pack / "periods" / f"{number:02d}" / "commentary.csv"
    with path.open(encoding="utf-8", newline="") as file:
        return {row["service_code"] for row in csv.DictReader(file)}


@pytest.mark.parametrize("pack", PACKS)
def test_the_demo_has_commentary_wherever_it_is_due(somerset, pack):
    start, numbers = PACKS[pack]
    year = FinancialYear.objects.get(start=start)
    for number in numbers:
        codes = written(pack, number)
        facts = current_data(period_of(year, number))
        assert not facts.commentary, "the pack itself has none"
        parents = {node.key: node.parent_key for node in facts.nodes}
        due = {row.node.key for row in commentary_rows(facts) if row.due}
        assert {key for key in due if not codes & {key, parents[key]}} == set()
        assert codes <= set(parents)


@pytest.mark.slow
def test_the_demo_publishes_a_pack_with_its_commentary_signed_off(somerset, tmp_path):
    copy = tmp_path / "somerset-2019-20"
    shutil.copytree(FIXTURES / copy.name, copy)
    settings = copy / "pack.toml"
    text = settings.read_text(encoding="utf-8").replace("2019/20", "2021/22")
    settings.write_text(text, encoding="utf-8")
    said: list[str] = []
    load_demo_pack(copy, say=said.append)
    assert said == ["Loading somerset-2019-20 …"]
    year = FinancialYear.objects.get(start=2021)
    assert Report.objects.filter(period__year=year).count() == 2
    facts = current_data(period_of(year, 3))
    assert set(facts.commentary) == set(facts.sign_offs) == written(copy.name, 3)
    assert facts.sign_offs["ECI"]["by"] == "director-economic"
    here, there = (
        statement(current_data(period_of(each, 3)), "annex-a").to_data()["rows"]
        for each in (year, somerset)
    )
    assert here == there


@pytest.mark.parametrize("first", [("--pack", "somewhere"), ("--empty",)])
def test_one_council_at_a_time(capsys, first):
    with pytest.raises(SystemExit) as ended:
        call_command("demo", *first, "--full-year")
    assert ended.value.code == 1
    said = f"Argument --full-year: not allowed with argument {first[0]}."
    assert said in capsys.readouterr().err
