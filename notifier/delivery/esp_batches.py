"""Which mails go together in one call to an ESP, and in which way."""

from collections import defaultdict
from collections.abc import Hashable, Mapping, Sequence
from typing import Any

from django.core.mail import EmailMultiAlternatives

from notifier.delivery import esp_lists, esp_merging

MOST = 20
"""So many mails go in one call: fewer than any ESP takes, as of so many nobody knows what became of them where the answer is lost."""


def takes(esp: str) -> bool:
    """Tell whether an ESP, by anymail's name for it, takes several mails in one call."""
    return esp in esp_lists.FORMS or esp in esp_merging.MERGES


def groups(esp: str, mails: Mapping[int, EmailMultiAlternatives]) -> list[list[int]]:
    """Return the keys of mails that go together, two or more each; the others go by themselves."""
    merge = esp_merging.MERGES.get(esp)
    found = [list(mails)] if merge is None else _alike(merge, mails)
    chunks = [some[start : start + MOST] for some in found for start in range(0, len(some), MOST)]
    return [some for some in chunks if len(some) > 1 and (merge is None or esp_merging.fits([mails[key] for key in some]))]


def _alike(merge: esp_merging.Merge, mails: Mapping[int, EmailMultiAlternatives]) -> list[list[int]]:
    """Return keys of mails that differ by little, no two of them to one address: values are given by address."""
    found: dict[Hashable, dict[str, int]] = defaultdict(dict)
    for key, mail in mails.items():
        like = esp_merging.likeness(mail, merge)
        if like is not None:
            found[like].setdefault(esp_merging.address_of(mail).lower(), key)
    return [list(some.values()) for some in found.values()]


def post(connection: Any, mails: Sequence[EmailMultiAlternatives]) -> list[Exception | None]:  # noqa: ANN401  # a backend of anymail, without types
    """Post mails that go together, in one call; return of each why it was not taken, or None. Raises where the call as a whole fails."""
    form = esp_lists.FORMS.get(connection.esp_name)
    if form is not None:
        return esp_lists.post(connection, form, mails)
    return esp_merging.post(connection, esp_merging.MERGES[connection.esp_name], mails)
