"""A whole file: what it means, and every mistake in it at once, each at its place."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from reconciler.model.alerts import Grouping, Severity
from reconciler.model.ids import PhoneNumber, ProfileId
from reconciler.model.lines import ByProfile, ByTags
from reconciler.model.pools import ListedDraft, Mode, OnConflict, OnMissingProfile, Policy
from reconciler.model.routing import Audience, Inhibition, Match, Route, Routing
from reconciler.model.settings import (
    AlertSettings,
    Cron,
    Draft,
    Every,
    Listen,
    LogReceiver,
    LogSettings,
    Secret,
    Settings,
    SlackReceiver,
    TelnyxSettings,
    WebhookReceiver,
    WebhookSettings,
)
from reconciler.model.windows import Window, Windows

Read = Callable[..., Draft]
Told = Callable[..., list[str]]

KEY = "A" * 43 + "="
PROFILE = ProfileId("4001838b-1c1a-4e1b-9a8c-0d7c1f3f2a11")
MINIMAL = "version: 1\ntelnyx: {api_key: KEY0123}\npools: []\n"
FULL = f"""\
# yaml-language-server: $schema=./tendlc.schema.json
version: 1
x-owner: sms team
telnyx:
  base_url: http://127.0.0.1:9000/v2/
  api_key: ${{TELNYX_API_KEY}}
  public_key: [{KEY}, "{KEY}"]
  rate_limit: 1200/min
  timeout: 5s
  settle_window: 2m
  assignment_path: phoneNumberCampaign
defaults:
  policy: {{mode: observe, on_conflict: skip}}
pools:
  - name: acme-marketing
    description: Acme's offers, 50% off
    campaign: 4b30019f-a9df-e17b-3529-70677db27ec4
    messaging_profile: 4001838b-1c1a-4e1b-9a8c-0d7c1f3f2a11
    numbers:
      - "+12025550123"
      - +12025550124
      - {{number: "+12025550125", note: Black Friday drop, until: 2026-12-05, x-by: sales}}
      - {{select: {{tags: [marketing, acme, acme], not_tags: [legacy]}}}}
      - {{select: {{messaging_profile: 4001838b-1c1a-4e1b-9a8c-0d7c1f3f2a11}}}}
    exclude: ["+12025550199"]
    protect: ["+12025550123"]
    policy: {{mode: enforce, sync: create-only, on_missing_profile: fail}}
    x-ticket: OPS-12
  - name: no
    campaign: 0123
    numbers: []
    policy: {{allow_empty: true}}
schedule:
  drift_check: "cron: 0 3 * * 1"
  full_resync: every 12h
  jitter: 0s
  timezone: America/New_York
  windows: [{{days: [mon, fri], from: "09:00", to: "24:00"}}, {{days: [sun], from: 22:00, to: 06:30}}]
webhook:
  register: report
  listen: "[::]:8443"
  path: /hooks
  tolerance: 4m
  public_url: https://hooks.example.com/hooks
  allowed_hosts: [hooks.example.com]
web: {{listen: localhost:9091}}
store: {{url: sqlite:////var/lib/tendlc/tendlc.db}}
alerts:
  group_by: [pool, alert]
  group_wait: 1s
  group_interval: 2m
  repeat_interval: 1d
  send_resolved: false
  receivers:
    - {{name: journal, log: {{}}}}
    - {{name: bare, log: }}
    - name: hook
      min_severity: warning
      webhook: {{url: "https://hooks.example.com/${{TOKEN}}", signing_key: "{KEY}"}}
    - {{name: oncall, min_severity: critical, slack: {{webhook_url: "https://hooks.slack.com/${{TOKEN}}"}}}}
  link: https://tendlc.example.com/
  routes:
    - {{match: {{pool: acme-*, alert: Assignment*, severity: warning}}, receivers: [hook, bare], continue: true}}
    - {{receivers: [oncall]}}
  inhibit:
    - {{source: {{alert: TelnyxApiUnavailable}}, target: {{alert: "Assignment*", pool: acme-?}}, equal: [pool]}}
observability: {{log: {{format: json, level: debug}}}}
"""
ENVIRON = {"TELNYX_API_KEY": "KEY-from-outside", "TOKEN": "T0"}


def test_a_minimal_file_means_the_defaults(read: Read) -> None:
    draft = read(MINIMAL)

    assert draft.problems == ()
    assert draft.settings == Settings(telnyx=TelnyxSettings(api_key=Secret("KEY0123"), public_keys=()))
    assert draft.pools == ()


def test_a_full_file_means_what_it_says(read: Read) -> None:
    draft = read(FULL, ENVIRON)

    assert draft.problems == ()
    assert draft.settings == Settings(
        telnyx=TelnyxSettings(
            api_key=Secret("KEY-from-outside"),
            public_keys=(KEY, KEY),
            base_url="http://127.0.0.1:9000/v2",
            ceiling_per_second=20.0,
            timeout=timedelta(seconds=5),
            settle_window=timedelta(minutes=2),
            assignment_path="phoneNumberCampaign",
        ),
        drift_check=Cron("0 3 * * mon"),
        full_resync=Every(timedelta(hours=12)),
        jitter=timedelta(),
        windows=Windows(
            (Window(frozenset({0, 4}), time(9), time(0)), Window(frozenset({6}), time(22), time(6, 30))),
            ZoneInfo("America/New_York"),
        ),
        webhook=WebhookSettings(
            listen=Listen("::", 8443),
            path="/hooks",
            tolerance=timedelta(minutes=4),
            public_url="https://hooks.example.com/hooks",
            allowed_hosts=("hooks.example.com",),
        ),
        web=Listen("localhost", 9091),
        store_url="sqlite:////var/lib/tendlc/tendlc.db",
        alerts=AlertSettings(
            grouping=Grouping(timedelta(seconds=1), timedelta(minutes=2), timedelta(days=1), send_resolved=False),
            receivers=(
                LogReceiver("journal"),
                LogReceiver("bare"),
                WebhookReceiver("hook", Secret("https://hooks.example.com/T0"), Secret(KEY), Severity.WARNING),
                SlackReceiver("oncall", Secret("https://hooks.slack.com/T0"), Severity.CRITICAL),
            ),
            routing=Routing(
                audiences=(
                    Audience("journal"),
                    Audience("bare"),
                    Audience("hook", Severity.WARNING),
                    Audience("oncall", Severity.CRITICAL),
                ),
                routes=(
                    Route(Match("Assignment*", "acme-*", Severity.WARNING), frozenset({"hook", "bare"}), goes_on=True),
                    Route(Match(), frozenset({"oncall"})),
                ),
                inhibitions=(
                    Inhibition(Match("TelnyxApiUnavailable"), Match("Assignment*", "acme-?"), same_pool=True),
                ),
                link="https://tendlc.example.com",
            ),
        ),
        log=LogSettings("json", "debug"),
    )


def test_pools_are_drafts_with_places(read: Read) -> None:
    acme, no = read(FULL, ENVIRON).pools

    assert (acme.name.text, str(acme.name.place)) == ("acme-marketing", "tendlc.yaml:15:11")
    assert acme.campaign.text == "4b30019f-a9df-e17b-3529-70677db27ec4"
    assert [(one.number, str(one.place), one.place.text) for one in acme.listed[:2]] == [
        ("+12025550123", "tendlc.yaml:20:9", '      - "+12025550123"'),
        ("+12025550124", "tendlc.yaml:21:9", "      - +12025550124"),
    ]
    assert acme.listed[2:] == (
        ListedDraft(
            PhoneNumber("+12025550125"),
            replace(acme.listed[2].place, line=22, column=18),
            "Black Friday drop",
            datetime(2026, 12, 6, 5, tzinfo=UTC),  # midnight in New York
        ),
    )
    assert acme.selections == (ByTags(("acme", "marketing"), ("legacy",)), ByProfile(PROFILE))
    assert acme.exclude == frozenset({PhoneNumber("+12025550199")})
    assert acme.protect == frozenset({PhoneNumber("+12025550123")})
    assert acme.messaging_profile == PROFILE
    assert acme.policy == Policy(Mode.ENFORCE, on_conflict=OnConflict.SKIP, on_missing_profile=OnMissingProfile.FAIL)
    assert acme.description == "Acme's offers, 50% off"
    assert (no.name.text, no.campaign.text, no.listed) == ("no", "0123", ())
    assert no.policy == Policy(Mode.OBSERVE, on_conflict=OnConflict.SKIP, allow_empty=True)


def test_json_loads_the_same(read: Read) -> None:
    sections = {
        "version": 1,
        "telnyx": {"api_key": "k", "rate_limit": "20/s", "public_key": None},
        "defaults": {"policy": {"allow_empty": True}},
        "pools": [
            {
                "name": "a",
                "campaign": "C6X6M95",
                "description": "5 🎉",
                "numbers": ["+12025550123", {"number": "+12025550124", "until": "2026-12-05", "note": None}],
            }
        ],
        "alerts": {"send_resolved": False},
        "schedule": {},
        "x-port": 50,
    }
    yaml = (
        "version: 1\ntelnyx: {api_key: k, rate_limit: 20/s, public_key: }\ndefaults: {policy: {allow_empty: true}}\n"
        "pools: [{name: a, campaign: C6X6M95, description: 5 🎉,\n"
        "  numbers: [+12025550123, {number: +12025550124, until: 2026-12-05}]}]\n"
        "alerts: {send_resolved: false}\nschedule:\nx-port: 50\n"
    )
    drafts = [read(json.dumps(sections)), read(json.dumps(sections, indent="\t", ensure_ascii=False)), read(yaml)]

    assert [draft.problems for draft in drafts] == [(), (), ()]
    assert drafts[0].settings == drafts[1].settings == drafts[2].settings
    said = [[(one.number, one.note, one.until) for one in draft.pools[0].listed] for draft in drafts]
    assert said[0] == said[1] == said[2]
    assert len({(draft.pools[0].name.text, draft.pools[0].description) for draft in drafts}) == 1


MISTAKEN = """\
version: 2
polcy: {}
privacy: {mask_numbers: true}
telnyx:
  base_url: api.telnyx.com
  api_key: ${TELNYX_API_KEY}
  api_key_file: missing.txt
  public_key: not base64
  rate_limit: 20
  timeout: 15
  settle_window: 0s
  max_removals_per_hour: 10
  assignment_path: numbers
defaults:
  policy: {mode: enforced, sync: full, on_conflict: move, allow_empty: yes}
pools:
  - name: acme
    numbers:
      - {fil: numbers.txt}
      - &n "+12025550123"
      -
  - name: globex
    campain: C6X6M95
    campaign: C6X6M95
    campaign: C6X6M96
    numbers: []
    safety: {}
schedule: {drift_check: every 10ms, jitter: half a minute, full_resync: daily}
webhook: {listen: 8080, path: hooks, tolerance: !!str 5m}
web: {listen: "0.0.0.0:8081"}
store: {url: "postgresql://localhost/tendlc"}
alerts:
  group_by: [pool]
  receivers:
    - {name: a, email: {}}
    - {name: a, log: {}}
    - {name: b}
observability: {log: {format: xml, level: loud}}
"""
MISTAKES = [
    "1:10: version: must be 1",
    "2:1: unknown key 'polcy', did you mean 'pools'?",
    "3:1: privacy: not supported yet",
    "5:13: telnyx.base_url: not an http or https URL",
    "6:12: the environment variable TELNYX_API_KEY is not set",
    "7:17: telnyx.api_key_file: not together with api_key",
    "7:17: telnyx.api_key_file: the file missing.txt does not exist",
    "8:15: telnyx.public_key: not a public key: base64 of 32 bytes is wanted",
    "9:15: telnyx.rate_limit: not a rate",
    "10:12: telnyx.timeout: not a duration",
    "11:18: telnyx.settle_window: must be longer than zero",
    "12:3: max_removals_per_hour: not supported yet",
    "13:20: telnyx.assignment_path: must be phone_number_campaigns or phoneNumberCampaign",
    "15:18: defaults.policy.mode: must be enforce or observe, did you mean 'enforce'?",
    "15:34: defaults.policy.sync: full: not supported yet",
    "15:53: defaults.policy.on_conflict: move: not supported yet",
    "15:72: defaults.policy.allow_empty: must be true or false",
    "17:5: missing key 'pools[0].campaign'",
    "19:10: unknown key 'fil', did you mean 'file'?",
    "20:9: anchors and aliases are not supported",
    "21:8: pools[0].numbers[2]: is empty",
    "23:5: unknown key 'campain', did you mean 'campaign'?",
    "25:5: duplicate key 'campaign', first at tendlc.yaml:24:5",
    "27:5: safety: not supported yet",
    "28:25: schedule.drift_check: must not be shorter than 1s",
    "28:45: schedule.jitter: not a duration",
    "28:73: schedule.full_resync: not a schedule",
    "29:19: webhook.listen: not an address to listen on",
    "29:31: webhook.path: not a path",
    "29:49: tags are not supported",
    "30:15: web.listen: must be a loopback address: the tokens that others would need are not supported yet",
    "31:14: store.url: PostgreSQL: not supported yet",
    "33:13: alerts.group_by: other than [alert, pool]: not supported yet",
    "35:17: email: not supported yet",
    "36:14: alerts.receivers[1].name: another receiver has this name, at tendlc.yaml:35:14",
    "37:7: alerts.receivers[2]: needs `log: {}`, `webhook: {url: …}` or `slack: {webhook_url: …}`",
    "38:31: observability.log.format: must be auto or json or console",
    "38:43: observability.log.level: must be debug or info or warning or error or critical",
]


def test_all_mistakes_are_told_at_once(told: Told) -> None:
    assert len(MISTAKES) > 30
    assert told(MISTAKEN) == [f"tendlc.yaml:{mistake}" for mistake in MISTAKES]


PLANNED = {
    "telnyx": ["max_removals_per_hour"],
    "defaults": ["safety"],
    "webhook": ["trusted_proxies"],
    "web": ["tokens_file", "read_only"],
    "store": ["retain"],
    "alerts": ["dead_man"],
}


@pytest.mark.parametrize(("section", "key"), [(section, key) for section, keys in PLANNED.items() for key in keys])
@pytest.mark.parametrize("value", ["5", "{a: b}", "[]", ""])
def test_a_planned_key_is_refused_by_name(told: Told, section: str, key: str, value: str) -> None:
    key_line = "  api_key: k\n" if section == "telnyx" else ""
    rest = "" if section == "telnyx" else "telnyx: {api_key: k}\n"

    assert told(f"version: 1\npools: []\n{section}:\n{key_line}  {key}: {value}\n{rest}") == [
        f"tendlc.yaml:{5 if key_line else 4}:3: {key}: not supported yet"
    ]


def test_a_planned_key_of_a_pool_is_refused_by_name(told: Told) -> None:
    pool = "  - name: a\n    campaign: b\n    numbers: []\n    safety: {}\n"

    assert told(MINIMAL.replace(" []\n", "\n" + pool)) == ["tendlc.yaml:7:5: safety: not supported yet"]


@pytest.mark.parametrize("key", ["flap_limit"])
def test_a_planned_key_of_a_policy_is_refused_by_name(told: Told, key: str) -> None:
    assert told(f"{MINIMAL}defaults: {{policy: {{{key}: 1}}}}\n") == [f"tendlc.yaml:4:21: {key}: not supported yet"]


@pytest.mark.parametrize("kind", ["pagerduty", "alertmanager", "email", "apprise"])
def test_a_planned_receiver_is_refused_by_name(told: Told, kind: str) -> None:
    alerts = f"alerts: {{receivers: [{{name: a, {kind}: {{}}}}]}}\n"

    assert told(MINIMAL + alerts) == [f"tendlc.yaml:4:32: {kind}: not supported yet"]


@pytest.mark.parametrize("section", ["telnyx", "alerts", "schedule", "defaults", "observability"])
@pytest.mark.parametrize("value", ["text", "[]", "5"])
def test_a_section_must_be_a_mapping(told: Told, section: str, value: str) -> None:
    text = f"version: 1\n{section}: {value}\npools: []\n"
    text += "" if section == "telnyx" else "telnyx: {api_key: k}\n"

    assert told(text) == [f"tendlc.yaml:2:{len(section) + 3}: {section}: must be a mapping"]


WHOLE = {
    "": "1:1: the file is empty",
    "---\n": "2:1: the file is empty",
    "- a\n": "1:1: the file must be a mapping",
    "text\n": "1:1: the file must be a mapping",
    "version: 1\ntelnyx:\n  api_key: k\npools:\n  - name: a\n    numb": "6:5: not YAML: could not find expected ':'",
    "version: 1\ntelnyx: {api_key: k}\npools:\n": "3:1: pools: is empty",
    "version: 1\ntelnyx: {api_key: k}\npools: {}\n": "3:8: pools: must be a list",
    "version: 1\ntelnyx: {api_key: k}\n": "1:1: missing key 'pools'",
    "version: 1\ntelnyx: {api_key: k}\npools: [a]\n": "3:9: pools[0]: must be a mapping",
    "telnyx: {api_key: k}\npools: []\n": "1:1: missing key 'version'",
    "version:\ntelnyx: {api_key: k}\npools: []\n": "1:1: version: is empty",
    "version: 1\npools: []\n": "1:1: missing key 'telnyx.api_key' (or 'api_key_file')",
    "version: 1\ntelnyx:\npools: []\n": "2:1: missing key 'telnyx.api_key' (or 'api_key_file')",
    "version: 1\ntelnyx: {timeout: 5s}\npools: []\n": "2:9: missing key 'telnyx.api_key' (or 'api_key_file')",
    "version: 1\ntelnyx: {api_key: }\npools: []\n": "2:10: telnyx.api_key: is empty",
    "version: 1\ntelnyx: {api_key: ''}\npools: []\n": "2:19: telnyx.api_key: is empty",
    "version: 1\ntelnyx: {api_key: 'a b'}\npools: []\n": (
        "2:19: telnyx.api_key: holds a space or a character that is not ASCII"
    ),
    "version: 1\ntelnyx: {api_key:k}\npools: []\n": "2:9: missing key 'telnyx.api_key' (or 'api_key_file')",
}


@pytest.mark.parametrize("text", WHOLE)
def test_a_file_that_says_too_little(told: Told, text: str) -> None:
    assert told(text)[0] == f"tendlc.yaml:{WHOLE[text]}"


def test_settings_stand_while_only_a_pool_is_wrong(read: Read) -> None:
    draft = read(MINIMAL.replace(" []", " [{name: a}]"))

    assert [problem.message for problem in draft.problems] == [
        "missing key 'pools[0].campaign'",
        "missing key 'pools[0].numbers'",
    ]
    assert draft.settings is not None


def test_an_interval_may_be_any_from_a_second(read: Read) -> None:
    settings = read(f"{MINIMAL}schedule: {{drift_check: every 1s}}\n").settings

    assert settings is not None
    assert settings.drift_check == Every(timedelta(seconds=1))


@pytest.mark.covers("C15")
def test_a_hundred_thousand_numbers(read: Read) -> None:
    numbers = [f"+1202{number:07d}" for number in range(100_000)]
    listed = "".join(f"  - {number}\n" for number in numbers)
    draft = read(MINIMAL.replace(" []\n", f"\n- name: a\n  campaign: b\n  numbers:\n{listed}"))

    assert draft.problems == ()
    assert [one.number for one in draft.pools[0].listed] == numbers
    assert str(draft.pools[0].listed[-1].place) == "tendlc.yaml:100006:5"


def test_the_example_of_the_deployments_loads(read: Read, tmp_path: Path) -> None:
    example = Path(__file__).resolve().parents[2] / "deploy/tendlc.example.yaml"
    (tmp_path / "key").write_text("KEY0123\n")

    draft = read(example.read_bytes(), {"TELNYX_API_KEY_FILE": str(tmp_path / "key"), "TELNYX_PUBLIC_KEY": KEY})

    assert draft.problems == ()
