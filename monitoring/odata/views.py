"""The addresses under `/odata/v1/`: documents, sets, counts and single entities."""

import json
import re
from collections.abc import Sequence

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.csrf import csrf_exempt

from council_finance.accounts.middleware import before_second_factor, public, without_role
from council_finance.accounts.models import User
from council_finance.errors import Refused
from monitoring.api.authentication import person_of, refuse_token
from monitoring.odata import answers
from monitoring.odata.entity_types import ENTITY_SETS, REPORTS, SERVICES, EntitySet
from monitoring.odata.metadata import metadata_document
from monitoring.odata.paging import Part, count_rows, find_entity, read_page
from monitoring.odata.query_options import (
    COLLECTION_OPTIONS,
    COUNT_OPTIONS,
    DOCUMENT_OPTIONS,
    ENTITY_OPTIONS,
    METADATA_OPTIONS,
    read_options,
    read_pairs,
    require_json,
)
from monitoring.odata.refusals import RequestRefused, not_found
from monitoring.odata.selectors.figures import figure_parts
from monitoring.odata.selectors.published_reports import report_parts
from monitoring.odata.selectors.services import service_parts

_RESOURCE = re.compile(
    r"(?P<set>\w+)(?:\((?:id=)?'(?P<id>(?:[^']|'')*)'\)|(?P<count>/\$count))?", re.ASCII
)
_NOT_OFFERED = ("$batch", "$entity", "$all", "$crossjoin")


@csrf_exempt
@public
@before_second_factor
@without_role
def resource(request: HttpRequest, resource: str = "") -> HttpResponse:
    """Return what the address names, for the person whose token the request brings."""
    person = person_of(request)
    if person is None:
        return _refuse_stranger(request)
    request.user = person
    try:
        answer = _route_request(request, person, resource)
    except RequestRefused as refusal:
        answer = _build_refusal(refusal)
    except Refused as refused:
        sentence = " ".join(refused.messages)
        answer = _build_refusal(RequestRefused(503, "ServiceUnavailable", sentence))
    return answer


def _route_request(request: HttpRequest, person: User, resource: str) -> HttpResponse:
    if request.method not in ("GET", "HEAD"):
        raise RequestRefused(
            405, "MethodNotAllowed", "The data are read only. Use GET; change figures in the pages."
        )
    given = read_pairs(request.META.get("QUERY_STRING", ""))
    if resource == "$metadata":
        read_options(given, REPORTS.entity_type, METADATA_OPTIONS)
        return _build_response(metadata_document(), "application/xml")
    require_json(request.headers.get("Accept", ""), given.get("$format", ""))
    root = request.build_absolute_uri(reverse("odata"))
    if not resource:
        read_options(given, REPORTS.entity_type, DOCUMENT_OPTIONS)
        return _build_response(answers.service_document(root))
    found = _RESOURCE.fullmatch(resource)
    entity_set = ENTITY_SETS.get(found["set"]) if found else None
    if found is None or entity_set is None:
        raise _unknown_resource(resource)
    parts = _parts_of(request, person, entity_set)
    if found["count"]:
        options = read_options(given, entity_set.entity_type, COUNT_OPTIONS)
        return _build_response(str(count_rows(parts, options.row_filter)).encode(), "text/plain")
    if found["id"] is not None:
        options = read_options(given, entity_set.entity_type, ENTITY_OPTIONS)
        row = find_entity(parts, found["id"].replace("''", "'"))
        return _build_response(
            answers.entity(row, entity_set=entity_set, select=options.select, root=root)
        )
    return _answer_collection(request, entity_set, parts, given, root)


def _answer_collection(
    request: HttpRequest,
    entity_set: EntitySet,
    parts: Sequence[Part],
    given: dict[str, str],
    root: str,
) -> HttpResponse:
    options = read_options(given, entity_set.entity_type, COLLECTION_OPTIONS)
    options = options.with_page_rows(request.headers.get("Prefer", ""))
    page = read_page(parts, options)
    link = ""
    if page.following:
        link = answers.next_link(f"{root}{entity_set.name}", given, page.following)
    content = answers.collection(
        page.rows,
        entity_set=entity_set,
        select=options.select,
        root=root,
        count=count_rows(parts, options.row_filter) if options.with_count else None,
        next_link=link,
    )
    return _build_response(content)


def _parts_of(request: HttpRequest, person: User, entity_set: EntitySet) -> Sequence[Part]:
    if entity_set == REPORTS:
        return report_parts(person, request.build_absolute_uri("/").rstrip("/"))
    if entity_set == SERVICES:
        return service_parts(person)
    return figure_parts(person, entity_set)


def _unknown_resource(resource: str) -> RequestRefused:
    if resource.startswith(_NOT_OFFERED):
        return RequestRefused(501, "NotImplemented", f"{resource} is not offered.")
    return not_found(
        f"There is no {resource}. These sets can be read: {', '.join(ENTITY_SETS)}; one entity "
        "as Figures('id'), and their number as Figures/$count."
    )


def _build_response(
    content: bytes, content_type: str = answers.JSON_TYPE, status: int = 200
) -> HttpResponse:
    response = HttpResponse(content, status=status, content_type=content_type)
    response["OData-Version"] = "4.0"
    response["Cache-Control"] = "private, no-store"
    return response


def _build_refusal(refusal: RequestRefused) -> HttpResponse:
    response = _build_response(answers.error(refusal), status=refusal.status)
    if refusal.status == 405:
        response["Allow"] = "GET, HEAD"
    return response


def _refuse_stranger(request: HttpRequest) -> HttpResponse:
    """Return the API's refusal with its headers, which ask for a token, as OData's error."""
    refused = refuse_token(request)
    code = "TooManyRequests" if refused.status_code == 429 else "Unauthorized"
    detail = json.loads(refused.content)["detail"]
    response = _build_refusal(RequestRefused(refused.status_code, code, detail))
    for name in ("WWW-Authenticate", "Retry-After"):
        if name in refused:
            response[name] = refused[name]
    return response
