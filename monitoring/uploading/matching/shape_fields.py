"""The steps of a layout as the fields of `ShapeForm`, and the fields as steps."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from council_finance.uploads.columns import normalised
from monitoring.uploading.matching.file_headings import FileHeadings

KEEP, SKIP = "keep_rows", "skip_rows"
Step = Mapping[str, Any]

MOST_ROWS, MOST_PARTS, MOST_ADDS, MOST_SIGNS = 4, 3, 2, 3
"""How many steps of a kind the form can say."""

ORDER = (
    *("name_column", "fill_down", KEEP, SKIP, "take_parts", "add_columns", "turn_columns"),
    *("reverse_sign", "pad", "add_up"),
)
"""The order in which the form makes steps."""

_RANK = {kind: rank for rank, kind in enumerate(ORDER)} | {SKIP: ORDER.index(KEEP)}


def numbered(prefix: str, most: int) -> list[str]:
    """Return the prefixes of questions that may be answered several times: rows, rows2, …"""
    return [prefix if number == 1 else f"{prefix}{number}" for number in range(1, most + 1)]


class _Unsaid(Exception):
    """A step that the form cannot say."""


def fields_of_steps(
    steps: Sequence[Step],
    columns: Mapping[str, str],
    headings: FileHeadings,
    codes: Sequence[str],
    amounts: Sequence[str],
) -> dict[str, Any] | None:
    """Return the initial fields of ShapeForm for a layout's steps; None where it cannot say them.

    `columns` are the headings that the layout maps, with the product's columns, of which `codes`
    and `amounts` are the codes and the amounts. A heading that the file lacks is left blank.
    """
    ranks = [_RANK[step["do"]] for step in steps]
    if ranks != sorted(ranks):
        return None
    reader = _StepFields(columns, headings, codes, amounts)
    try:
        for step in steps:
            reader.add(step)
    except _Unsaid:
        return None
    return reader.fields


class _StepFields:
    """The fields that say the steps read so far."""

    def __init__(
        self,
        columns: Mapping[str, str],
        headings: FileHeadings,
        codes: Sequence[str],
        amounts: Sequence[str],
    ) -> None:
        self.columns = {normalised(heading): own for heading, own in columns.items()}
        self.headings, self.codes, self.amounts = headings, codes, amounts
        self.missing = set(map(normalised, headings.missing))
        self.fields: dict[str, Any] = {}

    def add(self, step: Step) -> None:
        """Add the fields that say a step. Raise `_Unsaid` where there are none left for it."""
        readers = {
            "name_column": self._add_name,
            "fill_down": self._add_fill,
            KEEP: self._add_rows,
            SKIP: self._add_rows,
            "take_parts": self._add_parts,
            "add_columns": self._add_columns,
            "turn_columns": self._add_turn,
            "reverse_sign": self._add_sign,
            "pad": self._add_pad,
            "add_up": self._add_up,
        }
        readers[step["do"]](step)

    def _place_of(self, heading: str) -> str:
        """Return the place of a heading, "" where the file lacks it. Raise for a made column."""
        if place := self.headings.place_of(heading):
            return place
        if normalised(heading) in self.missing:
            return ""
        raise _Unsaid

    def _places_of(self, headings: Sequence[str]) -> list[str]:
        return [place for place in map(self._place_of, headings) if place]

    def _free_prefix(self, prefix: str, most: int) -> str:
        for each in numbered(prefix, most):
            if not any(name.split("_")[0] == each for name in self.fields):
                return each
        raise _Unsaid

    def _own_column(self, heading: str) -> str:
        return self.columns.get(normalised(heading), heading)

    def _require_known(self, owns: Iterable[str], sayable: Sequence[str]) -> None:
        """Raise `_Unsaid` where a column is not one that the form offers."""
        if not set(owns) <= set(sayable):
            raise _Unsaid

    def _take_fields(self, fields: dict[str, Any]) -> None:
        if fields.keys() & self.fields.keys():
            raise _Unsaid
        self.fields |= fields

    def _add_name(self, step: Step) -> None:
        """Add nothing: the names of columns belong to the headings."""

    def _add_fill(self, step: Step) -> None:
        self._take_fields({"fill": self._places_of(step["columns"])})

    def _add_rows(self, step: Step) -> None:
        prefix = self._free_prefix("rows", MOST_ROWS)
        self._take_fields(
            {f"{prefix}_column": self._place_of(step["column"]), f"{prefix}_act": step["do"]}
            | _fields_of_values(prefix, step["values"])
        )

    def _add_parts(self, step: Step) -> None:
        self._require_known(step["into"], self.codes)
        prefix = self._free_prefix("parts", MOST_PARTS)
        fields = {
            f"{prefix}_column": self._place_of(step["column"]),
            f"{prefix}_separator": step["separator"],
        }
        if step.get("count"):
            fields[f"{prefix}_count"] = step["count"]
        self._take_fields(
            fields | {f"{prefix}_of_{own}": part for own, part in step["into"].items()}
        )

    def _add_columns(self, step: Step) -> None:
        self._require_known([step["into"]], self.amounts)
        places = self._places_of(step["columns"])
        missing = len(places) < len(step["columns"])
        run = _is_run(places, self.headings)
        into = "months_to_period" if step.get("to_period") else "months_into"
        ends = {"months_first": places[0], "months_last": places[-1]} if len(places) > 1 else {}
        same_run = all(self.fields.get(name, place) == place for name, place in ends.items())
        if run and ends and not missing and into not in self.fields and same_run:
            self.fields |= ends | {into: step["into"]}
            return
        if places != sorted(places, key=int):
            raise _Unsaid
        prefix = self._free_prefix("adds", MOST_ADDS)
        self._take_fields(
            {
                f"{prefix}_columns": places,
                f"{prefix}_into": step["into"],
                f"{prefix}_until": bool(step.get("to_period")),
            }
        )

    def _add_turn(self, step: Step) -> None:
        self._require_known([step["headings_into"]], self.codes)
        self._require_known([step["figures_into"]], self.amounts)
        which = (
            {"turn_after": self._place_of(step["after"])}
            if "after" in step
            else {"turn_columns": self._places_of(step["columns"])}
        )
        made = {"turn_headings": step["headings_into"], "turn_figures": step["figures_into"]}
        self._take_fields(which | made)

    def _add_sign(self, step: Step) -> None:
        prefix = self._free_prefix("sign", MOST_SIGNS)
        figures = [self._own_column(heading) for heading in step["figures"]]
        self._require_known(figures, self.amounts)
        self._take_fields(
            {f"{prefix}_column": self._place_of(step["column"]), f"{prefix}_figures": figures}
            | _fields_of_values(prefix, step["values"])
        )

    def _add_pad(self, step: Step) -> None:
        own = self._own_column(step["column"])
        self._require_known([own], self.codes)
        self._take_fields({f"pad_{own}": step["length"]})

    def _add_up(self, step: Step) -> None:
        self._require_known(step["by"], self.codes)
        self._take_fields({"add_up": True, "add_up_by": list(step["by"])})


def _fields_of_values(prefix: str, values: Sequence[str]) -> dict[str, Any]:
    if any(len(value.splitlines()) > 1 for value in values):
        raise _Unsaid
    fields: dict[str, Any] = {f"{prefix}_values": "\n".join(filter(None, values))}
    return fields | ({f"{prefix}_blank": True} if "" in values else {})


def _is_run(places: Sequence[str], headings: FileHeadings) -> bool:
    """Return whether these are all columns of the file between the first and the last."""
    if not places:
        return False
    between = [place for place in headings.names if int(places[0]) <= place <= int(places[-1])]
    return [str(place) for place in between] == list(places)


def steps_of_fields(
    data: Mapping[str, Any],
    headings: FileHeadings,
    columns: Mapping[str, str],
    codes: Sequence[str],
    amounts: Sequence[str],
) -> Iterator[dict[str, Any]]:
    """Yield the steps that the cleaned fields of ShapeForm say, but for the names of columns.

    `columns` are the headings that the layout maps, with the product's columns, of which `codes`
    and `amounts` are the codes and the amounts.
    """
    of_own = {own: each for each, own in columns.items()}
    yield from _select_rows(data, headings)
    for prefix in numbered("parts", MOST_PARTS):
        if column := data[f"{prefix}_column"]:
            yield _take_parts(data, prefix, headings.name_at(column), codes)
    yield from _add_columns(data, headings)
    yield from _turn_columns(data, headings)
    made = makes_of_fields(data, codes)
    named = {own: of_own.get(own, own) for own in amounts if own in of_own or own in made}
    yield from _reverse_signs(data, headings, named)
    for code in codes:
        if length := data[f"pad_{code}"]:
            yield {"do": "pad", "column": of_own.get(code, code), "length": length}
    if data["add_up"]:
        yield {"do": "add_up", "by": data["add_up_by"]}


def _select_rows(data: Mapping[str, Any], headings: FileHeadings) -> Iterator[dict[str, Any]]:
    if data["fill"]:
        yield {"do": "fill_down", "columns": [headings.name_at(each) for each in data["fill"]]}
    for prefix in numbered("rows", MOST_ROWS):
        if column := data[f"{prefix}_column"]:
            step = {"do": data[f"{prefix}_act"], "column": headings.name_at(column)}
            yield step | {"values": given_values(data, prefix)}


def _turn_columns(data: Mapping[str, Any], headings: FileHeadings) -> Iterator[dict[str, Any]]:
    if not data["turn_headings"]:
        return
    which = (
        {"columns": [headings.name_at(each) for each in data["turn_columns"]]}
        if data["turn_columns"]
        else {"after": headings.name_at(data["turn_after"])}
    )
    made = {"headings_into": data["turn_headings"], "figures_into": data["turn_figures"]}
    yield {"do": "turn_columns"} | which | made


def _reverse_signs(
    data: Mapping[str, Any], headings: FileHeadings, named: Mapping[str, str]
) -> Iterator[dict[str, Any]]:
    """Yield the steps that reverse signs; `named` are the names of the columns of amounts."""
    for prefix in numbered("sign", MOST_SIGNS):
        if column := data[f"{prefix}_column"]:
            chosen = data[f"{prefix}_figures"] or list(named)
            step = {"do": "reverse_sign", "column": headings.name_at(column)}
            values, figures = given_values(data, prefix), [named[own] for own in chosen]
            yield step | {"values": values, "figures": figures}


def _take_parts(
    data: Mapping[str, Any], prefix: str, column: str, codes: Sequence[str]
) -> dict[str, Any]:
    step: dict[str, Any] = {
        "do": "take_parts",
        "column": column,
        "separator": data[f"{prefix}_separator"],
        "into": parts_of_fields(data, prefix, codes),
    }
    return step | ({"count": data[f"{prefix}_count"]} if data[f"{prefix}_count"] else {})


def _add_columns(data: Mapping[str, Any], headings: FileHeadings) -> Iterator[dict[str, Any]]:
    if data["months_first"]:
        first, last = int(data["months_first"]), int(data["months_last"])
        months = [name for place, name in headings.names.items() if first <= place <= last]
        if into := data["months_into"]:
            yield {"do": "add_columns", "columns": months, "into": into}
        if into := data["months_to_period"]:
            yield {"do": "add_columns", "columns": months, "into": into, "to_period": True}
    for prefix in numbered("adds", MOST_ADDS):
        if into := data[f"{prefix}_into"]:
            columns = [headings.name_at(each) for each in data[f"{prefix}_columns"]]
            step = {"do": "add_columns", "columns": columns, "into": into}
            yield step | ({"to_period": True} if data[f"{prefix}_until"] else {})


def given_values(data: Mapping[str, Any], prefix: str) -> list[str]:
    """Return the values of a question, one a line, with a blank one where that is ticked."""
    values = split_lines(data.get(f"{prefix}_values"))
    return [*values, ""] if data.get(f"{prefix}_blank") else values


def parts_of_fields(data: Mapping[str, Any], prefix: str, codes: Sequence[str]) -> dict[str, int]:
    """Return the parts of a long code by the product's column that each is."""
    given = {code: data.get(f"{prefix}_of_{code}") for code in codes}
    return {code: part for code, part in given.items() if part}


def makes_of_fields(data: Mapping[str, Any], codes: Sequence[str]) -> list[str]:
    """Return the product's columns that the steps make; one made twice is listed twice."""
    made = [
        own
        for prefix in numbered("parts", MOST_PARTS)
        for own in parts_of_fields(data, prefix, codes)
    ]
    fields = ["months_into", "months_to_period", "turn_headings", "turn_figures"]
    fields += [f"{prefix}_into" for prefix in numbered("adds", MOST_ADDS)]
    return [*made, *(data[name] for name in fields if data.get(name))]


def split_lines(text: str | None) -> list[str]:
    """Return the lines of a text that are not blank, without spaces around them."""
    return [line.strip() for line in (text or "").splitlines() if line.strip()]


def are_same_steps(some: Sequence[Step], others: Sequence[Step]) -> bool:
    """Return whether two lists of steps, each in the form's order, do the same to a file."""
    return _plain_steps(some) == _plain_steps(others)


def _plain_steps(steps: Sequence[Step]) -> list[tuple[int, str]]:
    return sorted((_RANK[step["do"]], json.dumps(_plain_step(step))) for step in steps)


def _plain_step(step: Step) -> dict[str, Any]:
    plain = {key: value for key, value in sorted(step.items()) if value not in (False, None)}
    if isinstance(plain.get("into"), Mapping):
        plain["into"] = sorted(plain["into"].items())
    if step["do"] != "name_column":
        for key in plain.keys() & {"column", "after"}:
            plain[key] = normalised(plain[key])
        for key in plain.keys() & {"columns", "figures"}:
            plain[key] = [normalised(heading) for heading in plain[key]]
    free = ("values", "figures", "by") + (("columns",) if step["do"] == "fill_down" else ())
    return plain | {key: sorted(plain[key]) for key in free if key in plain}
