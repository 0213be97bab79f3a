"""No line shows a secret, however it was written; every other line is shown."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.config.masking import key_name, masked, masked_list, without_tokens

SECRETS = [
    "api_key: HUSH",
    "  api_key: 'HUSH'",
    "telnyx: {api_key: HUSH, base_url: x}",
    '{"telnyx": {"api_key":"HUSH"}}',
    "- {name: a, webhook: {url: https://HUSH.example}}",
    "api_key:HUSH",
    "api_key = HUSH",
    "apikey: HUSH",
    "API-Key: HUSH",
    "signing_key: HUSH",
    "auth_token: HUSH",
    "password: HUSH",
    "webhook_url: https://HUSH",
    "store: {url: postgresql://me:HUSH@host/db}",
    "base_url: https://me:HUSH@host",
    "url_file: https://HUSH",
    "api_key:\n  HUSH",
    "api_key: |\n  HUSH\n\n  HUSH\nnext: 1",
    "telnyx:\n  api_key: >-\n    HUSH\n    HUSH",
    '  api_key: "one\nHUSH"\n',
    "  - api_key:\n      - HUSH",
    "x-old: KEY0123456789abcdef_HUSH",
    "- KEY0123456789abcdef_HUSH",
    "api_kye: HUSH",
    "{ulr: 'https://HUSH'}",
    '{"ap:i":"HUSH"}',
    "unknown:\n  - HUSH",
    "unknown: true HUSH",
    'unknown: "true\nHUSH"',
    "unknown: 2026-12-05HUSH",
    'unknown: "+12025550123HUSH"',
    "- {number: '+12025550123', nots: HUSH, until: 2026-12-05}",
    "  - {file: https://me:HUSH@host/numbers.txt}",
    "  note: api_key: HUSH",
    "  note: KEY0123456789abcdef_HUSH",
    "  note: https://me:HUSH@host",
]
HARMLESS = [
    "public_key: AAAA",
    "public_url: https://hooks.example.com/x",
    "base_url: https://api.telnyx.com/v2",
    "api_key_file: /run/secrets/telnyx-api-key",
    "store: {url: sqlite:///tendlc.db}",
    '      - "+12025550123"',
    "campaign: C6X6M95",
    "# a comment, with words",
    "schedule: {drift_check: cron: */10 * * * *}",
    "listen: localhost:8081",
    '      - {number: "+12025550123", note: Black Friday, until: 2026-12-05T17:00:00Z}',
    "      - {file: numbers/acme.txt}",
    "      - {nubmer: '+12025550123', untill: 2026-12-05}",
    "  policy: {mode: {mising: enforce, extras: observe}, alow_empty: true}",
    "  pending: 4h  # at last",
]


@pytest.mark.parametrize("text", SECRETS)
def test_a_secret_is_hidden(text: str) -> None:
    assert "HUSH" not in "\n".join(masked(text.splitlines()))


@pytest.mark.parametrize("line", HARMLESS)
def test_what_is_none_is_shown(line: str) -> None:
    assert masked([line]) == (line,)


LISTED = [
    "+12025550123",
    "+12025550123 # Acme, the first",
    "# a comment",
    "",
    "1 (202) 555-0123",
    "+1202555O123",
    "number,note,until",
    "number;notes",
    '"+12025550123","Black Friday",2026-12-05',
    "Black Friday,+12025550123",
]
OTHER_FILES = [
    "HUSH",
    "hunter2HUSH",
    "KEY0123456789abcdef_HUSH",
    "-----BEGIN HUSH PRIVATE KEY-----",
    "0123456789abcdef0123456789HUSH==",
    "12025550123:HUSH",
    "root:HUSH:19000:0:99999:7:::",
    '{"private_key": "HUSH"}',
    "+12025550123,KEY0123456789abcdef_HUSH",
    "+12025550123 # KEY0123456789abcdef_HUSH",
    "HUSH,12,34",
]


@pytest.mark.parametrize("line", LISTED)
def test_a_line_of_a_file_of_numbers_is_shown(line: str) -> None:
    assert masked_list([line]) == (line,)


@pytest.mark.parametrize("line", OTHER_FILES)
def test_a_file_that_was_taken_for_one_of_numbers_is_not_shown(line: str) -> None:
    assert "HUSH" not in "".join(masked_list([line]))


def test_lines_after_a_secret_are_shown() -> None:
    lines = ["telnyx:", "  api_key: |", "    HUSH", "  timeout: 5s", '  x-token: "HUSH"', "pools: []"]

    assert masked(lines) == ("telnyx:", "  api_key: ***", "***", "  timeout: 5s", "  x-token: ***", "pools: []")


def test_a_key_is_named_without_what_a_missing_space_joined_to_it() -> None:
    assert key_name("api_key:HUSH") == "'api_key'"
    assert key_name("KEY0123456789abcdef_HUSH") == "'***'"


def test_a_message_shows_no_token() -> None:
    assert without_tokens("the file /x/KEY0123456789abcdef_HUSH is gone") == "the file /x/*** is gone"


@given(st.text("abX \t:\"'-{}[]|\n_"), st.sampled_from(["api_key: ", "  url: ", '{"token":', "- password: "]))
def test_a_secret_hides_whatever_stands_around_it(text: str, key: str) -> None:
    lines = f"{text.rstrip()}\n{key}HUSH{text}".splitlines()

    assert "HUSH" not in "".join(masked(lines))
