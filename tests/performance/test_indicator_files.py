"""Files of indicators: what is taken, what is refused and why, undo, entry, rights and pages."""

import pytest
from django.urls import reverse

from council_finance.accounts.models import Role
from council_finance.audit import AuditEntry
from council_finance.errors import Refused
from council_finance.registry import SubjectFact
from monitoring.models import TreeRight, Upload
from monitoring.uploading.selectors.undo import preview_undo
from monitoring.uploading.services.undo import undo_upload
from performance.indicators.contradictions import contradictions
from performance.indicators.models import (
    Indicator,
    IndicatorBenchmark,
    IndicatorHistory,
    IndicatorValue,
)
from performance.indicators.panels import find_indicators
from performance.indicators.selectors.report_indicators import indicators_of
from performance.indicators.services import carry_indicators
from tests.councils.loaded import load_pack
from tests.councils.packs import bring, facts_of, period_of, position, write_pack

SERVICES = "code,name,parent_code,order,total_label\nTOP,Council,,1,Total\nCARE,Care,TOP,1,\n"
SERVICES += "ROADS,Roads,TOP,2,\n"
SETTINGS = """
[performance]
profile = "last_year"
compare = ["last_year", "previous"]
[[status_scheme.performance]]
status = "Red"
label = "Off target"
shortfall_percent_above = 10
[[status_scheme.performance]]
status = "Amber"
shortfall_percent_above = 0
[[status_scheme.performance]]
status = "Green"
"""
INDICATORS = (
    "reference,measure,outcome,service_code,order,polarity,unit,basis,target,target_low,"
    "target_high,minimum_percent,parent_reference\n"
    "A/1,Homes,Safe,CARE,2,higher,percent,,80,,,10,\n"
    "B,Band,Safe,CARE,1,band,,,,56,61,none,\n"
    "C,Visits,Open,ROADS,3,higher,number,year_to_date,1200,,,,\n"
    "C1,Visits North,Open,ROADS,,higher,number,,,,,,C\n"
)
VALUES = "reference,actual,status,status_reason\nA/1,76.5%,,\nB,55,red,\nC,110,,\n"
HISTORY = "reference,financial_year,period,actual\nC,2020/21,1,120\nC,2020/21,13,1000\n"
BENCHMARKS = "reference,comparator,value,quartile\nA/1,england,75,Top\nB,england,,Bottom\n"
MODELS = (Indicator, IndicatorValue, IndicatorHistory, IndicatorBenchmark)


@pytest.fixture
def council(db, tmp_path):
    """Indicators with values in month 1, which is open and has a ledger."""
    files = {
        "services.csv": SERVICES,
        "indicators.csv": INDICATORS,
        "indicator_history.csv": HISTORY,
        "periods/01/position.csv": position("CARE C1 100 100 120\nROADS R1 50 50 50"),
        "periods/01/indicators.csv": VALUES,
        "periods/01/benchmarks.csv": BENCHMARKS,
    }
    return load_pack(folder=write_pack(tmp_path / "pack", files, settings=SETTINGS)).year


def rows(year, number=1):
    return {row.reference: row for row in indicators_of(facts_of(year, number))}


def test_values_are_rated_by_the_councils_rules(council):
    found = rows(council)
    assert list(found) == ["B", "A/1", "C"]
    assert (found["A/1"].status, found["A/1"].floor) == ("Amber", 720_000)
    assert (found["B"].status, found["B"].derived) == ("Red", "Amber")
    # Last year 120 of 1,000 had come by now, so 144 of 1,200 are due; 110 is 23.6% short.
    assert (found["C"].rated_target, found["C"].derived) == (1_440_000, "Red")
    assert (found["C"].last_year, found["C"].direction) == (1_200_000, "down")


REFUSED = [
    ("indicators", None, "reference,measure,polarity\nA,x,higher\nA,y,lower\n", "stand"),
    ("indicators", None, "reference,measure,polarity\nA,x,up\n", "one of higher"),
    ("indicators", None, "reference,measure,polarity,target\nA,x,band,5\n", "a band has a lower"),
    (
        "indicators",
        None,
        "reference,measure,polarity,target_low\nA,x,lower,5\n",
        "polarity is band",
    ),
    (
        "indicators",
        None,
        "reference,measure,polarity,target_low,target_high\nA,x,band,9,5\n",
        "the lower edge is above",
    ),
    ("indicators", None, "reference,measure,polarity,target\nA,x,lower,2.4%<\n", "12.5% was"),
    ("indicators", None, "reference,measure,polarity,decimals\nA,x,lower,5\n", "four decimals"),
    ("indicators", None, "reference,measure,polarity,minimum_percent\nA,x,lower,no\n", "“none”"),
    ("indicators", None, "reference,measure,polarity,service_code\nA,x,lower,NO\n", "no service"),
    (
        "indicators",
        None,
        "reference,measure,polarity,parent_reference\nA,x,lower,Z\n",
        "in the file",
    ),
    (
        "indicators",
        None,
        "reference,measure,polarity,parent_reference\nA,x,lower,B1\nB1,y,lower,A\n",
        "a part of itself",
    ),
    ("indicators", 1, "reference,actual\nZ,5\n", "there is no indicator"),
    ("indicators", 1, "reference,actual\nC,1.23456\n", "more than four decimals"),
    ("indicators", 1, "reference,actual,status\nC,5,Pink\n", "one of Red, Amber, Green"),
    ("indicators", 1, "reference,actual,target\nB,5,60\n", "aims at a band"),
    ("indicator_history", None, "reference,financial_year,period,actual\nC,2020,3,1\n", "2020"),
    (
        "indicator_history",
        None,
        "reference,financial_year,period,actual\nC,2021/22,3,1\n",
        "a year before",
    ),
    (
        "indicator_history",
        None,
        "reference,financial_year,period,actual\nC,2019/20,14,1\n",
        "1 to 13",
    ),
    ("benchmarks", 1, "reference,comparator,value\nC,england,\n", "a value or a quartile"),
    ("benchmarks", 1, "reference,comparator\nC,england\n", "value"),
]


def test_wrong_files_are_refused_with_a_sentence_and_nothing_stored(council):
    before = [list(model.objects.order_by("pk").values()) for model in MODELS]
    for kind, number, text, words in REFUSED:
        with pytest.raises(Refused) as caught:
            bring(council, kind, text, number)
        assert words in " ".join(caught.value.messages), (text, caught.value.messages)
    assert [list(model.objects.order_by("pk").values()) for model in MODELS] == before


def test_what_the_figures_do_not_bear_out_is_warned_of(council):
    text = "reference,actual,numerator,denominator,status\nA/1,97.9,742,782,Green\n"
    upload = bring(council, "indicators", text, 1)
    messages = [each["message"] for each in upload.warnings]
    assert any("Green is declared" not in each for each in messages)
    assert "A/1: 742 of 782 is 94.9, not 97.9." in messages
    assert [each for each in messages if "has no row for" in each]
    assert list(rows(council)) == ["B", "A/1", "C"]
    assert not IndicatorValue.objects.filter(indicator__reference="C").exists()


def test_a_file_is_undone_exactly(council, person):
    lead = person(Role.FINANCE_LEAD)
    before = [list(model.objects.order_by("pk").values()) for model in MODELS]
    for kind, number, text in (
        ("indicators", None, INDICATORS.replace("80", "85") + "D,New,,,4,none,,,,,,,\n"),
        ("indicators", 1, "reference,actual\nC,5\n"),
        ("indicator_history", None, HISTORY.replace("120", "130")),
        ("benchmarks", 1, BENCHMARKS.replace("75", "70")),
    ):
        bring(council, kind, text, number)
        upload = Upload.objects.latest("pk")
        undo_upload(
            upload=upload, reason="Wrong file", basis=preview_undo(upload, lead).basis, by=lead
        )
        now = [list(model.objects.order_by("pk").values()) for model in MODELS]
        assert now == before, kind


@pytest.fixture
def officer(client, person):
    """An officer who looks after Care alone."""
    user = person(Role.FINANCE_OFFICER)
    client.force_login(user)
    return user


def _sheet(client, address, **changes):
    """The form of the entry page as a browser sends it, with some cells changed."""
    page = client.get(address).context["sheet"]
    data = {}
    for row in page.rows:
        data |= {f"seen-{row.pk}": row.seen, f"shown-{row.pk}": row.shown}
        data |= {f"{cell}-{row.pk}": text for cell, text in row.texts.items()}
        reference = row.printed.row.reference
        data |= {f"{cell}-{row.pk}": text for cell, text in changes.get(reference, {}).items()}
    return data


def test_values_are_entered_all_or_none(council, client, officer):
    address = reverse("indicators-entry", args=[2021, 1])
    sent = _sheet(client, address, **{"C": {"actual": "150"}, "B": {"actual": "5x"}})
    answer = client.post(address, sent)
    assert answer.status_code == 422
    assert "“5x” cannot be read" in answer.content.decode()
    assert rows(council)["C"].actual == 1_100_000
    good = {"A/1": {"numerator": "60", "denominator": "80", "actual": "", "status": "Green"}}
    good["A/1"]["status_reason"] = "Late returns"
    sent = _sheet(client, address, **good)
    assert client.post(address, sent).status_code == 302
    row = rows(council)["A/1"]
    assert (row.actual, row.status, row.derived) == (750_000, "Green", "Amber")
    assert AuditEntry.objects.filter(record="indicator 2021/22 A/1", by=officer).count() == 1
    clash = client.post(address, sent | {f"actual-{_pk('A/1')}": "70"})
    assert clash.status_code == 409
    assert "changed this meanwhile" in clash.content.decode()
    assert rows(council)["A/1"].actual == 750_000


def _pk(reference: str) -> int:
    return Indicator.objects.get(reference=reference).pk


def test_only_their_own_part_is_entered_and_read(council, client, person):
    address = reverse("indicators-entry", args=[2021, 1])
    pages = [reverse("indicators", args=[2021, 1]), reverse("subject", args=[2021, 1, "CARE"])]
    pages.append(reverse("indicator", args=[2021, "A/1"]))
    for role, entered, read in (
        (Role.SCRUTINY_MEMBER, 403, 404),
        (Role.BUDGET_MANAGER, 403, 404),
        (Role.DIRECTOR, 403, 200),
        (Role.FINANCE_LEAD, 200, 200),
    ):
        user = person(role)
        if role == Role.DIRECTOR:
            TreeRight.objects.create(user=user, service_code="CARE")
        client.force_login(user)
        assert client.get(address).status_code == entered, role
        assert client.post(address, {"action": "copy"}).status_code in (403, 409), role
        assert ("Homes" in client.get(pages[0]).content.decode()) == (read == 200), role
        assert [client.get(page).status_code for page in pages[1:]] == [read, read], role
    client.force_login(person(Role.DIRECTOR, username="of-roads"))
    TreeRight.objects.create(user_id=client.session["_auth_user_id"], service_code="ROADS")
    page = client.get(pages[0]).content.decode()
    assert "Visits" in page
    assert "Homes" not in page
    assert client.get(pages[1]).status_code == 404


def test_pages_show_the_finding_and_what_was_declared(council, client, person):
    client.force_login(person(Role.FINANCE_LEAD))
    listed = client.get(reverse("indicators", args=[2021, 1])).content.decode()
    assert "Of 3 indicators: 2 Off target, 1 Amber." in listed
    assert "declared; the figures give Amber" in listed
    one = client.get(reverse("indicator", args=[2021, "A/1"]) + "?period=1").content.decode()
    assert "Amber: 76.5% for a target of 80.0%" in one
    assert "It is 4.5% (5.6% of the target) from Off target." in one
    assert "Compared with others" in one
    subject = client.get(reverse("subject", args=[2021, 1, "CARE"])).content.decode()
    assert "overspend on" in subject
    assert "Homes" in subject
    (found,) = find_indicators(facts_of(council, 1), ["visits"])
    assert (found.label, found.detail) == ("Visits", "C, Roads")


def test_indicators_are_copied_to_a_new_year(council, person):
    from monitoring.restructuring.services.years import roll_year_forward

    following = roll_year_forward(year=council, by=None)
    copied = {each.reference: each for each in Indicator.objects.filter(year=following)}
    assert copied["C1"].parent == copied["C"]
    assert copied["A/1"].service.year == following
    assert copied["C"].target == 12_000_000
    assert not IndicatorValue.objects.filter(period__year=following).exists()
    rolled = AuditEntry.objects.get(action="rolled forward")
    assert rolled.detail["indicators"] == 4
    Indicator.objects.filter(year=following, parent__isnull=False).delete()
    Indicator.objects.filter(year=following).delete()
    assert carry_indicators(year=following, by=None) == 4
    assert Indicator.objects.filter(year=council).count() == 4
    with pytest.raises(Refused, match="has indicators already"):
        carry_indicators(year=following, by=None)
    assert period_of(following, 1).batch is None


def fact(kind, reference, pence=None, *, good=None, service="S", links=()):
    return SubjectFact(
        kind, reference, service, reference, "", "Blue", good, pence=pence, links=links
    )


@pytest.mark.parametrize(
    ("others", "words"),
    [
        ([fact("Activity", "LAC", 553_000_00)], "stated unit costs of LAC rose"),
        ([fact("Activity", "LAC", -500_000_00)], "stated unit costs of LAC fell"),
        ([fact("Activity", "LAC", -818_000_00)], ""),
        ([fact("Activity", "LAC", 1, service="T")], ""),
        (
            [fact("Activity", "LAC", 1, service="T"), fact("Indicator", "PI", links=("LAC", "SV"))],
            "stated unit costs of LAC rose",
        ),
        ([fact("Budget", "S", 2_790_000_00)], "S overspends by £2,790,000"),
        ([fact("Budget", "S", 800_000_00)], ""),
        ([fact("Indicator", "PI", good=False, links=("SV",))], "the indicator PI (PI) is Blue"),
        ([fact("Indicator", "PI", good=False)], ""),
    ],
)
def test_a_saving_that_claims_more_is_held_against_the_rest(others, words):
    found = list(contradictions([fact("Saving", "SV", -818_000_00, good=True), *others]))
    assert bool(found) == bool(words)
    assert words in " ".join(found)
    assert not list(contradictions([fact("Saving", "SV", 818_000_00, good=False), *others]))
