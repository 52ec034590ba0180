"""The undo of virements.csv: of pending virements alone."""

from monitoring.uploading.prepared import Target
from monitoring.uploading.undo_rows import Changes, RowsUndo, Tables
from monitoring.virements.models import Virement


def _list_tables(target: Target) -> Tables:
    return [Virement.objects.filter(year=target.year)]


def _refuse_approved(changes: Changes) -> str:
    """Return why a file that brought approved virements stays; empty where it brought none."""
    rows = [
        row
        for each in changes.values()
        for row in (*each.added.values(), *(after for _, after in each.changed.values()))
    ]
    approved = sorted({row["reference"] for row in rows if row["approved_on"]})
    if not approved:
        return ""
    return (
        "The file cannot be undone: it brought approved virements "
        f"({', '.join(approved[:5])}{' and others' if len(approved) > 5 else ''}), and an approved "
        "virement is never removed. Take each back with one that names it under “reverses”."
    )


VIREMENTS_UNDO = RowsUndo(_list_tables, why_not=_refuse_approved)
