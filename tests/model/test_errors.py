"""Troubles say what is wrong and where, and are told whole."""

from reconciler.model.errors import ConfigError, LeaseLost, Place, Problem, ReconcilerError


def test_a_place_reads_as_editors_do() -> None:
    assert str(Place("tendlc.yaml", 4, 9)) == "tendlc.yaml:4:9"


def test_problems_sort_into_file_order() -> None:
    late, early = (Problem(Place("a.yaml", line), "x") for line in (12, 2))

    assert sorted([late, early]) == [early, late]


def test_a_config_error_counts_its_problems_and_keeps_them_all() -> None:
    problems = tuple(Problem(Place("a.yaml", line), "no such key") for line in (1, 2))

    assert str(ConfigError(problems)) == "the config has 2 problems: a.yaml:1:1: no such key"
    assert str(ConfigError(problems[:1])) == "the config has 1 problem: a.yaml:1:1: no such key"
    assert ConfigError(problems).problems == problems


def test_every_trouble_has_room_for_a_way_out() -> None:
    error = LeaseLost("operation 7 is held by another worker", "nothing to do")

    assert isinstance(error, ReconcilerError)
    assert (str(error), error.hint) == ("operation 7 is held by another worker", "nothing to do")
