"""Checking and storing what is entered as its file would be: of registers and of records."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from council_finance import registry
from council_finance.accounts.models import User
from council_finance.errors import Refused
from council_finance.registry import AnyKind
from council_finance.uploads.problems import Problem
from council_finance.uploads.table import TypedTable
from council_finance.uploads.template_files import TemplateContent
from monitoring.models import FinancialYear, Upload
from monitoring.uploading.prepared import Prepared, Target
from monitoring.uploading.rights import why_not_upload
from monitoring.uploading.template_place import TemplatePlace

CHANGED_MEANWHILE = (
    "Somebody else has changed this while you were typing. Look at what is stored now, then save "
    "again."
)


class TableRefused(Exception):
    """Faults that the check of a kind of file found; rows are numbered from 0."""

    def __init__(self, kind: str, problems: Sequence[Problem]) -> None:
        super().__init__(f"what was typed has faults of {kind}")
        self.kind, self.problems = kind, problems


@dataclass
class Saved:
    """The name of what was saved, and sentences about what may be wrong in it."""

    name: str
    has_changed: bool = True
    warnings: list[str] = field(default_factory=list)


def kind_of(name: str) -> AnyKind:
    """Return the kind of file of that name, for a whole year."""
    return registry.upload_kind(name, per_period=False)


def stored_content(name: str, year: FinancialYear) -> TemplateContent:
    """Return the rows that a file of the kind to fill in would have, and the codes it may name."""
    template = kind_of(name).template
    if template is None:
        raise ValueError(f"files of the kind {name} have no template")
    content: TemplateContent = template(TemplatePlace(year, None))
    return content


def may_enter(user: User, name: str, year: FinancialYear) -> bool:
    """Return whether a person may enter what files of the kind bring: as for those files."""
    return not why_not_upload(user, kind_of(name), year)


def refuse_without_right(user: User | None, name: str, year: FinancialYear) -> None:
    """Raise `Refused` where a person may not enter what files of the kind bring.

    Commands, which have no person, may.
    """
    if user is not None and (why := why_not_upload(user, kind_of(name), year)):
        raise Refused(why)


def check_table(
    name: str, year: FinancialYear, table: TypedTable, by: User | None
) -> tuple[Prepared[Any], Target]:
    """Return a table as the check of its kind of file leaves it, and where it goes.

    Its faults are in the problems of the table. Raise `FileRefused` where no file of the kind would
    be taken, such as for an adopted plan.
    """
    target = Target(Upload(year=year, kind=name, uploaded_by=by), year, None)
    return kind_of(name).check(table, target), target


def store_table(name: str, year: FinancialYear, table: TypedTable, by: User | None) -> list[str]:
    """Store a table as a file of the kind would be; return the sentences of its warnings.

    Raise `TableRefused` where it has faults, and as check_table does.
    """
    prepared, target = check_table(name, year, table, by)
    if prepared.table.problems:
        raise TableRefused(name, prepared.table.problems)
    kind_of(name).store(prepared, target)
    return [each.message for each in prepared.table.warnings]


def list_changes(before: Mapping[Any, Any], after: Mapping[Any, Any]) -> dict[str, Any]:
    """Return the cells that differ, each before and after; a missing one is a blank text."""
    return {
        str(name): {"from": before.get(name, ""), "to": after.get(name, "")}
        for name in dict.fromkeys((*before, *after))
        if before.get(name, "") != after.get(name, "")
    }
