"""The page frame: the breadcrumb and the error summary that base.html draws for every page.

A page fills its block "frame" with these tags. They add to `frame`, which base.html begins before
the title, so that the title can say "Error:" where something is wrong.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from django import template
from django.forms import BaseForm, BaseFormSet, BoundField
from django.template import Context
from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe

register = template.Library()


@dataclass(frozen=True)
class Crumb:
    """A step of the breadcrumb; without an address it is plain text."""

    text: str
    url: str = ""


@dataclass(frozen=True)
class PageError:
    """A sentence of the error summary; `url` leads to its field, where it has one."""

    text: str
    url: str = ""


@dataclass
class PageFrame:
    """The breadcrumb and the error summary of one page."""

    crumbs: list[Crumb] = field(default_factory=list)
    error_title: str = ""
    errors: list[PageError] = field(default_factory=list)

    def add_errors(self, title: str, errors: Iterable[PageError]) -> None:
        """Add errors; the first that is added gives the summary its title."""
        for error in errors:
            self.error_title = self.error_title or title
            self.errors.append(error)


@register.simple_tag(takes_context=True)
def begin_frame(context: Context) -> str:
    """Begin the frame of a page as `frame`."""
    context["frame"] = PageFrame()
    return ""


@register.simple_block_tag(takes_context=True)
def crumb(context: Context, content: str, name: str = "", *args: Any, query: str = "") -> str:
    """Add a step to the breadcrumb: its text, and the name and arguments of its address.

    The last step is the page itself and takes no address.
    """
    url = f"{reverse(name, args=args)}{query}" if name else ""
    context["frame"].crumbs.append(Crumb(_strip_drawn(content), url))
    return ""


@register.simple_tag(takes_context=True)
def page_errors(context: Context, title: str, *sources: Any) -> str:
    """Add what is wrong to the error summary, in the order in which it is given.

    Each source is a form, a set of forms, a field, a sentence, or a list of these. `title` heads
    the summary where there is anything wrong.
    """
    context["frame"].add_errors(title, find_errors(sources))
    return ""


@register.simple_block_tag(takes_context=True)
def page_error(context: Context, content: str, title: str, *target: Any) -> str:
    """Add one sentence to the error summary; `target` is the id it leads to, in parts."""
    url = f"#{''.join(map(str, target))}" if target else ""
    context["frame"].add_errors(title, [PageError(_strip_drawn(content), url)])
    return ""


def _strip_drawn(content: str) -> SafeString:
    """Return the content of a tag, which the template has escaped already, without blanks."""
    return mark_safe(content.strip())


def find_errors(source: Any) -> Iterator[PageError]:
    """Yield what is wrong with a form, a set of forms, a field, a sentence or a list of these."""
    if isinstance(source, str):
        if source:
            yield PageError(source)
    elif isinstance(source, BoundField):
        yield from (PageError(str(text), _link_to_field(source)) for text in source.errors)
    elif isinstance(source, BaseForm):
        yield from _find_form_errors(source)
    elif isinstance(source, BaseFormSet):
        yield from _find_formset_errors(source)
    elif isinstance(source, Iterable):
        for each in source:
            yield from find_errors(each)


def _find_form_errors(form: BaseForm) -> Iterator[PageError]:
    """Yield what is wrong with the form as a whole, then field by field.

    An error of the whole form leads to `error_link` of the form or to its first field.
    """
    if form.errors:
        first = next(iter(form.visible_fields()), None)
        link = getattr(form, "error_link", "") or (_link_to_field(first) if first else "")
        yield from (PageError(str(text), link) for text in form.non_field_errors())
    for bound in form:
        yield from find_errors(bound)


def _find_formset_errors(forms: "BaseFormSet[BaseForm]") -> Iterator[PageError]:
    """Yield what is wrong with each form, which is named by its number where there are several."""
    name = getattr(forms, "form_name", "Row")
    for number, form in enumerate(forms, start=1):
        prefix = f"{name} {number}: " if len(forms) > 1 else ""
        for error in _find_form_errors(form):
            yield PageError(f"{prefix}{error.text}", error.url)


def _link_to_field(bound: BoundField) -> str:
    """Return the address of a field on its page: its first button where it has several."""
    if bound.is_hidden:
        return ""
    buttons = [each.id_for_label for each in bound.subwidgets]
    target = bound.id_for_label or (buttons[0] if buttons else "")
    return f"#{target}" if target else ""
