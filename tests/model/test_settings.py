"""Settings keep their secrets."""

from dataclasses import replace

import pytest

from reconciler.model.settings import Listen, Secret, TelnyxSettings, WebhookReceiver

KEY = "KEY0123456789"


def test_a_secret_is_given_only_when_asked_for() -> None:
    assert Secret(KEY).reveal() == KEY


def test_a_secret_is_not_shown() -> None:
    secret = Secret(KEY)

    for shown in (str(secret), repr(secret), f"{secret}", f"{secret!r:>40}", format(secret), str([secret])):
        assert KEY not in shown


def test_what_holds_a_secret_does_not_show_it() -> None:
    settings = TelnyxSettings(Secret(KEY), ())
    receiver = WebhookReceiver("ops", Secret(f"https://hooks.example.com/{KEY}"))

    assert KEY not in f"{settings!r} {settings} {receiver!r}"


def test_secrets_compare_by_their_text() -> None:
    assert Secret(KEY) == Secret(KEY)
    assert Secret(KEY) != Secret("another")
    assert Secret(KEY) != KEY
    assert len({Secret(KEY), Secret(KEY)}) == 1


def test_settings_that_say_the_same_are_equal() -> None:
    settings = TelnyxSettings(Secret(KEY), ())

    assert settings == TelnyxSettings(Secret(KEY), ())
    assert settings != replace(settings, api_key=Secret("another"))


@pytest.mark.parametrize(("host", "text"), [("127.0.0.1", "127.0.0.1:8081"), ("::1", "[::1]:8081")])
def test_an_address_reads_as_in_a_url(host: str, text: str) -> None:
    assert str(Listen(host, 8081)) == text
