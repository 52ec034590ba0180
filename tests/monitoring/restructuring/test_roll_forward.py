"""The next year made from this one: services and lines as they stand, and no figures."""

import pytest
from django.urls import reverse

from council_finance.accounts.models import Role
from council_finance.audit import AuditEntry
from council_finance.errors import Refused
from monitoring.models import (
    Batch,
    BudgetLine,
    FinancialYear,
    ForecastMethod,
    Period,
    Position,
    Service,
    Virement,
)
from monitoring.publishing.services.reports import publish_report
from monitoring.restructuring.selectors.structure import register_of, roll_forward
from monitoring.restructuring.services.structure import close_service, merge_service
from monitoring.restructuring.services.years import roll_year_forward, set_up_year
from monitoring.uploading.services.uploads import upload_file
from tests.conftest import FIXTURES
from tests.councils.packs import bring, facts_of, nodes_of, period_of, position
from tests.monitoring.restructuring.test_structure import MONTH_3, fresh, seaside  # noqa: F401 - a fixture

POSITION = FIXTURES / "somerset-2019-20" / "periods" / "03" / "position.csv"


def places(year: FinancialYear) -> dict[tuple[str, str], str]:
    """Where each line stands, by its codes."""
    tree = register_of(year).tree
    return {
        (line.cost_centre, line.account): tree.register[tree.home(line.service_id)].code
        for line in BudgetLine.objects.filter(year=year)
    }


def shape(year: FinancialYear) -> list[tuple]:
    nodes = register_of(year).tree.nodes
    return [
        (node.key, node.level, node.service.name, node.service.total_label, node.service.section)
        for node in nodes
    ]


def test_the_next_year_has_the_services_lines_and_settings_of_this_one(somerset):
    line = BudgetLine.objects.get(year=somerset, cost_centre="A100")
    for target in ({"line": line}, {"service": line.service}):
        ForecastMethod.objects.create(year=somerset, method="run-rate", **target)
    following = roll_year_forward(year=somerset, by=None)
    assert (following.label, following.council) == ("2020/21", somerset.council)
    methods = ForecastMethod.objects.filter(year=following)
    assert set(methods.values_list("line__cost_centre", "service__code", "method")) == {
        ("A100", None, "run-rate"),
        (None, line.service.code, "run-rate"),
    }
    assert {each.line.year for each in methods if each.line} == {following}
    assert following.settings == somerset.settings
    assert shape(following) == shape(somerset)
    assert places(following) == places(somerset)
    assert len(places(following)) == 37
    old, new = (
        sorted(
            BudgetLine.objects.filter(year=year).values_list("cost_centre", "description", "exempt")
        )
        for year in (somerset, following)
    )
    assert old == new
    assert list(following.periods.values_list("number", flat=True)) == list(range(14))
    assert not Batch.objects.filter(period__year=following).exists()
    assert not Virement.objects.filter(year=following).exists()
    entry = AuditEntry.objects.get(action="rolled forward")
    assert entry.record == "year 2020/21"
    registers = {"decisions": 5, "contracts": 1}
    counts = {"services": 11, "lines": 37, "forecast_methods": 2}
    assert entry.detail == {"from": "2019/20", **counts, **registers}


@pytest.mark.slow
def test_next_years_ledger_file_finds_its_cost_centres(somerset):
    following = roll_year_forward(year=somerset, by=None)
    rows = POSITION.read_text().splitlines()
    place = rows[0].split(",").index("service_code")
    blank = "\n".join(
        ",".join("" if n == place and row is not rows[0] else cell for n, cell in enumerate(cells))
        for row in rows
        for cells in [row.split(",")]
    )
    upload = upload_file(
        kind="position", year=following, period=0, content=blank.encode(), file_name="b", by=None
    )
    assert upload.state == "stored"
    assert BudgetLine.objects.filter(year=following).count() == 37
    before = nodes_of(facts_of(somerset, 3))
    after = nodes_of(facts_of(following, 0))
    assert {key: node["budget"] for key, node in after.items()} == {
        key: node["budget"] for key, node in before.items()
    }
    assert publish_report(period=period_of(following, 0), by=None).version == 1


@pytest.mark.slow
def test_lines_go_where_they_stand_and_those_without_a_place_stay_behind(seaside):  # noqa: F811
    merge_service(
        year=seaside, code="HEALTH", successor="CARE", revision=fresh(seaside).revision, by=None
    )
    close_service(year=seaside, code="TRAVEL", revision=fresh(seaside).revision, by=None)
    merged = MONTH_3.replace("HEALTH,", "CARE,").replace("TRAVEL,", ",")
    bring(seaside, "position", merged + ",N100,NET,10,10,12,,\n", 3)
    carried = roll_forward(seaside)
    assert (carried.lines, carried.left) == (7, 1)
    assert [row.code for row in carried.services] == [
        *("TOP", "FAM", "SCHOOL", "YOUTH", "HOUS", "HOMES", "TRAVEL", "ADULT", "CARE")
    ]
    following = roll_year_forward(year=seaside, by=None)
    lines = BudgetLine.objects.filter(year=following)
    assert dict(lines.values_list("cost_centre", "service__code")) == {
        "S100": "SCHOOL",
        "Y100": "YOUTH",
        "H100": "HOMES",
        "T100": "TRAVEL",
        "T200": "TRAVEL",
        "C100": "CARE",
        "K100": "CARE",
    }
    # What was closing still is: it opens while the new year's file has lines on it.
    assert not Service.objects.get(year=following, code="TRAVEL").named
    bring(following, "position", position("TRAVEL T100 5 5 5").replace("TRAVEL", ""), 0)
    assert nodes_of(facts_of(following, 0))["TRAVEL"]["lines"] == 1


def test_the_next_year_is_made_once(somerset):
    roll_year_forward(year=somerset, by=None)
    services, entries = Service.objects.count(), AuditEntry.objects.count()
    with pytest.raises(Refused, match="2020/21 has been set up already"):
        roll_year_forward(year=somerset, by=None)
    assert (Service.objects.count(), AuditEntry.objects.count()) == (services, entries)


def test_an_earlier_year_is_not_rolled_over_the_next(cambridgeshire, somerset):
    with pytest.raises(Refused, match="2019/20 has been set up already"):
        roll_year_forward(year=cambridgeshire, by=None)


def test_a_year_without_services_has_nothing_to_carry_on(db):
    year = set_up_year(start=2030, council="Seaside", settings={}, by=None)
    with pytest.raises(Refused, match="has no services"):
        roll_year_forward(year=year, by=None)
    last = set_up_year(start=2199, council="Seaside", settings={}, by=None)
    with pytest.raises(Refused, match="the last year"):
        roll_year_forward(year=last, by=None)
    assert not FinancialYear.objects.filter(start__in=(2031, 2200)).exists()


def test_a_failure_half_way_leaves_no_year(somerset, monkeypatch):
    from monitoring.restructuring.services import years

    def fail(*arguments):
        raise RuntimeError("the disk is full")

    monkeypatch.setattr(years, "insert_rows", fail)
    with pytest.raises(RuntimeError):
        roll_year_forward(year=somerset, by=None)
    assert not FinancialYear.objects.filter(start=2020).exists()
    assert not AuditEntry.objects.filter(record="year 2020/21").exists()


ADDRESS = "/2019-20/roll-forward/"


@pytest.mark.parametrize("role", [Role.ADMINISTRATOR, Role.FINANCE_LEAD])
def test_the_page_says_what_is_carried_and_then_what_is_next(client, person, somerset, role):
    client.force_login(person(role))
    assert reverse("year-roll-forward", args=[2019]) == ADDRESS
    page = client.get(ADDRESS).content.decode()
    assert "37, each in its service of today" in page
    assert "11 open" in page
    response = client.post(ADDRESS)
    assert (response.status_code, response.url) == (302, ADDRESS)
    page = client.get(ADDRESS).content.decode()
    assert "2020/21 is set up" in page
    upload = reverse("upload-for-period", args=[2020, 0])
    assert (upload in page) == (role == Role.FINANCE_LEAD)
    assert AuditEntry.objects.get(action="rolled forward").by.role == role
    again = client.post(ADDRESS)
    assert again.status_code == 409
    assert "has been set up already" in again.content.decode()


@pytest.mark.parametrize(
    "role",
    [Role.FINANCE_OFFICER, Role.BUDGET_MANAGER, Role.DIRECTOR, Role.SCRUTINY_MEMBER],
)
def test_others_do_not_set_years_up(client, person, somerset, role):
    client.force_login(person(role))
    assert client.get(ADDRESS).status_code == 403
    assert client.post(ADDRESS).status_code == 403
    assert not FinancialYear.objects.filter(start=2020).exists()


def test_the_page_of_a_year_that_is_not_there_or_has_nothing(client, person, db):
    client.force_login(person(Role.FINANCE_LEAD))
    assert client.get("/2031-32/roll-forward/").status_code == 404
    set_up_year(start=2030, council="Seaside", settings={}, by=None)
    assert "Nothing to carry forward yet" in client.get("/2030-31/roll-forward/").content.decode()
    assert client.post("/2030-31/roll-forward/").status_code == 409


def test_a_next_year_with_figures_needs_nothing_more(client, person, cambridgeshire, somerset):
    client.force_login(person(Role.FINANCE_LEAD))
    page = client.get("/2018-19/roll-forward/").content.decode()
    assert "It has figures already" in page
    assert Position.objects.filter(batch__in=Period.objects.values("batch")).exists()
