"""The API: every operation, for every role, answers with what pages show that person."""

import json
import re

import jsonschema
import pytest
from django.urls import URLPattern, get_resolver, reverse

from council_finance.accounts.models import Role
from monitoring.api.openapi import document
from monitoring.api.operations import operations
from monitoring.api.schemas import EXAMPLES, SCHEMAS
from monitoring.models import Period, ReportStatement
from monitoring.publishing.services.redactions import redact_reports
from tests.councils.loaded import load_pack
from tests.councils.packs import bring, csv_of, virements, write_pack
from tests.monitoring.api.tokens import token_for
from tests.quick_cases import quick_first

SEE_DRAFTS = {Role.FINANCE_OFFICER, Role.FINANCE_LEAD, Role.ADMINISTRATOR}
READERS = [role for role in Role if role != Role.NO_ROLE]
HOMES = "Homes of Elm Row"
SERVICES = "code,name,parent_code,order\nTOP,Council,,1\nCARE,Care,TOP,1\n"
FORMS = {name: jsonschema.Draft202012Validator(schema) for name, schema in SCHEMAS.items()}
COLUMNS = (
    *("service_code", "cost_centre", "account", "description", "original_budget"),
    *("current_budget", "forecast", "exempt"),
)


def lines(forecast: int, exempt: str = ".") -> str:
    rows = [
        ["CARE", "C1", "NET", HOMES, "1000", "1000", str(forecast), exempt],
        ["CARE", "C2", "NET", "Meals", "500", "500", "500", "."],
    ]
    return csv_of(COLUMNS, rows)


@pytest.fixture
def council(db, tmp_path):
    """Months 1 and 2 published, 2 redacted, as a line of it is exempt since; month 3 is a draft."""
    moved = virements("V1,02,C1,NET,C2,NET,10,funding,,Cabinet,2021-05-20,,More meals")
    files = {
        "services.csv": SERVICES,
        "periods/01/position.csv": lines(1100),
        "periods/02/position.csv": lines(1200),
        "virements.csv": moved,
    }
    year = load_pack(folder=write_pack(tmp_path, files, publish=(1, 2))).year
    bring(year, "position", lines(1300, "yes"), 3)
    redact_reports(year=year, reason="The contract is being let", by=None)
    return year


@pytest.fixture
def api(client, person):
    """Ask an address of the API with the token of somebody of a role."""
    sent = {role: f"Bearer {token_for(person(role))}" for role in READERS}

    def ask(role, path, **extra):
        return client.get(f"/api/v1{path}", HTTP_AUTHORIZATION=sent[role], **extra)

    return ask


def checked(response, schema: str):
    """The data of an answer, once it has the form that the document promises."""
    data = json.loads(response.content)
    FORMS[schema].validate(data)
    return data


def test_every_address_is_in_the_document_and_has_an_example():
    paths = document()["paths"]
    assert paths.keys() - {each.path for each in operations()} == {"/uploads", "/uploads/{id}"}
    described = {(each.path, paths[each.path]["get"]["operationId"]) for each in operations()}
    assert described == {(each.path, each.name) for each in operations()}
    served = {
        re.sub(r"<(?:\w+:)?(\w+)>", "{}", str(each.pattern)).removeprefix("api/v1")
        for each in _patterns(get_resolver().url_patterns)
        if each.callback.__module__ == "monitoring.api.views"
    }
    own = {re.sub(r"\{\w+\}", "{}", path) for path, _ in described}
    assert served - own == {"/openapi.json", "/{}"} and own < served
    assert {each.answer for each in operations()} | {"Problem"} == set(SCHEMAS) == set(EXAMPLES)
    for name, schema in SCHEMAS.items():
        jsonschema.Draft202012Validator.check_schema(schema)
        FORMS[name].validate(EXAMPLES[name])


def _patterns(patterns):
    for pattern in patterns:
        if isinstance(pattern, URLPattern):
            yield pattern
        else:
            yield from _patterns(pattern.url_patterns)


@pytest.mark.parametrize("roles", quick_first([READERS[::4], READERS[1::4] + READERS[2:4]]))
def test_every_operation_answers_each_role_with_what_its_pages_show(api, council, roles):
    frozen = ReportStatement.objects.get(
        report__period__year=council, report__period__number=2, report__version=1, name="virements"
    )
    assert HOMES in frozen.text
    # Reopened: its report is still what those who see no drafts read.
    Period.objects.filter(year=council, number=1).update(state="open", reopen_reason="Late bill")
    for role in roles:
        sees = role in SEE_DRAFTS
        assert checked(api(role, "/"), "Start")["person"] == role
        years = checked(api(role, "/years"), "Years")["items"]
        assert [year["year"] for year in years] == ["2021-22", "2019-20", "2018-19"]
        months = checked(api(role, "/years/2021-22/periods"), "Periods")["items"]
        assert [(m["period"], m["version"]) for m in months if m["report"]] == [(1, 1), (2, 2)]
        assert [each["period"] for each in months if each["draft"]] == ([1, 3] if sees else [])
        listed = checked(api(role, "/reports"), "Reports")
        own = [(r["period"], r["version"]) for r in listed["items"] if r["year"] == "2021-22"]
        assert own == [(2, 2), *([(2, 1)] if sees else []), (1, 1)]
        for place, version in (
            ("1/latest", 1),
            ("2/1", 1 if sees else 2),
            ("2/2", 2),
            ("3/draft", 1 if sees else None),
            ("3/latest", None),
            ("3/1", None),
            ("2/draft", None),
            ("1/draft", 2 if sees else None),
        ):
            _check_report(api, role, place, version)


def _check_report(api, role, place, version):
    at = f"/reports/2021-22/{place}"
    answers = {
        "Report": api(role, at),
        "Statements": api(role, f"{at}/statements"),
        "Services": api(role, f"{at}/services"),
        "Statement": api(role, f"{at}/statements/virements"),
    }
    if version is None:
        for answer in answers.values():
            assert answer.status_code == 404 == checked(answer, "Problem")["status"], (role, place)
            assert answer["Content-Type"] == "application/problem+json"
        return
    found = {name: checked(answer, name) for name, answer in answers.items()}
    assert (found["Report"]["version"], found["Statement"]["version"]) == (version, version)
    assert [each["code"] for each in found["Services"]["items"]] == ["TOP", "CARE"]
    names = answers["Statement"].content.decode()
    assert (HOMES in names) == (place == "2/1" and version == 1)
    is_draft = place.endswith("draft")
    digests = {each["sha256"] for each in found["Statements"]["items"]}
    assert (digests == {None}) == is_draft and (None in digests) == is_draft
    assert answers["Statement"].has_header("ETag") != is_draft
    kept = "private, no-store" if is_draft else "private, no-cache"
    assert answers["Statement"]["Cache-Control"] == kept


def test_a_published_statement_is_the_frozen_bytes_and_unchanged_by_its_etag(
    api, client, person, somerset
):
    frozen = ReportStatement.objects.get(
        report__period__year=somerset, report__period__number=3, name="annex-a"
    )
    at = "/reports/2019-20/3/latest/statements/annex-a"
    answer = api(Role.SCRUTINY_MEMBER, at)
    assert answer.content == frozen.text.encode()
    assert answer["ETag"] == f'"{frozen.sha256}"'
    same = f'"{frozen.sha256}"'
    for known, status in ((same, 304), (f'W/"x", {same}', 304), ('"x"', 200)):
        again = api(Role.SCRUTINY_MEMBER, at, HTTP_IF_NONE_MATCH=known)
        assert (again.status_code, bool(again.content)) == (status, status == 200)
    client.force_login(person(Role.DIRECTOR, username="elsewhere"))
    download = client.get(reverse("download", args=[2019, 3, "annex-a", "json"]))
    assert download.content == answer.content


def test_reports_come_in_pages_that_lead_to_each_other(api, somerset):
    path, found = "/reports?per_page=3", []
    while path:
        page = checked(api(Role.SCRUTINY_MEMBER, path), "Reports")
        found += [(each["year"], each["period"], each["version"]) for each in page["items"]]
        path = page["next"] and page["next"].partition("/api/v1")[2]
    assert len(found) == len(set(found)) == page["count"] == 4
    assert found == sorted(found, reverse=True)
    beyond = checked(api(Role.SCRUTINY_MEMBER, "/reports?page=999&per_page=3"), "Reports")
    assert beyond["items"] == [] and beyond["previous"].endswith("page=2&per_page=3")


def test_figures_come_as_a_table_of_what_the_role_may_read(api, council):
    """Version 1 of month 2 names a line that is exempt since, so that 2 stands in its place."""
    at = "/figures.jsonl?year=2021-22&statement=virements"
    for role in (Role.SCRUTINY_MEMBER, Role.FINANCE_LEAD):
        answer = api(role, at)
        rows = [json.loads(line) for line in answer.getvalue().splitlines()]
        for row in rows:
            FORMS["Figure"].validate(row)
        assert {(row["period"], row["version"], row["statement"]) for row in rows} == {
            (2, 2, "virements")
        }
        assert HOMES not in answer.getvalue().decode()
        assert api(role, at, HTTP_IF_NONE_MATCH=answer["ETag"]).status_code == 304
        assert answer["ETag"] != api(role, "/figures.jsonl?year=2021-22")["ETag"]
    one = api(Role.DIRECTOR, "/figures.csv?period=1&year=2021-22")
    assert 'filename="figures-2021-22-01.csv"' in one["Content-Disposition"]
    assert b"2021/22,1,1,published,2021-04-30,annex-a" in one.getvalue()


def test_what_is_wrong_is_said_plainly(api, client, person, somerset):
    for path, status, words in (
        ("/reports?page=0", 400, "whole number from 1"),
        ("/reports?per_page=1e3", 400, "whole number from 1 to 200"),
        ("/reports?page=1&page=2", 400, "once"),
        ("/reports?page=%00", 400, "NUL"),
        ("/reports?size=5", 400, "It takes page, per_page."),
        ("/years?x", 400, "It takes none."),
        ("/years/2030-31/periods", 404, "no such year"),
        ("/years/2019-21/periods", 404, "no such address"),
        ("/reports/2019-20/99999999999999999999/latest", 404, "no such report"),
        ("/reports/2019-20/3/first", 404, "no such report"),
        ("/reports/2019-20/3/latest/statements/none", 404, "no such statement"),
        ("/figures.xlsx", 404, "The formats are csv, jsonl, parquet."),
        ("/figures.csv?year=2019", 400, "written as 2019-20"),
        ("/figures.csv?period=x", 400, "whole number from 0 to 13"),
        ("/figures.csv?statement=none", 400, "name of a statement"),
        ("/figures.csv?year=2030-31", 404, "no such report"),
        ("/nowhere", 404, "no such address"),
    ):
        answer = api(Role.SCRUTINY_MEMBER, path)
        assert answer.status_code == status, path
        assert words in checked(answer, "Problem")["detail"], path
    headers = {"HTTP_AUTHORIZATION": f"Bearer {token_for(person(Role.NO_ROLE))}"}
    assert client.get("/api/v1/", **headers).status_code == 401
    client.force_login(person(Role.FINANCE_LEAD, username="logged-in"))
    assert client.get("/api/v1/reports").status_code == 401
    assert client.post("/api/v1/reports", {"page": 1}).status_code == 405
    options = client.options("/api/v1/reports")
    assert (options.status_code, options["Allow"]) == (204, "GET, HEAD, OPTIONS")
    assert client.get("/api/v1/openapi.json").json() == document()
