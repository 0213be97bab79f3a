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
        "4:22: alerts.receivers[0]: needs `log: {}`, `webhook: {url: …}` or `slack: {webhook_url: …}`"
    ],
    f"{KEYED}alerts: {{receivers: [{{}}]}}\n": [
        "4:22: alerts.receivers[0]: needs `log: {}`, `webhook: {url: …}` or `slack: {webhook_url: …}`",
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
    f"{KEYED}schedule: {{windows: [{{days: [mon], from: 09:00, to: '09:00'}}]}}\n": [
        "4:53: schedule.windows[0].to: is the same as from"
    ],
    f"{KEYED}schedule: {{windows: [{{days: [sat], from: 00:00, to: 24:00}}]}}\nwebhook: {{path: x}}\n": [
        "5:17: webhook.path: not a path"
    ],
    f"{KEYED}schedule: {{windows: [{{from: 24:00, to: 06:00}}, {{days: [], from: 9, to: 24:01}}, a]}}\n": [
        "4:22: missing key 'schedule.windows[0].days'",
        "4:29: schedule.windows[0].from: a time of day that there is not",
        "4:55: schedule.windows[1].days: must have an entry",
        "4:65: schedule.windows[1].from: not a time of day",
        "4:72: schedule.windows[1].to: a time of day that there is not",
        "4:80: schedule.windows[2]: must be a mapping",
    ],
    f"{KEYED}schedule: {{windows: [{{days: mon, from: 08:00}}, {{days: [Mon, mo], form: 08:00, to: 09:00}}]}}\n": [
        "4:22: missing key 'schedule.windows[0].to'",
        "4:29: schedule.windows[0].days: must be a list",
        "4:48: missing key 'schedule.windows[1].from'",
        "4:56: schedule.windows[1].days[0]: must be mon or tue or wed or thu or fri or sat or sun, did you mean 'mon'?",
        "4:61: schedule.windows[1].days[1]: must be mon or tue or wed or thu or fri or sat or sun, did you mean 'mon'?",
        "4:66: unknown key 'form', did you mean 'from'?",
    ],
    f"{KEYED}schedule: {{timezone: Mars/Olympus}}\n": ["4:22: schedule.timezone: not a time zone"],
    f"{KEYED}webhook: {{register: fix}}\n": ["4:21: webhook.register: fix: not supported yet"],
    f"{KEYED}webhook: {{register: reprot}}\n": ["4:21: webhook.register: must be report, did you mean 'report'?"],
}


@pytest.mark.parametrize("text", BROKEN)
def test_a_broken_rule_is_told(told: Callable[..., list[str]], text: str) -> None:
    assert told(text) == [f"tendlc.yaml:{problem}" for problem in BROKEN[text]]
