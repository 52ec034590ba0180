"""The books of `make faults` tell what is lost, doubled, torn or wrong from what is right."""

import dataclasses
from collections import Counter

import pytest

from benchmarks.faults.books import (
    DOUBLED,
    LOST,
    TORN,
    WRONG,
    Books,
    PeriodRow,
    Reading,
    ReportRow,
    UploadRow,
    judge,
)
from benchmarks.faults.readers import matches, overview_figures, statement_figures, sums_of
from benchmarks.live.council import FAULTS, TOP, Tree, ledger, spoilt

TREE = Tree(groups=2, services=4)
PLACE = (2031, 2)
FIRST, SECOND = ledger(TREE, 40, 1), ledger(TREE, 45, 2)
BAD = spoilt(ledger(TREE, 40, 3), "a line twice")
HASHES = {"annex-a": "ab"}


def stored(pk: int, file, **changes) -> UploadRow:
    budget, forecast = file.sums.get(TOP, (0, 0))
    row = UploadRow(
        pk=pk,
        place=PLACE,
        sha256=file.sha256,
        state="stored",
        batches=1,
        batch_lines=file.lines,
        budget=budget,
        forecast=forecast,
        stray_lines=file.lines,
        audit=Counter({"uploaded": 1, "confirmed": 1, "stored an upload": 1}),
    )
    return dataclasses.replace(row, **changes)


def refused(pk: int, file, **changes) -> UploadRow:
    audit = Counter({"uploaded": 1, "had an upload refused": 1})
    nothing = {"batches": 0, "batch_lines": 0, "budget": 0, "forecast": 0, "stray_lines": 0}
    return stored(pk, file, **({"state": "refused", "audit": audit} | nothing | changes))


def shown(file, **changes) -> PeriodRow:
    period = PeriodRow(is_published=False, upload=2, is_up_to_date=True, figures=file.sums)
    return dataclasses.replace(period, **changes)


@pytest.fixture
def books() -> Books:
    """A good file and a bad one were taken; a report was published and reopened."""
    made = Books({PLACE: FIRST})
    for file in (SECOND, BAD):
        made.sending(PLACE, file).accepted += 1
    made.about_to_store(PLACE, SECOND)
    made.published[PLACE, 1] = HASHES
    made.reopened[PLACE] += 1
    return made


def reading(
    uploads=None,
    period=None,
    report=None,
    reopened=1,
) -> Reading:
    """All as it should be, but for what a test changes."""
    return Reading(
        [stored(1, FIRST), *(uploads or (stored(2, SECOND), refused(3, BAD)))],
        {PLACE: period or shown(SECOND)},
        {} if report == "gone" else {(PLACE, 1): report or ReportRow(HASHES, HASHES, 1)},
        Counter({PLACE: reopened}),
    )


def kinds(books: Books, found: Reading) -> set[str]:
    return {finding.kind for finding in judge(books, found, first={1})}


def test_nothing_is_found_where_all_is_right(books):
    assert judge(books, reading(), first={1}) == []


@pytest.mark.parametrize(
    ("changed", "kind"),
    [
        ({"uploads": [refused(3, BAD)]}, LOST),
        ({"uploads": [stored(2, SECOND, state="checking"), refused(3, BAD)]}, LOST),
        ({"uploads": [stored(2, SECOND, budget=1), refused(3, BAD)]}, LOST),
        ({"uploads": [stored(2, SECOND, batches=0), refused(3, BAD)]}, LOST),
        ({"uploads": [stored(2, SECOND, audit=Counter(uploaded=1)), refused(3, BAD)]}, LOST),
        ({"uploads": [stored(2, SECOND, batches=2), refused(3, BAD)]}, DOUBLED),
        ({"uploads": [stored(2, SECOND), stored(4, SECOND), refused(3, BAD)]}, DOUBLED),
        ({"uploads": [refused(2, SECOND), refused(3, BAD)]}, WRONG),
        ({"uploads": [stored(2, SECOND), stored(3, BAD)]}, WRONG),
        ({"uploads": [stored(2, SECOND), refused(3, BAD, stray_lines=5)]}, WRONG),
        ({"uploads": [stored(2, SECOND), refused(3, BAD), stored(5, FIRST)]}, WRONG),
        ({"period": shown(SECOND, upload=1)}, LOST),
        ({"period": shown(SECOND, is_up_to_date=False)}, TORN),
        ({"period": shown(FIRST)}, TORN),
        ({"report": "gone"}, LOST),
        ({"report": ReportRow(HASHES, {"annex-a": "cd"}, 1)}, WRONG),
        ({"report": ReportRow(HASHES, HASHES, 2)}, DOUBLED),
        ({"report": ReportRow(HASHES, HASHES, 0)}, LOST),
        ({"reopened": 2}, WRONG),
    ],
)
def test_what_must_not_be_is_found_by_its_kind(books, changed, kind):
    assert kind in kinds(books, reading(**changed))


def test_a_file_whose_answer_never_came_may_be_there_once_or_not(books):
    books.sent[SECOND.sha256].accepted = 0
    assert kinds(books, reading()) == set()
    without = reading(uploads=[refused(3, BAD)], period=shown(FIRST, upload=1))
    assert kinds(books, without) == set()


@pytest.mark.parametrize("fault", FAULTS)
def test_a_spoilt_ledger_is_another_file(fault):
    assert spoilt(FIRST, fault).content != FIRST.content


def statement(file) -> dict:
    """Annex A's JSON of a ledger, as far as a reader looks at it."""
    rows = []
    for key, (budget, forecast) in file.sums.items():
        amounts = {"budget": budget, "net_variance": forecast - budget}
        cells = {name: {"value": pence / 100} for name, pence in amounts.items()}
        cells |= {name: {"value": None} for name in ("previous_net_variance", "movement")}
        rows.append({"key": key, "kind": "service" if key[0] == "S" else "total", "cells": cells})
    return {"rows": rows}


def test_a_reader_knows_a_statement_of_one_ledger_from_one_of_two():
    whole = statement(SECOND)
    assert matches(statement_figures(whole), SECOND)
    assert all(added == total for _, added, total in sums_of(whole))
    whole["rows"][0] = statement(FIRST)["rows"][0]
    assert not matches(statement_figures(whole), SECOND)
    assert any(added != total for _, added, total in sums_of(whole))


def test_a_reader_reads_the_overview_as_it_is_drawn():
    html = (
        '<table class="statement"><caption id="parts-caption"></caption>'
        '<tr><th scope="row"><a href="/x">Name of G0</a></th>'
        '<td class="numeric figure">1,200</td>'
        '<td class="numeric figure figure--favourable"><span aria-hidden="true">F</span>-34</td>'
        '</tr><tr class="row--total"><th scope="row">Total of TOP</th>'
        '<td class="numeric figure">1,200</td><td class="numeric figure">-34</td></tr></table>'
    )
    assert overview_figures(html) == {"G0": (120_000, -3_400), TOP: (120_000, -3_400)}
