"""What a page asks the database once, however many of its parts need it.

A page that only reads is one reading: what was found for one of its parts holds for all the others,
and is forgotten when the page has been made. Nothing is kept outside of it: forms, jobs and
commands, which write, ask each time.
"""

import contextlib
import functools
from collections.abc import Callable, Collection, Iterator, Mapping
from contextvars import ContextVar
from typing import Any, ClassVar, TypeVar, cast

from django.db import connection, models
from django.http import HttpRequest, HttpResponse

from council_finance.middleware import GetResponse

_SAFE = ("GET", "HEAD")

Found = TypeVar("Found")
Row = TypeVar("Row", bound=models.Model)

_NOT_ASKED = object()

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
        answer: Found = found.get(key, _NOT_ASKED)
        if answer is _NOT_ASKED:
            answer = found[key] = function(*arguments)
        return answer

    return asked


def once_for_each(
    function: Callable[[Collection[Row]], Mapping[Row, Found]],
) -> Callable[[Collection[Row]], Mapping[Row, Found]]:
    """Have a function that reads the answers of many rows at once read that of each row once.

    Within a reading it is asked only for the rows that nobody has asked for yet, and never for
    none. Whoever gets the answers must not change them.
    """

    @functools.wraps(function)
    def asked(rows: Collection[Row]) -> Mapping[Row, Found]:
        found = _found.get()
        if found is None:
            return function(rows) if rows else {}
        if unknown := [row for row in rows if (function, row) not in found]:
            answers = function(unknown)
            found.update({(function, row): answers[row] for row in unknown})
        return {row: found[function, row] for row in rows}

    return asked


class TableOfYears:
    """A table of rows by financial year, of a subject that many councils do not keep.

    Within a reading, one question finds which of these tables have rows of a year. What would ask
    the others need not even be put together, which takes longer than the answer.
    """

    known: ClassVar[list["TableOfYears"]] = []

    def __init__(self, model: type[models.Model], path: str = "year") -> None:
        """Take a model and the path of fields, such as "period__year", to its financial year."""
        self._model, self._path = model, path
        self.known.append(self)

    @staticmethod
    def ask_of(years: Collection[models.Model]) -> None:
        """Find at once which of the tables have rows of several years; outside of a reading, not.

        Without it each year is asked about when it is first needed.
        """
        if _found.get() is not None:
            _tables_with_rows(years)

    def is_known_empty(self, year: models.Model) -> bool:
        """Return whether this reading has found no row of the year; outside of one, False."""
        return _found.get() is not None and self not in _tables_with_rows_of(year)

    def rows_exist(self) -> str:
        """Return the SQL of whether there are rows of a year, whose id is its one parameter."""
        return f"EXISTS ({_select_by('1', self._model, self._path)})"


def _select_by(column: str, model: type[models.Model], path: str) -> str:
    """Return the SQL that selects the column of the model's rows at the end of whose path is %s."""
    name, _, rest = path.partition("__")
    key = cast("models.ForeignKey[Any, Any]", model._meta.get_field(name))
    quote = connection.ops.quote_name
    condition = "= %s"
    if rest:
        above = key.target_field
        condition = f"IN ({_select_by(quote(str(above.column)), above.model, rest)})"
    table = quote(model._meta.db_table)
    return f"SELECT {column} FROM {table} WHERE {quote(key.column)} {condition}"


@once_for_each
def _tables_with_rows(
    years: Collection[models.Model],
) -> dict[models.Model, frozenset[TableOfYears]]:
    """Return those of the tables that have rows of each of these years, by one query."""
    tables = TableOfYears.known
    columns = ", ".join(table.rows_exist() for table in tables)
    rows = (f"SELECT {place}, {columns}" for place, _ in enumerate(years))
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(rows), [year.pk for year in years for _ in tables])
        answers = sorted(cursor.fetchall())
    return {
        year: frozenset(table for table, has_rows in zip(tables, row, strict=True) if has_rows)
        for year, (_, *row) in zip(years, answers, strict=True)
    }


@once_a_reading
def _tables_with_rows_of(year: models.Model) -> frozenset[TableOfYears]:
    return _tables_with_rows([year])[year]
