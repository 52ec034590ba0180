"""The rows of a list of ties between services and people, read from a file or pasted text."""

from collections.abc import Iterable
from dataclasses import dataclass

from council_finance.uploads.columns import CHOICE, CODE, TEXT, ColumnSpec
from council_finance.uploads.problems import FileRefused, Problem
from council_finance.uploads.short_lists import read_short_list
from monitoring.people.rows_of_lists import ListOfRows

ADD, REMOVE = "add", "remove"
COLUMNS = (
    ColumnSpec("service_code", CODE, required=True, meaning="The code of the service."),
    ColumnSpec("user", TEXT, required=True, meaning="The person’s user name or e-mail address."),
    ColumnSpec("act", CHOICE, choices=(ADD, REMOVE), meaning="add or remove; blank means add"),
)
_ALSO_NAMED = {
    "code": "service_code",
    "service": "service_code",
    "part": "service_code",
    "username": "user",
    "email": "user",
    "emailaddress": "user",
    "person": "user",
    "director": "user",
    "manager": "user",
    "budgetmanager": "user",
}
_EXPECTED = Problem(
    "The first row gives the headings: service_code and user, and act where some are to be removed."
    " Copy the row of headings too."
)


@dataclass(frozen=True)
class ListedTie:
    """A row of the list: a service, a person, and whether the tie is added or removed."""

    row: int
    code: str
    user: str
    is_added: bool


def read_ties(content: bytes) -> ListOfRows[ListedTie]:
    """Return the ties in a file, with a fault for each row that cannot be read.

    Raise `FileRefused` where there is no such list in it.
    """
    try:
        table = read_short_list(content, COLUMNS, _ALSO_NAMED)
    except FileRefused as refused:
        raise FileRefused(*refused.problems, _EXPECTED) from refused
    faulty = {fault.row for fault in table.problems}
    rows = [
        ListedTie(table.row_in_file(each.Index), each.service_code, each.user, each.act != REMOVE)
        for each in table.frame.itertuples()
        if table.row_in_file(each.Index) not in faulty
    ]
    return ListOfRows.of(table, rows)


def write_ties(codes: Iterable[str], user: str, act: str) -> bytes:
    """Return a list of ties, as `read_ties` reads it, for services that were ticked."""
    quoted = (code.replace('"', '""') for code in codes)
    rows = (f'="{code}"\t{user}\t{act}' for code in quoted)
    return "\n".join(["service_code\tuser\tact", *rows]).encode()
