"""A made-up council of any size: its tree, its ledgers, and what each ledger comes to. Pure.

Amounts are whole pounds, so that what a page prints is exact.
"""

import hashlib
import random
from collections import Counter
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

TOP = "TOP"
HEAD = "service_code,cost_centre,account,current_budget,forecast"
LINES_A_CENTRE = 10
PENCE = 100
_MOST_VARIANCE = 2_000

SETTINGS = """[display]
unit = "pounds"
favourable = "minus"

[commentary]
variance_above = 100000000000
"""


@dataclass(frozen=True)
class Tree:
    """A top, groups under it, and services under the groups."""

    groups: int
    services: int

    @property
    def codes(self) -> list[str]:
        """Codes of the services that lines hang on."""
        return [f"S{number:03d}" for number in range(self.services)]

    @cached_property
    def parents(self) -> dict[str, str]:
        """By code of a service or a group, what it stands under."""
        found = {self.group(group): TOP for group in range(self.groups)}
        return found | {
            code: self.group(place % self.groups) for place, code in enumerate(self.codes)
        }

    def group(self, number: int) -> str:
        """A group's code."""
        return f"G{number}"

    def file(self) -> str:
        """services.csv."""
        rows = [(TOP, ""), *self.parents.items()]
        totals = {TOP, *(self.group(group) for group in range(self.groups))}
        lines = [
            f"{code},Name of {code},{up},{place},{f'Total of {code}' if code in totals else ''}"
            for place, (code, up) in enumerate(rows, 1)
        ]
        return "code,name,parent_code,order,total_label\n" + "\n".join(lines) + "\n"


@dataclass(frozen=True)
class Ledger:
    """A position file: its bytes, and by service and group its budget and forecast in pence.

    `fault` says in a word why it must be refused; empty where it must be stored.
    """

    content: bytes
    sums: dict[str, tuple[int, int]] = field(repr=False)
    lines: int
    fault: str = ""

    @cached_property
    def sha256(self) -> str:
        """What the product knows the file by."""
        return hashlib.sha256(self.content).hexdigest()

    @property
    def total(self) -> tuple[int, int]:
        """Budget and forecast of the council, pence."""
        return self.sums[TOP]


def ledger(tree: Tree, lines: int, seed: int) -> Ledger:
    """So many lines, at the same places for every seed and with other amounts.

    Budgets are the same for every seed and forecasts are near them, as from month to month: nobody
    is asked what has changed, so that any month can be published and any forecast near the file's
    be typed.
    """
    numbers, codes = random.Random(seed), tree.codes
    fixed = random.Random(1)
    budgets, forecasts, rows = Counter(), Counter(), []
    for line in range(lines):
        centre, account = divmod(line, LINES_A_CENTRE)
        code = codes[centre % len(codes)]
        budget = fixed.randint(1_000, 9_000_000)
        forecast = budget + numbers.randint(-_MOST_VARIANCE, _MOST_VARIANCE)
        rows.append(f"{code},C{centre:06d},A{account},{budget},{forecast}")
        budgets[code] += budget * PENCE
        forecasts[code] += forecast * PENCE
    for each in (budgets, forecasts):
        _add_up(tree, each)
    sums = {code: (budgets[code], forecasts[code]) for code in budgets}
    return Ledger(_file(rows), sums, lines)


def _add_up(tree: Tree, amounts: Counter) -> None:
    for code in tree.codes:
        amount, above = amounts[code], tree.parents.get(code)
        while above:
            amounts[above] += amount
            above = tree.parents.get(above)


def _file(rows: list[str], head: str = HEAD) -> bytes:
    return ("\n".join([head, *rows]) + "\n").encode()


FAULTS = ("a line twice", "no amount", "an unknown service", "no budget column")


def spoilt(good: Ledger, fault: str) -> Ledger:
    """The ledger with one fault for which the whole file must be refused."""
    head, *rows = good.content.decode().splitlines()
    at = len(rows) // 2
    if fault == "a line twice":
        rows.append(rows[at])
    elif fault == "no amount":
        rows[at] = rows[at].rsplit(",", 1)[0] + ",about nine"
    elif fault == "an unknown service":
        rows[at] = "NOWHERE," + rows[at].split(",", 1)[1]
    elif fault == "no budget column":
        head = head.replace("current_budget", "budget_of_a_kind")
    else:
        raise ValueError(f"there is no fault {fault}")
    return Ledger(_file(rows, head), {}, good.lines, fault)


def write_pack(folder: Path, tree: Tree, year: int, ledgers: dict[int, Ledger], publish) -> Path:
    """A pack of one year: the tree, a ledger a period, and which periods are published."""
    name = f"{year}/{(year + 1) % 100:02d}"
    head = f'council = "Made-up Council"\nfinancial_year = "{name}"\npublish = {list(publish)}\n'
    folder.mkdir(parents=True)
    (folder / "pack.toml").write_text(f"{head}\n{SETTINGS}")
    (folder / "services.csv").write_text(tree.file())
    for period, each in ledgers.items():
        place = folder / "periods" / f"{period:02d}"
        place.mkdir(parents=True)
        (place / "position.csv").write_bytes(each.content)
    return folder
