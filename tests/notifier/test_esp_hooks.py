"""Why a hook is off is said in words that name the variable, and never the secret."""

import pytest
from django.core.checks import Warning  # noqa: A004  # Django's own name for it
from django.core.checks.registry import registry
from pytest_django import Settings

from notifier import checks, esp_hooks
from notifier.esp_hooks import HookOffError

SECRETS, KEYS = ["esp:0123456789abcdef"], ["0123456789abcdef"]


def set_up(settings: Settings, esp: str, secrets: list[str], keys: list[str]) -> None:
    """Configure one ESP."""
    settings.WEBHOOK_ESPS, settings.WEBHOOK_SECRETS, settings.WEBHOOK_SIGNING_KEYS = [esp], secrets, keys


@pytest.mark.parametrize(
    ("esp", "secrets", "keys", "views"),
    [
        ("postmark", SECRETS, [], 1),
        ("postmark", SECRETS, KEYS, 1),
        ("mailgun", [], KEYS, 1),
        ("mailgun", SECRETS, [*KEYS, "another-key-of-mailgun"], 2),
        ("mailtrap", [], KEYS, 1),
        ("sendgrid", SECRETS, [], 1),
        ("resend", SECRETS, [], 1),
    ],
)
def test_hook_that_is_on_is_silent(esp: str, secrets: list[str], keys: list[str], views: int, settings: Settings) -> None:
    set_up(settings, esp, secrets, keys)
    assert len(esp_hooks.views(esp)) == views
    assert checks.check_hooks() == []


@pytest.mark.parametrize(
    ("esp", "secrets", "keys", "why"),
    [
        ("postmark", [], [], "WEBHOOK_SECRETS is not set"),
        ("postmark", [], KEYS, "WEBHOOK_SECRETS is not set"),
        ("sendgrid", [], [], "WEBHOOK_SECRETS is not set"),
        ("mailgun", SECRETS, [], "WEBHOOK_SIGNING_KEY is not set"),
        ("mailersend", [], [], "WEBHOOK_SIGNING_KEY is not set"),
        ("scaleway", SECRETS, KEYS, "django-anymail reads no events of scaleway"),
    ],
)
def test_hook_that_is_off_is_told(esp: str, secrets: list[str], keys: list[str], why: str, settings: Settings) -> None:
    set_up(settings, esp, secrets, keys)
    with pytest.raises(HookOffError, match=why):
        esp_hooks.views(esp)
    assert checks.check_hooks() == [Warning(f"Bounces that {esp} tells of are not heard: {why}.", hint="docs/receipts.md", id="notifier.W002")]


@pytest.mark.parametrize(("esp", "package"), [("postal", "cryptography"), ("sendgrid", "cryptography"), ("resend", "svix")])
def test_hook_whose_package_is_missing_is_told(esp: str, package: str, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """Rather than refusing every event."""
    set_up(settings, esp, SECRETS, KEYS)
    monkeypatch.setattr(esp_hooks, "find_spec", lambda _name: None)
    esp_hooks._views.cache_clear()
    with pytest.raises(HookOffError, match=f"for signatures of {esp} the package {package} is needed, and it is not installed"):
        esp_hooks.views(esp)


def test_key_of_another_kind_is_told_unseen(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    set_up(settings, "mailgun", [], KEYS)

    def no_key(_esp: str, **options: object) -> object:
        raise ValueError(options)

    monkeypatch.setattr(esp_hooks, "_build", no_key)
    esp_hooks._views.cache_clear()
    with pytest.raises(HookOffError) as off:
        esp_hooks.views("mailgun")
    assert (str(off.value), off.value.__context__) == ("WEBHOOK_SIGNING_KEY is no key of its kind", None)


def test_mail_without_an_esp_wants_no_hook(settings: Settings) -> None:
    settings.WEBHOOK_ESPS = []
    assert checks.check_hooks() == []
    assert checks.check_hooks in set(registry.get_checks(include_deployment_checks=True)) - set(registry.get_checks())
