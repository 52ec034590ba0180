"""Changes of a year's services: each returns the register's rows after it. Pure.

The rules are those of services.csv ("Structure" in docs/rules.md, trees.check_tree). A change
that breaks one raises `Refused`. Nothing is written, so that the effect on the figures can be shown
before the change is made.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cached_property

from council_finance.errors import Refused
from monitoring.structure.trees import CLOSED_ENDING, ServiceRow, Tree, check_tree

NEW = -1
"""Id of a service that has not been stored yet."""

LONGEST_CODE = 64
LONGEST_TEXT = 300

Rows = list[ServiceRow]


@dataclass(frozen=True)
class Register:
    """A year's services.

    `with_lines` are ids of those with a line of an open period; `kept` is the code of the service
    that the product keeps for unallocated lines.
    """

    rows: tuple[ServiceRow, ...]
    with_lines: frozenset[int]
    kept: str

    @cached_property
    def tree(self) -> Tree:
        """Return the tree of the services."""
        return Tree.of(self.rows, set(self.with_lines))

    @cached_property
    def by_code(self) -> dict[str, ServiceRow]:
        """Return the rows by code."""
        return {row.code: row for row in self.rows}

    def after(self, rows: Rows) -> "Register":
        """Return the register with these rows; lines belong to the same services."""
        return replace(self, rows=tuple(rows))

    def state(self, row: ServiceRow) -> str:
        """Return "open", "closing" (no longer named, open while it has lines) or "closed"."""
        if row.id not in self.tree.open_ids:
            return "closed"
        return "open" if row.named or row.code == self.kept else "closing"

    def fit_for_lines(self) -> Rows:
        """Return open services that lines can be moved to: without others under them, in order."""
        nodes = (node for node in self.tree.nodes if node.kind == "service")
        return [node.service for node in nodes if self._is_usable(node.service)]

    def fit_as_parents(self) -> Rows:
        """Return open services that others can be put under, in order."""
        return [node.service for node in self.tree.nodes if self._is_usable(node.service)]

    def under(self, code: str) -> set[str]:
        """Return the keys of the service's row and of every row under it."""
        pairs = self.tree.ancestry
        return set(pairs.loc[pairs["ancestor"] == code, "key"])

    def siblings(self, parent: int | None, without: int | None = None) -> Rows:
        """Return the services under one in order, without the kept one and that of id `without`."""
        under = (row for row in self.rows if row.parent == parent and row.code != self.kept)
        return sorted((row for row in under if row.id != without), key=lambda s: (s.order, s.code))

    def _is_usable(self, row: ServiceRow) -> bool:
        return self.state(row) == "open" and row.code != self.kept


def add(
    register: Register,
    *,
    code: str,
    name: str,
    parent: str,
    after: str | None,
    total_label: str,
    section: str,
) -> Rows:
    """Add a service under `parent`, after the one with code `after` ("": first; None: last).

    The first service of a year is the top of its tree: its `parent` is "".
    """
    if code in register.by_code:
        row = register.by_code[code]
        again = " It has closed; open it again instead." if register.state(row) == "closed" else ""
        raise Refused(f"{code} is the code of {row.name} already.{again}")
    _check_code(code)
    _check_texts(name, total_label, section)
    above = _find_open(register, parent).id if parent or register.rows else None
    row = ServiceRow(NEW, code, name, above, total_label=total_label, section=section)
    return _require_valid(register, _put_after(register, row, after), NEW)


def _check_code(code: str) -> None:
    """Refuse a code that cannot be in an address, or looks like a closed service's row key."""
    if not code or len(code) > LONGEST_CODE:
        raise Refused(f"A service’s code has 1 to {LONGEST_CODE} characters.")
    if not code.isprintable() or code.strip(".") == "":
        raise Refused("A service’s code has letters or digits, and no line breaks.")
    if code.endswith(CLOSED_ENDING):
        raise Refused(f"A service’s code cannot end in “{CLOSED_ENDING.strip()}”.")


def rename(register: Register, *, code: str, name: str, total_label: str, section: str) -> Rows:
    """Change the name, total label and section of a service; its code stays."""
    row = _find_open(register, code)
    _check_texts(name, total_label, section)
    row = replace(row, name=name, total_label=total_label, section=section)
    return _require_valid(register, _replace_rows(register, [row]), row.id)


def move(register: Register, *, code: str, parent: str, after: str | None) -> Rows:
    """Move a service, with all services under it, to another place; `after` is as for add."""
    row = _find_open(register, code)
    if row.parent is None:
        raise Refused(f"{_full_name(row)} is the top of the tree; everything else stands under it.")
    row = replace(row, parent=_find_open(register, parent).id)
    return _require_valid(register, _put_after(register, row, after), row.id)


def merge(register: Register, *, code: str, successor: str) -> Rows:
    """Close a service; its lines, also those of earlier periods, belong to its successor."""
    row = _find_unclosed(register, code)
    if row.parent is None:
        raise Refused(
            f"{_full_name(row)} is the top of the tree and cannot be merged into another."
        )
    _refuse_with_children(row, _services_under(register, row))
    row = replace(row, successor=_find_open(register, successor).id)
    return _require_valid(register, _replace_rows(register, [row]), row.id)


def close(register: Register, *, code: str) -> Rows:
    """Close a service once no line of an open period belongs to it."""
    row = _find_open(register, code)
    if row.parent is None:
        raise Refused(f"{_full_name(row)} is the top of the tree and cannot close.")
    _refuse_with_children(row, [each for each in _services_under(register, row) if each.named])
    row = replace(row, named=False)
    return _require_valid(register, _replace_rows(register, [row]), row.id)


def reopen(register: Register, *, code: str) -> Rows:
    """Open a merged or closed service again, at its former place in the tree."""
    row = _find_service(register, code)
    if register.state(row) == "open":
        raise Refused(f"{_full_name(row)} is open already.")
    parent = next((each for each in register.rows if each.id == row.parent), None)
    if parent is None:
        raise Refused(f"{_full_name(row)} was the top of an earlier tree and cannot open again.")
    if register.state(parent) != "open":
        raise Refused(f"{_full_name(parent)}, under which it stood, is not open. Open that first.")
    row = replace(row, named=True, successor=None)
    return _require_valid(register, _replace_rows(register, [row]), row.id)


def destination(register: Register, code: str) -> ServiceRow:
    """Return the service with this code. Raise `Refused` where lines cannot belong to it."""
    row = _find_open(register, code)
    if row.id in register.tree.parents:
        raise Refused(
            f"{_full_name(row)} has services under it. "
            "Choose one without; lines hang only on those."
        )
    return row


def differences(before: Register, after: Register, code: str) -> list[tuple[str, str, str]]:
    """Return what a change alters of a service, in words: (name of the item, before, after)."""
    was, now = _describe_service(before, code), _describe_service(after, code)
    return [(item, was[item], now[item]) for item in now if was[item] != now[item]]


def _describe_service(register: Register, code: str) -> dict[str, str]:
    """Return the items of a service that a change may alter, by their names on pages."""
    row = register.by_code.get(code)
    if row is None:
        blank = ("State", "Name", "Stands under", "Stands after", "Total label", "Section")
        return dict.fromkeys((*blank, "Merged into"), "")
    names: dict[int | None, str] = {each.id: _full_name(each) for each in register.rows}
    shown = [each for each in register.siblings(row.parent) if _is_open(register, each, row)]
    place = shown.index(row)
    return {
        "State": register.state(row).capitalize(),
        "Name": row.name,
        "Stands under": names.get(row.parent, ""),
        "Stands after": _full_name(shown[place - 1]) if place else "",
        "Total label": row.total_label,
        "Section": row.section,
        "Merged into": names.get(row.successor, ""),
    }


def _is_open(register: Register, row: ServiceRow, itself: ServiceRow | None = None) -> bool:
    return row == itself or register.state(row) != "closed"


def _full_name(row: ServiceRow) -> str:
    return f"{row.name} ({row.code})"


def _find_service(register: Register, code: str) -> ServiceRow:
    """Return the service with this code. Raise `Refused` where it is unknown or the kept one."""
    row = register.by_code.get(code)
    if row is None:
        raise Refused(f"There is no service with the code {code}. Choose one of the list.")
    if code == register.kept:
        raise Refused(
            f"{_full_name(row)} is kept for lines that nobody has placed; choose another service."
        )
    return row


def _find_unclosed(register: Register, code: str) -> ServiceRow:
    """Return the service with this code. Raise `Refused` where it has closed."""
    row = _find_service(register, code)
    if register.state(row) == "closed":
        raise Refused(f"{_full_name(row)} has closed. Choose an open service, or open it again.")
    return row


def _find_open(register: Register, code: str) -> ServiceRow:
    """Return the service with this code. Raise `Refused` where it has closed or is closing."""
    row = _find_unclosed(register, code)
    if register.state(row) == "closing":
        raise Refused(f"{_full_name(row)} is closing. Choose another service, or open it again.")
    return row


def _services_under(register: Register, row: ServiceRow) -> Rows:
    return [each for each in register.siblings(row.id) if _is_open(register, each)]


def _refuse_with_children(row: ServiceRow, children: Rows) -> None:
    if children:
        names = ", ".join(_full_name(child) for child in children)
        raise Refused(
            f"{_full_name(row)} has services under it: {names}. Merge, move or close those first."
        )


def _check_texts(*texts: str) -> None:
    if not texts[0].strip():
        raise Refused("A service needs a name.")
    if any(len(text) > LONGEST_TEXT for text in texts):
        raise Refused(f"A name, total label or section has at most {LONGEST_TEXT} characters.")


def _replace_rows(register: Register, changed: Iterable[ServiceRow]) -> Rows:
    """Return the rows with changed ones in the place of those with the same id; new ones last."""
    changed_by_id = {row.id: row for row in changed}
    kept = [changed_by_id.pop(row.id, row) for row in register.rows]
    return kept + list(changed_by_id.values())


def _put_after(register: Register, row: ServiceRow, after: str | None) -> Rows:
    """Return the rows with this one after a sibling, and its siblings numbered again."""
    siblings = register.siblings(row.parent, without=row.id)
    codes = [each.code for each in siblings]
    if after and after not in codes:
        raise Refused(f"{after} does not stand under the service chosen; choose one that does.")
    place = len(codes) if after is None else codes.index(after) + 1 if after else 0
    siblings.insert(place, row)
    return _replace_rows(
        register, [replace(each, order=order) for order, each in enumerate(siblings, start=1)]
    )


def _require_valid(register: Register, rows: Rows, changed: int) -> Rows:
    """Return the rows. Raise `Refused` where the change breaks a rule of the tree, or is none."""
    after = register.after(rows)
    names = {row.id: row for row in rows}
    before = _find_faults(register, set())
    for service, fault in _find_faults(after, {changed}):
        if (service, fault) not in before:
            raise Refused(f"{_full_name(names[service])}: {fault}. Choose another service.")
    if not differences(register, after, names[changed].code):
        raise Refused("Nothing would change: everything stands as you gave it.")
    return rows


def _find_faults(register: Register, changed: set[int]) -> list[tuple[int, str]]:
    """Return faults of the tree by service id, in words: of open services and changed ones.

    They are checked as for a file that names just these. A former top of the tree, which is no
    longer named, does not count as a second top.
    """
    checked = register.tree.open_ids | changed
    former_tops = {row.id for row in register.rows if row.parent is None and not row.named}
    found = check_tree(list(register.rows), {service: service for service in checked - former_tops})
    return [(service, fault_in_words(message)) for service, _, message in found]


def fault_in_words(message: str) -> str:
    """Return a fault of a file in the words of the page, without the names of columns."""
    message = message.replace("a successor_code", "a successor")
    return message.replace("no parent_code", "none above it")
