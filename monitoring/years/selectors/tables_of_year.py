"""The tables with rows of a financial year, found by their foreign keys, and what they hold."""

from dataclasses import dataclass

from django.db import models

from council_finance.installed_apps import subject_apps
from monitoring.models import (
    Batch,
    ChosenYear,
    Commentary,
    FeedUpload,
    FinancialYear,
    FormerDescription,
    NodeFigure,
    Period,
    PlannedUseTie,
    Position,
    ReportLines,
    Upload,
    UploadOrigins,
)

_LABELS: dict[type[models.Model], str] = {
    Upload: "Uploaded files",
    Position: "Figures of budget lines, of every file that was stored",
    Commentary: "Texts of commentary",
}
_NOT_LISTED = (
    Period,
    Batch,
    ChosenYear,
    FeedUpload,
    FormerDescription,
    NodeFigure,
    PlannedUseTie,
    ReportLines,
    UploadOrigins,
)
"""Tables whose rows follow from others that are listed."""


@dataclass(frozen=True)
class YearTable:
    """A table with rows of a year; `path` leads from a row to its year."""

    model: type[models.Model]
    path: str

    def rows_of(self, year: FinancialYear) -> models.QuerySet[models.Model]:
        """Return the year's rows, also of tables whose own manager refuses to delete any."""
        return models.QuerySet(self.model).filter(**{self.path: year.pk})


@dataclass(frozen=True)
class Contents:
    """The rows of one kind that a year holds."""

    label: str
    count: int


def tables_of_year() -> tuple[YearTable, ...]:
    """Return every table with rows of a year, those that others belong to last.

    A row belongs to the year to which its foreign keys lead, by those that are never empty.
    """
    paths: dict[type[models.Model], str] = {}
    above: list[type[models.Model]] = [FinancialYear]
    for owner in above:  # grows while it is read, by the tables that belong to the owner
        for model in _project_models():
            name = _key_to(model, owner)
            if name and model not in paths and model is not FinancialYear:
                paths[model] = f"{name}__{paths[owner]}" if owner in paths else name
                above.append(model)
    return tuple(YearTable(model, paths[model]) for model in reversed(list(paths)))


def _project_models() -> list[type[models.Model]]:
    return [model for app in subject_apps() for model in app.get_models(include_auto_created=True)]


def _key_to(model: type[models.Model], owner: type[models.Model]) -> str:
    """Return the name of the model's first foreign key to the owner that is never empty."""
    for field in model._meta.concrete_fields:
        if field.remote_field and field.related_model is owner and not field.null:
            return field.name
    return ""


def contents_of(year: FinancialYear) -> list[Contents]:
    """Return how many rows of each kind a year holds, without kinds of which it holds none."""
    found = [
        Contents(_describe_table(table.model), table.rows_of(year).count())
        for table in reversed(tables_of_year())
        if table.model not in _NOT_LISTED
    ]
    return [each for each in found if each.count]


def _describe_table(model: type[models.Model]) -> str:
    label = _LABELS.get(model) or str(model._meta.verbose_name_plural)
    return f"{label[:1].upper()}{label[1:]}"
