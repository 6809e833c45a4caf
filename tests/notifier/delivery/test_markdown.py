"""The planner's Markdown, and what must not come of it."""

import pytest

from notifier.delivery.markdown import render


def test_render_everyday_markdown() -> None:
    """Emphasis, lists, code, line breaks, headings below the mail's own, and links that vouch for nothing."""
    assert render("# Plan\nWe *replace* **two**\nrouters\n\n1. drain\n2. `reload`\n\n[notes](https://provider.example/?a=1&b=2)") == (
        "<h3>Plan</h3>\n<p>We <em>replace</em> <strong>two</strong><br>\nrouters</p>\n<ol>\n<li>drain</li>\n<li><code>reload</code></li>\n</ol>\n"
        '<p><a href="https://provider.example/?a=1&amp;b=2" rel="nofollow noopener noreferrer">notes</a></p>'
    )


def test_render_table() -> None:
    """Planners list sites in tables."""
    assert render("|a|b|\n|-|-|\n|1|2|") == (
        "<table>\n<thead>\n<tr>\n<th>a</th>\n<th>b</th>\n</tr>\n</thead>\n<tbody>\n<tr>\n<td>1</td>\n<td>2</td>\n</tr>\n</tbody>\n</table>"
    )


@pytest.mark.parametrize(
    ("typed", "html"),
    [
        ("<script>alert(1)</script>", "<p>&lt;script&gt;alert(1)&lt;/script&gt;</p>"),
        ("<img src=x onerror=alert(1)>", "<p>&lt;img src=x onerror=alert(1)&gt;</p>"),
        ("[x](javascript:alert(1))", "<p>[x](javascript:alert(1))</p>"),
        ("[x](JaVaScRiPt&colon;alert(1))", "<p>[x](JaVaScRiPt&amp;colon;alert(1))</p>"),
        ("[x](data:text/html;base64,PHNjcmlwdD4=)", "<p>[x](data:text/html;base64,PHNjcmlwdD4=)</p>"),
        ("<javascript:alert(1)>", "<p>&lt;javascript:alert(1)&gt;</p>"),
        (
            '[x](https://a.example "\\" onclick=alert(1)")',
            '<p><a href="https://a.example" title="&quot; onclick=alert(1)" rel="nofollow noopener noreferrer">x</a></p>',
        ),
        ("![x](https://a.example/pixel.png)", '<p>!<a href="https://a.example/pixel.png" rel="nofollow noopener noreferrer">x</a></p>'),
        ("```html\n<b>\n```", "<pre><code>&lt;b&gt;\n</code></pre>"),
        ("a & b < c", "<p>a &amp; b &lt; c</p>"),
        ("{{ x }} {% y %} %s %(z)s {0}", "<p>{{ x }} {% y %} %s %(z)s {0}</p>"),
    ],
)
def test_render_hostile_text_is_text(typed: str, html: str) -> None:
    """No tag, attribute, scheme or picture comes through, and nothing is a template."""
    assert render(typed) == html
