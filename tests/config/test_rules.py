"""Rules between keys."""

from collections.abc import Callable

import pytest

BARE = "version: 1\npools: []\n"
KEYED = f"{BARE}telnyx: {{api_key: k}}\n"

BROKEN = {
    f"{BARE}telnyx: {{api_key: k, api_key_file: /dev/null}}\n": [
        "3:36: telnyx.api_key_file: not together with api_key",
        "3:36: telnyx.api_key_file: the file /dev/null is not a regular file",
    ],
    f"{KEYED}alerts: {{receivers: [{{name: a}}]}}\n": [
        "4:22: alerts.receivers[0]: needs `log: {}` or `webhook: {url: …}`"
    ],
    f"{KEYED}alerts: {{receivers: [{{}}]}}\n": [
        "4:22: alerts.receivers[0]: needs `log: {}` or `webhook: {url: …}`",
        "4:22: missing key 'alerts.receivers[0].name'",
    ],
    f"{KEYED}alerts: {{receivers: [{{name: a, log: {{}}, webhook: {{url: 'http://h'}}}}]}}\n": [
        "4:50: alerts.receivers[0].webhook: not together with log"
    ],
    f"{KEYED}alerts: {{receivers: [{{name: a, webhook: }}]}}\n": ["4:32: alerts.receivers[0].webhook: is empty"],
    f"{KEYED}alerts: {{receivers: [{{name: a, webhook: {{}}}}]}}\n": [
        "4:41: missing key 'alerts.receivers[0].webhook.url' (or 'url_file')"
    ],
    f"{KEYED}alerts: {{receivers: [{{name: a, webhok: {{}}}}]}}\n": [
        "4:32: unknown key 'webhok', did you mean 'webhook'?"
    ],
    f"{KEYED}alerts: {{receivers: [{{name: a, log: {{}}}}, {{name: a, log: {{}}}}, {{name: b, log: {{}}}}]}}\n": [
        "4:49: alerts.receivers[1].name: another receiver has this name, at tendlc.yaml:4:29"
    ],
    f"{KEYED}alerts: {{receivers: [a, {{name: [], log: x}}]}}\n": [
        "4:22: alerts.receivers[0]: must be a mapping",
        "4:32: alerts.receivers[1].name: must be a single value",
        "4:41: alerts.receivers[1].log: must be a mapping",
    ],
}


@pytest.mark.parametrize("text", BROKEN)
def test_a_broken_rule_is_told(told: Callable[..., list[str]], text: str) -> None:
    assert told(text) == [f"tendlc.yaml:{problem}" for problem in BROKEN[text]]
