"""What a page asks the database once, however many of its parts need it.

A page that only reads is one reading: what was found for one of its parts holds for all the others,
and is forgotten when the page has been made. Nothing is kept outside of it: forms, jobs and
commands, which write, ask each time.
"""

import contextlib
import functools
from collections.abc import Callable, Iterator
from contextvars import ContextVar
from typing import Any, ClassVar, TypeVar

from django.db import connection, models
from django.http import HttpRequest, HttpResponse

from council_finance.middleware import GetResponse

_SAFE = ("GET", "HEAD")

Found = TypeVar("Found")

_found: ContextVar[dict[Any, Any] | None] = ContextVar("found", default=None)


@contextlib.contextmanager
def one_reading() -> Iterator[None]:
    """Keep what `once_a_reading` finds until the end of the block."""
    token = _found.set({})
    try:
        yield
    finally:
        _found.reset(token)


def read_pages_once(get_response: GetResponse) -> GetResponse:
    """Middleware: make each page that only reads one reading."""

    def middleware(request: HttpRequest) -> HttpResponse:
        if request.method not in _SAFE:
            return get_response(request)
        with one_reading():
            return get_response(request)

    return middleware


def once_a_reading(function: Callable[..., Found]) -> Callable[..., Found]:
    """Have a function that reads the database answer once a reading for the same arguments.

    Rows among the arguments are the same where their primary keys are. Whoever gets the answer must
    not change it.
    """

    @functools.wraps(function)
    def asked(*arguments: Any) -> Found:
        found = _found.get()
        if found is None:
            return function(*arguments)
        key = (function, arguments)
        if key not in found:
            found[key] = function(*arguments)
        answer: Found = found[key]
        return answer

    return asked


class TableOfYears:
    """A table of rows by financial year, of a subject that many councils do not keep.

    Within a reading, one question finds which of these tables have rows of a year. What would ask
    the others need not even be put together, which takes longer than the answer.
    """

    names: ClassVar[list[str]] = []

    def __init__(self, model: type[models.Model]) -> None:
        """Take a model whose field `year` names a financial year."""
        self._name = model._meta.db_table
        self.names.append(self._name)

    def is_known_empty(self, year: models.Model) -> bool:
        """Return whether this reading has found no row of the year; outside of one, False."""
        return _found.get() is not None and self._name not in _tables_with_rows(year)


@once_a_reading
def _tables_with_rows(year: models.Model) -> frozenset[str]:
    """Return the names of those tables that have rows of a year."""
    tables = TableOfYears.names
    quote = connection.ops.quote_name
    exist = (f"EXISTS (SELECT 1 FROM {quote(table)} WHERE year_id = %s)" for table in tables)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {', '.join(exist)}", [year.pk] * len(tables))
        answers = cursor.fetchone()
    return frozenset(table for table, has_rows in zip(tables, answers, strict=True) if has_rows)
