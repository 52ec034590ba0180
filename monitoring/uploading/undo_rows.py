"""The undo of files that write rows of small tables: each row is put back as it was.

The rows of the tables are compared before and after a file is stored, and the difference is kept:
rows that the file added, changed and removed. It is undone only while each of them is still as the
file left it, so that nothing newer is lost.
"""

import datetime
import json
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from django.apps import apps
from django.core.serializers.python import Deserializer, Serializer
from django.db import IntegrityError, models, transaction
from django.db.models import ProtectedError

from council_finance.accounts.models import User
from council_finance.errors import Refused
from council_finance.registry.undo import UndoneFigure
from monitoring.uploading.prepared import Target

Rows = dict[str, dict[str, Any]]
"""The fields of the rows of a table, by primary key as text."""

_NAMED = 5


class RowChanges(NamedTuple):
    """What a file changed in one table: the fields of rows by primary key.

    Of a changed row there are both: before and after.
    """

    added: Rows
    changed: dict[str, list[dict[str, Any]]]
    removed: Rows


Tables = Sequence[models.QuerySet[Any]]
Changes = Mapping[str, RowChanges]
"""What a file changed, by the label of the table's model."""


def _refuse_nothing(changes: Changes) -> str:
    return ""


def _find_no_faults(target: Target) -> Mapping[str, str]:
    return {}


def _clear_nothing(changes: Changes, target: Target) -> None:
    """Leave what was worked out from the rows as it is."""


@dataclass(frozen=True)
class RowsUndo:
    """The undo of a kind of file that writes the rows of `tables`, parents before children.

    `why_not` says why changes of some sort are not undone. `faults` are rules that the rows must
    keep, by what breaks them: undoing may add none. `clear` removes what was worked out from rows
    that the file added, and is worked out again afterwards.
    """

    tables: Callable[[Target], Tables]
    why_not: Callable[[Changes], str] = field(default=_refuse_nothing)
    faults: Callable[[Target], Mapping[str, str]] = field(default=_find_no_faults)
    clear: Callable[[Changes, Target], None] = field(default=_clear_nothing)

    def before(self, prepared: object, target: Target) -> dict[str, Rows]:
        """Return every row of the tables."""
        return {_label_of(rows): read_rows(rows) for rows in self.tables(target)}

    def replaced(self, before: Mapping[str, Rows], target: Target) -> dict[str, Any]:
        """Return the rows that the file added, changed and removed, by table."""
        return {
            _label_of(rows): compare_rows(before[_label_of(rows)], read_rows(rows))
            for rows in self.tables(target)
        }

    def refuse(self, kept: Mapping[str, Any], target: Target) -> None:
        """Raise `Refused` where the rows are not undone, or one is not as the file left it."""
        changes = _changes_of(kept)
        if fault := self.why_not(changes):
            raise Refused(fault)
        for label, each in changes.items():
            refuse_newer_rows(_model_of(label), each)

    def preview(self, kept: Mapping[str, Any], target: Target) -> list[UndoneFigure]:
        """Return how many rows go, change and come back; by undoing the file and rolling back."""
        with transaction.atomic():
            self.put_back(kept, target, None)
            transaction.set_rollback(True)
        return describe_changes(_changes_of(kept))

    def put_back(self, kept: Mapping[str, Any], target: Target, by: User | None) -> None:
        """Put the rows back. Raise `Refused` where one is not as the file left it."""
        self.refuse(kept, target)
        changes, before = _changes_of(kept), self.faults(target)
        try:
            with transaction.atomic():
                self._write_back(changes, target)
        except ProtectedError as error:
            raise Refused(_describe_dependants(error)) from error
        except IntegrityError as error:
            raise Refused(
                "Something newer has been entered in the place of a row that the file replaced. "
                "Upload a corrected file instead."
            ) from error
        after = self.faults(target)
        if new := [after[key] for key in after if key not in before]:
            raise Refused(*new)

    def _write_back(self, changes: Changes, target: Target) -> None:
        # Changed rows first, as they may refer to added ones. Added rows go before the removed
        # ones return, as a file that replaces a table adds rows with the keys of those it removed.
        # A changed row may refer to one not yet back: the database checks that at the end.
        for label, each in changes.items():
            write_rows(label, {pk: fields for pk, (fields, _) in each.changed.items()})
        self.clear(changes, target)
        for label, each in reversed(list(changes.items())):
            remove_rows(_model_of(label), list(each.added))
        for label, each in changes.items():
            write_rows(label, each.removed)


def _label_of(rows: models.QuerySet[Any]) -> str:
    return str(rows.model._meta.label_lower)


def _model_of(label: str) -> type[models.Model]:
    return apps.get_model(label)


def _changes_of(kept: Mapping[str, Any]) -> dict[str, RowChanges]:
    return {label: RowChanges(**each) for label, each in kept.items()}


def read_rows(rows: models.QuerySet[Any]) -> Rows:
    """Return the fields of each row as JSON keeps them, to the microsecond."""
    found = Serializer().serialize(rows.order_by("pk"))
    plain = json.loads(json.dumps(found, default=_to_plain))
    return {str(row["pk"]): row["fields"] for row in plain}


def _to_plain(value: object) -> str:
    if isinstance(value, datetime.date):
        return value.isoformat()
    if isinstance(value, uuid.UUID):
        return str(value)
    raise TypeError(f"a {type(value).__name__} cannot be kept")


def compare_rows(before: Rows, after: Rows) -> dict[str, Any]:
    """Return what differs between two states of a table, as the fields of RowChanges."""
    return {
        "added": {pk: row for pk, row in after.items() if pk not in before},
        "changed": {
            pk: [before[pk], row] for pk, row in after.items() if pk in before and before[pk] != row
        },
        "removed": {pk: row for pk, row in before.items() if pk not in after},
    }


def refuse_newer_rows(model: type[models.Model], changes: RowChanges) -> None:
    """Raise `Refused` where a row is no longer as the file left it."""
    left = changes.added | {pk: after for pk, (_, after) in changes.changed.items()}
    numbers = [*left, *changes.removed]
    now = read_rows(model._default_manager.filter(pk__in=numbers))
    newer = [pk for pk in numbers if now.get(pk) != left.get(pk)]
    if newer:
        names = _name_rows(model, newer, left)
        raise Refused(
            f"The file cannot be undone, because something newer would be lost: {names} has been "
            "changed since. Upload a corrected file instead."
        )


def unchanged_rows(model: type[models.Model], changes: RowChanges) -> list[str]:
    """Return the primary keys of changed rows that are still as the file left them."""
    now = read_rows(model._default_manager.filter(pk__in=list(changes.changed)))
    return [pk for pk, (_, after) in changes.changed.items() if now.get(pk) == after]


def _name_rows(model: type[models.Model], numbers: Sequence[str], left: Rows) -> str:
    stored = model._default_manager.in_bulk(numbers[:_NAMED])
    words = [str(row) for row in stored.values()]
    gone = len(numbers[:_NAMED]) - len(words)
    words += [f"a row of {model._meta.verbose_name_plural} that is gone"] if gone else []
    more = f" and {len(numbers) - _NAMED} more" if len(numbers) > _NAMED else ""
    return f"{', '.join(words)}{more}"


def write_rows(label: str, rows: Rows) -> None:
    """Write rows as they were, with the primary keys that they had."""
    data = [{"model": label, "pk": pk, "fields": fields} for pk, fields in rows.items()]
    for each in Deserializer(data):
        each.save()


def remove_rows(model: type[models.Model], numbers: Sequence[str]) -> None:
    """Remove rows; those that name each other are let go of first."""
    rows = model._default_manager.filter(pk__in=numbers)
    own = {
        each.name: None
        for each in model._meta.concrete_fields
        if each.null and each.related_model is model
    }
    if own:
        rows.update(**own)
    rows.delete()


def _describe_dependants(error: ProtectedError) -> str:
    found = sorted({str(each) for each in error.protected_objects})
    more = f" and {len(found) - _NAMED} more" if len(found) > _NAMED else ""
    return (
        "The file cannot be undone, because something newer depends on it: "
        f"{', '.join(found[:_NAMED])}{more}. Remove that first, or upload a corrected file instead."
    )


def describe_changes(changes: Changes) -> list[UndoneFigure]:
    """Return for each table how many rows the file wrote, and their state now and after."""
    found = []
    for label, each in changes.items():
        plural = str(_model_of(label)._meta.verbose_name_plural)
        for verb, rows, now, after in (
            ("added", each.added, "stored", "removed"),
            ("changed", each.changed, "as the file has them", "as they were before"),
            ("removed", each.removed, "removed", "put back"),
        ):
            if rows:
                found.append(
                    UndoneFigure(f"{len(rows):,} {plural} that the file {verb}", now, after)
                )
    return found
