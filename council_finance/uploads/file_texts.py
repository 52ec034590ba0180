"""A column of a CSV file as places in its bytes: texts are made where somebody asks for them. Pure.

Figures are read from the bytes. Of other columns a text that many rows have, such as the code of a
service, is made once: texts are numbered by their bytes, sixteen at most, which are two whole
numbers.
"""

from functools import cached_property
from typing import Any, Self, TypeAlias

import numpy as np
import pandas as pd
from pandas.api.extensions import ExtensionArray, ExtensionDtype

from council_finance.uploads.plain_amounts import LONGEST, read_amounts_between

_WORD = 8
_LONGEST_NUMBERED = 2 * _WORD
_SAMPLE_ROWS = 1000
_KEPT = np.array([(1 << 8 * count) - 1 for count in range(_WORD + 1)], dtype=np.uint64)
"""By a number of bytes, the bits of so many bytes at the beginning of a word."""

_IS_BLANK, _IS_DIGIT, _IS_VISIBLE = (
    np.isin(np.arange(256), list(some)) for some in (b" \t", b"0123456789", range(33, 127))
)


class FileContent:
    """The text of a file, its bytes, and the word of eight bytes that begins at each of them."""

    def __init__(self, text: str, content: bytes):
        self.text, self.content = text, content
        self.is_ascii = len(text) == len(content)
        padding = bytes(max(LONGEST, _LONGEST_NUMBERED))
        self.characters = np.frombuffer(content + padding, dtype=np.uint8)
        words = len(self.characters) - _WORD + 1
        self.words = np.ndarray(words, "<u8", self.characters, strides=(1,))


_Column: TypeAlias = "type[FileTexts]"


class FileTextsDtype(ExtensionDtype):  # type: ignore[misc]  # pandas is not typed
    """The type of such a column."""

    name = "texts of a file"
    type = str
    na_value = ""

    @classmethod
    def construct_array_type(cls) -> _Column:
        """Return the class of such columns."""
        return FileTexts


class FileTexts(ExtensionArray):  # type: ignore[misc]
    """The texts between the places `starts` and `ends` of a file's bytes; never changed."""

    def __init__(self, file: FileContent, starts: np.ndarray, ends: np.ndarray):
        self.file, self.starts, self.ends = file, starts, ends

    @cached_property
    def texts(self) -> np.ndarray:
        """The texts, as objects; equal ones are one object where many rows are equal."""
        if self.numbered is None:
            return self._make_texts()
        numbers, contents = self.numbered
        texts: np.ndarray = contents[numbers]
        return texts

    @cached_property
    def numbered(self) -> tuple[np.ndarray, np.ndarray] | None:
        """The number of each text's content, and the contents in order of appearance.

        None where texts are long, or few are equal: to number these takes longer than to make them.
        """
        longest = (self.ends - self.starts).max(initial=0)
        if longest > _LONGEST_NUMBERED or not len(self) or not _repeat_themselves(self):
            return None
        numbers = self._number_contents()
        first = np.flatnonzero(~pd.Series(numbers).duplicated().to_numpy())
        return numbers, self[first]._make_texts()

    def _number_contents(self) -> np.ndarray:
        """Return the number of each text's content, in the order of appearance."""
        words, lengths = self.file.words, self.ends - self.starts
        numbers: np.ndarray
        numbers, _ = pd.factorize(words[self.starts] & _KEPT[np.minimum(lengths, _WORD)])
        if lengths.max() > _WORD:
            rest = words[self.starts + _WORD] & _KEPT[np.maximum(lengths - _WORD, 0)]
            after, found = pd.factorize(rest)
            numbers, _ = pd.factorize(numbers * len(found) + after)
        return numbers

    def _make_texts(self) -> np.ndarray:
        """Return the texts, each an object of its own."""
        places = zip(self.starts.tolist(), self.ends.tolist(), strict=True)
        made = np.empty(len(self), dtype=object)
        if self.file.is_ascii:
            made[:] = [self.file.text[start:end] for start, end in places]
        else:
            made[:] = [self.file.content[start:end].decode() for start, end in places]
        return made

    def amounts(self, scale: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Return the pence, and which texts are plain numbers and which are empty.

        They are those of `read_plain_amounts`.
        """
        return read_amounts_between(self.file.characters, self.starts, self.ends, scale)

    def may_begin_with_nought(self) -> bool:
        """Return whether a text begins with nought and another digit, or with a blank."""
        first, second = (self.file.characters[self.starts + place] for place in (0, 1))
        return bool((_IS_BLANK[first] | (first == ord("0")) & _IS_DIGIT[second]).any())

    def are_trimmed(self, most: int) -> bool:
        """Return whether no text has more than `most` bytes, or a blank at its beginning or end.

        A character beyond ASCII there counts as a blank, as some are.
        """
        first, last = self.file.characters[self.starts], self.file.characters[self.ends - 1]
        trimmed = _IS_VISIBLE[first] & _IS_VISIBLE[last] | (self.starts == self.ends)
        return bool(trimmed.all() and (self.ends - self.starts).max(initial=0) <= most)

    # What pandas asks of a column.

    dtype = FileTextsDtype()

    @property
    def nbytes(self) -> int:
        """The bytes of the places."""
        return self.starts.nbytes + self.ends.nbytes

    def __len__(self) -> int:
        return len(self.starts)

    def __getitem__(self, item: Any) -> Any:
        """Return the text at a place, or the column of several places."""
        if isinstance(item, int | np.integer):
            return str(FileTexts(self.file, *self._find_places(np.array([item])))._make_texts()[0])
        return FileTexts(
            self.file, *self._find_places(pd.api.indexers.check_array_indexer(self, item))
        )

    def _find_places(self, item: Any) -> tuple[np.ndarray, np.ndarray]:
        return self.starts[item], self.ends[item]

    def take(self, indices: Any, *, allow_fill: bool = False, fill_value: Any = None) -> Self:
        """Return the column of these places. Raise `ValueError` where one is to be filled in."""
        places = np.asarray(indices, dtype=np.intp)
        if allow_fill and (places < 0).any():
            raise ValueError("a file's cells cannot be filled in")
        return type(self)(self.file, *self._find_places(places))

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray:
        return np.array(self.texts, dtype=dtype, copy=copy)

    def __eq__(self, other: object) -> np.ndarray:  # type: ignore[override]
        is_blank = isinstance(other, str) and not other
        equal: np.ndarray = self.starts == self.ends if is_blank else self.texts == other
        return equal

    __hash__ = ExtensionArray.__hash__

    def tolist(self) -> list[str]:
        """Return the texts."""
        texts: list[str] = self.texts.tolist()
        return texts

    def isna(self) -> np.ndarray:
        """Return that no text is missing; a blank cell is an empty text."""
        return np.zeros(len(self), dtype=bool)

    def copy(self) -> Self:
        """Return the column, which never changes."""
        return type(self)(self.file, self.starts, self.ends)


def _repeat_themselves(column: FileTexts) -> bool:
    """Return whether the first texts have fewer contents than half their number."""
    numbers = column[:_SAMPLE_ROWS]._number_contents()
    return 2 * int(numbers.max()) < len(numbers)
