"""Layout of the plain-text part, as filters."""

from django import template

from notifier.delivery.plain_layout import columns, listed, wrapped

register = template.Library()
register.filter("wrapped", wrapped)
register.filter("listed", listed)


@register.filter
def heading(text: str) -> str:
    """Underline a heading."""
    return f"{text}\n{'-' * columns(text)}"


@register.filter
def title(text: str) -> str:
    """Underline the mail's first line."""
    return f"{text}\n{'=' * columns(text)}"
