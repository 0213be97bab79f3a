"""Whose an area code is."""

import pytest

from reconciler.config.areas import country_of


@pytest.mark.parametrize(
    ("area", "country"),
    [("202", "US"), ("907", "US"), ("808", "US"), ("416", "CA"), ("867", "CA"), ("876", "JM"), ("787", "PR")],
)
def test_an_area_code_has_its_country(area: str, country: str) -> None:
    assert country_of(area) == country


@pytest.mark.parametrize("area", ["000", "111", "555", "999"])
def test_an_area_code_that_nobody_has_has_none(area: str) -> None:
    assert country_of(area) is None


def test_every_area_code_has_an_answer() -> None:
    countries = [country_of(f"{area:03d}") for area in range(1_000)]

    assert countries.count("US") > 350
    assert countries.count("CA") > 50
