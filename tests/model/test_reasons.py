"""The catalogue of reasons is complete: a code for machines, a sentence and a next step for people."""

import re

import pytest

from reconciler.model.reasons import Reason


@pytest.mark.parametrize("reason", [reason for reason in Reason if reason is not Reason.NONE])
def test_a_reason_has_a_code_a_sentence_and_a_next_step(reason: Reason) -> None:
    assert re.fullmatch(r"[a-z]+(_[a-z]+)*", reason)
    assert reason.sentence.endswith(".")
    assert reason.next_step.endswith(".")


def test_a_reason_is_its_code() -> None:
    assert Reason("assign_due") is Reason.ASSIGN_DUE
    assert f"{Reason.ASSIGN_DUE}" == "assign_due"


def test_no_reason_is_false() -> None:
    assert not Reason.NONE
    assert all(reason for reason in Reason if reason is not Reason.NONE)
