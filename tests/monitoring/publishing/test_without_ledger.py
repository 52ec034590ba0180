"""A period without a ledger: what it holds beside it is read, checked and published."""

import re

import pytest

from council_finance import registry
from council_finance.accounts.models import Role
from council_finance.errors import Refused
from council_finance.registry import beside_ledger
from council_finance.registry.order import Register
from monitoring.models import FinancialYear, Period, Position, Report
from monitoring.packs.services import load_pack
from monitoring.publishing.services.reports import publish_report, reopen_report
from monitoring.reports.checks import check_report
from monitoring.reports.selectors.pages import NO_LEDGER
from monitoring.reports.selectors.report_data import current_data
from monitoring.reports.selectors.statements import WITHOUT_LEDGER, all_statements

pytestmark = pytest.mark.slow

TREE = "code,name,parent_code,order,total_label\nASC,Adults,,1,Total\nOP,Older People,ASC,1,\n"
POSITION = (
    "cost_centre,account,description,service_code,original_budget,current_budget,forecast\n"
    "1,NET,Care,OP,100,100,120\n"
)
TOML = 'council = "Test"\nfinancial_year = "2031/32"\npublish = {publish}\n'


@pytest.fixture
def year(db, monkeypatch, tmp_path):
    """A year with a tree, month 2 of which holds something beside the ledger."""
    monkeypatch.setattr(beside_ledger, "_contents", Register("period content"))
    registry.period_content("plots")(lambda period: period.number == 2)
    (tmp_path / "services.csv").write_text(TREE)
    (tmp_path / "pack.toml").write_text(TOML.format(publish=[]))
    load_pack(folder=tmp_path, by=None)
    return FinancialYear.objects.get(start=2031)


def month(year, number):
    return Period.objects.select_related("year", "batch").get(year=year, number=number)


def test_it_is_published_with_the_bare_tree_and_no_rows_of_the_ledger(year):
    draft = current_data(month(year, 2))
    assert [row.key for row in draft.nodes] == ["ASC", "OP"]
    made = all_statements(draft)
    of_ledger = ("annex-a", "budgetary-control", "section-headlines", "budget-reconciliation")
    assert [made[name].rows for name in of_ledger] == [()] * 4
    assert made["annex-a"].footnotes[0].text == WITHOUT_LEDGER
    assert not [check for check in check_report(draft) if check.status == "differs"]
    publish_report(period=month(year, 2), by=None)
    published = current_data(month(year, 2))
    assert published.status == "published"
    assert not published.has_ledger
    assert {name: each.rows for name, each in all_statements(published).items()} == {
        name: each.rows for name, each in made.items()
    }
    with pytest.raises(Refused, match="There are no figures for Month 3"):
        publish_report(period=month(year, 3), by=None)


def test_the_ledger_may_come_later_and_is_compared_with_no_empty_report(year, tmp_path):
    publish_report(period=month(year, 2), by=None)
    folder = tmp_path / "periods" / "03"
    folder.mkdir(parents=True)
    (folder / "position.csv").write_text(POSITION)
    (tmp_path / "pack.toml").write_text(TOML.format(publish=[3]))
    load_pack(folder=tmp_path, by=None)
    later = current_data(month(year, 3))
    assert (later.has_ledger, later.compared_with, later.top.movement) == (True, None, None)
    reopen_report(period=month(year, 2), reason="The ledger came", by=None)
    assert not Position.objects.filter(batch=month(year, 2).batch_id).exists()
    assert Report.objects.filter(period__year=year).count() == 2


def test_the_finance_lead_publishes_it_in_the_browser_and_no_page_says_nil(client, person, year):
    client.force_login(person(Role.FINANCE_LEAD))
    place = "/2031-32/2/"
    pages = [f"{place}{page}" for page in ("", "services/OP/", "services/ASC/")]

    def read_pages():
        for page in pages:
            text = client.get(page).content.decode()
            assert NO_LEDGER in text, page
            assert "being recalculated" not in text
            assert not re.search(r"£0|>0(\.0)?<|Net budget|No forecast has been given", text), page

    read_pages()
    month_page = client.get(f"{place}month/").content.decode()
    assert "Review month 2" in month_page and "No figures yet" not in month_page
    review = client.get(f"{place}review/")
    assert "Forecasts not updated" not in review.content.decode()
    fields = dict(review.context["publish_form"].initial)
    warned = client.post(f"{place}review/", {"action": "publish", **fields})
    assert warned.status_code == 422
    assert "The ledger’s figures of month 2 are not uploaded" in warned.content.decode()
    reports = Report.objects.filter(period__year=year)
    assert not reports.exists()
    sent = {"action": "publish", **fields, "knows_outstanding": "on"}
    published = client.post(f"{place}review/", sent, follow=True)
    assert published.redirect_chain == [("/reports/2031-32/2/", 302)]
    assert reports.get().period.number == 2
    read_pages()
    row = next(each for each in client.get("/2031-32/").context["rows"] if each.period.number == 2)
    assert (row.state, row.budget, row.net_variance) == ("Published", "", "")
