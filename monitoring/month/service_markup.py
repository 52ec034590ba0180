"""Draw the rows of the table of services on the page of a month.

They are drawn here and not in the template, which would run through the same tags for each of
hundreds of services: two thirds of the page's time. Everything that somebody gave is escaped.
"""

from collections.abc import Iterator
from html import escape

from django.utils.safestring import SafeString, mark_safe

from council_finance.addresses import Addresses
from council_finance.templatetags.figures import counted, sensed
from monitoring.month.selectors.month import Month, MonthRow


def draw_services(month: Month) -> SafeString:
    """Return the rows of the table: lines, net variance, commentary, and links to what is next."""
    place = (month.period.year.start, month.period.number)
    service, forecasts, commentary = (
        Addresses(page, *place) for page in ("service", "forecasts", "commentary-edit")
    )
    drawn = []
    for row in month.rows:
        links = ""
        if row.mine and not month.period.is_published:
            items = "\n".join(_draw_links(month, row, forecasts, commentary))
            links = f'<ul class="links">{items}</ul>'
        sense = f" figure--{row.sense}" if row.sense else ""
        drawn.append(
            f"""
      <tr class="row--{"group" if row.node.is_group else "service"}" data-level="{row.level}">
        <th scope="row">{_draw_name(row, service)}</th>
        {_draw_count(row.lines)}
        {_draw_count(row.entered)}
        {_draw_count(row.carried)}
        {_draw_count(row.without)}
        <td class="numeric figure{sense}">{sensed(row.net_variance or "–", row.sense)}</td>
        <td>{_draw_commentary(row)}</td>
        <td>{links}</td>
      </tr>"""
        )
    return mark_safe("".join(drawn))


def _draw_name(row: MonthRow, service: Addresses) -> str:
    """Draw the name of a service, which leads to its page unless it has closed."""
    name = escape(row.node.label)
    return _draw_link(name, service.at(row.node.key)) if row.commentary else name


def _draw_count(number: int) -> str:
    return f'<td class="numeric figure">{counted(number)}</td>'


def _draw_commentary(row: MonthRow) -> str:
    """Draw how far the commentary of a service is."""
    text = row.commentary
    if text and text.signed_by:
        return _draw_tag("Signed off", "green")
    if text and text.text:
        return _draw_tag("Written", "blue")
    if text and text.group:
        return f"With {escape(text.group.label)}"
    if text and text.due:
        return _draw_tag("Due", "amber")
    return f'<span class="quiet">{"Not due" if row.node.is_service else "–"}</span>'


def _draw_tag(text: str, tone: str) -> str:
    """Draw a status as templates/components/status_tag.html does."""
    return f'<span class="status status--{tone}">{text}</span>'


def _draw_links(
    month: Month, row: MonthRow, forecasts: Addresses, commentary: Addresses
) -> Iterator[str]:
    """Yield the links to what the reader enters for a service of theirs."""
    duties, text, key = month.duties, row.commentary, row.node.key
    if duties.forecast and not row.node.is_closed and row.lines:
        yield _draw_item("Enter forecasts", f" for {row.node.label}", forecasts.at(key))
    if not duties.comment or text is None:
        return
    if text.text:
        signs = duties.sign_off and not text.signed_by
        what = "Sign off" if signs else "Change commentary"
        rest = " the commentary on " if signs else " on "
        yield _draw_item(what, f"{rest}{row.node.label}", commentary.at(key))
    elif text.waits_for_text:
        yield _draw_item("Write commentary", f" on {row.node.label}", commentary.at(key))


def _draw_item(shown: str, heard: str, url: str) -> str:
    """Draw an item of a list of links; `heard` is for those who hear the link alone."""
    words = f'{shown}<span class="govuk-visually-hidden">{escape(heard)}</span>'
    return f"<li>{_draw_link(words, url)}</li>"


def _draw_link(words: str, url: str) -> str:
    return f'<a class="govuk-link" href="{escape(url)}">{words}</a>'
