"""A pasted tree of services: indented lists and tables, codes made from names, faults by row."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from council_finance.errors import Refused
from monitoring.set_up.pasted import (
    MOST_ROWS,
    PastedService,
    Shape,
    make_codes,
    put_under_top,
    read_pasted,
)


def above(services: list[PastedService]) -> list[tuple[str, str | None]]:
    """Each service's name with that of the one above it."""
    names = {each.row: each.name for each in services}
    return [(each.name, each.parent if each.parent is None else names[each.parent])
            for each in services]  # fmt: skip


WANTED = [
    ("Council", None),
    ("Adults", "Council"),
    ("Care", "Adults"),
    ("Homes", "Adults"),
    ("Place", "Council"),
    ("Roads", "Place"),
]


@pytest.mark.parametrize(
    "text",
    [
        "Council\n  Adults\n    Care\n    Homes\n  Place\n    Roads",
        "Council\n   Adults\n     Care\n     Homes\n   Place\n         Roads\n",
        "Council\r\n\tAdults\r\n\t\tCare\r\n\t\tHomes\r\n\tPlace\r\n\t\tRoads\r\n",
        "Council\t\t\n\tAdults\t\n\t\tCare\n\n\t\tHomes\n  \n\tPlace\n\t\tRoads",
        "Council\n\N{NO-BREAK SPACE}Adults\n\N{NO-BREAK SPACE} Care\n\N{NO-BREAK SPACE} Homes\n"
        "\N{NO-BREAK SPACE}Place\n\N{NO-BREAK SPACE} Roads",
        "C\tCouncil\nA\tAdults\tC\nCA\tCare\tA\nH\tHomes\tA\nP\tPlace\tC\nR\tRoads\tP",
        "Code\tName\tParent code\nC\tCouncil\t\nA\tAdults\tC\nCA\tCare\tA\nH\tHomes\tA\n"
        "P\tPlace\tC\nR\tRoads\tP",
        "parent\tservice name\n\tCouncil\nCouncil\tAdults\nAdults\tCare\nAdults\tHomes\n"
        "Council\tPlace\nPlace\tRoads",
        "C\tCouncil\nA\t  Adults\nCA\t    Care\nH\t    Homes\nP\t  Place\nR\t    Roads",
        "C\tCouncil\nA\t\tAdults\nCA\t\t\tCare\nH\t\t\tHomes\nP\t\tPlace\nR\t\t\tRoads",
        "Council\t\t\tC\n\tAdults\t\tA\n\t\tCare\tCA\n\t\tHomes\tH\n\tPlace\t\tP\n\t\tRoads\tR",
    ],
)
def test_each_shape_gives_the_same_tree(text):
    services = read_pasted(text)
    assert above(services) == WANTED
    assert [each.total_label for each in services] == [
        *("Total Council", "Total Adults", "", "", "Total Place", ""),
    ]
    codes = [each.code for each in services]
    if "CA" in text:
        assert codes == ["C", "A", "CA", "H", "P", "R"]
        assert not any(each.code_made for each in services)
    else:
        assert codes == ["COUNCIL", "ADULTS", "CARE", "HOMES", "PLACE", "ROADS"]
        assert all(each.code_made for each in services)


def test_the_shape_can_be_said():
    text = "100\tCouncil\n200\tAdults"
    assert above(read_pasted(text)) == [("100", None), ("200", None)]
    assert above(read_pasted(text, Shape.TABLE)) == [("Council", None), ("Adults", None)]


def test_rows_are_those_of_the_text():
    services = read_pasted("\n\nCouncil\n\n  Adults\n")
    assert [(each.row, each.parent) for each in services] == [(3, None), (5, 3)]


def test_a_label_and_a_section_that_are_given_are_kept():
    text = (
        "code\tname\tparent_code\ttotal_label\tsection\nC\tCouncil\t\tNet total\t\nA\tA\tC\t\tOne"
    )
    council, adults = read_pasted(text)
    assert (council.total_label, adults.section) == ("Net total", "One")


@pytest.mark.parametrize(
    ("names", "codes"),
    [
        (["Care & homes", "Children’s services"], ["CARE-AND-HOMES", "CHILDRENS-SERVICES"]),
        (["Roads", "Roads", "roads!"], ["ROADS", "ROADS-2", "ROADS-3"]),
        (["Unallocated", "…", "Économie"], ["UNALLOCATED-2", "SERVICE", "ECONOMIE"]),
        (["Integrated commissioning of community equipment"],
         ["INTEGRATED-COMMISSIONING-OF-COMMUNITY"]),
        (["Llanfairpwllgwyngyllgogerychwyrndrobwllllantysiliogogogoch"],
         ["LLANFAIRPWLLGWYNGYLLGOGERYCHWYRNDROBWLLL"]),
    ],
)  # fmt: skip
def test_codes_are_made_of_the_names_words(names, codes):
    found = make_codes([PastedService(row, name, "") for row, name in enumerate(names)])
    assert [each.code for each in found] == codes


def test_a_made_code_is_none_that_was_given():
    text = "Council\n  Roads\n  Streets\tROADS"
    assert [each.code for each in read_pasted(text)] == ["COUNCIL", "ROADS-2", "ROADS"]


def test_several_tops_are_put_under_one():
    services = put_under_top(read_pasted("Adults\n  Care\nPlace\n  Roads"), "Council")
    assert above(services) == [
        ("Council", None),
        ("Adults", "Council"),
        ("Care", "Adults"),
        ("Place", "Council"),
        ("Roads", "Place"),
    ]
    assert services[0].total_label == "Total Council"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", ["Type or paste at least one service."]),
        (" \n\t\n", ["Type or paste at least one service."]),
        ("code\tname\tparent_code\n", ["There are headings but no services under them."]),
        (
            "A\n    B\n  C\n    D\n   E",
            [
                "Row 3: it begins between two levels. Move it to the left or to the right, to "
                "where its neighbours begin.",
                "Row 5: it begins between two levels. Move it to the left or to the right, to "
                "where its neighbours begin.",
            ],
        ),
        ("A\n  B\tC\tD", ["Row 2: there are 3 texts in the row."]),
        ("Name\tParent\n\tA\nB\tA\n", ["Row 2: the service has no name."]),
        ("x\n" * (MOST_ROWS + 1), [f"The text has {MOST_ROWS + 1:,} rows; 2,000 can be pasted."]),
    ],
)
def test_faults_of_the_shape_are_said_by_row(text, said):
    with pytest.raises(Refused) as refused:
        read_pasted(text)
    assert len(refused.value.messages) == len(said)
    for message, beginning in zip(refused.value.messages, said, strict=True):
        assert message.startswith(beginning)


def test_of_many_faults_the_first_are_listed_and_the_rest_counted():
    with pytest.raises(Refused) as refused:
        read_pasted("Name\tParent\n" + "\tA\n" * 50)
    assert len(refused.value.messages) == 21
    assert refused.value.messages[-1] == "… and 30 more rows."


@st.composite
def trees(draw):
    """Parents by place: the first service is the top, each other stands under an earlier one."""
    count = draw(st.integers(1, 25))
    return [draw(st.integers(0, place - 1)) if place else None for place in range(count)]


@settings(derandomize=True, max_examples=60, deadline=None)
@given(trees())
def test_what_is_written_with_indents_is_read_back(parents):
    depth: list[int] = []
    for parent in parents:
        depth.append(0 if parent is None else depth[parent] + 1)
    children: dict[int | None, list[int]] = {}
    for place, parent in enumerate(parents):
        children.setdefault(parent, []).append(place)
    order: list[int] = []

    def visit(place):
        order.append(place)
        for child in children.get(place, []):
            visit(child)

    visit(0)
    text = "\n".join(f"{'  ' * depth[place]}S{place}" for place in order)
    names = {f"S{place}": parent if parent is None else f"S{parent}"
             for place, parent in enumerate(parents)}  # fmt: skip
    assert dict(above(read_pasted(text))) == names
