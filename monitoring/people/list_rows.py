"""The rows of a list of people, as they are read from a file or from pasted text."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeAlias

from council_finance.accounts.models import Role
from council_finance.uploads.columns import TEXT, ColumnSpec, normalised
from council_finance.uploads.problems import FileRefused, Problem
from council_finance.uploads.short_lists import read_short_list
from council_finance.uploads.table import TypedTable
from monitoring.people.rows_of_lists import ListOfRows

COLUMNS = (
    ColumnSpec("name", TEXT, required=True, meaning="First name and surname."),
    ColumnSpec("email", TEXT, required=True, meaning="The council’s e-mail address."),
    ColumnSpec("role", TEXT, required=True, meaning="Such as Director, or finance_officer."),
    ColumnSpec("parts", TEXT, meaning="Codes of services, with commas or semicolons."),
    ColumnSpec("user_name", TEXT, meaning="What they log in with; else made from the e-mail."),
)
_ALSO_NAMED = {
    "emailaddress": "email",
    "mail": "email",
    "fullname": "name",
    "displayname": "name",
    "service": "parts",
    "services": "parts",
    "servicecode": "parts",
    "servicecodes": "parts",
    "looksafter": "parts",
    "login": "user_name",
    "userid": "user_name",
}
_BETWEEN_CODES = re.compile(r"[,;|\r\n]+")
_ROLES = {
    written: role
    for role in Role
    for name in (role.value, role.label)
    for written in (normalised(name), normalised(f"{name}s"))
}


@dataclass(frozen=True)
class ListedPerson:
    """A row of the list; `parts` is None where the list has no column of parts."""

    row: int
    name: str
    email: str
    role: Role
    parts: tuple[str, ...] | None
    username: str


PeopleList: TypeAlias = ListOfRows[ListedPerson]
"""A list of people that was read."""


def read_people_list(content: bytes) -> PeopleList:
    """Return the list of people in a file, with a fault for each row that cannot be read.

    Raise `FileRefused` where there is no such list in it.
    """
    try:
        table = read_short_list(content, COLUMNS, _ALSO_NAMED)
    except FileRefused as refused:
        raise FileRefused(*refused.problems, _EXPECTED) from refused
    for row, written in table.frame["role"].items():
        if written and normalised(written) not in _ROLES:
            known = ", ".join(Role.labels)
            table.problem(row, "role", written, f"this is not a role. Roles are: {known}")
    faulty = {fault.row for fault in table.problems}
    return ListOfRows.of(table, (row for row in _listed_people(table) if row.row not in faulty))


def _listed_people(table: TypedTable) -> Iterator[ListedPerson]:
    """Yield the rows whose role is known."""
    for each in table.frame.itertuples():
        if role := _ROLES.get(normalised(each.role)):
            yield ListedPerson(
                row=table.row_in_file(each.Index),
                name=" ".join(each.name.split()),
                email=each.email,
                role=role,
                parts=tuple(_split_codes(each.parts)) if "parts" in table.given else None,
                username=each.user_name,
            )


def _split_codes(text: str) -> list[str]:
    """Return the distinct codes in a cell, in the order in which they are written."""
    return list(dict.fromkeys(filter(None, map(str.strip, _BETWEEN_CODES.split(text)))))


_EXPECTED = Problem(
    "The first row gives the headings: name, email, role and parts, and user_name where you choose"
    " the user names yourself. Copy the row of headings too."
)
