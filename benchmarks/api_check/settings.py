"""The product's settings, but that wrong tokens are answered with 401 however many there are.

Schemathesis sends wrong ones to every address, to see that they are refused.
"""

from council_finance.settings import *  # noqa: F403

WRONG_TOKENS_MOST = 1_000_000
