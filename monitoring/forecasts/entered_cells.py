"""Read what people sent from the cells of a forecast grid, and keep it where it is refused.

A line sends `forecast-ID`, and with the columns of planned use `use_of_reserves-ID` and
`use_of_capital_receipts-ID`, `tied_…-ID` each, and one `reason-ID`. `seen-…` repeats in pence what
the page showed of each figure, and `seen-tied_…` the code; a cell with the same again is not read.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from django.http import QueryDict

from council_finance.forms.fields import describe_bad_amount
from council_finance.money import NotAnAmount
from council_finance.typed_text import whole_number
from monitoring.forecasts.changes import (
    Cell,
    Clash,
    ForecastChange,
    ForecastsClashed,
    ForecastsFaulty,
)
from monitoring.forecasts.questions import ForecastsQuestioned
from monitoring.forecasts.selectors.grid import figure
from monitoring.forecasts.sums import read_figure
from monitoring.ledger.selectors.typed_amounts import FORECAST, MEASURES

_NOT_WHOLE = "The page was not sent whole. Load it afresh and type the figure again."


@dataclass
class SentLine:
    """What was sent of a line and is not saved: texts by field, and errors by measure.

    `unread` are the measures whose text cannot be read, `questions` the keys of those that were
    asked about the line.
    """

    texts: dict[str, str] = field(default_factory=dict)
    errors: dict[str, str] = field(default_factory=dict)
    unread: set[str] = field(default_factory=set)
    questions: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class SentCells:
    """The changes that were sent, and the faults of cells that cannot be read."""

    changes: list[ForecastChange]
    faults: Mapping[Cell, str]


def read_cells(post: QueryDict) -> SentCells:
    """Return the changes of a grid that was sent; every forecast, and planned use that differs."""
    changes: dict[Cell, ForecastChange] = {}
    faults: dict[Cell, str] = {}
    for name in post:
        measure, _, number = name.partition("-")
        if measure not in MEASURES or whole_number(number, digits=18) is None:
            continue
        cell = int(number), measure
        try:
            change = _read_change(post, number, measure)
        except NotAnAmount as fault:
            faults[cell] = describe_bad_amount(post.get(name, ""), fault)
        except ValueError:
            faults[cell] = _NOT_WHOLE
        else:
            if measure == FORECAST or _is_edited(post, number, change):
                changes[cell] = change
    return SentCells(list(changes.values()), faults)


def _read_change(post: QueryDict, number: str, measure: str) -> ForecastChange:
    """Return what was sent of a cell. Raise `ValueError` where it cannot be read."""
    text = post.get(_seen_name(measure, number), "")
    seen = int(text) if text else None
    return ForecastChange(
        line=int(number),
        seen=seen,
        forecast=read_figure(post.get(f"{measure}-{number}", ""), seen),
        reason=post.get(f"reason-{number}", "").strip(),
        measure=measure,
        tied_to=_new_tie(post, number, measure),
    )


def _seen_name(measure: str, number: str) -> str:
    return f"seen-{number}" if measure == FORECAST else f"seen-{measure}-{number}"


def _new_tie(post: QueryDict, number: str, measure: str) -> str | None:
    """Return the code that planned use is to be tied to; None where it stays as it is."""
    text = post.get(f"tied_{measure}-{number}", "").strip()
    return None if text == post.get(f"seen-tied_{measure}-{number}", "") else text


def _is_edited(post: QueryDict, number: str, change: ForecastChange) -> bool:
    return change.forecast != change.seen or change.tied_to is not None


def kept_cells(post: QueryDict, sent: SentCells, lines: Iterable[int]) -> dict[int, SentLine]:
    """Return by line what a person edited of these lines, as it is shown to them again.

    A sum is shown worked out: `+5000` is not added to another figure the next time.
    """
    changes = {change.cell: change for change in sent.changes}
    shown = _questions_by_line(post)
    kept = {}
    for line in lines:
        found = SentLine(questions=shown.get(line, []))
        for measure in MEASURES:
            change = changes.get((line, measure))
            if (line, measure) in sent.faults:
                found.texts[measure] = post.get(f"{measure}-{line}", "").strip()
                found.unread.add(measure)
            elif change is not None and _is_edited(post, str(line), change):
                found.texts[measure] = _typed_text(post, change)
            if change is not None and change.tied_to is not None:
                found.texts[f"tied_{measure}"] = change.tied_to
        reason = post.get(f"reason-{line}", "")
        if reason:
            found.texts["reason"] = reason
        if found.texts:
            kept[line] = found
    return kept


def _questions_by_line(post: QueryDict) -> dict[int, list[str]]:
    """Return the keys of questions that were shown already, by line, so that none comes twice."""
    found: dict[int, list[str]] = {}
    for key in post.getlist("shown"):
        line = whole_number(key.partition(".")[0], digits=18)
        if line is not None:
            found.setdefault(line, []).append(key)
    return found


def _typed_text(post: QueryDict, change: ForecastChange) -> str:
    text = post.get(f"{change.measure}-{change.line}", "").strip()
    return figure(change.forecast) if text[:1] in ("=", "+") else text


def mark_refused(kept: dict[int, SentLine], refused: Exception) -> None:
    """Add to kept lines why their cells were refused, where that is so."""
    if isinstance(refused, ForecastsFaulty):
        for (line, measure), fault in refused.faults.items():
            kept.setdefault(line, SentLine()).errors[measure] = fault
            kept[line].unread.add(measure)
    elif isinstance(refused, ForecastsClashed):
        for (line, measure), clash in refused.clashes.items():
            kept.setdefault(line, SentLine()).errors[measure] = _describe_clash(clash)
    elif isinstance(refused, ForecastsQuestioned):
        for (line, measure), questions in refused.questions.items():
            found = kept.setdefault(line, SentLine())
            found.errors[measure] = " ".join(question.sentence for question in questions)
            keys = [question.key for question in questions]
            found.questions = list(dict.fromkeys([*found.questions, *keys]))


def _describe_clash(clash: Clash) -> str:
    saved_by = f"{clash.by} saved" if clash.by else "A colleague or an upload saved"
    none = "no forecast" if clash.measure == FORECAST else "no planned use"
    theirs = none if clash.theirs is None else figure(clash.theirs)
    mine = "nothing" if clash.mine is None else figure(clash.mine)
    return f"{saved_by} {theirs} meanwhile; you typed {mine}."
