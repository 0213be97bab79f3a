"""Every no is of one kind, told by status and code first and by text only as a hint."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.model.errors import FaultKind
from reconciler.telnyx.documents import Json
from reconciler.telnyx.faults import Complaint, read_complaint, read_refusal, read_wait
from tests.telnyx.test_documents import JSON

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
EPOCH = int(NOW.timestamp())


def raw(document: Json) -> bytes:
    return json.dumps(document).encode()


def error(code: Json = None, title: str = "Title", detail: str = "") -> bytes:
    return raw({"errors": [{"code": code, "title": title, "detail": detail}]})


def kind(status: int, body: bytes) -> FaultKind:
    return read_refusal(status, {}, body, NOW).kind


@pytest.mark.parametrize(
    ("body", "complaint"),
    [
        ({"errors": [{"code": "10036", "title": "A", "detail": "b"}]}, Complaint(("10036",), "A: b")),
        ({"errors": [{"code": 10036, "title": "A"}, {"code": "1", "title": "C"}]}, Complaint(("10036", "1"), "A; C")),
        ({"errors": "just text"}, Complaint((), "just text")),
        ({"errors": ["one", {"code": "2"}]}, Complaint(("2",), "one")),
        ({"code": 10005, "title": "A", "detail": "b"}, Complaint(("10005",), "A: b")),
        (
            {"detail": [{"loc": ["body", "phoneNumber"], "msg": "field required", "type": "value_error"}]},
            Complaint((), "body, phoneNumber: field required"),
        ),
        ({"detail": "Not Found"}, Complaint((), "Not Found")),
        ({"message": "Internal"}, Complaint((), "Internal")),
        ({}, None),
        ({"errors": []}, None),
        ({"errors": [{"code": True}]}, None),
        ([], None),
        ("sorry", None),
    ],
)
def test_the_four_shapes_of_an_error(body: Json, complaint: Complaint | None) -> None:
    assert read_complaint(raw(body)) == complaint


@pytest.mark.parametrize("body", [b"", b"<html>", b'{"errors": [', b"\xff"])
def test_what_is_no_error_document(body: bytes) -> None:
    assert read_complaint(body) is None


ACCOUNT_CODES = ["10009", "10010", *(str(code) for code in range(20001, 20018)), "20100"]
BAD_INPUT_CODES = ["10002", "10015", "10016", "10027", "10031", "10032", "10033"]
LIMIT_CODES = ["10035", "10038", "10039"]


@pytest.mark.parametrize(
    ("status", "body", "expected"),
    [
        *(
            (status, body, FaultKind.LOST)
            for status in (302, 408, 500, 502, 503, 504)
            for body in (b"", error("10005"))
        ),
        *((status, body, FaultKind.HALTED) for status in (401, 402, 403) for body in (b"<html>", error("1"))),
        *((400, error(code), FaultKind.HALTED) for code in ACCOUNT_CODES),
        (400, error(20100), FaultKind.HALTED),
        (422, error("20012", "Limit exceeded", "Already assigned"), FaultKind.HALTED),
        *((status, error(code), FaultKind.REFUSED) for code in LIMIT_CODES for status in (400, 403, 422, 423)),
        (403, error(10038, "Feature not permitted"), FaultKind.REFUSED),
        (403, raw({"errors": [{"code": "10038"}, {"code": "10010"}]}), FaultKind.HALTED),
        *((status, error(code), FaultKind.REFUSED) for code in BAD_INPUT_CODES for status in (400, 422)),
        (429, b"", FaultKind.THROTTLED),
        (429, error("10011"), FaultKind.THROTTLED),
        (400, error("10011"), FaultKind.THROTTLED),
        (400, error(None, "Request failed. Daily quota exceeded"), FaultKind.THROTTLED),
        *((400, error(code), FaultKind.LOST) for code in ("10007", "10008", "10037")),
        (400, error("10036", "Resource is being processed"), FaultKind.NOT_APPROVED),
        (422, error(10036), FaultKind.NOT_APPROVED),
        (400, error(None, "Longcode cannot be added", "as Campaign is not Deployed."), FaultKind.NOT_APPROVED),
        (400, error("10015", "Campaign not active"), FaultKind.NOT_APPROVED),
        (400, error("10015", "Number not assigned to a messaging profile"), FaultKind.UNPROFILED),
        (422, error(None, "Number must be assigned to a messaging profile first"), FaultKind.UNPROFILED),
        (400, error(None, "The number is not on messaging profile"), FaultKind.UNPROFILED),
        (400, error("40305"), FaultKind.UNPROFILED),
        (400, error(40305, "Already assigned"), FaultKind.UNPROFILED),
        (400, error("10036", "Number not assigned to a messaging profile"), FaultKind.NOT_APPROVED),
        (400, raw({"code": "40305", "title": "No messaging profile"}), FaultKind.UNPROFILED),
        (422, raw({"detail": "Number not assigned to a messaging profile"}), FaultKind.UNPROFILED),
        (400, raw({"message": "NUMBER NOT ASSIGNED TO A MESSAGING PROFILE"}), FaultKind.UNPROFILED),
        (500, raw({"message": "Number not assigned to a messaging profile"}), FaultKind.LOST),
        (400, error("10015", "Messaging profile not found"), FaultKind.REFUSED),
        (400, error("10012"), FaultKind.TAKEN),
        (
            400,
            error(None, "Longcode cannot be added as it is already associated with another campaign"),
            FaultKind.TAKEN,
        ),
        (409, error(None, "It is already associated with another campaign."), FaultKind.TAKEN),
        (422, error("10015", "Number already assigned to another campaign"), FaultKind.TAKEN),
        (404, error("10005"), FaultKind.NOT_FOUND),
        (404, raw({"detail": "Not Found"}), FaultKind.NOT_FOUND),
        (400, error("10005"), FaultKind.NOT_FOUND),
        (400, error(None, "Longcode cannot be added to campaign. Limit exceeded"), FaultKind.CAPACITY),
        (400, error(None, "Sole Proprietor campaigns can only have one phone number assigned"), FaultKind.CAPACITY),
        (400, error("10015"), FaultKind.REFUSED),
        (422, raw({"detail": [{"loc": ["body"], "msg": "bad"}]}), FaultKind.REFUSED),
        (409, error("99999", "Something new"), FaultKind.REFUSED),
        (418, error(None, "Number is not active"), FaultKind.REFUSED),
        *((status, b"<html>", FaultKind.LOST) for status in (400, 404, 405, 409, 422)),
    ],
)
def test_the_kind_of_a_no(status: int, body: bytes, expected: FaultKind) -> None:
    assert kind(status, body) is expected


def test_a_fault_says_what_telnyx_said() -> None:
    fault = read_refusal(400, {}, error(10036, "Resource is being processed", "Campaign x is still\npending"), NOW)

    assert (fault.status, fault.code) == (400, "10036")
    assert fault.detail == "Resource is being processed: Campaign x is still pending"


def test_a_fault_without_an_error_document_shows_a_sample() -> None:
    fault = read_refusal(502, {}, b"<html>\x1b[31mBad\nGateway" + b"x" * 5000, NOW)

    assert fault.detail.startswith("HTTP 502, and no error document: '<html>")
    assert fault.detail.isprintable()
    assert len(fault.detail) < 300


def test_no_sample_is_shown_of_a_private_body() -> None:
    fault = read_refusal(502, {}, b"the secret", NOW, private=True)

    assert fault.detail == "HTTP 502, and no error document"
    assert read_refusal(400, {}, error("1", "Bad"), NOW, private=True).detail == "Bad"


def test_a_quota_comes_back_tomorrow_so_we_ask_after_six_hours() -> None:
    assert read_refusal(400, {}, error(None, "Daily quota exceeded"), NOW).retry_after_seconds == 6 * 3600


@pytest.mark.parametrize(("status", "seconds"), [(429, 7), (503, 7), (400, None), (404, None), (500, None)])
def test_only_some_answers_ask_to_wait(status: int, seconds: float | None) -> None:
    for body in (b"", error("99999")):
        assert read_refusal(status, {"x-ratelimit-reset": "7"}, body, NOW).retry_after_seconds == seconds


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, None),
        ({"retry-after": "7"}, 7),
        ({"retry-after": " 1.5 "}, 1.5),
        ({"retry-after": "0"}, 0),
        ({"retry-after": "Mon, 02 Mar 2026 12:00:30 GMT"}, 30),
        ({"retry-after": "Mon, 02 Mar 2026 11:00:00 GMT"}, 0),
        ({"retry-after": "Mon, 02 Mar 2026 12:00:30 -0000"}, 30),
        ({"retry-after": "9" * 15}, 300),
        ({"retry-after": "9" * 400}, None),
        ({"retry-after": "-5"}, None),
        ({"retry-after": "soon"}, None),
        ({"retry-after": ""}, None),
        ({"retry-after": "nan"}, None),
        ({"retry-after": "²"}, None),
        ({"retry-after": "Mon, 02 Mar 99999 12:00:30 GMT"}, None),
        ({"x-ratelimit-reset": "12"}, 12),
        ({"x-ratelimit-reset": "12, 60;w=60"}, 12),
        ({"x-ratelimit-reset": str(EPOCH + 20)}, 20),
        ({"x-ratelimit-reset": str(EPOCH - 20)}, 0),
        ({"x-ratelimit-reset": str(EPOCH + 10**6)}, 300),
        ({"retry-after": "3", "x-ratelimit-reset": "60"}, 3),
        ({"retry-after": "soon", "x-ratelimit-reset": "60"}, 60),
    ],
)
def test_how_long_to_wait(headers: dict[str, str], seconds: float | None) -> None:
    assert read_wait(headers, NOW) == seconds


@given(
    st.integers(300, 599),
    st.dictionaries(st.sampled_from(["retry-after", "x-ratelimit-reset"]), st.text(max_size=40)),
    st.binary(max_size=60)
    | JSON.map(raw)
    | st.dictionaries(st.sampled_from(["errors", "code", "title", "detail"]), JSON).map(raw),
)
def test_any_answer_is_a_fault(status: int, headers: dict[str, str], body: bytes) -> None:
    fault = read_refusal(status, headers, body, NOW)

    assert fault.detail
    assert fault.detail.isprintable()
    assert fault.retry_after_seconds is None or 0 <= fault.retry_after_seconds <= 6 * 3600
    assert fault.kind is FaultKind.LOST or 400 <= status < 500


def test_the_examples_of_telnyx(shared: Path) -> None:
    examples = shared / "telnyx/examples"
    not_approved = (examples / "field-observed/error.400.10036.campaign-not-approved.json").read_bytes()
    throttled = (examples / "http.error.429.10011.json").read_bytes()

    assert kind(400, not_approved) is FaultKind.NOT_APPROVED
    assert kind(429, throttled) is FaultKind.THROTTLED
