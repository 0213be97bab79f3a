"""Campaigns, messaging profiles and numbers are put in the account, replaced and found again."""

import pytest

from reconciler.sandbox.holdings import PROFILE, Holdings
from tests.sandbox.stage import CAMPAIGN, NUMBER, OTHER_NUMBER

OTHER_PROFILE = "b1a2c3d4-0000-4000-8000-000000000001"


def test_every_account_begins_with_one_profile_and_nothing_else() -> None:
    account = Holdings()

    assert (list(account.profiles()), dict(account.numbers()), dict(account.campaigns())) == ([PROFILE], {}, {})


def test_a_number_that_is_put_in_again_keeps_its_id_and_nothing_else() -> None:
    account = Holdings()
    first = account.add_number(NUMBER, tags=("gold",), messaging_profile_id=None)
    other = account.add_number(OTHER_NUMBER)

    again = account.add_number(NUMBER)

    assert again.number_id == first.number_id != other.number_id
    assert (again.tags, again.messaging_profile_id) == ((), PROFILE)
    assert account.number(NUMBER) == account.number(first.number_id) == again


def test_a_number_changes_its_profile_and_its_tags_by_hand() -> None:
    account = Holdings()
    account.add_profile(OTHER_PROFILE, name="Other")
    account.add_number(NUMBER)

    assert account.put_on_profile(NUMBER, OTHER_PROFILE, 5).updated_at == 5
    assert account.tag_number(NUMBER, ("gold",)).messaging_profile_id == OTHER_PROFILE
    assert account.put_on_profile(NUMBER, None) == account.numbers()[NUMBER]
    assert account.numbers()[NUMBER].tags == ("gold",)


@pytest.mark.parametrize(
    ("kind", "word"),
    [("local", "longcode"), ("mobile", "longcode"), ("toll_free", "tollfree"), ("shortcode", "shortcode")],
)
def test_the_messaging_api_has_its_own_words_for_types(kind: str, word: str) -> None:
    assert Holdings().add_number(NUMBER, phone_number_type=kind).messaging_type == word


def test_what_is_not_there_or_cannot_be_changes_nothing() -> None:
    account = Holdings()
    account.add_number(NUMBER)

    with pytest.raises(LookupError, match="no messaging profile"):
        account.put_on_profile(NUMBER, "no-such")
    with pytest.raises(LookupError, match="no messaging profile"):
        account.add_number(OTHER_NUMBER, messaging_profile_id="no-such")
    with pytest.raises(LookupError, match="no number"):
        account.tag_number(OTHER_NUMBER, ())
    with pytest.raises(LookupError, match="no campaign"):
        account.limit_numbers(CAMPAIGN, 49)
    with pytest.raises(ValueError, match=r"E\.164"):
        account.add_number("2025550123")
    with pytest.raises(ValueError, match="a type, a status and a country"):
        account.add_number(OTHER_NUMBER, status="")
    with pytest.raises(ValueError, match="an id and a name"):
        account.add_profile("", name="Nobody")

    assert list(account.numbers()) == [NUMBER]
    assert account.numbers()[NUMBER].messaging_profile_id == PROFILE
    assert list(account.profiles()) == [PROFILE]
