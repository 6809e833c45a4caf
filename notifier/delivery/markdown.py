"""The planner's Markdown as HTML that can do no harm in a mail."""

from functools import lru_cache

import nh3
from django.utils.safestring import SafeString, mark_safe
from markdown_it import MarkdownIt

_TAGS = {
    "a",
    "blockquote",
    "br",
    "code",
    "em",
    "h3",
    "h4",
    "h5",
    "h6",
    "hr",
    "li",
    "ol",
    "p",
    "pre",
    "strong",
    "table",
    "tbody",
    "td",
    "th",
    "thead",
    "tr",
    "ul",
}
_LEVELS_ABOVE = 2
"""The mail's own headings: its title and its sections."""

_MARKDOWN = MarkdownIt("commonmark", {"html": False, "breaks": True}).enable("table").disable(["image", "entity"])


@lru_cache(maxsize=256)
def render(text: str) -> SafeString:
    """Return HTML: tags and entities that were typed appear as typed, links carry nofollow, there are no images, and headings start at the third level."""
    tokens = _MARKDOWN.parse(text)
    for token in tokens:
        if token.type in {"heading_open", "heading_close"}:
            token.tag = f"h{min(6, int(token.tag[1]) + _LEVELS_ABOVE)}"
    html = _MARKDOWN.renderer.render(tokens, _MARKDOWN.options, {})
    clean = nh3.clean(
        html, tags=_TAGS, attributes={"a": {"href"}, "ol": {"start"}}, url_schemes={"http", "https", "mailto", "tel"}, link_rel="nofollow noopener noreferrer"
    )
    return mark_safe(clean.strip())  # noqa: S308  # sanitised in the line above
