"""What a mail says of a file that was refused or waits. Pure.

A mail holds no figures: an error is quoted without what the file has there, and only its place
where its own words hold an amount.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from council_finance.uploads.problems import Problem

MOST_SENTENCES = 10
_AMOUNT = re.compile(r"£|\d[\d,]*\.\d|\d,\d{3}|\d{5}")
_EXAMPLE = re.compile(r"such as [\d,.]+")
"""An amount in the product's own words, which no file has."""

SEE_PAGE = "see the upload’s page"


def sentences_for_mail(problems: Sequence[Mapping[str, Any]]) -> list[str]:
    """Return the first errors or warnings of an upload by row and column, without figures."""
    return [_describe_problem(Problem(**each)) for each in problems[:MOST_SENTENCES]]


def hide_amounts(sentence: str) -> str:
    """Return a sentence, or where to read it where it holds an amount."""
    return SEE_PAGE if _AMOUNT.search(_EXAMPLE.sub("", sentence)) else sentence


def _describe_problem(problem: Problem) -> str:
    without = replace(problem, found="", cost_centre="", account="")
    return replace(without, message=hide_amounts(problem.message)).sentence
