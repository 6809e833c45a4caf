"""Layout of the plain-text part."""

from notifier.delivery.plain_layout import listed, wrapped
from notifier.delivery.templatetags.plain_mail import heading


def test_wrapped_breaks_at_spaces_only() -> None:
    """Neither an address nor an object id is ever cut."""
    long = "x" * 80
    assert wrapped(f"{'word ' * 16}a-{long} end", "  ") == f"{'word ' * 14}word\n  word\n  a-{long}\n  end"


def test_wrapped_leaves_chinese_alone() -> None:
    """It has no spaces to break at, and readers break it anywhere."""
    assert wrapped("维护" * 60) == "维护" * 60


def test_heading_is_underlined_over_its_width() -> None:
    """A Chinese character is two columns wide."""
    assert (heading("When"), heading("时间")) == ("When\n----", "时间\n----")


def test_listed_folds_between_names() -> None:
    """Long lists take as many lines as they need."""
    names = tuple(f"WLUK100001-IPSEC-{number:02d}" for number in range(1, 5))
    assert listed(names, "    ") == "    WLUK100001-IPSEC-01, WLUK100001-IPSEC-02, WLUK100001-IPSEC-03,\n    WLUK100001-IPSEC-04"
