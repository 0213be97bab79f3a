"""Rules between the keys of alerts: one kind for each receiver, names that are there, no silence by accident."""

from collections.abc import Callable

import pytest

from reconciler.model.routing import DEFAULT_INHIBITIONS
from reconciler.model.settings import Draft

KEYED = "version: 1\npools: []\ntelnyx: {api_key: k}\n"
TWO = "  receivers: [{name: ops, log: {}}, {name: oncall, log: {}}]\n"
SLACK = "webhook_url: 'http://h'"

BROKEN = {
    f"  receivers: [{{name: a, log: {{}}, slack: {{{SLACK}}}}}]\n": [
        "5:41: alerts.receivers[0].slack: not together with log"
    ],
    f"  receivers: [{{name: a, webhook: {{url: 'http://h'}}, slack: {{{SLACK}}}}}]\n": [
        "5:60: alerts.receivers[0].slack: not together with webhook"
    ],
    "  receivers: [{name: a, min_severity: grave}]\n": [
        "5:15: alerts.receivers[0]: needs `log: {}`, `webhook: {url: …}` or `slack: {webhook_url: …}`",
        "5:39: alerts.receivers[0].min_severity: must be info or warning or critical",
    ],
    "  receivers: [{name: a, slack: {}}]\n": [
        "5:32: missing key 'alerts.receivers[0].slack.webhook_url' (or 'webhook_url_file')"
    ],
    "  receivers: [{name: a, slack: }]\n": ["5:25: alerts.receivers[0].slack: is empty"],
    "  receivers: [{name: a, webhook: {url: 'http://h', signing_key: x, signing_key_file: y}}]\n": [
        "5:65: alerts.receivers[0].webhook.signing_key: not a signing key",
        "5:86: alerts.receivers[0].webhook.signing_key_file: not together with signing_key",
        "5:86: alerts.receivers[0].webhook.signing_key_file: the file y does not exist",
    ],
    f"{TWO}  routes: [{{receivers: [ops, onkall]}}, {{match: {{}}, receivers: [nobody]}}]\n": [
        "6:30: alerts.routes[0].receivers[1]: no receiver has this name, did you mean 'oncall'?",
        "6:64: alerts.routes[1].receivers[0]: no receiver has this name",
    ],
    "  routes: [{receivers: [ops]}]\n": ["5:25: alerts.routes[0].receivers[0]: no receiver has this name"],
    f"{TWO}  routes: [{{match: {{pool: a}}}}, {{receivers: []}}, {{receivers: ops}}, ops]\n": [
        "6:12: missing key 'alerts.routes[0].receivers'",
        "6:44: alerts.routes[1].receivers: must have an entry",
        "6:61: alerts.routes[2].receivers: must be a list",
        "6:67: alerts.routes[3]: must be a mapping",
    ],
    f"{TWO}  routes: [{{match: {{alert: AssignmentFaild, pol: a, severity: high}}, receivers: [ops]}}]\n": [
        "6:28: alerts.routes[0].match.alert: no alert is named so, did you mean 'AssignmentFailed'?",
        "6:45: unknown key 'pol', did you mean 'pool'?",
        "6:63: alerts.routes[0].match.severity: must be info or warning or critical",
    ],
    "  inhibit: [{source: {pool: a}, target: {alert: Nope}, equal: [campaign]}]\n": [
        "5:22: missing key 'alerts.inhibit[0].source.alert'",
        "5:49: alerts.inhibit[0].target.alert: no alert is named so",
        "5:64: alerts.inhibit[0].equal[0]: must be pool",
    ],
    "  inhibit: [{source: {alert: QueueStalled}, target: {alert: QueueStalled}}]\n": [
        "5:53: alerts.inhibit[0].target: is the same as source"
    ],
    "  inhibit: [{source: {alert: QueueStalled}, target: {alert: Assignment*}},\n"
    "   {source: {alert: Assignment*}, target: {alert: QueueStalled}}]\n": [
        "6:4: alerts.inhibit[1]: silences what silences it, by the rule at tendlc.yaml:5:13: nobody hears of either"
    ],
    "  dead_man: {url: 'https://h'}\n": ["5:3: dead_man: not supported yet"],
    "  link: https://h?a=b\n": ["5:9: alerts.link: must have no user, no ? and no # part"],
}


@pytest.mark.parametrize("text", BROKEN)
def test_a_broken_rule_is_told(told: Callable[..., list[str]], text: str) -> None:
    assert told(f"{KEYED}alerts:\n{text}") == [f"tendlc.yaml:{problem}" for problem in BROKEN[text]]


@pytest.mark.parametrize(
    ("text", "count"),
    [("", len(DEFAULT_INHIBITIONS)), ("  inhibit:\n", len(DEFAULT_INHIBITIONS)), ("  inhibit: []\n", 0)],
)
def test_without_a_word_the_usual_is_inhibited(read: Callable[..., Draft], text: str, count: int) -> None:
    settings = read(f"{KEYED}alerts:\n{TWO}{text}").settings

    assert settings is not None
    assert len(settings.alerts.routing.inhibitions) == count
