"""Headers that every answer has beside those that Django, django-csp and WhiteNoise set."""

from django.http import HttpRequest, HttpResponse

from council_finance.middleware import GetResponse

_NOT_NEEDED = (
    *("accelerometer", "autoplay", "browsing-topics", "camera", "display-capture"),
    *("geolocation", "gyroscope", "hid", "magnetometer", "microphone", "midi", "payment"),
    *("publickey-credentials-get", "screen-wake-lock", "serial", "usb", "xr-spatial-tracking"),
)
POLICIES = {
    "Permissions-Policy": ", ".join(f"{feature}=()" for feature in _NOT_NEEDED),
    "Cross-Origin-Resource-Policy": "same-origin",
}


NOT_KEPT = "private, no-store"
ASKED_EACH_TIME = "no-cache"
KEPT_BY_PERSON = "private, no-cache"
"""Of a published page: the browser keeps it, and asks each time whether it has changed."""


def with_policies(get_response: GetResponse) -> GetResponse:
    """Add headers to each answer: no use of the reader's devices, no parts of it in other sites.

    No browser or proxy may keep a page, unless its view says so or everybody may read it. Whoever
    is logged out is told to forget what was kept, so that the next person at the machine cannot go
    back to it.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        for name, value in POLICIES.items():
            response[name] = value
        if getattr(request, "has_logged_out", False):
            response["Clear-Site-Data"] = '"cache"'
        response.setdefault("Cache-Control", _choose_caching(request, response))
        return response

    return middleware


def _choose_caching(request: HttpRequest, response: HttpResponse) -> str:
    """Return the Cache-Control of an answer.

    A browser asks for a public page that a stranger reads again each time. It keeps nothing else,
    errors and forms included.
    """
    match = request.resolver_match
    user = getattr(request, "user", None)
    is_stranger = user is not None and not user.is_authenticated
    is_public = match is not None and getattr(match.func, "is_public", lambda: False)()
    return (
        ASKED_EACH_TIME if is_public and is_stranger and response.status_code == 200 else NOT_KEPT
    )
