"""The undo of services.csv: the tree as it was before."""

from monitoring.figures.models import NodeFigure
from monitoring.structure.models import PeriodState, Service
from monitoring.uploading.prepared import Target
from monitoring.uploading.undo_rows import Changes, RowsUndo, Tables


def _list_tables(target: Target) -> Tables:
    return [Service.objects.filter(year=target.year)]


def _clear_figures(changes: Changes, target: Target) -> None:
    """Remove the rows of drafts for services that go; the recompute writes the others again."""
    added = [int(pk) for each in changes.values() for pk in each.added]
    drafts = NodeFigure.objects.filter(period__year=target.year, period__state=PeriodState.OPEN)
    drafts.filter(service__in=added).delete()


SERVICES_UNDO = RowsUndo(_list_tables, clear=_clear_figures)
