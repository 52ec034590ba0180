"""The parts of a layout beside its steps, as the fields of `ColumnsForm`, and back."""

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from council_finance.uploads.columns import AMOUNT, ColumnSpec
from monitoring.uploading.matching.file_headings import FileHeadings
from monitoring.uploading.matching.shape_fields import are_same_steps, numbered, split_lines

Definition = Mapping[str, Any]

TOGETHER = ["cost_centre", "account"]
"""Codes that ledgers print in one column."""

MOST_SPLITS, MOST_CODES = 3, 4
"""How many more columns with several codes the form can say, and how many codes in each."""

LONGEST_SEPARATOR = 10
REVERSE, SUFFIX, BOTH = "reverse", "suffix", "suffix_reverse"
_SPECIAL = r".^$*+?{}\[\]\\|()"
_BEGINNING = re.compile(rf"\^((?:[^{_SPECIAL}]|\\[{_SPECIAL}])+)")
"""An expression that says no more than how a code begins."""

_FREE_LISTS = {"suffix", "sign"}
"""The tables whose lists may be in any order."""


class FieldsOfLayout:
    """The fields that say a layout beside its steps, and the parts that no field can say.

    `fields` are initial values of the form; `kept` has the parts that it cannot say, in the form of
    a definition. A heading that the file does not have is left blank.
    """

    def __init__(
        self, definition: Definition, specs: Sequence[ColumnSpec], headings: FileHeadings
    ) -> None:
        self.definition, self.headings = definition, headings
        self.names = {spec.name for spec in specs}
        self.amounts = {spec.name for spec in specs if spec.kind == AMOUNT}
        self.fields: dict[str, Any] = {}
        self.kept: dict[str, Any] = {}
        self._read_columns()
        self._read_splits()
        self._read_signs()
        self._read_rules()

    def _read_table(self, key: str) -> Mapping[str, Any]:
        table: Mapping[str, Any] = self.definition.get(key, {})
        return table

    def _keep_as_is(self, key: str, name: str, value: object) -> None:
        self.kept.setdefault(key, {})[name] = value

    def _is_known(self, heading: str) -> bool:
        return bool(self.headings.place_of(heading)) or heading in self.headings.missing

    def _read_columns(self) -> None:
        for heading, own in self._read_table("columns").items():
            if own in self.names and self._is_known(heading):
                self.fields[f"column_{own}"] = self.headings.place_of(heading)
            else:
                self._keep_as_is("columns", heading, own)
        for own, value in self._read_table("fixed").items():
            if own in self.names and value == value.strip():
                self.fields[f"fixed_{own}"] = value
            else:
                self._keep_as_is("fixed", own, value)
        for own, unit in self._read_table("units").items():
            if own in self.amounts:
                self.fields[f"unit_{own}"] = unit
            else:
                self._keep_as_is("units", own, unit)
        for own, rule in self._read_table("debit_credit").items():
            if own in self.amounts:
                for side in ("debit", "credit"):
                    self.fields[f"{side}_{own}"] = self.headings.place_of(rule[side])
            else:
                self._keep_as_is("debit_credit", own, rule)

    def _read_splits(self) -> None:
        free = numbered("split", MOST_SPLITS)
        for heading, rule in self._read_table("split").items():
            lengths, separator = rule.get("lengths"), rule.get("separator", "")
            sayable = self._is_known(heading) and set(rule["into"]) <= self.names
            sayable &= len(separator) <= LONGEST_SEPARATOR and len(rule["into"]) <= MOST_CODES
            place = self.headings.place_of(heading)
            if sayable and rule["into"] == TOGETHER and "together" not in self.fields:
                self.fields |= {"together": place, "separator": separator}
                self.fields["together_lengths"] = _join_numbers(lengths)
            elif sayable and free:
                prefix = free.pop(0)
                self.fields |= {f"{prefix}_column": place, f"{prefix}_separator": separator}
                self.fields[f"{prefix}_lengths"] = _join_numbers(lengths)
                for number, own in enumerate(rule["into"], start=1):
                    self.fields[f"{prefix}_into_{number}"] = own
            else:
                self._keep_as_is("split", heading, rule)

    def _read_signs(self) -> None:
        suffix = self._read_table("suffix").get("columns", [])
        reverse = self._read_table("sign").get("reverse", [])
        for own in dict.fromkeys([*suffix, *reverse]):
            if own in self.amounts:
                both = BOTH if own in suffix and own in reverse else ""
                self.fields[f"sign_{own}"] = both or (SUFFIX if own in suffix else REVERSE)
            else:
                for key, name, owns in (
                    ("suffix", "columns", suffix),
                    ("sign", "reverse", reverse),
                ):
                    if own in owns:
                        self.kept.setdefault(key, {}).setdefault(name, []).append(own)
        patterns = self._read_table("sign").get("income_positive_accounts", [])
        one_line = [text for text in patterns if text.split("\n") == [text.strip()]]
        begin = [_read_beginning(text) for text in one_line]
        self.fields["income_beginnings"] = "\n".join(filter(None, begin))
        self.fields["income_patterns"] = "\n".join(
            text for text, beginning in zip(one_line, begin, strict=True) if not beginning
        )
        if len(one_line) < len(patterns):
            others = [text for text in patterns if text not in one_line]
            self._keep_as_is("sign", "income_positive_accounts", others)

    def _read_rules(self) -> None:
        skip = self._read_table("skip")
        starts = skip.get("starts_with", [])
        one_line = [text for text in starts if len(text.splitlines()) == 1]
        if len(one_line) < len(starts):
            self._keep_as_is(
                "skip", "starts_with", [text for text in starts if text not in one_line]
            )
        self.fields |= {
            "skip_starts": "\n".join(one_line),
            "skip_blank_codes": bool(skip.get("blank_codes")),
            "skip_unheaded": bool(skip.get("unheaded_columns")),
            "round_to_penny": bool(self.definition.get("round_to_penny")),
            "header_rows": str(self.definition.get("header_rows", 1)),
            "sheet": self.definition.get("sheet", ""),
        }


def _read_beginning(pattern: str) -> str:
    """Return the text with which codes begin that an expression says; "" where it says more."""
    match = _BEGINNING.fullmatch(pattern)
    text = re.sub(r"\\(.)", r"\1", match[1]) if match else ""
    return text if text == text.strip() else ""


def _join_numbers(numbers: Sequence[int] | None) -> str:
    return ", ".join(map(str, numbers or ()))


def read_numbers(text: str) -> list[int] | None:
    """Return whole numbers with commas between them; None where the text is anything else."""
    parts = [part.strip() for part in text.split(",")]
    if not all(part.isascii() and part.isdecimal() and int(part[:6]) > 0 for part in parts):
        return None
    return [int(part[:6]) for part in parts]


def definition_of_fields(
    data: Mapping[str, Any], specs: Sequence[ColumnSpec], headings: FileHeadings
) -> dict[str, Any]:
    """Return the parts of a layout beside its steps that the cleaned fields say."""
    own = [spec.name for spec in specs]
    places = {name: data.get(f"column_{name}") for name in own}
    sides = {
        name: {
            side: headings.name_at(data[f"{side}_{name}"])
            for side in ("debit", "credit")
            if data.get(f"{side}_{name}")
        }
        for name in own
    }
    begin = [
        "^" + re.sub(f"([{_SPECIAL}])", r"\\\1", text)
        for text in split_lines(data.get("income_beginnings"))
    ]
    signs = {name: data.get(f"sign_{name}") or "" for name in own}
    return {
        "sheet": data.get("sheet", ""),
        "header_rows": headings.header_rows,
        "round_to_penny": bool(data.get("round_to_penny")),
        "columns": {headings.name_at(place): name for name, place in places.items() if place},
        "fixed": {name: data[f"fixed_{name}"] for name in own if data.get(f"fixed_{name}")},
        "split": _splits_of_fields(data, headings),
        "debit_credit": {name: rule for name, rule in sides.items() if rule},
        "suffix": {"columns": [name for name, sign in signs.items() if sign in (SUFFIX, BOTH)]},
        "sign": {
            "reverse": [name for name, sign in signs.items() if sign in (REVERSE, BOTH)],
            "income_positive_accounts": [*begin, *split_lines(data.get("income_patterns"))],
        },
        "units": {name: data[f"unit_{name}"] for name in own if data.get(f"unit_{name}")},
        "skip": {
            "starts_with": split_lines(data.get("skip_starts")),
            "blank_codes": bool(data.get("skip_blank_codes")),
            "unheaded_columns": bool(data.get("skip_unheaded")),
        },
    }


def splits_given(data: Mapping[str, Any]) -> list[tuple[str, list[str]]]:
    """Return the prefix of each column with several codes that is given, and its codes in order."""
    found = [("together", list(TOGETHER))] if data.get("together") else []
    for prefix in numbered("split", MOST_SPLITS):
        codes = [data.get(f"{prefix}_into_{number}") for number in range(1, MOST_CODES + 1)]
        if data.get(f"{prefix}_column"):
            found.append((prefix, [code for code in codes if code]))
    return found


def _splits_of_fields(data: Mapping[str, Any], headings: FileHeadings) -> dict[str, Any]:
    made = {}
    for prefix, codes in splits_given(data):
        together = prefix == "together"
        place = data["together" if together else f"{prefix}_column"]
        separator = data.get("separator" if together else f"{prefix}_separator") or ""
        lengths = read_numbers(data.get(f"{prefix}_lengths") or "")
        how = {"lengths": lengths} if lengths else {"separator": separator.strip() or " "}
        made[headings.name_at(place)] = {"into": codes} | how
    return made


def with_kept_parts(made: dict[str, Any], kept: Definition) -> dict[str, Any]:
    """Return a definition with the parts that the form could not say added to what it said."""
    whole = dict(made)
    for key, table in kept.items():
        if isinstance(table, Mapping):
            whole[key] = {**whole.get(key, {})}
            for name, value in table.items():
                said = whole[key].get(name)
                whole[key][name] = [*said, *value] if isinstance(said, list) else value
        else:
            whole[key] = table
    return without_defaults(whole)


def without_defaults(definition: Definition) -> dict[str, Any]:
    """Return a definition without what says nothing: blank, false, and one row of headings."""
    plain = {
        key: {name: value for name, value in table.items() if value not in (False, [], "")}
        if isinstance(table, Mapping)
        else table
        for key, table in definition.items()
    }
    return {
        key: value
        for key, value in plain.items()
        if value not in ({}, [], "", False) and (key, value) != ("header_rows", 1)
    }


def keep_unchanged_parts(made: Definition, base: Definition) -> dict[str, Any]:
    """Return a definition with the wording of an earlier one for each part that says the same."""
    plain, whole = without_defaults(base), dict(made)
    for key, part in base.items():
        said, before = made.get(key), plain.get(key)
        if (said is None and before is None) or (
            said is not None and before is not None and _are_same_parts(key, said, before)
        ):
            whole[key] = part
    return {key: whole[key] for key in [*base, *made] if key in whole}


def _are_same_parts(key: str, some: Any, others: Any) -> bool:
    """Return whether two values of a key of a definition say the same."""
    if key == "steps":
        return are_same_steps(some, others)
    return _plain_part(key, some) == _plain_part(key, others)


def _plain_part(key: str, part: Any) -> str:
    if key in _FREE_LISTS and isinstance(part, Mapping):
        part = {name: sorted(values) for name, values in part.items()}
    if key == "skip" and isinstance(part, Mapping):
        starts = sorted(text.strip() for text in part.get("starts_with", ()))
        part = {**part, "starts_with": starts}
    if key == "split" and isinstance(part, Mapping):
        part = {
            heading: {**rule, "separator": rule.get("separator", "").strip() or " "}
            for heading, rule in part.items()
        }
    return json.dumps(part, sort_keys=True)
