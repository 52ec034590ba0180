"""The refusal of a list whose effect has changed since it was shown."""

from council_finance.errors import Refused


class ListChanged(Refused):
    """People have changed since the effect of the list was shown."""

    def __init__(self) -> None:
        super().__init__(
            "Somebody changed people since this list was checked. Check the new effect below."
        )
