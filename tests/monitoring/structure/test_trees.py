"""Today's tree: what is open, where closed services' lines stand, and what is no tree."""

import pytest

from monitoring.structure.trees import Node, ServiceRow, Tree, check_tree

# Council → Children (Care, Schools) and Adults (Home care); ids in the order of the rows.
TOP, CHILDREN, CARE, SCHOOLS, ADULTS, HOME = range(1, 7)
BASE = {
    TOP: ServiceRow(TOP, "TOP", "Council", None),
    CHILDREN: ServiceRow(CHILDREN, "CHILD", "Children", TOP, 2),
    CARE: ServiceRow(CARE, "CARE", "Care", CHILDREN, 2),
    SCHOOLS: ServiceRow(SCHOOLS, "SCHOOLS", "Schools", CHILDREN, 1),
    ADULTS: ServiceRow(ADULTS, "ADULTS", "Adults", TOP, 1),
    HOME: ServiceRow(HOME, "HOME", "Home care", ADULTS),
}


def changed(**changes):
    """The base tree with fields of services replaced or services added, by code."""
    by_code = {service.code: service for service in BASE.values()}
    for code, fields in changes.items():
        old = by_code.get(code)
        values = vars(old) if old else {"code": code, "name": code}
        by_code[code] = ServiceRow(**(values | fields))
    return list(by_code.values())


def tree(with_lines=(), **changes):
    return Tree.of(changed(**changes), set(with_lines))


def shape(a_tree):
    return [(node.key, node.parent_key, node.level, node.kind) for node in a_tree.nodes]


def test_rows_stand_parents_first_in_the_councils_order():
    assert shape(tree()) == [
        ("TOP", "", 0, "node"),
        ("ADULTS", "TOP", 1, "node"),
        ("HOME", "ADULTS", 2, "service"),
        ("CHILD", "TOP", 1, "node"),
        ("SCHOOLS", "CHILD", 2, "service"),
        ("CARE", "CHILD", 2, "service"),
    ]
    assert tree().keys == ["TOP", "ADULTS", "HOME", "CHILD", "SCHOOLS", "CARE"]


def test_services_of_one_order_stand_by_code_not_by_id():
    same = tree(CARE={"order": 0}, SCHOOLS={"order": 0}, a={"id": 7, "parent": 2, "order": 0})
    assert [node.key for node in same.nodes if node.parent_key == "CHILD"] == [
        "CARE",
        "SCHOOLS",
        "a",
    ]


@pytest.mark.parametrize(
    ("with_lines", "changes", "closed"),
    [
        ((), {}, set()),
        ((), {"CARE": {"named": False}}, {CARE}),
        ((CARE,), {"CARE": {"named": False}}, set()),
        ((CARE,), {"CARE": {"successor": SCHOOLS}}, {CARE}),
        ((CARE,), {"CARE": {"successor": SCHOOLS, "named": False}}, {CARE}),
        ((), {"ADULTS": {"named": False}}, set()),
        ((), {"ADULTS": {"named": False}, "HOME": {"named": False}}, {ADULTS, HOME}),
        ((HOME,), {"ADULTS": {"named": False}, "HOME": {"named": False}}, set()),
    ],
)
def test_open_is_what_is_named_or_has_lines_and_what_stands_above(with_lines, changes, closed):
    assert tree(with_lines, **changes).open_ids == frozenset(BASE) - closed


@pytest.mark.parametrize(
    ("changes", "service", "home"),
    [
        ({}, CARE, CARE),
        ({"CARE": {"successor": HOME}}, CARE, HOME),
        ({"CARE": {"successor": SCHOOLS}, "SCHOOLS": {"successor": HOME}}, CARE, HOME),
        ({"CARE": {"successor": HOME, "named": False}}, CARE, HOME),
        ({"CARE": {"named": False}}, CARE, CHILDREN),
        ({"HOME": {"named": False}, "ADULTS": {"named": False}}, HOME, TOP),
        ({"CARE": {"successor": HOME}, "HOME": {"named": False}}, CARE, ADULTS),
        ({"HOME": {"named": False}, "ADULTS": {"named": False, "successor": CARE}}, HOME, CARE),
    ],
)
def test_lines_follow_successors_else_the_nearest_open_parent(changes, service, home):
    assert tree(**changes).home(service) == home


def test_lines_of_a_closed_top_stand_under_the_new_one():
    renamed = {"TOP": {"named": False}, "NEW": {"id": 7, "parent": None}}
    moved = {code: {"parent": 7} for code in ("CHILD", "ADULTS")}
    gone = {"GONE": {"id": 8, "parent": TOP, "named": False}}
    today = tree(**renamed, **moved, **gone)
    assert today.keys[0] == "NEW"
    assert today.home(8) == 7
    assert today.with_strays({8}).home_keys[8] == "GONE (closed)"


def test_a_closed_service_under_a_node_has_a_row_of_its_own_after_the_others():
    today = tree(CARE={"named": False}, HOME={"named": False}).with_strays({CARE, HOME, SCHOOLS})
    assert shape(today)[3:] == [
        ("SCHOOLS", "CHILD", 2, "service"),
        ("CARE (closed)", "CHILD", 2, "closed"),
    ]
    assert today.home_keys[CARE] == "CARE (closed)"
    assert today.home_keys[HOME] == "ADULTS"
    assert today.published_services[-1] == CARE


def test_a_split_services_earlier_lines_have_a_row_without_a_published_figure():
    today = tree(EAST={"id": 7, "parent": HOME}, WEST={"id": 8, "parent": HOME})
    assert not today.is_stray(7)
    assert today.is_stray(HOME)
    today = today.with_strays({HOME, 7})
    below = [shape_row for shape_row in shape(today) if shape_row[1] == "HOME"]
    assert below == [
        ("EAST", "HOME", 3, "service"),
        ("WEST", "HOME", 3, "service"),
        ("HOME (closed)", "HOME", 3, "closed"),
    ]
    published = dict(zip(today.keys, today.published_services, strict=True))
    assert published["HOME"] == HOME
    assert published["HOME (closed)"] is None


def test_strays_stand_by_code():
    today = tree(CARE={"named": False}, SCHOOLS={"named": False}, Z={"id": 7, "parent": CHILDREN})
    today = today.with_strays({SCHOOLS, CARE})
    assert today.keys[-3:] == ["Z", "CARE (closed)", "SCHOOLS (closed)"]


def test_every_row_is_paired_with_itself_and_all_above():
    pairs = tree().ancestry
    assert sorted(pairs["ancestor"][pairs["key"] == "HOME"]) == ["ADULTS", "HOME", "TOP"]
    assert len(pairs) == 1 + 2 * 2 + 3 * 3


def test_a_node_carries_its_service():
    assert tree().nodes[0] == Node("TOP", BASE[TOP], "", 0, "node")


AT = {service: 10 + service for service in BASE}
ONE_TOP = "exactly one service must have no parent_code: the top of the tree"
ABOVE_ITSELF = "the service stands above itself"
PARENT_CLOSES = "the parent closes, as it has a successor_code"
LEADS_BACK = "the successors lead back to the service"
SUCCESSOR_IS_NODE = "the successor has services under it; lines need one without"


@pytest.mark.parametrize(
    ("changes", "faults"),
    [
        ({}, []),
        ({"CARE": {"successor": SCHOOLS}}, []),
        ({"CARE": {"successor": SCHOOLS}, "SCHOOLS": {"successor": HOME}}, []),
        ({"ADULTS": {"successor": CARE}, "HOME": {"parent": TOP}}, []),
        ({"ADULTS": {"parent": None}}, [(15, "parent_code", ONE_TOP)]),
        (
            {"ADULTS": {"parent": None}, "CHILD": {"parent": None}},
            [(12, "parent_code", ONE_TOP), (15, "parent_code", ONE_TOP)],
        ),
        (
            {"ADULTS": {"parent": HOME}},
            [(15, "parent_code", ABOVE_ITSELF), (16, "parent_code", ABOVE_ITSELF)],
        ),
        ({"CARE": {"parent": CARE}}, [(13, "parent_code", ABOVE_ITSELF)]),
        ({"ADULTS": {"successor": CARE}}, [(16, "parent_code", PARENT_CLOSES)]),
        ({"CARE": {"successor": CARE}}, [(13, "successor_code", LEADS_BACK)]),
        (
            {"CARE": {"successor": HOME}, "HOME": {"successor": CARE}},
            [(13, "successor_code", LEADS_BACK), (16, "successor_code", LEADS_BACK)],
        ),
        ({"CARE": {"successor": ADULTS}}, [(13, "successor_code", SUCCESSOR_IS_NODE)]),
        (
            {"CARE": {"successor": SCHOOLS}, "SCHOOLS": {"successor": TOP}},
            [(13, "successor_code", SUCCESSOR_IS_NODE), (14, "successor_code", SUCCESSOR_IS_NODE)],
        ),
        ({"CARE": {"parent": ADULTS}, "SCHOOLS": {"successor": CHILDREN}}, []),
    ],
)
def test_each_fault_of_a_tree_is_told_with_its_row(changes, faults):
    assert sorted(check_tree(changed(**changes), AT)) == faults


def test_a_tree_without_a_top_is_told_once():
    services = [ServiceRow(1, "A", "A", 2), ServiceRow(2, "B", "B", 1)]
    faults = check_tree(services, {1: 2, 2: 3})
    assert [fault for fault in faults if fault[2] == ONE_TOP] == [(2, "parent_code", ONE_TOP)]


def test_services_that_are_not_in_the_file_are_no_row_of_it():
    old_top = ServiceRow(7, "OLD", "Old", None, named=False)
    assert check_tree([*changed(), old_top], AT) == []
