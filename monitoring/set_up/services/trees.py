"""The draft of a tree of services: keep it, check it, change it, store it.

A pasted tree is written as a services.csv, so that it is checked, stored and kept as one that was
uploaded.
"""

import csv
import io
from collections.abc import Mapping
from dataclasses import dataclass, replace

import pandas as pd
from django.db import transaction

from council_finance import audit, registry
from council_finance.accounts.models import User
from council_finance.errors import Refused
from council_finance.uploads.problems import FileRefused, HeadingsRefused, Problem
from monitoring.restructuring.changes import fault_in_words
from monitoring.set_up.models import TreeDraft
from monitoring.set_up.pasted import PastedService, Shape, put_under_top, read_pasted
from monitoring.structure.models import UNALLOCATED, BudgetLine, FinancialYear, Service
from monitoring.structure.year_changes import lock_year
from monitoring.uploading.models import Upload
from monitoring.uploading.pipeline.reading import read_table
from monitoring.uploading.prepared import Target
from monitoring.uploading.services.uploads import upload_file

MOST_FILE_BYTES = 2_000_000
_KIND = "services"
_PASTED_FILE = "pasted-services.csv"
_COLUMNS = ("code", "name", "parent_code", "total_label", "section")
_IN_WORDS = {"code": "code", "name": "name", "parent_code": "service above it"}
_FIRST_ROW = 2
"""The row of a CSV file that follows its headings."""


@dataclass(frozen=True)
class TreeRow:
    """A service of a draft, in the order of the tree; `row` is its row in the text or file."""

    row: int
    code: str
    name: str
    level: int
    total_label: str
    code_made: bool
    has_others_under_it: bool
    faults: tuple[str, ...] = ()


@dataclass(frozen=True)
class CheckedTree:
    """A draft with its faults, as sentences; `closing` are services that it no longer names.

    `has_several_tops` says that more than one service has none above it. `needs_matching` says
    that the headings of a file are none of the product's.
    """

    rows: list[TreeRow]
    faults: list[str]
    closing: list[str]
    has_several_tops: bool = False
    needs_matching: bool = False

    @property
    def lowest(self) -> int:
        """Return the number of services without others under them."""
        return sum(not row.has_others_under_it for row in self.rows)


def keep_pasted_tree(*, year: FinancialYear, text: str, shape: Shape | None, by: User) -> TreeDraft:
    """Keep a typed or pasted tree as the year's draft, in place of any other.

    Raise `Refused` with the faults of its shape, by row; the draft before stays then.
    """
    _refuse_year_with_lines(year)
    services = read_pasted(text, shape)
    return _replace_draft(year, by, services=[each.to_data() for each in services])


def keep_tree_file(*, year: FinancialYear, content: bytes, file_name: str, by: User) -> TreeDraft:
    """Keep a file with a tree as the year's draft. Raise `Refused` where it is too large."""
    _refuse_year_with_lines(year)
    if len(content) > MOST_FILE_BYTES:
        raise Refused(
            f"The file is larger than {MOST_FILE_BYTES // 1_000_000} MB, which no list of services "
            "needs. Choose the file with the services alone."
        )
    return _replace_draft(year, by, content=content, file_name=file_name[-255:])


def _refuse_year_with_lines(year: FinancialYear) -> None:
    if BudgetLine.objects.filter(year=year).exists():
        raise Refused(
            f"{year} has figures already. Change its services on the page Structure, where you "
            "see the effect on the figures first."
        )


def _replace_draft(year: FinancialYear, by: User, **fields: object) -> TreeDraft:
    blank = {"services": [], "content": b"", "file_name": ""}
    with transaction.atomic():
        lock_year(year.pk)
        before = TreeDraft.objects.filter(year=year).first()
        revision = before.revision + 1 if before else 1
        draft, _ = TreeDraft.objects.update_or_create(
            year=year, defaults={**blank, **fields, "by": by, "revision": revision}
        )
    return draft


@transaction.atomic
def change_draft(
    *,
    year: FinancialYear,
    revision: int,
    codes: Mapping[int, str],
    total_labels: Mapping[int, str],
    by: User,
) -> TreeDraft:
    """Change codes and total labels of a pasted tree, given by the rows of its services.

    Raise `Refused` where the draft is no longer at `revision`.
    """
    draft = _lock_draft(year, revision)
    services = [
        replace(
            each,
            code=codes.get(each.row, each.code).strip(),
            total_label=total_labels.get(each.row, each.total_label).strip(),
            code_made=each.code_made and codes.get(each.row, each.code).strip() == each.code,
        )
        for each in _pasted_services(draft)
    ]
    return _save_services(draft, services, by)


@transaction.atomic
def add_top(*, year: FinancialYear, revision: int, name: str, by: User) -> TreeDraft:
    """Put a new service above all those of a pasted tree that have none above them."""
    draft = _lock_draft(year, revision)
    return _save_services(draft, put_under_top(_pasted_services(draft), name), by)


@transaction.atomic
def discard_draft(*, year: FinancialYear, revision: int) -> None:
    """Forget the draft. Raise `Refused` where it is no longer at `revision`."""
    _lock_draft(year, revision).delete()


def _lock_draft(year: FinancialYear, revision: int) -> TreeDraft:
    draft = TreeDraft.objects.select_for_update().filter(year=year, revision=revision).first()
    if draft is None:
        raise Refused(
            "Somebody else has changed or stored these services since you opened this page. Open "
            "it again to see them as they are now."
        )
    return draft


def _pasted_services(draft: TreeDraft) -> list[PastedService]:
    return [PastedService(**each) for each in draft.services]


def _save_services(draft: TreeDraft, services: list[PastedService], by: User) -> TreeDraft:
    draft.services = [each.to_data() for each in services]
    draft.by, draft.revision = by, draft.revision + 1
    draft.save()
    return draft


def store_tree(*, year: FinancialYear, revision: int, by: User) -> Upload:
    """Store the draft as the year's tree, by the upload of a services file.

    Raise `Refused` with every fault; nothing is stored then, and the draft stays.
    """
    with transaction.atomic():
        draft = _lock_draft(year, revision)
    _refuse_year_with_lines(year)
    checked = check_draft(draft)
    if checked.faults:
        raise Refused(*checked.faults)
    upload = upload_file(
        kind=_KIND,
        year=year,
        period=None,
        content=_file_of(draft),
        file_name=draft.file_name or _PASTED_FILE,
        by=by,
        # The person has seen every code in the preview, also where it looks like a former one.
        new_codes=[row.code for row in checked.rows],
    )
    with transaction.atomic():
        TreeDraft.objects.filter(pk=draft.pk, revision=revision).delete()
        audit.record(
            by=by,
            action="stored services in the set-up",
            on=f"year {year.label}",
            services=len(checked.rows),
            upload=upload.pk,
        )
    return upload


def _file_of(draft: TreeDraft) -> bytes:
    """Return the file of a draft; that of a pasted tree is written here."""
    if draft.is_file:
        return bytes(draft.content)
    services = _pasted_services(draft)
    codes = {each.row: each.code for each in services}
    text = io.StringIO()
    writer = csv.writer(text, quoting=csv.QUOTE_ALL)
    writer.writerow(_COLUMNS)
    for each in services:
        parent = each.unknown_parent if each.parent is None else codes[each.parent]
        writer.writerow([each.code, each.name, parent, each.total_label, each.section])
    return text.getvalue().encode("utf-8-sig")


def check_draft(draft: TreeDraft) -> CheckedTree:
    """Return the draft's services in the order of the tree, checked as a services file is."""
    kind = registry.upload_kind(_KIND, per_period=False)
    year = draft.year
    try:
        table = read_table(_file_of(draft), kind)
    except FileRefused as refused:
        sentences = [problem.sentence for problem in refused.problems]
        return CheckedTree([], sentences, [], needs_matching=isinstance(refused, HeadingsRefused))
    kind.check(table, Target(Upload(year=year, kind=_KIND), year, None))
    pasted = dict(enumerate(_pasted_services(draft), start=_FIRST_ROW))
    problems = [(_row_of(each, pasted), _in_words(each, pasted)) for each in table.problems]
    by_row: dict[int | None, list[str]] = {}
    for row, sentence in problems:
        by_row.setdefault(row, []).append(sentence)
    rows = [_with_draft(row, pasted, by_row) for row in _in_tree_order(table.frame)]
    tops = (table.frame["parent_code"] == "") & (table.frame["successor_code"] == "")
    return CheckedTree(
        rows,
        [sentence for _, sentence in problems],
        _closing_services(year, set(table.frame["code"])),
        has_several_tops=bool(pasted) and int(tops.sum()) > 1,
    )


def _row_of(problem: Problem, pasted: Mapping[int, PastedService]) -> int | None:
    """Return the row of a problem in the text that was pasted, or in the file."""
    if problem.row is None or problem.row not in pasted:
        return problem.row
    return pasted[problem.row].row


def _in_words(problem: Problem, pasted: Mapping[int, PastedService]) -> str:
    """Return a problem as a sentence; that of a pasted tree without the names of columns."""
    if problem.row not in pasted:
        return problem.sentence
    column = _IN_WORDS.get(problem.column, problem.column)
    message = fault_in_words(problem.message).replace("of this file", "of the list")
    found = f"“{problem.found}”: " if problem.found else ""
    return f"Row {_row_of(problem, pasted)}, {column}: {found}{message}"


def _with_draft(
    row: TreeRow,
    pasted: Mapping[int, PastedService],
    faults: Mapping[int | None, list[str]],
) -> TreeRow:
    """Return a row under its number in the text, with its faults."""
    if row.row in pasted:
        service = pasted[row.row]
        row = replace(row, row=service.row, code_made=service.code_made)
    return replace(row, faults=tuple(faults.get(row.row, ())))


def _in_tree_order(frame: pd.DataFrame) -> list[TreeRow]:
    """Return the services, each after the one above it; those that lead to no top come last."""
    rows = list(frame.itertuples())
    under: dict[str, list[int]] = {}
    for place, row in enumerate(rows):
        under.setdefault(row.parent_code, []).append(place)
    for places in under.values():
        places.sort(key=lambda place: _order_of(rows[place].order, place))
    found: list[TreeRow] = []
    reached: set[int] = set()
    waiting = [(place, 0) for place in reversed(under.get("", []))]
    while waiting or len(reached) < len(rows):
        if not waiting:
            waiting = [(next(n for n in range(len(rows)) if n not in reached), 0)]
        place, level = waiting.pop()
        if place in reached:
            continue
        reached.add(place)
        row = rows[place]
        below = under.get(row.code, [])
        found.append(
            TreeRow(int(row.Index), row.code, row.name, level, row.total_label, False, bool(below))
        )
        waiting += [(each, level + 1) for each in reversed(below)]
    return found


def _order_of(order: object, place: int) -> tuple[int, int]:
    """Return the order of a service among its neighbours; without one, its place in the file."""
    return (place + 1 if pd.isna(order) else int(str(order)), place)


def _closing_services(year: FinancialYear, codes: set[str]) -> list[str]:
    services = Service.objects.filter(year=year, named=True).exclude(code__in=codes)
    named = services.exclude(code=UNALLOCATED).order_by("order", "code")
    return [f"{service.name} ({service.code})" for service in named]
