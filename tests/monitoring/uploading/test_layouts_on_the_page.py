"""The page about columns says everything that a layout can, and loses nothing of one."""

import io
import re
import tomllib

import openpyxl
import pytest

from council_finance import registry
from council_finance.uploads.layouts import read_layout, read_through
from council_finance.uploads.reading import read_rows
from monitoring.uploading.matching.rows import (
    describe_kept,
    describe_missing,
    new_headings,
    steps_that_are_kept,
)
from tests.cases import CASES, path
from tests.conftest import ROOT
from tests.council_finance.uploads import test_layout_steps as steps
from tests.council_finance.uploads import test_shape_cases as shapes
from tests.council_finance.uploads.test_layouts import EXPORTS, workbook
from tests.monitoring.uploading.matched import as_sent, opened, said_anew, saved_unchanged
from tests.monitoring.uploading.test_layout_pages import MONTHS, STEPS
from tests.monitoring.uploading.test_saved_layouts import EXPORT, LEDGER
from tests.quick_cases import quick_first

MONTHS_OF_21 = ", ".join(f'"{month}"' for month in shapes.MONTHS)


def toml_of(name: str) -> str:
    return CASES.joinpath(name).read_text(encoding="utf-8")


FROM_TESTS = {
    "finer": (steps.FINER, steps.ADDS_UP),
    "two of ten segments": (steps.FLEXFIELDS, steps.PARTS),
    "a month a column": (steps.BY_MONTH, steps.MONTHS),
    "labels once": (
        "service_code,cost_centre,account,current_budget\nADULT,00123,4000,1000\n,,9000,-200\n",
        steps.PIVOT,
    ),
    "crosstab": ("Account,A100,B200\n4000,1,2\n9000,3,\n", steps.CROSSTAB),
    "crosstab added up": (
        "Account,A100,B200\n4000,1,2\n9000,3,\n4000,10,20\n",
        steps.CROSSTAB_ADDED_UP,
    ),
    "years and signs": (
        "Year,Type,Cost centre,Account,Budget £000,Forecast\n2023/24,Expense,A,1,9,9\n"
        "2024/25,Income,A,2,2.25,\n",
        steps.SIGNS,
    ),
    "a heading twice": ("Cost centre,Account,Budget,Budget\n123,4000,12,3\n", steps.TWICE),
    "months of a saved layout": (MONTHS, STEPS),
    "a saved layout": (EXPORT, LEDGER),
}
FROM_CASES = {
    "19": (
        path("19-ten-segments.xlsx").read_bytes(),
        '[columns]\n"Period to date" = "current_budget"\n[[steps]]\ndo = "take_parts"\n'
        'column = "Accounting flexfield"\nseparator = "-"\ncount = 10\n'
        "into = { cost_centre = 3, account = 4 }\n" + shapes.ADD_UP,
    ),
    "20": (path("20").read_bytes(), shapes.OWN + shapes.ADD_UP),
    "21": (
        path("21").read_bytes(),
        '[columns]\n"Cost Centre" = "cost_centre"\n"Natural Account" = "account"\n'
        f'[[steps]]\ndo = "add_columns"\ncolumns = [{MONTHS_OF_21}]\ninto = "current_budget"\n'
        f'[[steps]]\ndo = "add_columns"\ncolumns = [{MONTHS_OF_21}]\n'
        'into = "profiled_budget_to_date"\nto_period = true\n',
    ),
    "22": (
        path("22").read_bytes(),
        shapes.OWN + '[[steps]]\ndo = "fill_down"\ncolumns = ["service_code", "cost_centre"]\n',
    ),
    "26": (
        path("26").read_bytes(),
        shapes.CODES
        + 'Budget = "current_budget"\nForecast = "forecast"\n[[steps]]\ndo = "reverse_sign"\n'
        'column = "Type"\nvalues = ["Income"]\nfigures = ["Budget", "Forecast"]\n',
    ),
    "28": (
        path("28-two-row-headings.xlsx").read_bytes(),
        toml_of("28-two-row-headings.toml").replace(
            "[columns]", '[columns]\nProfile = "profiled_budget_to_date"'
        )
        + '[[steps]]\ndo = "name_column"\ncolumn = "F"\nheading = "Year to date Budget"\n'
        'name = "Profile"\n',
    ),
    "28 as it is": (
        path("28-two-row-headings.xlsx").read_bytes(),
        toml_of("28-two-row-headings.toml"),
    ),
    "37": (path("37-unit-apostrophe-m.csv").read_bytes(), toml_of("37-unit-apostrophe-m.toml")),
}
REPEATED = {
    "rows twice, parts twice, signs twice, columns added up": (
        "Year,Type,Long,Other,Apr,x,May,Jun,Sign,Kind,Out\n"
        "2019,Exp,A-1,9/C,1,7,2,4,+,Inc,5\n2018,Exp,A-1,9/C,1,7,2,4,+,Inc,5\n"
        "2019,Stat,A-2,9/C,1,7,2,4,-,Exp,5\n2019,,A-3,9/C,1,7,2,4,-,Exp,5\n",
        {
            "columns": {"Out": "forecast"},
            "steps": [
                {"do": "keep_rows", "column": "Year", "values": ["2019"]},
                {"do": "skip_rows", "column": "Type", "values": ["Stat", ""]},
                {
                    "do": "take_parts",
                    "column": "Long",
                    "separator": "-",
                    "into": {"cost_centre": 1, "account": 2},
                    "count": 2,
                },
                {
                    "do": "take_parts",
                    "column": "Other",
                    "separator": "/",
                    "into": {"service_code": 2},
                },
                {"do": "add_columns", "columns": ["Apr", "May", "Jun"], "into": "current_budget"},
                {
                    "do": "add_columns",
                    "columns": ["Apr", "May", "Jun"],
                    "into": "profiled_budget_to_date",
                    "to_period": True,
                },
                {
                    "do": "reverse_sign",
                    "column": "Sign",
                    "values": ["-"],
                    "figures": ["current_budget"],
                },
                {"do": "reverse_sign", "column": "Kind", "values": ["Inc"], "figures": ["Out"]},
                {"do": "pad", "column": "account", "length": 4},
            ],
        },
    ),
    "a crosstab of some columns": (
        "Account,A100,Note,B200\n4000,1,x,2\n9000,3,y,\n",
        {
            "columns": {"Account": "account"},
            "steps": [
                {
                    "do": "turn_columns",
                    "columns": ["A100", "B200"],
                    "headings_into": "cost_centre",
                    "figures_into": "current_budget",
                }
            ],
        },
    ),
    "three codes in one column, beginnings and expressions": (
        "Key,Budget,Actual\nADULT-A-900.1,5 CR,1\nADULT-A-R10,5,1\nPage 1,,\n",
        {
            "columns": {"Budget": "current_budget", "Actual": "actual_to_date"},
            "split": {
                "Key": {"into": ["service_code", "cost_centre", "account"], "separator": "-"}
            },
            "suffix": {"columns": ["current_budget"]},
            "sign": {"income_positive_accounts": ["^900\\.", "^R", "(10|11)$"]},
            "skip": {"starts_with": ["Page"], "blank_codes": True},
            "round_to_penny": True,
        },
    ),
    "an amount that is the same in every row, and both signs": (
        "CC,Acc,Budget,Actual\nN1,A,5 DR,3\n",
        {
            "columns": {"CC": "cost_centre", "Acc": "account", "Budget": "current_budget"},
            "fixed": {"forecast": "0", "description": "All"},
            "suffix": {"columns": ["current_budget"]},
            "sign": {"reverse": ["current_budget"]},
            "units": {"current_budget": "k"},
        },
    ),
}
EVERY = {
    **{name: (content, text) for name, (content, text, _) in EXPORTS.items()},
    **FROM_TESTS,
    **FROM_CASES,
    **REPEATED,
}


def case(name: str) -> tuple[bytes, dict]:
    """The bytes of a file, and its layout's definition."""
    content, layout = EVERY[name]
    content = workbook(content) if isinstance(content, list) else content
    content = content.encode() if isinstance(content, str) else content
    return content, tomllib.loads(layout) if isinstance(layout, str) else layout


def rows_read(content: bytes, definition: dict) -> list:
    """Everything that a layout reads of a file: its rows, and what is wrong with them."""
    specs = registry.upload_kind("position", per_period=True).columns
    layout = read_layout(definition)
    known = {heading.casefold() for heading in layout.headings}
    table = read_through(read_rows(content, layout.sheet, known), layout, specs, 3)
    said = [each.sentence for each in (*table.problems, *table.warnings)]
    return [table.frame.astype(str).to_dict(), said]


@pytest.mark.parametrize("name", quick_first(EVERY, 5))
def test_each_layout_is_said_on_the_page(name):
    content, definition = case(name)
    anew = said_anew(content, definition)
    assert rows_read(content, anew) == rows_read(content, definition)


@pytest.mark.parametrize("name", quick_first(EVERY, 5))
def test_a_layout_that_is_opened_and_saved_stays_the_same(name):
    content, definition = case(name)
    saved, form = saved_unchanged(content, definition)
    assert saved == definition
    assert (form.kept, describe_missing(form)) == ({}, [])


def documented_layouts() -> list[str]:
    text = (ROOT / "docs" / "ledger-exports.md").read_text(encoding="utf-8")
    return re.findall(r"```toml\n(.*?)```", text, flags=re.DOTALL)


FLEXFIELD = b"Accounting flexfield,Period to date,Budget\n1-2-A-B-5-6-7-8-9-10,7,8\n"


def ledger_sheet(rows: list) -> bytes:
    book = openpyxl.Workbook()
    book.active.title = "Ledger"
    for row in rows:
        book.active.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def test_the_documented_layouts_are_said_on_the_page():
    whole, stepped = map(tomllib.loads, documented_layouts())
    assert saved_unchanged(FLEXFIELD, stepped)[0] == stepped
    assert rows_read(FLEXFIELD, said_anew(FLEXFIELD, stepped)) == rows_read(FLEXFIELD, stepped)
    # The first shows every key at once, in a workbook's sheet with headings of two rows.
    content = ledger_sheet([[*[None] * 5, "Council"], ["Net Budget", "Actual", "Code", "Dr", "Cr"]])
    saved, form = saved_unchanged(content, whole)
    assert saved == whole
    assert form.kept == {}
    assert said_anew(content, whole).keys() == whole.keys()


# What the page cannot show

OUT_OF_ORDER = {
    "columns": {"Centre": "cost_centre", "Budget": "current_budget"},
    "steps": [
        {"do": "pad", "column": "Centre", "length": 5},
        {"do": "take_parts", "column": "Key", "separator": "-", "into": {"account": 1}},
        {"do": "keep_rows", "column": "account", "values": ["4000"]},
    ],
}
KEYS = b"Centre,Key,Budget\n12,4000-1,5\n12,4001-1,6\n"


def test_steps_that_the_page_cannot_show_are_named_and_kept():
    saved, form = saved_unchanged(KEYS, OUT_OF_ORDER)
    assert saved == OUT_OF_ORDER
    assert steps_that_are_kept(form) == [
        "Added leading zeros to “Centre”, up to 5 characters.",
        "Took part 1 as account from “Key”, split at “-”.",
        "Kept only rows in which “account” is “4000”.",
    ]
    make = opened(KEYS, OUT_OF_ORDER)
    changed = make(as_sent(make()) | {"unit_current_budget": "k"})
    assert changed.is_valid(), changed.errors
    assert changed.definition() == OUT_OF_ORDER | {"units": {"current_budget": "k"}}


def test_kept_steps_are_left_or_replaced_but_not_both():
    make = opened(KEYS, OUT_OF_ORDER)
    sent = as_sent(make())
    own = {"column_account": "1"}
    without = make({name: value for name, value in sent.items() if name != "keep_steps"} | own)
    assert without.is_valid(), without.errors
    columns = OUT_OF_ORDER["columns"] | {"Key": "account"}
    assert without.definition() == {"columns": columns}
    both = make(sent | {"shape-pad_cost_centre": "5"})
    assert not both.is_valid()
    assert both.errors["keep_steps"] == ["Keep these steps or answer the questions; not both."]


def test_columns_that_the_page_does_not_offer_are_named_and_kept():
    kind = registry.upload_kind("position", per_period=True)
    definition = {
        "columns": {"CC": "cost_centre", "Acc": "account", "Budget": "current_budget"},
        "split": {
            f"Key{number}": {"into": ["service_code", "description"], "separator": "-" * 11}
            for number in (1,)
        },
        "skip": {"starts_with": ["Page\n1"]},
    }
    assert {"service_code", "description"} <= {spec.name for spec in kind.columns}
    content = b"CC,Acc,Budget,Key1\nN1,A,5,ADULT-----------x\n"
    saved, form = saved_unchanged(content, definition)
    assert saved == definition
    assert describe_kept(form) == [
        "“Key1” holds service_code, description.",
        "starts_with: 'Page\\n1'.",
    ]


# A file that has changed


def test_only_the_headings_that_are_gone_are_asked_about():
    changed = EXPORT.replace("Net Budget", "Revised Budget").replace("Dr,", "Debit,").encode()
    form = opened(changed, LEDGER)()
    assert describe_missing(form) == [("Net Budget", "Current budget"), ("Dr", "Forecast, debits")]
    assert new_headings(form) == ["Revised Budget", "Debit"]
    assert form["column_current_budget"].value() == "2", "as its heading suggests"
    sent = as_sent(form) | {"debit_forecast": "3"}
    answered = opened(changed, LEDGER)(sent)
    assert answered.is_valid(), answered.errors
    assert answered.definition() == LEDGER | {
        "columns": {"Revised Budget": "current_budget", "Details": "description"},
        "debit_credit": {"forecast": {"debit": "Debit", "credit": "Cr"}},
    }


def test_a_step_whose_heading_is_gone_is_asked_about():
    content, definition = case("years and signs")
    changed = content.replace(b"Year", b"Fin year")
    form = opened(changed, definition)()
    assert describe_missing(form) == [("Year", "The shape of the file")]
    sent = as_sent(form)
    assert (sent["shape-rows_act"], sent["shape-rows_values"]) == ("keep_rows", "2024/25")
    asked = opened(changed, definition)(sent)
    assert not asked.is_valid()
    assert asked.shape.errors["rows_column"] == [
        "Give the column, what to do with these rows, and the values."
    ]
    answered = opened(changed, definition)(sent | {"shape-rows_column": "0"})
    assert answered.is_valid(), answered.errors
    assert rows_read(changed, answered.definition())[0] == rows_read(content, definition)[0]


def test_another_month_in_a_heading_is_no_change():
    definition = {
        "columns": {"CC": "cost_centre", "Acc": "account", "Budget P03": "current_budget"},
        "units": {"current_budget": "k"},
    }
    saved, form = saved_unchanged(b"CC,Acc,Budget P04\nN1,A,5\n", definition)
    assert saved == definition
    assert ("2", "Budget P04") in form.choices
    two = opened(b"CC,Acc,Budget P04,Budget P05\nN1,A,5,6\n", definition)()
    assert describe_missing(two) == [("Budget P03", "Current budget")]


@pytest.mark.parametrize(
    ("sent", "field", "words"),
    [
        ({"debit_forecast": "3"}, "credit_forecast", "choose the columns of debits and of credits"),
        ({"debit_forecast": "3", "credit_forecast": "3"}, "credit_forecast", "another column"),
        ({"split_column": "2"}, "split_separator", "Say what stands between"),
        ({"split_separator": "-"}, "split_column", "Choose the column that holds the codes."),
        ({"split_column": "2", "split_separator": "-"}, "split_into_1", "which two codes"),
        ({"income_patterns": "("}, "income_patterns", "is not a regular expression"),
        (
            {"income_beginnings": "9", "sign_current_budget": "reverse"},
            "income_beginnings",
            "not both",
        ),
        ({"together_lengths": "4"}, "together", "Choose the column that holds both codes."),
        ({"header_rows": "7"}, "header_rows", "Select a valid choice"),
    ],
)
def test_what_is_said_by_halves_is_refused_at_its_field(sent, field, words):
    content = b"CC,Acc,Key,Budget\nN1,A,x,5\n"
    own = {"name": "New", "column_cost_centre": "0", "column_account": "1"}
    form = opened(content, None)(own | {"column_current_budget": "3"} | sent)
    assert not form.is_valid()
    assert words in " ".join(form.errors[field])
