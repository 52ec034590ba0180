"""Contrast of colours by WCAG 2.2, and the style sheet of an accent colour. Pure."""

import math
import re

from council_finance.errors import Refused

LEAST_CONTRAST = 4.5
"""The contrast that text must have (WCAG 2.2, success criterion 1.4.3)."""

STYLE_VERSION = 1
"""Part of the style sheet's address; raise it when `style_sheet` gives other rules."""

_WHITE = "#ffffff"
_DARKEST_BACKGROUND = "#e7edf3"
"""The darkest colour behind links: --wash-strong of app.css."""
_HEX = re.compile(r"#?(?:[0-9a-f]{3}|[0-9a-f]{6})")
_DARKER = 0.75


def read_colour(text: str) -> str:
    """Return a colour as `#12436d`. Raise `Refused` where the text is none."""
    plain = text.strip().casefold()
    if not _HEX.fullmatch(plain):
        raise Refused(
            f"“{text.strip()[:40]}” is not a colour. Enter # and six digits or letters from A to "
            "F, such as #7A1F3D; the council’s style guide has them."
        )
    digits = plain.removeprefix("#")
    return "#" + ("".join(digit * 2 for digit in digits) if len(digits) == 3 else digits)


def read_accent(text: str) -> str:
    """Return an accent colour as `#12436d`. Raise `Refused` where white on it is hard to read."""
    colour = read_colour(text)
    ratio = contrast(colour, _WHITE)
    if ratio < LEAST_CONTRAST:
        shown = math.floor(ratio * 100) / 100
        raise Refused(
            f"White text on {colour.upper()}, and links of that colour on white, have a contrast "
            f"of {shown:g} to 1. At least {LEAST_CONTRAST:g} to 1 is needed so that everybody can "
            "read them. Choose a darker colour."
        )
    return colour


def contrast(one: str, other: str) -> float:
    """Return the contrast of two colours, from 1 to 21."""
    lighter, darker = sorted((_relative_luminance(one), _relative_luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def style_sheet(accent: str) -> str:
    """Return the rules that put an accent colour into header, buttons and links.

    Links are also on backgrounds darker than white: there the accent is darkened until it can be
    read.
    """
    darker, link = _darken_colour(accent), accent
    while contrast(link, _DARKEST_BACKGROUND) < LEAST_CONTRAST:
        link = _darken_colour(link, 0.95)
    return (
        f":root{{--navy:{accent};--navy-dark:{darker};--govuk-link-colour:{link};"
        f"--govuk-link-visited-colour:{link};--govuk-link-hover-colour:{_darken_colour(link)}}}\n"
        ".site-header__role{color:#fff}\n"
    )


def _read_channels(colour: str) -> tuple[int, int, int]:
    red, green, blue = (int(colour[place : place + 2], 16) for place in (1, 3, 5))
    return red, green, blue


def _relative_luminance(colour: str) -> float:
    """Return the relative luminance, as WCAG defines it."""
    red, green, blue = (_linear_channel(channel / 255) for channel in _read_channels(colour))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear_channel(value: float) -> float:
    return value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4


def _darken_colour(colour: str, share: float = _DARKER) -> str:
    return "#" + "".join(f"{int(channel * share):02x}" for channel in _read_channels(colour))
