"""The pages say all that the outputs say, and show the text of others as text."""

import re
from datetime import timedelta
from html import unescape

import pytest

from reconciler.model.standing import Phase
from reconciler.web.page import Pages
from tests.web.desk import a_status, an_explanation
from tests.web.edge import NOW, FixedClock

PAGES = Pages(FixedClock())


def words(html: str) -> str:
    """What a person reads, in one line."""
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]*>", " ", html)))


def test_a_store_in_trouble_comes_first() -> None:
    told = words(PAGES.status({**a_status(), "store_trouble": "the disk is <full>; free some space"}))

    assert "webhooks are answered 503. the disk is <full>; free some space" in told
    assert "answered 503" not in words(PAGES.status(a_status()))


def rows(html: str) -> list[str]:
    return [words(row) for row in re.findall(r"<tr>.*?</tr>", html, re.DOTALL)]


def test_a_pool_is_one_row() -> None:
    [_, ready, blocked, waiting, *_] = rows(PAGES.status(a_status()))

    assert "acme-marketing campaign 4b30019f-a9df-e17b-3529-70677db27ec4 , approved" in ready
    assert "Ready 120 Ready 120 120 0 0 0 2 min ago 3 d ago" in ready
    assert "acme-alerts observe campaign C6X6M95 , in review" in blocked
    assert "Blocked 1 Blocked, 5 Assigning, 3 Ready 9 3 5 1 6 5 missing, 1 conflict 2 min ago never" in blocked
    assert "Waiting 40 Waiting 40 0 40 0 0 never never" in waiting


def test_the_strip_the_alerts_and_the_banners() -> None:
    page = words(PAGES.status(a_status()))

    assert "Queue 6 open oldest due for 1 min Last webhook 12 s ago 2 quarantined Next check in 8 min" in page
    assert "Alerts 2 firing Config abababababab loaded 1 d ago" in page
    assert "CampaignNotApproved critical new-brand 1 2 h ago" in page
    assert "Changes are paused. Since 30 min ago , by cli, until 2026-03-02 18:00:00 UTC : a migration" in page
    assert "ConfigReloadFailed warning all 1 5 min ago tendlc.yaml:12:5: unknown key" in page
    assert "since 20 min ago : 401 10009 authentication failed" in page
    assert "newest content cannot be used" in page
    assert "Campaigns whose events do not come here" in page


def test_a_quiet_service_has_a_quiet_page() -> None:
    quiet: dict[str, object] = {
        **a_status(),
        "pools": [],
        "queue": {"open": 0, "oldest_seconds": 0.0, "unresolved": 0},
        "webhooks": {"last_received_at": None, "quarantined": 0, "not_ours": []},
        "alerts": {"firing": 0, "list": []},
        "config": {"digest": "ab" * 32, "loaded_at": None, "valid": True},
        "halt": None,
        "paused": None,
        "next_check_at": None,
    }
    page = words(PAGES.status(quiet))

    assert "The config names no pools." in page
    assert "Firing alerts None." in page
    assert "banner" not in PAGES.status(quiet)
    assert "do not come here" not in page


def test_a_number_has_its_chain_and_its_history() -> None:
    page = words(PAGES.number(an_explanation()))

    assert "+12025550123 Blocked It is assigned, but a carrier refused it." in page
    assert "Who can change it A carrier We look or act next at the next check" in page
    assert "ok campaign approved (MNO_PROVISIONED) 2 min ago fail tmobile FAILED 2 min ago" in page
    assert "1 h ago sent assign, attempt 1 operation 7" in page


def test_a_command_that_is_advised_is_shown_as_code() -> None:
    page = PAGES.number({**an_explanation(), "next_step": "Run `tendlc queue resume` <b>."})

    assert "Run <code>tendlc queue resume</code> &lt;b&gt;.</dd>" in page


@pytest.mark.parametrize("html", [PAGES.status(a_status()), PAGES.number(an_explanation())])
def test_the_text_of_others_is_shown_and_never_obeyed(html: str) -> None:
    assert "<script" not in html
    assert "&lt;script&gt;" in html
    assert "\x1b" not in html
    assert "\u202e" not in html
    assert "x" * 301 not in html


@pytest.mark.parametrize(
    ("age", "said"),
    [
        (0, "now"),
        (1, "1 s ago"),
        (59.9, "59 s ago"),
        (60, "1 min ago"),
        (3_600, "1 h ago"),
        (86_400 * 9, "9 d ago"),
        (-90, "in 1 min"),
    ],
)
def test_times_are_told_from_now(age: float, said: str) -> None:
    at = (NOW - timedelta(seconds=age)).isoformat()

    assert f">{said}</time>" in PAGES.status({**a_status(), "next_check_at": at})


@pytest.mark.parametrize("phase", [*Phase, "Stale", "Empty", "a word of tomorrow"])
def test_every_headline_has_its_look(phase: str) -> None:
    status = a_status()
    pools = status["pools"]
    assert isinstance(pools, list)
    status["pools"] = [{**pools[0], "headline": phase}]

    assert re.search(rf'<span class="badge (good|busy|warn|bad|plain)">{phase}</span>', PAGES.status(status))
