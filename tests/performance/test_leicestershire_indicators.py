"""Leicestershire's indicators of April to November 2018, cell by cell as printed."""

import csv
import re
import shutil

from monitoring.models import Period
from monitoring.reports.checks import check_report
from monitoring.reports.selectors.report_data import current_data
from monitoring.reports.selectors.statements import statement
from performance.indicators.selectors.report_indicators import indicators_of
from tests.conftest import FIXTURES, REFERENCE
from tests.councils.loaded import load_pack

TABLE = REFERENCE / "leicestershire-2019-23" / "performance_apr_nov_2018_full.csv"
AIMS = {"H": "higher", "L": "lower", "Target Band Width": "band", "N/A": "none"}
NONE = {"N/A", "TBC", "For information only"}
YEARS = {"2017/18": "2037/38", "2018/19": "2038/39"}
"""2018/19 is Cambridgeshire's in the test database, so the pack is moved by twenty years."""


def leicestershire(folder):
    """The facts of period 8 of the pack, in a later year."""
    pack = folder / "pack"
    shutil.copytree(FIXTURES / "leicestershire-2018-19-indicators", pack)
    for path in pack.rglob("*.*"):
        path.write_text(_move_years(path.read_text(encoding="utf-8")), encoding="utf-8")
    year = load_pack(folder=pack).year
    return current_data(Period.objects.select_related("year", "batch").get(year=year, number=8))


def _move_years(text: str) -> str:
    for before, after in YEARS.items():
        text = text.replace(before, after)
    return text


def plain(text: str) -> str:
    """A cell without the months beside the figure, the spelling of units, or words for none."""
    if text in NONE:
        return ""
    text = re.sub(r" Apr-Nov '1[78]|;$", "", text)
    text = re.sub(r" Ave days(?: per |/)Mth", " days", text)
    return re.sub(r"(\.\d*?)0+(?=[%km ]|$)", lambda found: found[1].rstrip("."), text.casefold())


def test_every_cell_is_as_printed(db, tmp_path):
    facts = leicestershire(tmp_path)
    made = statement(facts, "performance")
    rows = {row.reference: row for row in indicators_of(facts)}
    with TABLE.open(encoding="utf-8") as file:
        printed = list(csv.DictReader(file))
    assert len(printed) == len(rows) == 30
    for row, ours in zip(printed, rows.values(), strict=True):
        cells = {key: cell.text for key, cell in made.row(ours.reference).cells.items()}
        assert (ours.measure, ours.code) == (row["description"], row["measure"])
        assert (ours.heading, ours.priority) == (row["theme"], row["strategic_priority"])
        assert ours.outcome == row["supporting_outcome"]
        assert ours.polarity == AIMS[row["aim"]]
        for_information = ours.polarity == "none"
        # Those for information print last year's months where the others print a target.
        target = cells["same_period_last_year"] if for_information else cells["target"]
        target = target.removesuffix(" (Apr-Nov '17)")
        assert plain(target) == plain(row["milestone_2018_19"]), ours.reference
        assert plain(cells["actual"]) == plain(row["performance_apr_nov"]), ours.reference
        assert plain(cells["previous_year"]) == plain(row["previous_year"]), ours.reference
        assert plain(cells["future_target"]) == plain(row["target_2020_21"]), ours.reference
        assert plain(cells["england"]) == plain(row["quartile"]), ours.reference
        status = {"Not reported": "N/A", "Data only": "N/A"}.get(ours.status, ours.status)
        assert status == row["rag"], ours.reference
        if row["performance_apr_nov"].endswith("Apr-Nov '18"):
            assert cells["data_period"] == "April to November 2018"
    _require_ratings(facts)


def _require_ratings(facts):
    """21 of the 23 ratings follow from one tolerance; officers judged the other two."""
    rated = {r.reference: (r.declared, r.derived) for r in indicators_of(facts) if r.declared}
    assert len(rated) == 23
    other = {reference: both for reference, both in rated.items() if both[0] != both[1]}
    assert other == {"L05": ("A", "G"), "L06": ("R", "A")}
    differs = {check.name for check in check_report(facts) if check.status == "differs"}
    assert differs == {
        "L05: the status is declared A; the figures give G",
        "L06: the status is declared R; the figures give A",
        "L29 (previous_year): 742 of 782 is 94.9%, 97.9% is given",
    }
    total = statement(facts, "performance-summary").row("performance:total").cells
    assert {key: cell.text for key, cell in total.items()} == {
        **{"r": "1", "a": "4", "g": "18", "data_only": "2"},
        **{"no_target": "0", "not_reported": "5", "total": "30"},
    }
