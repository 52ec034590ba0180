"""Find the cells of a CSV file without quotation marks, all rows of one length, by numpy. Pure.

Most ledgers write such files. Only the places of the cells are found; their texts are made where
somebody asks for them (`file_texts.py`).
"""

from collections.abc import Iterator

import numpy as np
import pandas as pd

from council_finance.uploads.file_texts import FileContent, FileTexts

_SLICE = 256 * 1024
"""The bytes looked at in one pass; they fit in a processor's cache."""


def read_plain_csv(text: str, separator: str, width: int) -> pd.DataFrame | None:
    """Return the cells, as texts of a file; None unless each row has `width`, none in quotes.

    The first column is made of objects, so that pandas gives every row as objects. The text ends
    without a line end.
    """
    plain = text.replace("\r\n", "\n") if "\r" in text else text
    if '"' in plain or "\r" in plain:
        return None
    content = plain.encode()
    ends = _find_ends(content, separator, width)
    if ends is None:
        return None
    starts = np.vstack([np.append(-1, ends[-1, :-1]), ends[:-1]]) + 1
    file = FileContent(plain, content)
    columns = [FileTexts(file, *places) for places in zip(starts, ends, strict=True)]
    first = pd.Series(columns[0].texts, dtype=object, copy=False)
    return pd.DataFrame(dict(enumerate([first, *columns[1:]])), copy=False)


def _find_ends(content: bytes, separator: str, width: int) -> np.ndarray | None:
    """Return where cells end, by column and row; None unless each row has `width` cells."""
    characters = np.frombuffer(content, dtype=np.uint8)
    ends = np.append(np.concatenate(list(_find_marks(characters, separator))), len(content))
    if len(ends) % width:
        return None
    by_column = np.ascontiguousarray(ends.reshape(-1, width).T)
    is_line_end = characters[by_column[-1, :-1]] == ord("\n")
    lines = content.count(b"\n") + 1
    return by_column if is_line_end.all() and len(is_line_end) + 1 == lines else None


def _find_marks(characters: np.ndarray, separator: str) -> Iterator[np.ndarray]:
    """Yield the places of separators and line ends, a slice at a time."""
    for first in range(0, len(characters), _SLICE):
        piece = characters[first : first + _SLICE]
        yield np.flatnonzero((piece == ord(separator)) | (piece == ord("\n"))) + first
