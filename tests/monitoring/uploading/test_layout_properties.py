"""Any layout that a file can have: opened on the page and saved unchanged, it stays the same."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from council_finance.uploads.layouts import read_layout
from tests.monitoring.uploading.matched import as_sent, opened

FILE = (
    b"CC,Acc,Key,Type,Apr,May,Jun,Budget P03,Budget,Budget,Other,Note\n"
    b"A,1,A-1,x,1,2,3,4,5,6,7,n\nB,2,B-2,y,1,2,3,4,5,6,7,n\n"
)
NAMED = {"do": "name_column", "column": "I", "heading": "Budget", "name": "First budget"}
ONCE = ["Type", "Apr", "May", "Jun", "budget p02", "First budget", "Other", "Note"]
MORE_AMOUNTS = ["actual_to_date", "forecast", "commitments", "original_budget"]
heading = st.sampled_from(["CC", "Acc", "Key", *ONCE])
headings = st.lists(heading, min_size=1, max_size=3, unique=True)
text = st.sampled_from(["x", "y", " z ", "a b", ".", "^9", "9", "(1|2)$", "^A\\.", "two\nlines"])
texts = st.lists(text, min_size=1, max_size=3, unique=True)
UNITS = st.sampled_from(["", "", "pounds", "k", "m", "bn"])
SIGNS = st.sampled_from(["", "", "reverse", "suffix", "both"])


@st.composite
def steps(draw, free: list[str], amounts: list[str]) -> list[dict]:
    """Some steps, mostly in the order of the page; amounts that they make leave `free`."""
    kinds = draw(st.lists(st.sampled_from(range(7)), max_size=5))
    if draw(st.integers(0, 3)):
        kinds.sort()
    made = []
    for kind in kinds:
        one, values = draw(heading), draw(texts)
        if kind == 0:
            made.append({"do": "fill_down", "columns": draw(headings)})
        elif kind == 1:
            do = draw(st.sampled_from(["keep_rows", "skip_rows"]))
            made.append(
                {"do": do, "column": one, "values": [*values, *draw(st.just([""]) | st.just([]))]}
            )
        elif kind == 2 and "service_code" not in str(made):
            step = {
                "do": "take_parts",
                "column": one,
                "separator": "-",
                "into": {"service_code": 2},
            }
            made.append(step | draw(st.sampled_from([{}, {"count": 2}])))
        elif kind == 3 and free:
            step = {"do": "add_columns", "columns": draw(headings), "into": free.pop()}
            made.append(
                step | draw(st.sampled_from([{}, {"to_period": True}, {"to_period": False}]))
            )
        elif kind == 4:
            made.append(
                {"do": "reverse_sign", "column": one, "values": values, "figures": amounts[:1]}
            )
        elif kind == 5:
            column = draw(st.sampled_from(["CC", "Acc", "cc", "Key"]))
            made.append({"do": "pad", "column": column, "length": draw(st.integers(2, 9))})
    return [
        *made,
        *draw(st.sampled_from([[], [{"do": "add_up", "by": ["cost_centre", "account"]}]])),
    ]


@st.composite
def definitions(draw) -> dict:
    """A sound layout of the file above: each heading and each column is used once."""
    heads, free = draw(st.permutations(ONCE)), draw(st.permutations(MORE_AMOUNTS))
    heads, free = list(heads), list(free)
    budget = heads.pop()
    columns = {"CC": "cost_centre", "Acc": "account", budget: "current_budget"}
    columns |= {heads.pop(): free.pop() for _ in range(draw(st.integers(0, 1)))}
    made: dict = {"columns": columns}
    if draw(st.booleans()):
        made["debit_credit"] = {free.pop(): {"debit": heads.pop(), "credit": heads.pop()}}
    if draw(st.booleans()):
        made["fixed"] = {"description": draw(text.filter(lambda each: "\n" not in each))}
    elif draw(st.booleans()):
        made["split"] = {
            "Key": {
                "into": ["exempt", "description"],
                "separator": draw(st.sampled_from(["-", " / "])),
            }
        }
    figures = [heading for heading, own in columns.items() if own not in ("cost_centre", "account")]
    made["steps"] = draw(steps(free, figures))
    if "First budget" in str(made):
        made["steps"] = [NAMED, *made["steps"]]
    filled = read_layout(made).made
    amounts = [own for own in filled if own in ("current_budget", *MORE_AMOUNTS)]
    made["units"] = {own: unit for own in amounts if (unit := draw(UNITS))}
    signs = {own: draw(SIGNS) for own in amounts}
    changes = any(word in str(made["steps"]) for word in ("reverse_sign", "add_columns"))
    plain = [own for own in columns.values() if own in amounts and not changes]
    made["suffix"] = {"columns": [own for own in plain if signs[own] in ("suffix", "both")]}
    reverse = [own for own in amounts if signs[own] in ("reverse", "both")]
    income = {
        "income_positive_accounts": draw(
            texts.map(lambda all: [t for t in all if t not in ("(1|2)$",)] or ["9"])
        )
    }
    made["sign"] = {"reverse": reverse} if reverse else draw(st.sampled_from([{}, income]))
    made["skip"] = draw(
        st.fixed_dictionaries({}, optional={"starts_with": texts, "blank_codes": st.booleans()})
    )
    made["round_to_penny"] = draw(st.booleans())
    return {key: part for key, part in made.items() if part or draw(st.booleans())}


@pytest.mark.slow
@settings(max_examples=60, deadline=None)
@given(definition=definitions())
def test_nothing_that_a_layout_says_is_lost(definition):
    make = opened(FILE, definition)
    form = make(as_sent(make()))
    assert form.is_valid(), (form.errors, form.shape.errors)
    assert form.headings.missing == []
    assert form.definition() == definition
