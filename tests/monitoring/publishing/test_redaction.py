"""Published reports without the names of lines that became exempt, and what stays of them."""

import hashlib
import html
import json
import re

import pytest
from django.test import Client
from django.urls import reverse

from council_finance import audit
from council_finance.accounts.models import Role
from council_finance.audit import AuditEntry
from council_finance.errors import Refused
from monitoring.ledger.selectors.line_names import descriptions_in
from monitoring.models import BudgetLine, Report, ReportFigure, ReportStatement
from monitoring.published.report_rows import PreviousReport
from monitoring.publishing.services import redactions
from monitoring.publishing.services.redactions import redact_reports
from monitoring.publishing.services.reports import reopen_report
from monitoring.reports.checks import check_report
from monitoring.reports.redaction import Redactor, Secret
from monitoring.reports.selectors.redactions import reports_to_redact
from monitoring.reports.selectors.report_data import draft_data, published_data
from tests.councils.loaded import load_pack
from tests.councils.marked import position, write_files
from tests.councils.packs import bring, period_of, publish
from tests.quick_cases import quick_first

pytestmark = pytest.mark.slow

NAMED = ("C1/NET Homes", "R2/NET Lighting")
REASON = "Confidential until the contract is let"


@pytest.fixture
def year(db, tmp_path):
    """Months 1 and 2 published; two lines that month 2 names are exempt since."""
    year = load_pack(folder=write_files(tmp_path / "pack"), by=None).year
    exempt(year)
    return year


def exempt(year, number: int = 3) -> None:
    text = position()
    for row in ("C1,NET,Homes,1000,1000,1100,200,", "R2,NET,Lighting,100,100,100,10,"):
        assert row in text
        text = text.replace(row, f"{row}yes")
    bring(year, "position", text, number)


def report(year, number: int, version: int) -> Report:
    return Report.objects.select_related("period__year").get(
        period__year=year, period__number=number, version=version
    )


def texts(of: Report) -> dict[str, str]:
    return dict(ReportStatement.objects.filter(report=of).values_list("name", "text"))


def page(response) -> str:
    return html.unescape(" ".join(re.sub(r"<[^>]+>", " ", response.content.decode()).split()))


def test_the_reports_that_name_lines_which_became_exempt_are_found(year):
    (found,) = reports_to_redact(year)
    assert (found.period.number, [each.version for each in found.versions]) == (2, [1])
    assert {line.code for line in found.lines} == {"C1/NET", "R2/NET"}
    assert found.makes_version == 2
    named = " ".join(texts(report(year, 2, 1)).values())
    assert all(name in named for name in NAMED)


def test_a_redacted_version_has_the_same_figures_and_no_names(year):
    before = texts(report(year, 2, 1))
    redact_reports(year=year, reason=REASON, by=None)
    was, now = report(year, 2, 1), report(year, 2, 2)
    after = texts(now)
    assert texts(was) == before, "what was published stays as it was"
    assert before.keys() == after.keys()
    for name, text in before.items():
        redacted = text.replace('"version": 1', '"version": 2')
        redacted = redacted.replace(f'"{NAMED[0]}"', '"An exempt line of Care"')
        for line, service in zip(NAMED, ("Care", "Roads"), strict=True):
            redacted = redacted.replace(line, f"an exempt line of {service}")
        assert after[name] == redacted
    assert not re.search("C1/NET|R2/NET|Lighting", json.dumps(now_frozen(now)))
    assert figures(was) == figures(now)
    assert checks(was) == checks(now)
    assert set(was.virements.all()) == set(now.virements.all())
    seals = ReportStatement.objects.filter(report=now).values_list("sha256", "text")
    assert all(seal == hashlib.sha256(text.encode()).hexdigest() for seal, text in seals)


def checks(of: Report) -> list[tuple]:
    found = check_report(published_data(of))
    return [(each.statement, each.expected_pence, each.actual_pence, each.status) for each in found]


def now_frozen(of: Report) -> dict:
    return {key: value for key, value in published_data(of).frozen.items() if key != "settings"}


def figures(of: Report) -> list[tuple]:
    rows = ReportFigure.objects.filter(report=of).order_by("place")
    return list(rows.values_list("key", "label", "budget_pence", "net_variance_pence"))


MEMBERS = (Role.SCRUTINY_MEMBER, Role.DIRECTOR, Role.BUDGET_MANAGER)


@pytest.mark.slow
@pytest.mark.parametrize("reader", quick_first(["a stranger", *MEMBERS]))
def test_a_named_version_is_no_longer_served_to_who_may_not_see_it(
    client, person, year, settings, reader
):
    settings.PUBLIC_REPORTS = True
    seals = dict(
        ReportStatement.objects.filter(report=report(year, 2, 1)).values_list("name", "sha256")
    )
    redact_reports(year=year, reason=REASON, by=None)
    if reader in MEMBERS:
        client.force_login(person(reader))
    for query in ("", "?version=1", "?version=2"):
        for name in seals:
            for kind in ("json", "csv", "html"):
                address = reverse("download", args=[2021, 2, name, kind])
                assert not _named(client.get(f"{address}{query}"))
            shown = client.get(reverse("statement", args=[2021, 2, name]) + query)
            assert shown.status_code == 200 and not _named(shown)
        pack = client.get(reverse("pack", args=[2021, 2, "zip"]) + query)
        assert "-v2" in pack["Content-Disposition"]
    whole = client.get(reverse("report", args=[2021, 2]) + "?version=1")
    assert "You asked for version 1, which names budget lines" in page(whole)
    assert seals["virements"] in page(whole), "the chain of what was published is told"
    assert "version=1" not in whole.content.decode()
    assert "Version 1 published" in page(whole) and "withheld" in page(whole)
    assert REASON in page(whole)
    library = client.get(reverse("reports")).content.decode()
    assert "version=1" not in library


def _named(response) -> bool:
    return bool(re.search("C1/NET|R2/NET|Lighting", response.content.decode("utf-8", "replace")))


def test_those_who_may_see_exempt_lines_still_read_what_was_published(client, person, year):
    before = texts(report(year, 2, 1))["virements"]
    redact_reports(year=year, reason=REASON, by=None)
    client.force_login(person(Role.FINANCE_OFFICER))
    address = reverse("download", args=[2021, 2, "virements", "json"])
    assert client.get(f"{address}?version=1").content.decode() == before
    assert client.get(address).json()["version"] == 2
    whole = page(client.get(reverse("report", args=[2021, 2])))
    assert "Version 2 repeats every figure of version 1" in whole
    assert hashlib.sha256(before.encode()).hexdigest() in whole


@pytest.mark.slow
@pytest.mark.parametrize("role", Role.values)
def test_the_lead_and_the_administrator_redact_with_a_reason(client, person, year, role):
    user = person(role)
    client.force_login(user)
    address = reverse("redact", args=[2021])
    offered = "Redact published reports of 2021/22" in page(
        client.get(reverse("report", args=[2021, 2]))
    )
    if role not in (Role.FINANCE_LEAD, Role.ADMINISTRATOR):
        assert not offered
        assert client.get(address).status_code == client.post(address).status_code == 403
        return
    assert offered
    assert "C1/NET Homes; R2/NET Lighting" in page(client.get(address))
    assert client.post(address, {"reason": " "}).status_code == 422
    assert Report.objects.filter(period__year=year).count() == 2
    answer = client.post(address, {"reason": REASON}, follow=True)
    assert "1 report is redacted" in page(answer) and "Nothing to redact" in page(answer)
    again = client.post(address, {"reason": REASON})
    assert again.status_code == 409 and Report.objects.filter(period__year=year).count() == 3
    (entry,) = AuditEntry.objects.filter(action="redacted")
    assert entry.by == user and entry.record == "report 2021/22 period 2"
    assert (entry.detail["version"], entry.detail["withheld_versions"]) == (2, [1])
    assert entry.detail["reason"] == REASON and entry.detail["lines"] == ["C1/NET", "R2/NET"]


def test_nothing_is_redacted_where_any_of_it_fails(year, monkeypatch):
    def fail(*arguments, **more):
        raise Refused("No.")

    monkeypatch.setattr(redactions.audit, "record", fail)
    with pytest.raises(Refused):
        redact_reports(year=year, reason=REASON, by=None)
    assert Report.objects.filter(period__year=year).count() == 2
    assert not Report.objects.filter(withheld_for__isnull=False).exists()
    assert audit.record is fail


@pytest.mark.slow
def test_a_report_that_was_compared_with_it_is_not_called_out_of_date(year):
    publish(year, 3)
    redact_reports(year=year, reason=REASON, by=None)
    third = published_data(report(year, 3, 1))
    assert third.compared_with == PreviousReport(period=2, version=1)
    assert not third.is_comparative_superseded
    exempt(year, 4)
    assert draft_data(period_of(year, 4)).compared_with == PreviousReport(period=3, version=1)
    reopen_report(period=period_of(year, 2), reason="A late invoice", by=None)
    publish(year, 2)
    assert published_data(report(year, 3, 1)).is_comparative_superseded


@pytest.mark.slow
def test_a_draft_is_compared_with_the_redacted_version(year):
    redact_reports(year=year, reason=REASON, by=None)
    assert draft_data(period_of(year, 3)).compared_with == PreviousReport(period=2, version=2)
    before = texts(report(year, 2, 2))
    publish(year, 3)
    assert texts(report(year, 2, 2)) == before


@pytest.mark.slow
def test_a_report_that_is_open_again_is_redacted_too(client, person, year):
    reopen_report(period=period_of(year, 2), reason="A late invoice", by=None)
    redact_reports(year=year, reason=REASON, by=None)
    client.force_login(person(Role.SCRUTINY_MEMBER))
    address = reverse("download", args=[2021, 2, "virements", "json"])
    assert client.get(address).json()["version"] == 2
    assert publish(year, 2).version == 3


@pytest.mark.slow
def test_an_earlier_version_alone_is_withheld_without_a_new_one(client, person, year):
    reopen_report(period=period_of(year, 2), reason="A late invoice", by=None)
    publish(year, 2)
    (found,) = reports_to_redact(year)
    assert [each.version for each in found.versions] == [1] and found.makes_version is None
    redact_reports(year=year, reason=REASON, by=None)
    assert report(year, 2, 1).withheld_for == report(year, 2, 2)
    assert not reports_to_redact(year) and not report(year, 2, 2).is_redaction
    client.force_login(person(Role.SCRUTINY_MEMBER))
    address = reverse("download", args=[2021, 2, "virements", "json"])
    assert client.get(f"{address}?version=1").json()["version"] == 2


def test_another_line_later_redacts_the_redacted_version(year):
    redact_reports(year=year, reason=REASON, by=None)
    BudgetLine.objects.filter(year=year, cost_centre="R1").update(exempt=True)
    redact_reports(year=year, reason="The same", by=None)
    last = report(year, 2, 3)
    assert last.redaction_of == report(year, 2, 1)
    assert {report(year, 2, each).withheld_for for each in (1, 2)} == {last}
    assert not re.search("C1/NET|R1/NET|R2/NET", " ".join(texts(last).values()))


@pytest.mark.slow
def test_a_redacted_version_keeps_the_other_words_of_its_report(year):
    redact_reports(year=year, reason=REASON, by=None)
    bring(year, "position", position().replace("Mowing", "Secret plans"), 4)
    mowing = BudgetLine.objects.get(year=year, cost_centre="P1")
    for version in (1, 2):
        assert descriptions_in(report(year, 2, version), [mowing])[mowing.pk] == "Mowing"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("C1/NET Homes", "An exempt line of Care"),
        ("from C1/NET Homes to R1/NET", "from an exempt line of Care to R1/NET"),
        ("See C1/NET.", "See an exempt line of Care."),
        ("C1/NETWORK, AC1/NET, A/C1/NET, B-C1/NET, C1/NET/2, C1/NET-2", None),
        ("Homes for everybody", None),
        ("", None),
    ],
)
def test_a_name_gives_way_only_where_it_stands_by_itself(text, expected):
    redactor = Redactor([Secret(frozenset({"C1/NET", "C1/NET Homes"}), "an exempt line of Care")])
    assert redactor.text(text) == (text if expected is None else expected)
    data = {"key": "C1/NET", "label": text, "rows": [{"text": text, "value": 1.5}]}
    kept = {"key": "C1/NET", "label": redactor.text(text)}
    assert redactor.data(data) == {**kept, "rows": [{"text": redactor.text(text), "value": 1.5}]}


def test_a_stranger_reads_no_page_of_redactions(year):
    assert Client().get(reverse("redact", args=[2021])).url.startswith("/login/")
