"""Files that programs send: `POST /api/v1/uploads`, and what became of one at its address.

Only a token of the kind that uploads counts here, with its person's rights; a session's cookie
does not, so a form of another site can do nothing.
"""

import json
from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any

from django.db import OperationalError
from django.http import HttpRequest, HttpResponse, UnreadablePostError
from django.urls import reverse
from django.views.decorators.csrf import csrf_exempt

from council_finance.accounts.middleware import before_second_factor, public, without_role
from council_finance.accounts.models import TokenKind, User
from council_finance.errors import Refused
from council_finance.uploads.problems import Problem
from monitoring.api.authentication import person_of, refuse_token
from monitoring.api.openapi import add_to_document
from monitoring.api.problems import NOT_KEPT, problem
from monitoring.feed.models import FeedSource, FeedState
from monitoring.feed.sent_files import SentFile, WrongRequest, read_sent_file
from monitoring.feed.services import MayNotUpload, receive_file, refuse_file
from monitoring.feed.upload_openapi import PATHS, UPLOAD_SCHEMA
from monitoring.people.rights import may_see_drafts
from monitoring.uploading.models import Upload
from monitoring.uploading.selectors.uploads import uploads
from monitoring.uploading.services.uploads import UploadUnderWay

View = Callable[..., HttpResponse]

RETRY_SECONDS = 60

add_to_document(paths=PATHS, schemas={"Upload": UPLOAD_SCHEMA})


def for_uploads(*methods: str) -> Callable[[View], View]:
    """Return a decorator for views of programs that upload: `request.user` is the token's person.

    A token of the kind that reads is refused with 403, any other with 401.
    """

    def decorate(view: View) -> View:
        @wraps(view)
        def check(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            person = person_of(request, kind=TokenKind.UPLOAD)
            if person is None:
                return _refuse_token(request)
            if request.method not in methods:
                allowed = {"Allow": ", ".join(methods)}
                detail = f"This address takes {' and '.join(methods)}."
                return problem(405, "Method not allowed", detail, headers=allowed)
            request.user = person
            try:
                return view(request, *args, **kwargs)
            except WrongRequest as wrong:
                return problem(wrong.status, wrong.title, wrong.detail)

        return csrf_exempt(public(before_second_factor(without_role(check))))

    return decorate


def _refuse_token(request: HttpRequest) -> HttpResponse:
    if person_of(request, kind=TokenKind.READ) is None:
        return refuse_token(request)
    return problem(
        403,
        "The token only reads",
        "Files are sent with a token of the kind “Upload files”. You make one on the page Access "
        "tokens of your account.",
    )


@for_uploads("POST")
def send_file(request: HttpRequest) -> HttpResponse:
    """Receive a file as the browser's upload does: 202 for a new one, 200 for one known already."""
    person = _person_behind(request)
    try:
        sent = read_sent_file(request)
    except UnreadablePostError as error:
        raise WrongRequest(400, "The file did not arrive whole", "Send it again.") from error
    try:
        return _receive_file(sent, person)
    except OperationalError:
        return problem(
            503,
            "Not stored",
            "The file could not be stored, as the database is busy or its disk is full. Nothing of "
            "it was kept. Send it again later.",
            headers={"Retry-After": str(RETRY_SECONDS)},
        )


def _receive_file(sent: SentFile, person: User) -> HttpResponse:
    source = FeedSource.TOKEN
    try:
        file = receive_file(
            received=sent.received,
            source=source,
            year=sent.year,
            by=person,
            layout=sent.layout,
            sheet=sent.sheet,
            scope=sent.scope,
        )
    except MayNotUpload as refused:
        return problem(403, "You may not upload this file", " ".join(refused.messages))
    except UploadUnderWay as refused:
        again = {"Retry-After": str(RETRY_SECONDS)}
        return problem(409, "Another upload is under way", refused.messages[0], headers=again)
    except Refused as refused:
        refuse_file(received=sent.received, source=source, by=person, sentences=refused.messages)
        return problem(422, "The file is refused", " ".join(refused.messages))
    upload = file.upload
    if upload is None:
        raise ValueError(f"{file} has no upload")
    is_known = file.state == FeedState.SAME
    answer = _make_answer(200 if is_known else 202, _describe_upload(upload) | {"known": is_known})
    answer["Location"] = reverse("api-upload", args=[upload.pk])
    return answer


@for_uploads("GET", "HEAD")
def show_upload(request: HttpRequest, pk: int) -> HttpResponse:
    """Return the state of an upload, with its errors and warnings by row and column."""
    if not may_see_drafts(_person_behind(request)):
        return problem(403, "You may not see uploads", "Uploads are for finance officers.")
    upload = uploads().filter(pk=pk).first()
    if upload is None:
        return problem(404, "No such upload", "There is no upload with this number.")
    return _make_answer(200, _describe_upload(upload))


def _person_behind(request: HttpRequest) -> User:
    if not isinstance(request.user, User):
        raise TypeError("a view for uploads has a person")
    return request.user


def _describe_upload(upload: Upload) -> dict[str, Any]:
    """Return an upload as programs read it; figures of its errors are as the file has them."""
    return {
        "id": upload.pk,
        "state": upload.state,
        "kind": upload.kind,
        "year": str(upload.year.label).replace("/", "-"),
        "period": upload.period,
        "scope": upload.scope,
        "file_name": upload.file_name,
        "size": upload.size,
        "sha256": upload.sha256,
        "received_at": upload.uploaded_at.isoformat(),
        "ended_at": upload.ended_at.isoformat() if upload.ended_at else None,
        "rows": upload.row_count,
        "error_count": upload.problem_count,
        "errors": [_describe_problem(each) for each in upload.problems],
        "warning_count": upload.warning_count,
        "warnings": [_describe_problem(each) for each in upload.warnings],
        "page": reverse("upload", args=[upload.pk]),
    }


def _describe_problem(data: Mapping[str, Any]) -> dict[str, Any]:
    found = Problem(**data)
    return {
        "row": found.row,
        "column": found.column,
        "sheet": found.sheet,
        "found": found.found,
        "sentence": found.sentence,
    }


def _make_answer(status: int, data: Mapping[str, Any]) -> HttpResponse:
    content = json.dumps(data, ensure_ascii=False, indent=1).encode() + b"\n"
    answer = HttpResponse(content, status=status, content_type="application/json")
    answer["Cache-Control"] = NOT_KEPT
    return answer
