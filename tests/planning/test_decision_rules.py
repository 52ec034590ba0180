"""Clear days, the day in force, risk, and every finding on decisions and contracts; wrong files."""

import datetime
from dataclasses import replace

import pytest

from council_finance import registry
from council_finance.accounts.models import Role
from council_finance.errors import Refused
from council_finance.registry import SettingsError
from council_finance.uploads.problems import FileRefused
from monitoring.models import Period
from monitoring.reports.checks import check_any_period
from monitoring.reports.selectors.report_data import current_data
from monitoring.reports.selectors.statements import statement
from monitoring.structure.council_settings import read_settings
from monitoring.timetable.bank_holidays import england_bank_holidays
from monitoring.timetable.calculations import clear_days, clear_working_days
from monitoring.uploading.services.uploads import receive_upload
from planning.contracts.calculations import (
    Term,
    divide_by_shares,
    ends_after_notice,
    last_notice_day,
    months_after,
    same_supplier_names,
    whole_life_value,
)
from planning.decisions.calculations import in_force_on, risk_band
from planning.decisions.overview import DecisionsOverview
from planning.decisions.provisions import describe_provisions, provisions_of
from planning.decisions.report_section import section_of
from planning.decisions.settings_previews import preview_risk
from planning.decisions.settings_tables import RiskRules
from planning.models import Contract, Decision, DecisionEffect
from tests.councils.decided import CONTRACTS, DECISIONS, EFFECTS, OF_KINDS, SHARES
from tests.councils.month import small_council
from tests.councils.packs import bring

D = datetime.date
CLOSED = {day for year in (2019, 2020) for day in england_bank_holidays(year)}


@pytest.mark.parametrize(
    ("notice", "meeting", "days", "working"),
    [
        (D(2019, 7, 9), D(2019, 8, 14), 35, 25),
        (D(2019, 8, 6), D(2019, 8, 14), 7, 5),
        (D(2019, 8, 21), D(2019, 8, 29), 7, 4),  # over the August bank holiday
        (D(2020, 4, 9), D(2020, 4, 23), 13, 7),  # over Easter
        (D(2019, 12, 24), D(2019, 12, 27), 2, 0),
        (D(2019, 8, 14), D(2019, 8, 14), 0, 0),
        (D(2019, 8, 15), D(2019, 8, 14), 0, 0),
    ],
)
def test_clear_days_leave_out_both_days(notice, meeting, days, working):
    assert clear_days(notice, meeting) == days
    assert clear_working_days(notice, meeting, closed=CLOSED) == working


@pytest.mark.parametrize(
    ("status", "taken", "until", "days", "wanted"),
    [
        ("taken", D(2019, 7, 8), None, 5, D(2019, 7, 16)),
        ("implemented", D(2019, 8, 21), None, 5, D(2019, 8, 30)),
        ("taken", D(2019, 7, 8), D(2019, 7, 12), 5, D(2019, 7, 15)),
        ("taken", D(2019, 7, 8), None, 0, D(2019, 7, 8)),
        ("called_in", D(2019, 7, 8), None, 5, None),
        ("planned", D(2019, 7, 8), None, 5, None),
        ("taken", None, None, 5, None),
    ],
)
def test_a_decision_is_in_force_after_the_days_for_a_call_in(status, taken, until, days, wanted):
    assert in_force_on(status, taken, until, days, CLOSED) == wanted


def test_a_risk_is_in_the_highest_band_that_it_reaches():
    bands = [("low", 1), ("medium", 8), ("high", 16)]
    assert [risk_band(score, bands) for score in (1, 7, 8, 15, 16, 25, None)] == [
        *("low", "low", "medium", "medium", "high", "high", "")
    ]
    assert risk_band(4, []) == ""


FIVE_AND_FIVE = Term(start=D(2020, 1, 1), months=60, extensions=(12,) * 5)


@pytest.mark.parametrize(
    ("term", "end", "latest", "months"),
    [
        (FIVE_AND_FIVE, D(2024, 12, 31), D(2029, 12, 31), 120),
        (Term(D(2020, 1, 1), None, 60, (12, 12), 1), D(2025, 12, 31), D(2026, 12, 31), 84),
        (Term(D(2012, 4, 1), D(2019, 3, 31), None, (18,)), D(2019, 3, 31), D(2020, 9, 30), 102),
        (Term(None, D(2020, 3, 31), None, (24,)), D(2020, 3, 31), D(2022, 3, 31), None),
        (Term(None, None, 24, (12,)), None, None, 36),
        (Term(D(2019, 8, 31), None, 6), D(2020, 2, 28), D(2020, 2, 28), 6),
        (Term(D(2019, 4, 10), D(2020, 3, 31)), D(2020, 3, 31), D(2020, 3, 31), None),
    ],
)
def test_a_contract_ends_a_day_before_its_term_has_passed(term, end, latest, months):
    assert (term.end, term.latest_end, term.all_months) == (end, latest, months)


@pytest.mark.parametrize(
    ("term", "as_at", "wanted"),
    [
        (Term(notice_months=18, notice_anniversary="03-31"), D(2019, 3, 31), D(2019, 9, 30)),
        (Term(notice_months=18, notice_anniversary="03-31"), D(2019, 10, 1), D(2020, 9, 30)),
        (Term(stated_end=D(2021, 3, 31), notice_months=6), D(2019, 3, 31), D(2020, 9, 30)),
        (
            Term(None, D(2025, 3, 31), break_on=D(2023, 3, 31), notice_months=3),
            D(2022, 3, 31),
            D(2022, 12, 31),
        ),
        (Term(stated_end=D(2021, 3, 31)), D(2019, 3, 31), None),
        (Term(notice_months=3), D(2019, 3, 31), None),
    ],
)
def test_the_last_day_for_notice(term, as_at, wanted):
    assert last_notice_day(term, as_at) == wanted


def test_a_notice_ends_an_agreement_on_the_first_anniversary_that_is_late_enough():
    assert ends_after_notice(D(2019, 2, 14), 18, "03-31") == D(2021, 3, 31)
    assert ends_after_notice(D(2019, 10, 1), 18, "03-31") == D(2022, 3, 31)
    assert months_after(D(2019, 2, 28), 12) == D(2020, 2, 29)


def test_values_over_all_months_and_shares_to_the_penny():
    assert whole_life_value(None, 17_000_000, Term(None, None, 36, (12, 12))) == 85_000_000
    assert whole_life_value(5, 17_000_000, FIVE_AND_FIVE) == 5
    assert whole_life_value(None, 100, Term(None, None, 7)) == 58
    assert divide_by_shares(16_803_600, [8100, 1900]) == [13_610_916, 3_192_684]
    assert divide_by_shares(100, [3333, 3333, 3334]) == [33, 33, 34]
    assert divide_by_shares(None, [5000, 5000]) == [None, None]


def test_one_supplier_under_several_names():
    names = [("Careful Ltd", "1"), ("Careful Limited", ""), ("Kind", "1"), ("Other", ""), ("", "9")]
    assert same_supplier_names(names) == {
        "Careful Ltd": ("Careful Limited", "Careful Ltd", "Kind"),
        "Careful Limited": ("Careful Limited", "Careful Ltd"),
        "Kind": ("Careful Ltd", "Kind"),
    }


@pytest.mark.parametrize(
    ("limit", "named", "wanted"),
    [
        (100_000, "", [("V-2019-001: a virement above the limit", "differs")]),
        (100_000, "CAB-2019-07-08/217", [("V-2019-001: a virement above the limit", "agrees")]),
        (100_000, "CAB-1", [("V-2019-001: a virement above the limit", "differs")]),
        (498_000, "", []),
    ],
)
def test_a_virement_above_every_limit_names_its_decision(somerset, limit, named, wanted):
    facts = current_data(Period.objects.get(year=somerset, number=3))
    settings = facts.settings.with_value("virements", {"director": limit * 100})
    legs = tuple(replace(leg, decision_reference=named) for leg in facts.virements)
    facts = facts.with_settings(settings)
    facts.__dict__["virements"] = legs
    found = [(each.name.partition(" names")[0], each.status) for each in _virement_checks(facts)]
    assert found == wanted


def _virement_checks(facts):
    return list(registry.checks()["decision-virements"](facts))


# Files of a small council


@pytest.fixture
def year(db, tmp_path):
    return small_council(tmp_path)


def refusal(year, kind: str, text: str) -> str:
    with pytest.raises((Refused, FileRefused)) as caught:
        bring(year, kind, text)
    return " ".join(getattr(caught.value, "messages", [str(caught.value)]))


WRONG = [
    ("decisions", DECISIONS.replace("planned", "thought of"), "one of planned, taken"),
    ("decisions", DECISIONS.replace(",2,4", ",2,6"), "the impact is a whole number from 1 to 5"),
    ("decisions", DECISIONS + DECISIONS.splitlines()[1], "stands on an earlier row too"),
    ("decisions", DECISIONS.replace("ROADS", "ROAD5"), "no service with this code"),
    ("decision_effects", EFFECTS.replace("D2,", "D9,"), "no row with this reference in decisions"),
    ("decision_effects", EFFECTS.replace(",12,", ",-12,"), "below nil; give it without a sign"),
    ("decision_effects", EFFECTS.replace("2021/22", "2021/24"), "a financial year such as 2019/20"),
    ("sign_offs", "decision_reference,role,outcome\nD1,Solicitor,maybe\n", "one of signed"),
    ("meetings", "meeting_on,committee\nsoon,Cabinet\n", "a date such as"),
    ("contracts", CONTRACTS.replace("supplier,", "sold by,"), "The column supplier is missing"),
    ("contracts", CONTRACTS.replace("12;12", "12 or 12"), "the months of each extension"),
    ("contracts", CONTRACTS.replace(",D1,", ",D7,"), "no row with this reference in decisions"),
    ("contract_shares", SHARES.replace("19", "18"), "C1 add up to 99%, not to 100%"),
    ("contract_shares", SHARES.replace("C1", "C3"), "no row with this reference in contracts"),
    (
        "contract_prices",
        "contract_reference,line,price,annual_value\nC1,Visit,,\n",
        "a price or an annual value is needed",
    ),
]


def test_wrong_files_are_refused_with_a_sentence_and_nothing_is_stored(year):
    for kind in ("decisions", "contracts"):
        bring(year, kind, OF_KINDS[kind])
    counts = Decision.objects.count(), DecisionEffect.objects.count(), Contract.objects.count()
    for kind, text, words in WRONG:
        assert words in refusal(year, kind, text), (kind, words)
    assert counts == (
        Decision.objects.count(),
        DecisionEffect.objects.count(),
        Contract.objects.count(),
    )


def test_a_file_that_lacks_a_column_leaves_it_and_rows_it_does_not_name_stay(year):
    for kind, text in OF_KINDS.items():
        bring(year, kind, text)
    bring(
        year,
        "decisions",
        "reference,title,decision_maker,status\nD1,Award homecare,Cabinet,implemented\n",
    )
    first, second = Decision.objects.filter(year=year).order_by("reference")
    assert (first.status, first.likelihood, first.service.code) == ("implemented", 2, "CARE")
    assert second.reference == "D2"
    bring(year, "decision_effects", EFFECTS.replace("D1,1", "D1,2").partition("D2")[0])
    stored = DecisionEffect.objects.filter(decision__year=year)
    assert [(each.decision.reference, each.line) for each in stored] == [
        ("D1", "2"),
        ("D2", "1"),
    ]


def test_findings_of_a_small_council(year):
    year.settings |= {
        "decisions": {"key_decision_above": 1, "sign_offs": ["Solicitor"], "despatch": 7},
        "virements": {},
        "risk": {"provision_from": 8},
        "reserves": {"minimum_general_fund": 11},
    }
    year.save()
    texts = dict(OF_KINDS)
    texts["decisions"] = (
        "reference,title,decision_maker,decision_on,key_decision,status,exempt,likelihood,impact,"
        "risk_score,forward_plan_on,agenda_on\n"
        "D1,Award,Cabinet,2021-06-01,yes,taken,paragraph 3,2,4,10,2021-05-05,2021-05-25\n"
        "D2,Close,Cabinet,2021-09-07,,planned,,,,,,\n"
    )
    texts["decision_effects"] += "D2,2,saving,ROADS,2022/23,one_off,2,yes\n"
    texts["sign_offs"] = texts["sign_offs"].replace("2021-05-20", "2021-06-02")
    texts["contracts"] += "C3,Grit,Careful Limited,ROADS,,2019-04-01,12,,1\n"
    for kind, text in texts.items():
        bring(year, kind, text)
    bring(year, "contracts", f"{CONTRACTS.splitlines()[0]},estimated_value\n{_ABOVE}")
    facts = current_data(Period.objects.get(year=year, number=5), of_any_period=True)
    assert sorted(each.name for each in check_any_period(facts) if each.status == "differs") == [
        "2021-06-01: Cabinet, despatch 21 May 2021: 5 clear working days before the meeting, at "
        "least 7 needed",
        "C1: the award is not above the estimate",
        "C3: contract ended 31 March 2020 without a decision that extends it",
        "D1: agenda of a private meeting on 2021-05-25 is 3 clear working days before 2021-06-01, "
        "and at least 5 are needed",
        "D1: forward plan notice on 2021-05-05 is 26 clear days before 2021-06-01, and at least 28 "
        "are needed",
        "D1: sign-offs: after the decision: Monitoring Officer (2021-06-02)",
        "D1: sign-offs: no answer of Local Member",
        "D1: sign-offs: no row for Solicitor",
        "D1: the risk score is likelihood × impact, 2 × 4 = 8, printed 10",
        "D2: saving of £2 is above £1, so it is a key decision",
        "Provisions for risks of 8 or more, £12, are within the General Fund’s minimum of £11",
    ]
    assert DecisionsOverview(facts).provisions == (
        "1 decision has a risk score of 8 or more, from which the council provides for it. The "
        "cost that the forecast does not hold is £12; the General Fund is to hold at least £11."
    )
    preview = preview_risk(facts, RiskRules(provision_from=9))
    assert preview.tables[0].rows == (("D1: 8", "Provided for", "Not provided for"),)
    decision = section_of(facts).decisions[0]
    (unknown,) = (replace(each, amount=None) for each in decision.effects)
    rules = RiskRules(provision_from=8)
    for changed, wanted in (
        ({"effects": (unknown,)}, "is £0, and 1 of them without a figure."),
        (
            {"effects": (replace(unknown, in_forecast="yes"),)},
            "No cost is stated that the forecast does not hold.",
        ),
        ({"status": "withdrawn"}, ""),
        ({"likelihood": 1}, ""),
    ):
        found = provisions_of([replace(decision, **changed)], rules, 2021)
        assert describe_provisions(found, rules, None).endswith(wanted), changed
        assert bool(found) == bool(wanted)
    finding = statement(facts, "contracts").row("C3").cells["finding"].text
    assert finding.endswith("the supplier is also entered as Careful Ltd")


_ABOVE = "C1,Homecare,Careful Ltd,CARE,D1,2021-07-01,24,12;12,60,200\n"


@pytest.mark.parametrize(
    ("table", "words"),
    [
        ({"decisions": {"despatch": -1}}, "despatch cannot be -1"),
        ({"decisions": {"bank_holidays": ["Christmas"]}}, "which is no day"),
        ({"decisions": {"late": 1}}, "there is no key “late”"),
        ({"risk": {"bands": [["low", 0]]}}, "the score from 1 to 25"),
        ({"risk": {"scale": 11}}, "from 1 to 10"),
        ({"contracts": {"renewal_horizon_months": "12"}}, "a whole number from 0 to 120"),
    ],
)
def test_wrong_settings_are_refused(table, words):
    with pytest.raises(SettingsError, match=words):
        read_settings(table)


def test_a_director_may_not_upload_decisions(year, person):
    for kind in OF_KINDS:
        with pytest.raises(Refused):
            receive_upload(
                kind=kind,
                year=year,
                period=None,
                content=b"a\n",
                file_name="f.csv",
                by=person(Role.DIRECTOR, username=kind),
            )
