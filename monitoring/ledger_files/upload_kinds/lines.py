"""Find the budget line and the service of each row of a position file."""

from dataclasses import dataclass

import pandas as pd

from council_finance import audit
from council_finance.accounts.models import User
from council_finance.bulk import frame_of, insert_rows, new_ids
from council_finance.uploads.problems import FileRefused, Problem
from council_finance.uploads.table import TypedTable
from monitoring.ledger.models import Position
from monitoring.published.former_descriptions import keep_former_descriptions
from monitoring.structure.models import UNALLOCATED, BudgetLine, FinancialYear, Period
from monitoring.structure.selectors.tree import current_tree
from monitoring.structure.trees import Tree
from monitoring.uploading.prepared import Target, check_service_codes

KEY = ["cost_centre", "account"]


@dataclass
class Lines:
    """The year's lines, and the lines and services of a file's rows.

    `known` has columns line, cost_centre, account, service, description, exempt; `placed` is by the
    file's row the line (negative: new) and service (ids), and `before` service, description and
    exempt as they are stored, missing for a new line; `moved` are line and new service of known
    lines that the file moves, where no later period names them.
    """

    known: pd.DataFrame
    placed: pd.DataFrame
    before: pd.DataFrame
    moved: pd.DataFrame
    tree: Tree

    @property
    def new(self) -> pd.DataFrame:
        """Return the rows of `placed` whose line is new."""
        return self.placed[self.placed["line"] < 0]

    def services_by_line(self) -> pd.Series:
        """Return the service of every line of the year once the file is stored, by line id."""
        services = pd.Series(
            self.known["service"].to_numpy(), index=self.known["line"].to_numpy(), dtype="int64"
        )
        changed = pd.concat([self.moved[["line", "service"]], self.new[["line", "service"]]])
        return pd.concat(
            [services.drop(changed["line"], errors="ignore"), changed.set_index("line")["service"]]
        )


def known_lines(year: FinancialYear) -> pd.DataFrame:
    """Return every line of the year, with the columns of Lines.known."""
    fields = ["pk", *KEY, "service_id", "description", "exempt"]
    types = {
        "line": "int64",
        **dict.fromkeys(KEY, "object"),
        "service": "int64",
        "description": "object",
        "exempt": "bool",
    }
    rows = BudgetLine.objects.filter(year=year).order_by("pk").values_list(*fields)
    return frame_of(rows, types)


def place_lines(table: TypedTable, target: Target, known: pd.DataFrame) -> Lines:
    """Find each row's line and service.

    Note lines that stand there twice, unknown codes, and rows outside the scope.
    """
    tree = current_tree(target.year)
    if not tree.open_ids:
        raise FileRefused(Problem(f"{target.year} has no services yet; upload services first."))
    frame = table.frame.reset_index()
    merged = frame[["row", *KEY, "service_code"]].merge(known, on=KEY, how="left").set_index("row")
    line = merged["line"].astype("Int64")
    new = line.isna()
    line[new] = -(new.cumsum()[new])
    _check_once(table, line)
    check_service_codes(table, "service_code", tree, leaf=True)
    ids = pd.Series({service.code: service.id for service in tree.register.values()}, dtype="Int64")
    service = merged["service_code"].map(ids)
    service = _fill_from_cost_centre(table, merged, service, known)
    placed = pd.DataFrame({"line": line, "service": service.fillna(ids[UNALLOCATED])}).astype(
        "int64"
    )
    before = merged[["service", "description", "exempt"]]
    moved = _find_moved_lines(placed, before["service"], target.its_period)
    lines = Lines(known, placed, before, moved, tree)
    if target.scope:
        _check_scope(table, lines, target.scope)
    return lines


def _check_once(table: TypedTable, line: pd.Series) -> None:
    """Note each row whose line is on an earlier row too; a new line is known by its codes only."""
    frame, new = table.frame, table.frame[line < 0]
    named_twice = new.duplicated(KEY) & (new["cost_centre"] != "")
    for row in sorted([*line.index[line.duplicated()], *new.index[named_twice]]):
        code = f"{frame['cost_centre'][row]}/{frame['account'][row]}"
        table.problem(row, "account", code, "this line stands on an earlier row too")


def _find_moved_lines(placed: pd.DataFrame, before: pd.Series, period: Period) -> pd.DataFrame:
    """Return known lines that the file moves: the latest period's file says a line's service."""
    rows = placed[(placed["line"] > 0) & (placed["service"] != before)]
    later = Period.objects.filter(year=period.year, number__gt=period.number, batch__isnull=False)
    if len(rows) and later.exists():
        named = Position.objects.of_batches([period.year_id], later.values("batch"))
        rows = rows[~rows["line"].isin(set(named.values_list("line_id", flat=True)))]
    return rows


def _fill_from_cost_centre(
    table: TypedTable, merged: pd.DataFrame, service: pd.Series, known: pd.DataFrame
) -> pd.Series:
    """Fill in a blank service_code: the cost centre's in the year, else in this file."""
    blank = merged["service_code"] == ""
    if not blank.any():
        return service
    so_far = known.groupby("cost_centre")["service"]
    in_file = service[~blank].groupby(merged.loc[~blank, "cost_centre"])
    for places in (so_far, in_file):
        one = places.first()[places.nunique() == 1]
        guess = merged["cost_centre"].map(one).astype("Int64")
        service = service.mask(blank & service.isna(), guess)
        several = set(places.first()[places.nunique() > 1].index)
        split = blank & service.isna() & merged["cost_centre"].isin(several)
        service = service.mask(split, merged["service"].astype("Int64"))
        for row in merged.index[split & service.isna()]:
            message = "the cost centre stands under several services; say which"
            table.problem(row, "service_code", merged["cost_centre"][row], message)
    for row in merged.index[blank & service.isna()]:
        table.warn(
            f"The cost centre {merged['cost_centre'][row]} is unknown and has no service_code. "
            "It is stored under Unallocated; the period cannot be published until it is placed.",
            row,
            "cost_centre",
        )
    return service


def _check_scope(table: TypedTable, lines: Lines, scope: str) -> None:
    """Note rows whose line is, or was, outside the service that the file is for."""
    inside = scope_services(lines.tree, scope)
    before = lines.placed["line"].map(lines.known.set_index("line")["service"].map(lines.tree.home))
    placed = lines.placed["service"].map(home_services(lines.tree))
    outside = ~placed.isin(inside) | (before.notna() & ~before.isin(inside))
    for row in lines.placed.index[outside]:
        code = table.frame["cost_centre"][row]
        table.problem(row, "cost_centre", code, f"the line does not stand under {scope}")


def home_services(tree: Tree) -> dict[int, int]:
    """Return by service id the open service that its lines belong to today."""
    return {service: tree.home(service) for service in tree.register}


def scope_services(tree: Tree, scope: str) -> set[int]:
    """Return ids of the service with this code and of all services under it."""
    pairs = tree.ancestry
    keys = set(pairs.loc[pairs["ancestor"] == scope, "key"])
    return {service for service, key in tree.key_of_service.items() if key in keys}


def store_lines(
    lines: Lines, table: TypedTable, changed: pd.DataFrame, target: Target
) -> pd.Series:
    """Add new lines and update changed ones; return stored ids by negative id."""
    ids = pd.Series(dtype="int64") if lines.new.empty else _add_lines(lines, table, target)
    if not changed.empty:
        _update_known(changed, table, target.year)
        # Names and exempt marks of lines are shown beside reports: kept pages are sent anew.
        audit.record(
            by=target.by,
            action="changed budget lines",
            on=f"year {target.year.label}",
            lines=len(changed),
        )
    note_exempt_lines(
        target.year, int(table.frame.loc[lines.new.index, "exempt"].sum()), by=target.by
    )
    return ids


def note_exempt_lines(year: FinancialYear, added: int, *, by: User | None) -> None:
    """Write on the audit trail how many exempt lines were added, if any.

    Reports no longer name their cost centres to most readers: kept pages are sent anew.
    """
    if added:
        on = f"year {year.label}"
        audit.record(by=by, action="added exempt budget lines", on=on, lines=added)


def _add_lines(lines: Lines, table: TypedTable, target: Target) -> pd.Series:
    """Add the new lines; return their ids by negative id."""
    fresh = table.frame.loc[lines.new.index, [*KEY, "description", "exempt"]].join(lines.new)
    ids = new_ids(BudgetLine, len(fresh))
    rows = fresh.drop(columns="line").rename(columns={"service": "service_id"})
    insert_rows(BudgetLine, rows.assign(id=ids, year_id=target.year.pk))
    return pd.Series(ids, index=fresh["line"].to_numpy(), dtype="int64")


def changed_lines(lines: Lines, table: TypedTable) -> pd.DataFrame:
    """Return known lines whose description, exempt mark or service the file changes.

    Columns line, service, description, exempt as in the file, description_before, renamed and
    moved.
    """
    texts = table.frame[["description", "exempt"]].join(lines.placed)
    rows = texts.join(lines.before.add_suffix("_before"))[lines.placed["line"] > 0]
    text, stored = (rows[name].to_numpy(object) for name in ("description", "description_before"))
    renamed = (text != "") & (text != stored)
    exempted = (rows["exempt"] != rows["exempt_before"]) & ("exempt" in table.given)
    moved = rows["line"].isin(lines.moved["line"])
    return rows.assign(renamed=renamed, moved=moved)[renamed | exempted | moved]


def _update_known(changed: pd.DataFrame, table: TypedTable, year: FinancialYear) -> None:
    given = table.given
    keep_former_descriptions(year, changed[changed["renamed"]])
    objects = BudgetLine.objects.in_bulk(changed["line"].tolist())
    for row in changed.itertuples():
        line = objects[row.line]
        line.description = row.description or line.description
        line.exempt = row.exempt if "exempt" in given else line.exempt
        line.service_id = row.service if row.moved else line.service_id
    BudgetLine.objects.bulk_update(
        objects.values(), ["description", "exempt", "service"], batch_size=500
    )
