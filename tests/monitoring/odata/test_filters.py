"""The grammar of `$filter`, and which rows it gives."""

import datetime
from decimal import Decimal

import pytest

from monitoring.odata.entity_types import FIGURE
from monitoring.odata.filter_evaluation import RowFilter, Unknown
from monitoring.odata.filter_grammar import MOST_LEVELS, parse_filter
from monitoring.odata.query_options import COLLECTION_OPTIONS, read_options, read_pairs
from monitoring.odata.refusals import RequestRefused

ROW = {
    "label": "St John's Adults",
    "statement": "annex-a",
    "financial_year": "2019/20",
    "period": 3,
    "as_at": datetime.date(2019, 6, 30),
    "counted": True,
    "pounds": Decimal("-1234.50"),
    "percent": None,
    "level": None,
    "service_code": "CARE",
}


def row_filter(text: str) -> RowFilter:
    return RowFilter(parse_filter(text, FIGURE))


@pytest.mark.parametrize(
    "text",
    [
        "period eq 3",
        "period eq 3.0 and pounds eq -1234.5",
        "pounds lt -1e3 and pounds ge -1234.50",
        "label eq 'St John''s Adults'",
        "contains(label,'Adults')",
        "startswith( label , 'St' ) and endswith(tolower(label), 'adults')",
        "toupper(service_code) eq 'CARE'",
        "as_at le 2019-06-30 and as_at gt 2019-06-29",
        "counted",
        "counted eq true and not (period ne 3)",
        # Power BI writes it without the space that the grammar of OData asks for.
        "not(contains(label,'Children'))",
        # `in` binds closer than `not`.
        "not statement in ('reserves','savings')",
        "statement in ('annex-a')",
        "period in (1,2,3,null)",
        "level in (null)",
        "percent eq null and level eq null",
        "percent ne 5",
        "not (percent gt 5)",
        # `and` binds closer than `or`.
        "period eq 3 or period eq 4 and label eq 'x'",
        "  ( period eq 3 )  ",
        "contains(label,'Adults') eq true",
        "'annex-a' eq statement",
    ],
)
def test_a_filter_gives_this_row(text):
    assert row_filter(text).matches(ROW)


@pytest.mark.parametrize(
    "text",
    [
        "period eq 4",
        "label eq 'st john''s adults'",
        "percent gt 5 or percent le 5",
        # Null is neither true nor false, and so is its negation.
        "contains(service_code, null)",
        "not contains(service_code, null)",
        "null",
        "statement in ()",
        "(period eq 3 or period eq 4) and label eq 'x'",
        "not counted",
    ],
)
def test_a_filter_does_not_give_this_row(text):
    assert not row_filter(text).matches(ROW)


@pytest.mark.parametrize(
    ("text", "status", "sentence"),
    [
        ("", 400, "Expected a property or a value, and found the end."),
        ("periode eq 3", 400, "There is no property periode. The properties are: id,"),
        ("period eq '3'", 400, "period is a number and '3' is text, so that eq cannot"),
        ("financial_year eq 2019", 400, "financial_year is text and 2019 is a number"),
        ("label", 400, "A filter is a condition, and label is text."),
        ("label and counted", 400, "and joins conditions, and label is text."),
        ("not label eq 'x'", 400, "not joins conditions, and label is text."),
        ("counted gt true", 400, "gt does not compare true and false; use eq or ne."),
        ("period eq 1 eq true", 400, "Two comparisons follow each other at character 13."),
        ("period eq 3 period eq 4", 400, "Expected and, or, or the end, and found period at"),
        ("(period eq 3", 400, "Expected ')', and found the end."),
        ("label eq 'St John", 400, "begins at character 10 has no closing quote"),
        ('label eq "x"', 400, "'\"x\"' at character 10 cannot be read."),
        ("as_at eq 2019-02-30", 400, "2019-02-30 at character 10 is no date."),
        ("as_at eq 2019-06-30T00:00:00Z", 400, "Write the date alone, such as 2019-06-30."),
        ("contains(label)", 400, "contains at character 1 takes two texts, in parentheses."),
        ("tolower(period) eq 'x'", 400, "tolower at character 1 takes one text"),
        ("length(label) gt 3", 501, "The function length is not offered; these are: contains,"),
        ("pounds add 1 gt 3", 501, "add is not offered."),
        ("period in (1,'2')", 400, "period is a number and '2' is text"),
        ("period in (1 2)", 400, "Expected ',', and found 2 at character 14."),
        ("period eq 1 or " * 300 + "counted", 400, "4,507 characters, and 4,000 are allowed."),
        ("(" * 40 + "counted" + ")" * 40, 400, "More than 30 parentheses, functions and not"),
    ],
)
def test_a_refused_filter_says_where_and_what_to_do(text, status, sentence):
    with pytest.raises(RequestRefused) as refusal:
        row_filter(text)
    assert refusal.value.status == status
    assert refusal.value.sentence.startswith("$filter: ")
    assert sentence in refusal.value.sentence


def test_a_filter_as_long_and_deep_as_is_allowed_is_read():
    assert row_filter("(" * MOST_LEVELS + "counted" + ")" * MOST_LEVELS).matches(ROW)
    assert row_filter(" or ".join(["period eq 1"] * 230 + ["counted"])).matches(ROW)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("period eq 3 and label eq 'x'", True),
        ("period eq 4 and label eq 'x'", False),
        ("period eq 4 or label eq 'x'", True),
        ("period gt 3 or statement ne 'annex-a'", False),
        ("not (period eq 3) and contains(label, 'x')", False),
        ("not (period eq 3 and label eq 'x')", True),
        ("contains(statement, 'reserve')", False),
        ("statement in ('annex-a','reserves') and pounds gt 0", True),
        ("label eq null", True),
        ("id eq '2019-20/03/1/annex-a/CARE/budget'", True),
        ("'2019-20/02/1/annex-a/CARE/budget' eq id", False),
        ("id eq null", False),
        ("id ne '2019-20/02/1/annex-a/CARE/budget'", True),
        ("id in ('2019-20/02/1/x','2019-20/03/1/annex-a/x')", True),
        ("id in ('2019-20/02/1/x')", False),
        ("id eq label", True),
    ],
)
def test_a_statement_is_passed_over_where_none_of_its_rows_can_match(text, expected):
    known = {"period": 3, "statement": "annex-a", "id": Unknown("2019-20/03/1/annex-a/")}
    assert row_filter(text).may_match(known) is expected


@pytest.mark.parametrize(
    ("query", "status", "sentence"),
    [
        ("$expand=Report", 501, "$expand: This is not offered. Load Figures, Reports and"),
        ("$apply=x", 501, "Add figures up in Excel or Power BI."),
        ("@p=1", 501, "Parameter aliases are not offered."),
        ("filter=counted", 400, "filter: Did you mean $filter?"),
        ("$fliter=counted", 400, "$fliter: It is unknown. These are known: $filter,"),
        ("$top=1&%24top=2", 400, "$top: It is given twice."),
        ("$top=-1", 400, "$top: '-1' is no whole number"),
        ("$skip=x", 400, "$skip: 'x' is no whole number"),
        ("$count=yes", 400, "$count: 'yes' is neither true nor false."),
        ("$select=label,budget", 400, "$select: There is no property budget."),
        ("$orderby=label+up", 501, "$orderby: 'label up' is not offered."),
        ("$orderby=pound desc", 400, "$orderby: There is no property pound."),
        ("&".join(f"a{each}=1" for each in range(60)), 400, "More than 50 options are given."),
    ],
)
def test_an_option_that_is_not_offered_is_refused(query, status, sentence):
    with pytest.raises(RequestRefused) as refusal:
        read_options(read_pairs(query), FIGURE, COLLECTION_OPTIONS)
    assert refusal.value.status == status
    assert sentence in refusal.value.sentence


def test_options_are_read():
    given = read_pairs("%24select=pounds,%20label&$orderby=pounds%20desc,label&$top=5")
    options = read_options(given, FIGURE, COLLECTION_OPTIONS)
    assert [each.name for each in options.select] == ["label", "pounds"]
    assert options.order == (("pounds", True), ("label", False))
    assert (options.top, options.skip, options.with_count) == (5, 0, False)
    assert options.with_page_rows("odata.maxpagesize=50").page_rows == 50
    assert options.with_page_rows("maxpagesize=99999999").page_rows == 10_000
