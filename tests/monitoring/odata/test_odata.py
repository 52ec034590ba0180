"""The addresses under `/odata/v1/`, read with a token."""

import base64
import json
from decimal import Decimal
from urllib.parse import quote
from xml.etree import ElementTree

import pytest
from django.test import Client
from django.utils import timezone

from council_finance.accounts.models import Role, TokenKind
from council_finance.accounts.tokens.services import issue_token
from monitoring.models import Report, ReportStatement
from monitoring.odata.entity_types import ENTITY_SETS

ROOT = "/odata/v1/"
EDM = "{http://docs.oasis-open.org/odata/ns/edm}"


def token_of(user) -> str:
    return issue_token(
        person=user,
        name="Excel",
        days=30,
        kind=TokenKind.READ,
        allowed=[TokenKind.READ],
        now=timezone.now(),
    )


class Reader:
    """A program that reads with one person's token, by HTTP Basic as Excel does."""

    def __init__(self, user) -> None:
        pair = base64.b64encode(f"{user.email}:{token_of(user)}".encode()).decode()
        self.client = Client(headers={"Authorization": f"Basic {pair}"})

    def get(self, address: str, status: int = 200, **headers: str) -> dict:
        response = self.client.get(ROOT + address, headers=headers)
        assert response.status_code == status, response.content[:500]
        assert response["OData-Version"] == "4.0"
        return json.loads(response.content, parse_float=Decimal)

    def get_all(self, address: str, **headers: str) -> list[dict]:
        """Follow the links from page to page."""
        pages = [self.get(address, **headers)]
        while link := pages[-1].get("@odata.nextLink"):
            pages.append(self.get(link.removeprefix(f"http://testserver{ROOT}"), **headers))
        return [row for page in pages for row in page["value"]]


@pytest.fixture
def reader(somerset, cambridgeshire, person) -> Reader:
    return Reader(person(Role.SCRUTINY_MEMBER, email="member@example.org"))


def options(**given: str) -> str:
    return "&".join(f"${name}={quote(text)}" for name, text in given.items())


def test_documents_name_every_set_and_property(reader):
    found = reader.get("")
    assert found["@odata.context"] == f"http://testserver{ROOT}$metadata"
    assert [each["url"] for each in found["value"]] == list(ENTITY_SETS)
    response = reader.client.get(f"{ROOT}$metadata")
    assert response["Content-Type"] == "application/xml"
    schema = ElementTree.fromstring(response.content).find(f".//{EDM}Schema")
    types = {each.get("Name"): each for each in schema.iter(f"{EDM}EntityType")}
    assert [ref.get("Name") for ref in schema.iter(f"{EDM}PropertyRef")] == ["id"] * len(types)
    pounds = types["Figure"].find(f"{EDM}Property[@Name='pounds']")
    assert {**pounds.attrib} == {
        "Name": "pounds",
        "Type": "Edm.Decimal",
        "Precision": "20",
        "Scale": "2",
    }
    for name in ("Figures", "Reports", "Services"):
        row = reader.get(f"{name}?$top=1")["value"][0]
        declared = types[ENTITY_SETS[name].entity_type.name].iter(f"{EDM}Property")
        assert list(row) == [each.get("Name") for each in declared]


def test_figures_are_those_of_the_statement(reader):
    where = "financial_year eq '2019/20' and period eq 3 and statement eq 'annex-a'"
    rows = reader.get_all(f"Figures?{options(filter=where)}")
    assert reader.client.get("/reports/2019-20/3/annex-a.csv").status_code == 302
    report = Report.objects.get(period__year__start=2019, period__number=3)
    frozen = json.loads(report.statements.get(name="annex-a").text, parse_float=Decimal)
    cells = [(row, key, cell) for row in frozen["rows"] for key, cell in row["cells"].items()]
    assert [row["text"] for row in rows] == [cell["text"] for _, _, cell in cells]
    amounts = {
        (row["row_key"], row["measure"]): row["pounds"] for row in rows if row["unit"] == "£"
    }
    assert len(amounts) == 99
    assert amounts == {
        (row["key"], key): cell["value"] for row, key, cell in cells if (row["key"], key) in amounts
    }
    total = next(row for row in rows if row["kind"] == "total" and row["level"] == 0)
    counted = [row for row in rows if row["counted"] and row["measure"] == total["measure"]]
    assert sum(row["pounds"] for row in counted) == total["pounds"]


def test_a_figure_has_a_lasting_address_of_its_own(reader):
    row = reader.get(f"Figures?{options(skip='7', top='1')}")["value"][0]
    for key in (f"'{row['id']}'", f"id='{row['id']}'"):
        found = reader.get(f"Figures({quote(key, safe='')})")
        assert found.pop("@odata.context") == f"http://testserver{ROOT}$metadata#Figures/$entity"
        assert found == row
    found = reader.get(f"Figures('{quote(row['id'])}')?$select=label")
    assert found["@odata.context"].endswith("$metadata#Figures(label)/$entity")
    assert found["label"] == row["label"]
    reader.get("Figures('2019-20/03/1/annex-a/NONE/budget')", 404)


def test_pages_together_hold_every_figure_once(reader):
    of_year = "financial_year eq '2019/20'"
    rows = reader.get_all(f"Figures?{options(filter=of_year)}", Prefer="odata.maxpagesize=1500")
    ids = [row["id"] for row in rows]
    assert len(set(ids)) == len(ids)
    frozen = ReportStatement.objects.filter(report__period__year__start=2019)
    names = set(frozen.filter(text__contains='"value": ').values_list("name", flat=True))
    assert {row["statement"] for row in rows} == names
    counted = reader.get(f"Figures?{options(filter=of_year, count='true', top='0')}")
    assert (counted["@odata.count"], counted["value"]) == (len(ids), [])
    response = reader.client.get(f"{ROOT}Figures/$count?{options(filter=of_year)}")
    assert response.content == str(len(ids)).encode()
    reports = {row["id"] for row in reader.get_all("Reports")}
    services = {row["id"] for row in reader.get_all("Services")}
    assert {row["report_id"] for row in rows} == {"2019-20/02/1", "2019-20/03/1"} <= reports
    assert {row["service_id"] for row in rows} - {None} <= services
    where = f"{of_year} and statement eq 'annex-a' and counted"
    asked = options(filter=where, orderby="pounds desc,id", top="90")
    expected = [row for row in rows if row["statement"] == "annex-a" and row["counted"]]
    assert reader.get(f"Figures/$count?{options(filter=where)}") == len(expected)
    expected.sort(key=lambda row: row["id"])
    expected.sort(key=lambda row: (row["pounds"] is not None, row["pounds"]), reverse=True)
    assert reader.get_all(f"Figures?{asked}", Prefer="maxpagesize=40") == expected[:90]


def test_a_page_at_the_end_costs_the_same_as_one_at_the_beginning(
    reader, django_assert_max_num_queries
):
    place = quote("2019-20/03/1/aged-debt@2.1")
    with django_assert_max_num_queries(14):
        assert len(reader.get("Figures?$top=5")["value"]) == 5
    with django_assert_max_num_queries(14):
        assert reader.get(f"Figures?$top=5&$skiptoken={place}")["value"]
    where = options(filter="financial_year eq '2019/20' and statement eq 'no-such'")
    with django_assert_max_num_queries(7):
        assert reader.get(f"Figures?{where}")["value"] == []


def test_refusals_are_errors_of_odata(reader, person):
    refused = Client().get(ROOT)
    assert refused.status_code == 401
    assert "Basic" in refused["WWW-Authenticate"]
    assert "token" in refused.json()["error"]["message"]
    logged_in = Client()
    logged_in.force_login(person(Role.FINANCE_LEAD))
    assert logged_in.get(f"{ROOT}Figures").status_code == 401, "a session is no token"
    for address, status, sentence in (
        ("Figures?$filter=budget gt 1", 400, "There is no property budget."),
        ("Figures?$expand=Report", 501, "This is not offered."),
        ("Figures?$skiptoken=1999-00/01/1/annex-a@1.1", 410, "Refresh from the beginning."),
        ("Reports('x')?$top=1", 400, "It applies to a whole set, such as Figures"),
        ("Figures/$count?$top=1", 400, "It applies to a whole set, such as Figures"),
        ("Cells", 404, "These sets can be read: Figures, EarlierFigures,"),
        ("$batch", 501, "$batch is not offered."),
        ("Figures?$format=atom", 406, "Use $format=json."),
        ("DraftFigures", 403, "Drafts are for finance officers"),
    ):
        error = reader.get(address, status)["error"]
        assert sentence in error["message"], address
    response = reader.client.post(f"{ROOT}Figures", b"{}", content_type="application/json")
    assert (response.status_code, response["Allow"]) == (405, "GET, HEAD")
    accept = "application/json;odata.metadata=minimal;q=1.0,application/atom+xml;q=0.8"
    assert reader.get("Reports?$format=json", Accept=accept)["value"]


def test_a_later_version_takes_the_place_of_the_former(reader):
    report = Report.objects.get(period__year__start=2019, period__number=3)
    first = report.statements.get(name="annex-a")
    later = Report.objects.create(
        period=report.period,
        version=2,
        batch=report.batch,
        frozen=Report.objects.values_list("frozen", flat=True).get(pk=report.pk),
        reason="A figure was wrong",
    )
    text = first.text.replace('"version": 1,', '"version": 2,')
    ReportStatement.objects.create(
        report=later, name=first.name, text=text, layout=first.layout, sha256=""
    )
    where = options(filter="period eq 3 and financial_year eq '2019/20'", top="3")
    for name, version in (("Figures", 2), ("EarlierFigures", 1)):
        found = reader.get(f"{name}?{where}")["value"]
        assert [row["report_id"] for row in found] == [f"2019-20/03/{version}"] * 3
        assert [row["version"] for row in found] == [version] * 3
    reports = reader.get(f"Reports?{where}")["value"]
    assert [(row["version"], row["latest"]) for row in reports] == [(1, False), (2, True)]
    assert reports[1]["reason"] == "A figure was wrong"
