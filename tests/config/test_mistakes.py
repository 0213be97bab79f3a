"""Fifty mistakes of fifty kinds, in a config of several files: all are told, each at its place, and nothing else is."""

import re
from pathlib import Path

import pytest

from reconciler.config import ConfigFile
from reconciler.decide.declare import declare

FILES = {
    "tendlc.yaml": """\
version: 2
polcy: {}
privacy: {mask_numbers: true}
telnyx:
  base_url: api.telnyx.com
  api_key: ${TELNYX_API_KEY}
  public_key_file: keys/missing.pub
  rate_limit: 20
  timeout: 15
  settle_window: 400d
  assignment_path: phone_numbers
defaults:
  policy:
    mode: {missing: enforce, extras: observe, conflict: watch}
    on_missing_profile: atach
    allow_empty: yes
    allow_empty: true
schedule:
  drift_check: "cron: 61 * * * *"
  timezone: america/new_york
  windows:
    - {days: [mon, tues], from: "09:00", to: "17:00"}
    - {days: [fri], from: "9:00", to: "24:00"}
    - {days: [sat], from: "10:00", to: "10:00"}
webhook: {listen: 8080, register: fix, tolerance: !!str 5m}
web: {listen: "0.0.0.0:8081"}
store: {url: "postgresql://localhost/tendlc"}
alerts:
  receivers:
    - {name: on call, log: {}}
    - {name: hook, webhook: {}}
pools:
  - name: acme-marketing
    description: *shared
    campaign: C6X6M95
    messaging_profile: not a profile
    numbers:
      - "+1 202 555 0123"
      - 2025550124
      - "+18005550125"
      - "+14165550126"
      - "+442071838750"
      - 12345
      - [ "+12025550127" ]
      -
      - {number: "+12025550128", until: 2026-02-30}
      - {number: "+12025550129", untill: 2026-12-05}
      - {number: "+12025550130", file: numbers/acme.txt}
      - {file: numbers/missing.txt}
      - {file: numbers}
      - {file: numbers/acme.txt, note: Black Friday}
      - {select: {tags: []}}
      - {select: {tags: [acme], messaging_profile: 4001838b-1c1a-4e1b-9a8c-0d7c1f3f2a11}}
      - {select: {not_tags: [legacy]}}
      - {file: numbers/acme.txt}
      - {file: numbers/acme.csv}
      - {file: numbers/utf-16.txt}
      - {number: "+12025550140", note: again}
    exclude: ["+1202555013"]
    protect: {number: "+12025550123"}
    policy: {on_conflict: move}
    safety: {max_unassign: 5}
""",
    "numbers/acme.txt": """\
# Acme's numbers
+12025550140  # the first
+1202555O141
""",
    "numbers/acme.csv": """\
number,note,until
+12025550142,Christmas,2026-12-24
+12025550143,Christmas, Easter,2026-12-24
+12025550144,,24.12.2026
""",
    "numbers/globex.csv": """\
number,notes,number
+12025550150,x,y
""",
    "numbers/utf-16.txt": "\ufeff+12025550151\n",
    "pools.d/globex.yaml": """\
pools:
  - name: globex
    campaign: C6X6M96
    numbers:
      - "+12025550140"
      - {file: ../numbers/globex.csv}
  - name: Globex Alerts
    numbers: []
telnyx: {}
""",
    "pools.d/initech.yml": "pools: []\n",
}
MISTAKES = {
    "numbers/acme.csv": [
        "3:32: 4 values in a table of 3 columns",
        "4:15: not a date or time",
    ],
    "numbers/acme.txt": [
        "3:1: not a phone number",
    ],
    "numbers/utf-16.txt": [
        "1:1: the file is UTF-16, not UTF-8",
    ],
    "pools.d/../numbers/globex.csv": [
        "1:8: unknown column, did you mean 'note'?",
        "1:14: a second column 'number'",
    ],
    "pools.d/globex.yaml": [
        "5:9: +12025550140 is in two pools: acme-marketing (numbers/acme.txt:2:1) and globex",
        "7:5: missing key 'pools[1].campaign'",
        "7:11: 'Globex Alerts' is not a pool name (1-63 of a-z, 0-9 and -)",
        "9:1: unknown key 'telnyx'",
    ],
    "pools.d/initech.yml": [
        "1:1: is not read: the files of pools.d end in .yaml",
    ],
    "tendlc.yaml": [
        "1:10: version: must be 1",
        "2:1: unknown key 'polcy', did you mean 'pools'?",
        "3:1: privacy: not supported yet",
        "5:13: telnyx.base_url: not an http or https URL",
        "6:12: the environment variable TELNYX_API_KEY is not set",
        "7:20: telnyx.public_key_file: the file keys/missing.pub does not exist",
        "8:15: telnyx.rate_limit: not a rate",
        "9:12: telnyx.timeout: not a duration",
        "10:18: telnyx.settle_window: must not be longer than 366d",
        (
            "11:20: telnyx.assignment_path: must be phone_number_campaigns or phoneNumberCampaign, did "
            "you mean 'phone_number_campaigns'?"
        ),
        "14:30: unknown key 'extras', did you mean 'extra'?",
        "14:57: defaults.policy.mode.conflict: must be enforce or observe",
        "15:25: defaults.policy.on_missing_profile: must be attach or fail or skip, did you mean 'attach'?",
        "16:18: defaults.policy.allow_empty: must be true or false",
        "17:5: duplicate key 'allow_empty', first at tendlc.yaml:16:5",
        "19:16: schedule.drift_check: not a cron line: its minute cannot be read",
        "20:13: schedule.timezone: not a time zone, did you mean 'America/New_York'?",
        (
            "22:20: schedule.windows[0].days[1]: must be mon or tue or wed or thu or fri or sat or "
            "sun, did you mean 'tue'?"
        ),
        "23:27: schedule.windows[1].from: not a time of day",
        "24:40: schedule.windows[2].to: is the same as from",
        "25:19: webhook.listen: not an address to listen on",
        "25:35: webhook.register: fix: not supported yet",
        "25:51: tags are not supported",
        "26:15: web.listen: must be a loopback address: the tokens that others would need are not supported yet",
        "27:14: store.url: PostgreSQL: not supported yet",
        "30:14: alerts.receivers[0].name: not a name",
        "31:29: missing key 'alerts.receivers[1].webhook.url' (or 'url_file')",
        "34:18: anchors and aliases are not supported",
        "36:24: pools[0].messaging_profile: not a messaging profile id",
        "38:9: pools[0].numbers[0]: not written as +1 and ten digits",
        "39:9: pools[0].numbers[1]: not written as +1 and ten digits",
        "40:9: pools[0].numbers[2]: a toll-free number: 10DLC campaigns take US long codes only",
        "41:9: pools[0].numbers[3]: a number of another country (CA): 10DLC campaigns take US long codes only",
        "42:9: pools[0].numbers[4]: not a US number: 10DLC campaigns take US long codes only",
        "43:9: pools[0].numbers[5]: a short code: 10DLC campaigns take US long codes only",
        "44:9: pools[0].numbers[6]: must be a phone number",
        "45:8: pools[0].numbers[7]: is empty",
        "46:41: pools[0].numbers[8].until: a date or time that there is not",
        "47:34: unknown key 'untill', did you mean 'until'?",
        "48:40: pools[0].numbers[10].file: not together with number",
        "49:16: pools[0].numbers[11].file: the file numbers/missing.txt does not exist",
        "50:16: pools[0].numbers[12].file: must be a file's name that ends in .txt or .csv",
        "51:40: pools[0].numbers[13].note: goes with a number only",
        "52:25: pools[0].numbers[14].select.tags: must have an entry",
        "53:25: pools[0].numbers[15].select.tags: not together with messaging_profile",
        "54:18: pools[0].numbers[16].select: needs tags or messaging_profile",
        "58:18: +12025550140 is listed twice, with another note at numbers/acme.txt:2:1",
        "59:15: pools[0].exclude[0]: not ten digits after +1",
        "60:14: pools[0].protect: must be a list",
        "61:27: pools[0].policy.on_conflict: move: not supported yet",
        "62:5: safety: not supported yet",
    ],
}


def test_fifty_mistakes_are_told_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name, text in FILES.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-16-le" if "utf-16" in name else "utf-8")

    draft = ConfigFile(Path("tendlc.yaml"), {}).read()
    _, found = declare(draft.revision, draft.pools)
    problems = sorted({*draft.problems, *found})
    expected = [f"{file}:{mistake}" for file, mistakes in MISTAKES.items() for mistake in mistakes]

    assert len(expected) >= 50
    assert [f"{problem.place}: {problem.message}" for problem in problems] == expected
    for place in (problem.place for problem in problems):
        line = (FILES[re.sub("pools.d/../", "", place.file)].splitlines() or [""])[place.line - 1]
        shown, hidden, _ = place.text.partition(" ***")
        assert (
            place.text == line or (hidden and line.startswith(shown)) or "utf-16" in place.file or ".yml" in place.file
        )
