"""Copies of rows for the next year, under the services that the year has then."""

from typing import TypeVar

from django.db import models

from monitoring.models import FinancialYear, Service
from monitoring.structure.selectors.tree import current_tree

Row = TypeVar("Row", bound=models.Model)


def services_after(year: FinancialYear, following: FinancialYear) -> dict[int | None, int | None]:
    """Return the next year's service of each service of a year, by id; None stays None.

    A closed service counts with the open one to which its lines belong.
    """
    tree = current_tree(year)
    codes = dict(Service.objects.filter(year=following).values_list("code", "pk"))
    found: dict[int | None, int | None] = {
        service: codes.get(tree.register[tree.home(service)].code) for service in tree.register
    }
    return found | {None: None}


def copy_row(row: Row, **changed: object) -> Row:
    """Store a copy of a row with some of its columns changed."""
    columns = [field for field in row._meta.concrete_fields if not field.primary_key]
    values = {field.attname: getattr(row, field.attname) for field in columns}
    return type(row)._default_manager.create(**(values | changed))
