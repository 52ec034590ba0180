"""The undo of a file of budget lines: the period's batch before is its figures again.

Besides its batch a file adds budget lines, changes their description, exempt mark and service,
enters or takes back forecasts, and clears sign-offs where figures changed. What was there before is
kept with the upload. The batch of an undone file is removed, as its file is kept.
"""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import pandas as pd
from django.apps import apps
from django.db.models import Max, Model, Q

from council_finance.accounts.models import User
from council_finance.bulk import delete_rows
from council_finance.errors import Refused
from council_finance.money import plain_pounds
from council_finance.periods import APPROVED_BUDGET
from council_finance.registry.undo import UndoneFigure
from monitoring.commentary.models import Commentary
from monitoring.figures.models import NodeFigure
from monitoring.forecasts.models import ForecastEntry
from monitoring.ledger.followed_ties import follow_tied_planned_use
from monitoring.ledger.models import Batch, PlannedUseTie, Position
from monitoring.ledger.selectors.positions import positions_frame
from monitoring.ledger.selectors.typed_forecasts import typed_figures, with_typed_figures
from monitoring.ledger_files.upload_kinds.lines_file import PreparedLines, lines_changed_by
from monitoring.published.models import FormerDescription
from monitoring.structure.models import BudgetLine, Period
from monitoring.uploading.prepared import Target
from monitoring.uploading.undo_rows import (
    RowChanges,
    compare_rows,
    read_rows,
    remove_rows,
    unchanged_rows,
    write_rows,
)

_COMMENTARY = Commentary._meta.label_lower
_LINE = BudgetLine._meta.label_lower
_PUT_BACK = "The file was undone"
_INSTEAD = "Upload a corrected file instead."


class LinesUndo:
    """The undo of every kind of file of budget lines."""

    def before(self, prepared: PreparedLines, target: Target) -> dict[str, Any]:
        """Return the period's batch, the lines that the file changes, and the sign-offs."""
        changed = lines_changed_by(prepared, target)["line"].tolist()
        return {
            "batch": Period.objects.values_list("batch", flat=True).get(pk=target.its_period.pk),
            "last_line": _last_line(target),
            "lines": read_rows(BudgetLine.objects.filter(pk__in=changed)),
            "former": read_rows(FormerDescription.objects.filter(line__in=changed)),
            "commentary": read_rows(Commentary.objects.filter(period=target.period)),
        }

    def replaced(self, before: Mapping[str, Any], target: Target) -> dict[str, Any]:
        """Return the batch before, the ids of new lines, and changed lines and sign-offs."""
        changed = BudgetLine.objects.filter(pk__in=list(before["lines"]))
        former = FormerDescription.objects.filter(line__in=list(before["lines"]))
        texts = Commentary.objects.filter(period=target.period)
        return {
            "batch": before["batch"],
            "new_lines": [before["last_line"] + 1, _last_line(target)],
            "lines": compare_rows(before["lines"], read_rows(changed)),
            "former": compare_rows(before["former"], read_rows(former)),
            "commentary": compare_rows(before["commentary"], read_rows(texts)),
        }

    def refuse(self, kept: Mapping[str, Any], target: Target) -> None:
        """Raise `Refused` where a later period, or anything else newer, rests on the file."""
        _Undone.read(kept, target).refuse_what_hangs_on_it()

    def preview(self, kept: Mapping[str, Any], target: Target) -> list[UndoneFigure]:
        """Return lines, budgets, actuals and forecasts, now and after. Raise `Refused`."""
        undone = _Undone.read(kept, target)
        undone.refuse_what_hangs_on_it()
        now = positions_frame(undone.batch)
        after = undone.positions_before()
        rows = [UndoneFigure("Lines", f"{len(now):,}", f"{len(after):,}")]
        for name, label in (
            ("current_budget", "Current budget"),
            ("actual_to_date", "Actual to date"),
            ("forecast", "Forecast"),
        ):
            rows.append(UndoneFigure(label, _format_sum(now[name]), _format_sum(after[name])))
        changed = undone.lines.changed
        if changed:
            label = "Lines whose description, exempt mark or service the file changed"
            rows.append(UndoneFigure(label, f"{len(changed):,}", "as they were before"))
        return rows

    def put_back(self, kept: Mapping[str, Any], target: Target, by: User | None) -> None:
        """Make the batch before the period's again, and lines as they were. Raise `Refused`."""
        undone = _Undone.read(kept, target)
        undone.refuse_what_hangs_on_it()
        undone.put_entries_back(by)
        write_rows(_LINE, {pk: fields for pk, (fields, _) in undone.lines.changed.items()})
        # The lines have these descriptions again: reports need no others.
        remove_rows(FormerDescription, list(undone.former.added))
        undone.put_batch_back()
        follow_tied_planned_use(undone.period, by)
        undone.remove_new_lines()
        undone.put_sign_offs_back()


def _last_line(target: Target) -> int:
    """Return the highest id of the year's lines; new ones have higher ids. 0 without lines."""
    lines = BudgetLine.objects.filter(year=target.year)
    return lines.aggregate(last=Max("pk"))["last"] or 0


def _fields_that_name_lines() -> Iterator[tuple[type[Model], str]]:
    """Yield each table and field of any app that names budget lines."""
    for model in apps.get_models():
        for field in model._meta.concrete_fields:
            if field.related_model is BudgetLine:
                yield model, field.name


def _format_sum(column: pd.Series) -> str:
    """Format the sum of a column of pence; "none given" where every figure is missing."""
    given = column.dropna()
    return "none given" if given.empty else plain_pounds(int(given.sum()))


class _Undone(NamedTuple):
    """A file that is undone: its upload's target, its batch, and what it replaced."""

    target: Target
    period: Period
    batch: Batch
    before: Batch | None
    first_new: int
    last_new: int
    lines: RowChanges
    former: RowChanges
    commentary: RowChanges

    @classmethod
    def read(cls, kept: Mapping[str, Any], target: Target) -> "_Undone":
        """Return the file as it can be undone. Raise `Refused` where it is not the latest."""
        period = Period.objects.select_related("batch", "year").get(pk=target.its_period.pk)
        if period.batch is None or period.batch.upload_id != target.upload.pk:
            raise Refused(
                "The period has other figures by now. Undo the files that were stored after this "
                "one first, the latest before the others."
            )
        before = Batch.objects.filter(pk=kept["batch"]).first() if kept["batch"] else None
        first, last = kept["new_lines"]
        return cls(
            target,
            period,
            period.batch,
            before,
            first,
            last,
            RowChanges(**kept["lines"]),
            RowChanges(**kept["former"]),
            RowChanges(**kept["commentary"]),
        )

    @property
    def new_lines(self) -> Q:
        """Return the condition of rows of BudgetLine that the file added."""
        return Q(year=self.target.year, pk__range=(self.first_new, self.last_new))

    def refuse_what_hangs_on_it(self) -> None:
        """Raise `Refused` where something newer depends on the file's figures or lines."""
        self._refuse_carried_figures()
        self._refuse_used_lines()
        changed = self.lines
        if len(unchanged_rows(BudgetLine, changed)) < len(changed.changed):
            raise Refused(
                "The file cannot be undone: lines whose description, exempt mark or service it "
                f"changed have been changed since. {_INSTEAD}"
            )

    def _refuse_carried_figures(self) -> None:
        """Refuse where a later period's newer batch has figures of this one."""
        later = Batch.objects.filter(
            period__year=self.target.year, period__number__gt=self.period.number
        )
        later = later.filter(pk__gt=self.batch.pk, pk__in=Period.objects.values("batch"))
        for batch in later.select_related("period"):
            carried = Q(forecast_carried_from=self.period.number)
            carried |= Q(planned_use_carried_from=self.period.number)
            rows = Position.objects.of(self.target.year, batch)
            if self.period.number == APPROVED_BUDGET or rows.filter(carried).exists():
                raise Refused(
                    f"The file cannot be undone: the figures of {batch.period.name.lower()} were "
                    "stored after it and take over figures from it. Undo those first, or upload a "
                    "corrected file instead."
                )

    def _refuse_used_lines(self) -> None:
        """Refuse where something else names a line that the file added."""
        if self.first_new > self.last_new:
            return
        for model, name in _fields_that_name_lines():
            new = {
                f"{name}__year": self.target.year,
                f"{name}__pk__range": (self.first_new, self.last_new),
            }
            rows = model._base_manager.filter(**new)
            if model is Position:
                rows = rows.filter(year=self.target.year)
            if model in (Position, PlannedUseTie):
                rows = rows.exclude(batch=self.batch)
            if model is ForecastEntry:
                rows = rows.exclude(source=self.target.upload)
            if (found := rows.select_related(name).first()) is not None:
                line = getattr(found, name)
                raise Refused(
                    f"The file cannot be undone: it added the line {line.code}, on which "
                    f"{model._meta.verbose_name_plural} depend. {_INSTEAD}"
                )

    def positions_before(self) -> pd.DataFrame:
        """Return the positions as they will be, with the typed figures that count then."""
        if self.before is None:
            return positions_frame(self.batch).iloc[:0]
        frame = positions_frame(self.before, through=0)
        typed = typed_figures(self.period.pk)
        current: dict[tuple[int, str], int | None] = {
            (row.line, row.measure): int(row.amount) for row in typed.itertuples(index=False)
        }
        for own, earlier in self.entries_to_put_back():
            current[own.line_id, own.measure] = earlier.forecast_pence if earlier else None
        rows = [(*key, amount) for key, amount in current.items() if amount is not None]
        figures = pd.DataFrame(rows, columns=["line", "measure", "amount"], dtype=object)
        return with_typed_figures(frame, figures.astype({"line": "int64", "amount": "Int64"}))

    def entries_to_put_back(self) -> list[tuple[ForecastEntry, ForecastEntry | None]]:
        """Return the entries of the file that are still the last, each with the one before it."""
        own = ForecastEntry.objects.filter(period=self.period, source=self.target.upload)
        lines = set(own.values_list("line_id", flat=True))
        entries = ForecastEntry.objects.filter(period=self.period, line__in=lines)
        last: dict[tuple[int, str], ForecastEntry] = {}
        earlier: dict[tuple[int, str], ForecastEntry] = {}
        for entry in entries.order_by("pk"):
            key = entry.line_id, entry.measure
            last[key] = entry
            if entry.source_id != self.target.upload.pk:
                earlier[key] = entry
        return [
            (entry, earlier.get(key))
            for key, entry in last.items()
            if entry.source_id == self.target.upload.pk
        ]

    def put_entries_back(self, by: User | None) -> None:
        """Add entries that make the typed figures before the file's count again."""
        ForecastEntry.objects.bulk_create(
            [
                ForecastEntry(
                    period=self.period,
                    line_id=own.line_id,
                    measure=own.measure,
                    previous_pence=own.forecast_pence,
                    forecast_pence=earlier.forecast_pence if earlier else None,
                    tied_to=earlier.tied_to if earlier else "",
                    source_id=earlier.source_id if earlier else None,
                    reason=f"{_PUT_BACK}: {self.target.upload.file_name}"[:1000],
                    by=by,
                )
                for own, earlier in self.entries_to_put_back()
            ],
            batch_size=1000,
        )

    def put_batch_back(self) -> None:
        """Make the batch before the period's; without one the period has no figures again."""
        self.period.batch = self.before
        self.period.save(update_fields=["batch"])
        Position.objects.of(self.target.year, self.batch).delete()
        PlannedUseTie.objects.filter(batch=self.batch).delete()
        # Not by its own delete, which would look for positions of the batch in every year.
        delete_rows(Batch.objects.filter(pk=self.batch.pk))
        if self.before is None:
            NodeFigure.objects.filter(period=self.period).delete()
            Period.objects.filter(pk=self.period.pk).update(
                figures_revision=None, figures_at=None, compared_with=None
            )

    def remove_new_lines(self) -> None:
        """Remove the lines that the file added, but for those whose figures it entered."""
        entered = ForecastEntry.objects.filter(source=self.target.upload).values("line")
        delete_rows(BudgetLine.objects.filter(self.new_lines).exclude(pk__in=entered))

    def put_sign_offs_back(self) -> None:
        """Put sign-offs back that the file's figures cleared, where the text is still the same."""
        same = unchanged_rows(Commentary, self.commentary)
        write_rows(_COMMENTARY, {pk: self.commentary.changed[pk][0] for pk in same})
