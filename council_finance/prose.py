"""A plain text as paragraphs and lists: the same everywhere that commentary is printed. Pure.

A blank line ends a paragraph. Lines that begin with `- `, `* ` or `• ` are a bulleted list, lines
that begin with `1. ` or `1) ` a numbered one. The text itself stays as people typed it; JSON and
CSV hold it as it is.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

_ITEM = re.compile(r"[ \t]*(?:[-*•–][ \t]+|(?P<number>[0-9]{1,3})[.)][ \t]+)(?P<text>\S.*)")


@dataclass(frozen=True)
class Paragraph:
    """A paragraph; its lines were typed one under the other."""

    lines: tuple[str, ...]


@dataclass(frozen=True)
class BulletedList:
    """A list of items without numbers."""

    items: tuple[str, ...]


@dataclass(frozen=True)
class NumberedList:
    """A list of items with consecutive numbers, the first of which is `start`."""

    start: int
    items: tuple[str, ...]


Block = Paragraph | BulletedList | NumberedList


@dataclass
class _OpenBlock:
    """The block that the next line may continue; `number` is that of a numbered list's first."""

    is_list: bool
    number: int | None = None
    parts: list[str] = field(default_factory=list)

    def close(self) -> Block:
        parts = tuple(self.parts)
        if not self.is_list:
            return Paragraph(parts)
        return BulletedList(parts) if self.number is None else NumberedList(self.number, parts)

    def takes_item(self, number: int | None) -> bool:
        """Return whether an item continues this list; a number must follow the last one."""
        if not self.is_list or (number is None) != (self.number is None):
            return False
        return number is None or number == (self.number or 0) + len(self.parts)


def in_series(texts: Sequence[str]) -> str:
    """Return texts as a sentence lists them: `A`, `A and B`, `A, B and C`."""
    return " and ".join(filter(None, (", ".join(texts[:-1]), *texts[-1:])))


def text_blocks(text: str) -> list[Block]:
    """Return the paragraphs and lists of a text, in order; none for a blank one.

    Blank lines between items do not end a list. Numbers are kept: one that does not follow the
    last begins a new list.
    """
    blocks: list[_OpenBlock] = []
    after_blank = True
    for line in text.splitlines():
        if not line.strip():
            after_blank = True
            continue
        item = _ITEM.fullmatch(line)
        if item:
            _add_item(blocks, item["text"].strip(), item["number"])
        elif after_blank or not blocks or blocks[-1].is_list:
            blocks.append(_OpenBlock(is_list=False, parts=[line.strip()]))
        else:
            blocks[-1].parts.append(line.strip())
        after_blank = False
    return [block.close() for block in blocks]


def _add_item(blocks: list[_OpenBlock], text: str, digits: str | None) -> None:
    number = None if digits is None else int(digits)
    if not blocks or not blocks[-1].takes_item(number):
        blocks.append(_OpenBlock(is_list=True, number=number))
    blocks[-1].parts.append(text)


def shorten_text(text: str, length: int) -> str:
    """Return a text of at most about `length` characters, cut between words, its lines kept."""
    if len(text) <= length:
        return text
    words = re.split(r"(?=\s)", text[: length + 1])
    return "".join(words[:-1] or [text[:length]]).rstrip() + " …"
