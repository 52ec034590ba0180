"""Find new codes of a file that a person may mistake for known ones.

Pure. Two codes are alike where they differ only in leading noughts, spaces, capitals, or letters
that look the same: A and the Cyrillic А, O and 0, l and 1, full-width letters, kinds of dashes.
"""

import unicodedata
from collections import defaultdict
from collections.abc import Iterable

_CYRILLIC = "АаВЕеКкМмНнОоРрСсТтУуХхІіЈјЅѕҮүҺһԀԁԚԛԜԝѴѵЗз"
_AS_LATIN = "AaBEeKkMmHhOoPpCcTtYyXxIiJjSsYyHhDdQqWwVv33"
_GREEK = "ΑαΒβΕΖΗΙιΚκΜΝνΟοΡρΤτΥυΧχϹϲϳ"
_GREEK_AS_LATIN = "AaBbEZHIiKkMNvOoPpTtYuXxCcj"
_LATIN = str.maketrans(_CYRILLIC + _GREEK, _AS_LATIN + _GREEK_AS_LATIN)
_SAME_LOOK = ("0Oo", "1lI|")
_COARSE = str.maketrans("oil|", "0111")

NOUGHTS, SPACES, CAPITALS, LETTERS = (
    "leading noughts",
    "spaces",
    "capital and small letters",
    "letters that look alike",
)


def alike_codes(new: Iterable[str], known: Iterable[str]) -> list[tuple[str, str]]:
    """Return pairs of each new code and each known code that it resembles, in order."""
    new = sorted(set(new) - {""})
    if not new:
        return []
    by_key = defaultdict(list)
    for code in sorted(set(known) - {""}):
        by_key[_coarse_key(code)].append(code)
    return [
        (code, other)
        for code in new
        for other in by_key[_coarse_key(code)]
        if code != other and differences(code, other)
    ]


def differences(code: str, other: str) -> list[str]:
    """Return the kinds of difference between two similar codes; none where they are not similar."""
    one, two = _as_latin(code), _as_latin(other)
    bare, other_bare = "".join(one.split()), "".join(two.split())
    length = max(len(bare), len(other_bare))
    pairs = zip(bare.rjust(length, "0"), other_bare.rjust(length, "0"), strict=True)
    kinds = {_compare_letters(first, second) for first, second in pairs}
    if None in kinds:
        return []
    is_dressed = (code != one) != (other != two) or (one == two and code != other)
    found = {
        NOUGHTS: len(bare) != len(other_bare),
        SPACES: one.split() != two.split() and one.count(" ") + two.count(" ") > 0,
        CAPITALS: CAPITALS in kinds,
        LETTERS: LETTERS in kinds or is_dressed,
    }
    return [kind for kind, is_so in found.items() if is_so]


def _coarse_key(code: str) -> str:
    """Return a key that is equal for all similar codes, and for some others."""
    bare = "".join(_as_latin(code).split()).casefold()
    return bare.translate(_COARSE).lstrip("0")


def _as_latin(code: str) -> str:
    """Return a code in Latin letters of one width, with plain dashes."""
    plain = unicodedata.normalize("NFKC", code).translate(_LATIN)
    return "".join("-" if unicodedata.category(each) == "Pd" else each for each in plain).replace(
        "\N{MINUS SIGN}", "-"
    )


def _compare_letters(first: str, second: str) -> str | None:
    """Return the kind of difference of two letters; blank if equal, None if not look-alikes."""
    if first == second:
        return ""
    if first.casefold() == second.casefold():
        return CAPITALS
    return LETTERS if any(first in group and second in group for group in _SAME_LOOK) else None
