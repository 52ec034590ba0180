"""Changes of a year's services: the register as it would stand after each. Pure.

The rules are those of services.csv ("Structure" of the domain page, trees.check_tree). A change
answers the rows after it, or raises Refused; nothing is written, so that what it does to the
figures can be shown before it is made.
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
    """A year's services as they stand.

    `with_lines` are ids of those on which a line of an open period hangs; `kept` is the code of
    the service that the product keeps for lines nobody has placed.
    """

    rows: tuple[ServiceRow, ...]
    with_lines: frozenset[int]
    kept: str

    @cached_property
    def tree(self) -> Tree:
        """The tree of it."""
        return Tree.of(self.rows, set(self.with_lines))

    @cached_property
    def by_code(self) -> dict[str, ServiceRow]:
        """Its rows by code."""
        return {row.code: row for row in self.rows}

    def after(self, rows: Rows) -> "Register":
        """The register with these rows; the same lines hang on the same services."""
        return replace(self, rows=tuple(rows))

    def state(self, row: ServiceRow) -> str:
        """`open`, `closing` (no longer named, and open while lines hang on it) or `closed`."""
        if row.id not in self.tree.open_ids:
            return "closed"
        return "open" if row.named or row.code == self.kept else "closing"

    def fit_for_lines(self) -> Rows:
        """Open services that lines can be put on: without others under them, in their order."""
        nodes = (node for node in self.tree.nodes if node.kind == "service")
        return [node.service for node in nodes if self._stands(node.service)]

    def fit_as_parents(self) -> Rows:
        """Open services that others can be put under, in their order."""
        return [node.service for node in self.tree.nodes if self._stands(node.service)]

    def under(self, code: str) -> set[str]:
        """Codes of the service's row and of every row under it."""
        pairs = self.tree.ancestry
        return set(pairs.loc[pairs["ancestor"] == code, "key"])

    def siblings(self, parent: int | None, without: int | None = None) -> Rows:
        """What stands under a service, in its order, but for one and for the kept one."""
        under = (row for row in self.rows if row.parent == parent and row.code != self.kept)
        return sorted((row for row in under if row.id != without), key=lambda s: (s.order, s.code))

    def _stands(self, row: ServiceRow) -> bool:
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
    """A new service under `parent`, after the service of code `after` ("": first; None: last)."""
    if code in register.by_code:
        row = register.by_code[code]
        again = " It has closed; open it again instead." if register.state(row) == "closed" else ""
        raise Refused(f"{code} is the code of {row.name} already.{again}")
    _check_code(code)
    _check_texts(name, total_label, section)
    above = _standing(register, parent).id
    row = ServiceRow(NEW, code, name, above, total_label=total_label, section=section)
    return _checked(register, _placed(register, row, after), NEW)


def _check_code(code: str) -> None:
    """A code stands in addresses, and beside the rows of closed services."""
    if not code or len(code) > LONGEST_CODE:
        raise Refused(f"A service’s code has 1 to {LONGEST_CODE} characters.")
    if not code.isprintable() or code.strip(".") == "":
        raise Refused("A service’s code has letters or digits, and no line breaks.")
    if code.endswith(CLOSED_ENDING):
        raise Refused(f"A service’s code cannot end in “{CLOSED_ENDING.strip()}”.")


def rename(register: Register, *, code: str, name: str, total_label: str, section: str) -> Rows:
    """Other words for a service; its code stays."""
    row = _standing(register, code)
    _check_texts(name, total_label, section)
    row = replace(row, name=name, total_label=total_label, section=section)
    return _checked(register, _with(register, [row]), row.id)


def move(register: Register, *, code: str, parent: str, after: str | None) -> Rows:
    """A service, with all that stands under it, to another place; `after` is as for add."""
    row = _standing(register, code)
    if row.parent is None:
        raise Refused(f"{_named(row)} is the top of the tree; everything else stands under it.")
    row = replace(row, parent=_standing(register, parent).id)
    return _checked(register, _placed(register, row, after), row.id)


def merge(register: Register, *, code: str, successor: str) -> Rows:
    """A service closes, and its lines stand under its successor, those of earlier periods too."""
    row = _open(register, code)
    if row.parent is None:
        raise Refused(f"{_named(row)} is the top of the tree and cannot be merged into another.")
    _refuse_with_children(row, _children(register, row))
    row = replace(row, successor=_standing(register, successor).id)
    return _checked(register, _with(register, [row]), row.id)


def close(register: Register, *, code: str) -> Rows:
    """A service is no longer named: it closes once no line of an open period hangs on it."""
    row = _standing(register, code)
    if row.parent is None:
        raise Refused(f"{_named(row)} is the top of the tree and cannot close.")
    _refuse_with_children(row, [each for each in _children(register, row) if each.named])
    row = replace(row, named=False)
    return _checked(register, _with(register, [row]), row.id)


def reopen(register: Register, *, code: str) -> Rows:
    """A service that was merged or closed stands on its own again, where it stood."""
    row = _known(register, code)
    if register.state(row) == "open":
        raise Refused(f"{_named(row)} is open already.")
    parent = next((each for each in register.rows if each.id == row.parent), None)
    if parent is None:
        raise Refused(f"{_named(row)} was the top of an earlier tree and cannot open again.")
    if register.state(parent) != "open":
        raise Refused(f"{_named(parent)}, under which it stood, is not open. Open that first.")
    row = replace(row, named=True, successor=None)
    return _checked(register, _with(register, [row]), row.id)


def destination(register: Register, code: str) -> ServiceRow:
    """The service that lines are to be put on. Raises Refused where lines cannot hang on it."""
    row = _standing(register, code)
    if row.id in register.tree.parents:
        raise Refused(
            f"{_named(row)} has services under it. Choose one without; lines hang only on those."
        )
    return row


def differences(before: Register, after: Register, code: str) -> list[tuple[str, str, str]]:
    """What a change says of a service: (what, from, to), in words."""
    was, now = _facts(before, code), _facts(after, code)
    return [(what, was[what], now[what]) for what in now if was[what] != now[what]]


def _facts(register: Register, code: str) -> dict[str, str]:
    row = register.by_code.get(code)
    if row is None:
        blank = ("State", "Name", "Stands under", "Stands after", "Total label", "Section")
        return dict.fromkeys((*blank, "Merged into"), "")
    names = {each.id: _named(each) for each in register.rows}
    shown = [each for each in register.siblings(row.parent) if _is_open(register, each, row)]
    place = shown.index(row)
    return {
        "State": register.state(row).capitalize(),
        "Name": row.name,
        "Stands under": names.get(row.parent, ""),
        "Stands after": _named(shown[place - 1]) if place else "",
        "Total label": row.total_label,
        "Section": row.section,
        "Merged into": names.get(row.successor, ""),
    }


def _is_open(register: Register, row: ServiceRow, itself: ServiceRow | None = None) -> bool:
    return row == itself or register.state(row) != "closed"


def _named(row: ServiceRow) -> str:
    return f"{row.name} ({row.code})"


def _known(register: Register, code: str) -> ServiceRow:
    row = register.by_code.get(code)
    if row is None:
        raise Refused(f"There is no service with the code {code}. Choose one of the list.")
    if code == register.kept:
        raise Refused(
            f"{_named(row)} is kept for lines that nobody has placed; choose another service."
        )
    return row


def _open(register: Register, code: str) -> ServiceRow:
    row = _known(register, code)
    if register.state(row) == "closed":
        raise Refused(f"{_named(row)} has closed. Choose an open service, or open it again.")
    return row


def _standing(register: Register, code: str) -> ServiceRow:
    row = _open(register, code)
    if register.state(row) == "closing":
        raise Refused(f"{_named(row)} is closing. Choose another service, or open it again.")
    return row


def _children(register: Register, row: ServiceRow) -> Rows:
    return [each for each in register.siblings(row.id) if _is_open(register, each)]


def _refuse_with_children(row: ServiceRow, children: Rows) -> None:
    if children:
        names = ", ".join(_named(child) for child in children)
        raise Refused(
            f"{_named(row)} has services under it: {names}. Merge, move or close those first."
        )


def _check_texts(*texts: str) -> None:
    if not texts[0].strip():
        raise Refused("A service needs a name.")
    if any(len(text) > LONGEST_TEXT for text in texts):
        raise Refused(f"A name, total label or section has at most {LONGEST_TEXT} characters.")


def _with(register: Register, changed: Iterable[ServiceRow]) -> Rows:
    """The rows with some in place of those of the same id; new ones come last."""
    instead = {row.id: row for row in changed}
    return [instead.pop(row.id, row) for row in register.rows] + list(instead.values())


def _placed(register: Register, row: ServiceRow, after: str | None) -> Rows:
    """The rows with this one after a sibling, and all of its siblings numbered anew."""
    siblings = register.siblings(row.parent, without=row.id)
    codes = [each.code for each in siblings]
    if after and after not in codes:
        raise Refused(f"{after} does not stand under the service chosen; choose one that does.")
    place = len(codes) if after is None else codes.index(after) + 1 if after else 0
    siblings.insert(place, row)
    return _with(
        register, [replace(each, order=order) for order, each in enumerate(siblings, start=1)]
    )


def _checked(register: Register, rows: Rows, changed: int) -> Rows:
    """The rows, if the change breaks no rule of a tree that held before it."""
    after = register.after(rows)
    names = {row.id: row for row in rows}
    before = _faults(register, set())
    for service, fault in _faults(after, {changed}):
        if (service, fault) not in before:
            raise Refused(f"{_named(names[service])}: {fault}. Choose another service.")
    if not differences(register, after, names[changed].code):
        raise Refused("Nothing would change: everything stands as you gave it.")
    return rows


def _faults(register: Register, changed: set[int]) -> list[tuple[int, str]]:
    """Faults of the tree by service, in words: of its open services and of the changed ones.

    As for a file that names just these. A former top, which is no longer named, is no second one.
    """
    judged = register.tree.open_ids | changed
    former_tops = {row.id for row in register.rows if row.parent is None and not row.named}
    found = check_tree(list(register.rows), {service: service for service in judged - former_tops})
    return [(service, _in_words(message)) for service, _, message in found]


def _in_words(message: str) -> str:
    """A fault as it is told of a file, without the names of the file's columns."""
    message = message.replace("a successor_code", "a successor")
    return message.replace("no parent_code", "none above it")
