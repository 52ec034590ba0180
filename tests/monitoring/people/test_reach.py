"""Which services a person looks after, and what each role may do."""

import pytest

from council_finance.accounts.models import Role, User
from council_finance.one_reading import one_reading
from monitoring.models import FinancialYear, Service, TreeRight
from monitoring.people import rights
from monitoring.people.rights import Reach, reach_of, services_under
from monitoring.structure.selectors.calendar import find_year
from tests.councils.loaded import load_pack
from tests.councils.packs import position, write_pack

TREE = """code,name,parent_code,order,total_label,successor_code
TOP,Made-up Council,,1,Total,
PEOPLE,People,TOP,1,Total people,
CARE,Care,PEOPLE,1,,
HOMES,Care homes,CARE,1,,
VISITS,Home visits,CARE,2,,
SCHOOLS,Schools,PEOPLE,2,,
PLACE,Place,TOP,2,Total place,
ROADS,Roads,PLACE,1,,
OLD,Old care,PEOPLE,3,,HOMES
OLDER,Older roads,PLACE,4,,OLD
"""
EVERYTHING = None

# code → (parent, successor); ids are the place in the list, from 1
REGISTER = {
    "TOP": ("", ""),
    "PEOPLE": ("TOP", ""),
    "CARE": ("PEOPLE", ""),
    "HOMES": ("CARE", ""),
    "PLACE": ("TOP", ""),
    "ROADS": ("PLACE", ""),
    "CLOSED": ("PEOPLE", ""),
    "MERGED": ("PEOPLE", "ROADS"),
    "TWICE": ("PLACE", "MERGED"),
    "GROUP": ("PEOPLE", "PLACE"),
}
IDS = {code: number for number, code in enumerate(REGISTER, start=1)}


def register() -> dict[int, tuple]:
    return {
        IDS[code]: (code, IDS.get(parent), IDS.get(successor))
        for code, (parent, successor) in REGISTER.items()
    }


@pytest.mark.parametrize(
    ("codes", "expected"),
    [
        ("", ""),
        ("NOTHING", ""),
        ("ROADS", "ROADS MERGED TWICE"),
        ("CARE", "CARE HOMES"),
        ("CLOSED", "CLOSED"),
        ("MERGED", "MERGED ROADS TWICE"),
        ("TWICE", "TWICE MERGED ROADS"),
        # what succeeds a closed group, all under it, and what closed into that
        ("GROUP", "GROUP PLACE ROADS TWICE MERGED"),
        ("HOMES ROADS", "HOMES ROADS MERGED TWICE"),
        (
            "PEOPLE",
            "PEOPLE CARE HOMES CLOSED",
        ),
        ("TOP", " ".join(REGISTER)),
    ],
)
def test_a_code_brings_what_stands_under_it_and_what_succeeds_it(codes, expected):
    found = services_under(register(), set(codes.split()))
    assert found == {IDS[code] for code in expected.split()}


def test_successors_that_lead_back_do_not_go_round_for_ever():
    rows = {1: ("A", None, 2), 2: ("B", None, 1), 3: ("C", 3, None)}
    assert services_under(rows, {"A"}) == {1, 2}
    assert services_under(rows, {"C"}) == {3}


@pytest.mark.parametrize(
    ("reach", "has", "is_something"),
    [
        (Reach(everything=True), True, True),
        (Reach(everything=False), False, False),
        (Reach(False, frozenset({7})), True, True),
        (Reach(False, frozenset({8})), False, True),
    ],
)
def test_reach_holds_services(reach, has, is_something):
    assert (7 in reach, bool(reach)) == (has, is_something)


@pytest.fixture
def council(db, tmp_path):
    """A made-up council, where OLD has closed into HOMES, and OLDER into OLD."""
    files = {
        "services.csv": TREE,
        "periods/01/position.csv": position("HOMES A 100 100 110\nROADS B 200 200 195"),
    }
    return load_pack(folder=write_pack(tmp_path / "pack", files), by=None).year


def tied(person, role: str, codes: str):
    user = person(role)
    for code in codes.split():
        TreeRight.objects.create(user=user, service_code=code)
    return user


@pytest.mark.parametrize(
    ("role", "codes", "expected"),
    [
        (Role.FINANCE_OFFICER, "", EVERYTHING),
        (Role.FINANCE_OFFICER, "CARE", "CARE HOMES VISITS OLD OLDER"),
        (Role.FINANCE_OFFICER, "OF-ANOTHER-YEAR", ""),
        (Role.FINANCE_LEAD, "", EVERYTHING),
        (Role.FINANCE_LEAD, "CARE", EVERYTHING),
        (Role.ADMINISTRATOR, "CARE", EVERYTHING),
        (Role.BUDGET_MANAGER, "", ""),
        (Role.BUDGET_MANAGER, "ROADS", "ROADS"),
        (Role.BUDGET_MANAGER, "ROADS HOMES", "ROADS HOMES OLD OLDER"),
        (Role.BUDGET_MANAGER, "OLD", "OLD HOMES OLDER"),
        (Role.BUDGET_MANAGER, "OLDER", "OLDER OLD HOMES"),
        (Role.DIRECTOR, "", ""),
        (Role.DIRECTOR, "PEOPLE", "PEOPLE CARE HOMES VISITS SCHOOLS OLD OLDER"),
        (Role.DIRECTOR, "PLACE", "PLACE ROADS"),
        (Role.SCRUTINY_MEMBER, "", ""),
        (Role.SCRUTINY_MEMBER, "PEOPLE", ""),
        (Role.NO_ROLE, "PEOPLE", ""),
    ],
)
def test_what_a_person_looks_after(council, person, role, codes, expected):
    reach = reach_of(tied(person, role, codes), council)
    assert reach.everything == (expected is EVERYTHING)
    services = Service.objects.filter(pk__in=reach.services).values_list("code", flat=True)
    assert set(services) == set((expected or "").split())


def test_a_code_holds_in_every_year_that_has_it_and_in_no_other(council, somerset, person):
    user = tied(person, Role.DIRECTOR, "CHILD-OPS")
    assert reach_of(user, somerset).services == {
        Service.objects.get(year=somerset, code="CHILD-OPS").pk
    }
    assert not reach_of(user, council)
    assert not reach_of(user, find_year(2018))


ALL = set(Role) - {Role.NO_ROLE}
FINANCE = {Role.FINANCE_OFFICER, Role.FINANCE_LEAD}
SEE_DRAFTS = FINANCE | {Role.ADMINISTRATOR}
OF_A_PERSON = {
    rights.may_see_drafts: SEE_DRAFTS,
    rights.may_see_exempt_lines: SEE_DRAFTS,
    rights.may_upload: FINANCE,
    rights.may_see_month: ALL - {Role.SCRUTINY_MEMBER},
    rights.may_enter_virements: FINANCE,
    rights.may_see_virements: ALL - {Role.SCRUTINY_MEMBER, Role.BUDGET_MANAGER},
    rights.may_publish: {Role.FINANCE_LEAD},
    rights.may_review: SEE_DRAFTS,
    rights.may_change_structure: {Role.FINANCE_LEAD, Role.ADMINISTRATOR},
    rights.may_redact: {Role.FINANCE_LEAD, Role.ADMINISTRATOR},
    rights.may_see_audit: {Role.FINANCE_LEAD, Role.ADMINISTRATOR},
    rights.may_keep_people: {Role.ADMINISTRATOR},
}


@pytest.mark.parametrize("may", OF_A_PERSON, ids=lambda may: may.__name__)
def test_what_each_role_may(person, may):
    assert {role for role in Role if may(person(role))} == OF_A_PERSON[may]


# role → what it may do of a service within its part, and of one without
OF_A_SERVICE = {
    Role.FINANCE_OFFICER: ("draft forecast comment", "draft"),
    Role.FINANCE_LEAD: ("draft forecast comment", "draft forecast comment"),
    Role.BUDGET_MANAGER: ("draft forecast", ""),
    Role.DIRECTOR: ("draft comment sign", ""),
    Role.SCRUTINY_MEMBER: ("", ""),
    Role.ADMINISTRATOR: ("draft", "draft"),
    Role.NO_ROLE: ("", ""),
}
ACTS = {
    "draft": rights.may_see_draft_of,
    "forecast": rights.may_forecast,
    "comment": rights.may_comment,
    "sign": rights.may_sign_off,
}


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize(("code", "place"), [("VISITS", 0), ("ROADS", 1)])
def test_what_each_role_may_do_of_a_service(council, person, role, code, place):
    user = tied(person, role, "CARE")
    service = Service.objects.get(year=council, code=code)
    done = {act for act, may in ACTS.items() if may(user, service)}
    assert done == set(OF_A_SERVICE[role][place].split())


@pytest.mark.django_db
def test_a_persons_ties_are_read_once_for_all_years(django_assert_num_queries):
    person = User.objects.create_user("officer", password="-", role=Role.FINANCE_OFFICER)
    years = [
        FinancialYear.objects.create(start=start, council="Made-up") for start in (2031, 2032, 2033)
    ]
    with one_reading(), django_assert_num_queries(1):
        assert all(reach_of(person, year).everything for year in years)
