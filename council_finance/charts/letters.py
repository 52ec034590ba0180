"""The width of texts in Arial, so that a drawing on paper leaves room for them. Pure.

The widths are those of Arial and of Liberation Sans, which has the same, in thousandths of the
size; an unusual letter counts as a wide one.
"""

_BY_WIDTH = {
    191: "'",
    222: "ijl‘’",
    260: "|",
    278: " !,./:;I[\\]ft·",
    333: "()-`r“”",
    355: '"',
    389: "*",
    469: "^",
    500: "Jckxysvz",
    556: "#$0123456789?_abdeghnopquL£–",
    584: "+<=>~−",
    611: "FTZ",
    667: "&ABEKPSVXY",
    722: "CDHNRUw",
    778: "GOQ",
    833: "Mm",
    889: "%",
    944: "W",
    1000: "—…",
}
_WIDTHS = {letter: width for width, letters in _BY_WIDTH.items() for letter in letters}
_OTHER = 667
_BOLD = 1.08


def text_width(text: str, size: float, *, bold: bool = False) -> float:
    """Return the width of a text in the unit of `size`."""
    thousandths = sum(_WIDTHS.get(letter, _OTHER) for letter in text)
    return thousandths * size / 1000 * (_BOLD if bold else 1)
