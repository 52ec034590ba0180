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


def with_policies(get_response: GetResponse) -> GetResponse:
    """Add headers to each answer: no use of the reader's devices, no parts of it in other sites.

    No browser or proxy may keep a page, unless its view says so or everybody may read it.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        for name, value in POLICIES.items():
            response[name] = value
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
