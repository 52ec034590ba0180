"""Refusals of a request, with OData's code for each and a sentence that says what to do. Pure."""


class RequestRefused(Exception):
    """A refusal that is answered with `status` and an error in OData's JSON.

    `target` names the part of the request that is refused, such as `$filter`.
    """

    def __init__(self, status: int, code: str, sentence: str, *, target: str = "") -> None:
        super().__init__(sentence)
        self.status = status
        self.code = code
        self.sentence = sentence
        self.target = target


def bad_option(option: str, sentence: str) -> RequestRefused:
    """Return the refusal (400) of a query option that is not as OData has it."""
    return RequestRefused(400, "BadRequest", f"{option}: {sentence}", target=option)


def unsupported_option(option: str, sentence: str) -> RequestRefused:
    """Return the refusal (501) of what OData has and this service does not offer."""
    return RequestRefused(501, "NotImplemented", f"{option}: {sentence}", target=option)


def not_found(sentence: str) -> RequestRefused:
    """Return the refusal (404) of an address that names nothing a person may read."""
    return RequestRefused(404, "NotFound", sentence)
