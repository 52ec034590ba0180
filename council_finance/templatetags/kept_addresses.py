"""The template tag `url`, which finds an address once: pages have thirty to a hundred of them."""

from django import template
from django.template import Context
from django.template.base import Parser, Token
from django.template.defaulttags import URLNode
from django.template.defaulttags import url as parse_url
from django.utils.html import conditional_escape
from django.utils.safestring import SafeString

from council_finance.addresses import address_of

register = template.Library()

_PLAIN = (int, str, SafeString)


@register.tag
def url(parser: Parser, token: Token) -> URLNode:
    """Return Django's own tag; addresses of names with plain arguments are kept."""
    node = parse_url(parser, token)
    return _KeptURLNode(node.view_name, node.args, node.kwargs, node.asvar)


class _KeptURLNode(URLNode):
    def render(self, context: Context) -> str:
        """Return the address, or put it into the context, as Django does."""
        arguments = [each.resolve(context) for each in self.args]
        # Whatever else an argument is, its text may change while it stays equal.
        is_plain = all(type(each) in _PLAIN for each in arguments)
        if self.asvar or self.kwargs or not is_plain:
            return super().render(context)
        address = address_of(self.view_name.resolve(context), *arguments)
        return conditional_escape(address) if context.autoescape else address
