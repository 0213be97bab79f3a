"""An editor's language server takes our JSON Schema: it finds nothing in a good file, and a bad one's lines."""

import json
import os
import queue
import shutil
import subprocess
import threading
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from reconciler.config import config_schema

DEADLINE_SECONDS = 30.0
MODELINE = "# yaml-language-server: $schema=./tendlc.schema.json\n"


NODE = Path(__file__).parents[2] / "requirements" / "node"


def command() -> list[str]:
    """How the server is started: as `make node` installed it, or from the path. Empty: it is not."""
    node = shutil.which("node")
    script = NODE / "node_modules/yaml-language-server/bin/yaml-language-server"
    if node and script.is_file():
        return [node, str(script), "--stdio"]
    found = shutil.which("yaml-language-server")
    return [found, "--stdio"] if node and found else []


class Server:
    """A language server on a pipe."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._process = subprocess.Popen(command(), stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=folder)
        self._told: queue.Queue[dict[str, Any]] = queue.Queue()
        self._reader = threading.Thread(target=self._listen, daemon=True)
        self._reader.start()
        self._ids = count(1)
        self.ask("initialize", processId=os.getpid(), rootUri=folder.as_uri(), capabilities={})
        self.tell("initialized")

    def diagnostics(self, name: str, text: str) -> list[tuple[int, str]]:
        """Opens a document; what is wrong with it by line (from 1) and message."""
        uri = (self.folder / name).as_uri()
        document = {"uri": uri, "languageId": "yaml", "version": 1, "text": text}
        self.tell("textDocument/didOpen", textDocument=document)
        while True:
            message = self._next()
            if message.get("method") == "textDocument/publishDiagnostics" and message["params"]["uri"] == uri:
                found = message["params"]["diagnostics"]
                return sorted((one["range"]["start"]["line"] + 1, one["message"]) for one in found)

    def completions(self, name: str, line: int, column: int) -> list[str]:
        """What may be written at a place (counted from 1) of an open document."""
        answer = self.ask(
            "textDocument/completion",
            textDocument={"uri": (self.folder / name).as_uri()},
            position={"line": line - 1, "character": column - 1},
        )
        return [item["label"] for item in answer["items"]]

    def ask(self, method: str, **params: object) -> dict[str, Any]:
        """A request, and its answer."""
        number = next(self._ids)
        self._send({"id": number, "method": method, "params": params})
        while True:
            message = self._next()
            if message.get("id") == number and "method" not in message:
                result: dict[str, Any] = message["result"]
                return result

    def tell(self, method: str, **params: object) -> None:
        """A notification."""
        self._send({"method": method, "params": params})

    def stop(self) -> None:
        """End it."""
        self._process.kill()
        self._process.communicate()
        self._reader.join()

    def _send(self, message: dict[str, object]) -> None:
        assert self._process.stdin is not None
        body = json.dumps({"jsonrpc": "2.0", **message}).encode()
        self._process.stdin.write(b"Content-Length: %d\r\n\r\n%b" % (len(body), body))
        self._process.stdin.flush()

    def _next(self) -> dict[str, Any]:
        message = self._told.get(timeout=DEADLINE_SECONDS)
        if "id" in message and "method" in message:  # it asks us something: we have nothing to say
            self._send({"id": message["id"], "result": None})
        return message

    def _listen(self) -> None:
        assert self._process.stdout is not None
        while header := self._process.stdout.readline():
            if header.lower().startswith(b"content-length:"):
                length = int(header.split(b":")[1])
                while self._process.stdout.readline().strip():
                    pass
                self._told.put(json.loads(self._process.stdout.read(length)))


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The server, in a folder with our schema."""
    if not command():
        pytest.skip("needs node and yaml-language-server: `make node` installs it")
    folder = tmp_path_factory.mktemp("editor")
    (folder / "tendlc.schema.json").write_text(json.dumps(config_schema()))
    started = Server(folder)
    yield started
    started.stop()


GOOD = """\
version: 1
x-owner: sms team
telnyx:
  api_key: ${TELNYX_API_KEY}
  timeout: ${TIMEOUT:-15s}
defaults:
  policy: {mode: {missing: enforce, extra: observe}, on_missing_profile: fail}
pools:
  - name: acme
    campaign: 4b30019f-a9df-e17b-3529-70677db27ec4
    messaging_profile: 4001838b-1c1a-4e1b-9a8c-0d7c1f3f2a11
    numbers:
      - "+12025550123"
      - +12025550124
      - {number: "+12025550125", note: Black Friday drop, until: 2026-12-05}
      - {number: "+12025550126", until: 2026-12-05T17:00:00-05:00}
      - {file: numbers/acme.txt}
      - {select: {tags: [acme, 2026], not_tags: [legacy]}}
      - select:
          messaging_profile: 4001838b-1c1a-4e1b-9a8c-0d7c1f3f2a11
    exclude: ["+12025550199"]
    protect:
    policy: {mode: observe}
schedule:
  timezone: America/New_York
  windows: [{days: [mon, tue], from: 09:00, to: "24:00"}]
webhook: {register: report}
"""
BAD = """\
version: 2
polcy: {}
telnyx:
  timeout: 15
defaults:
  policy:
    mode: {mising: enforce}
    on_missing_profile: atach
pools:
  - name: acme
    numbers:
      - "+12025550123"
      - 2025550124
      - {number: "+1 202 555 0125"}
      - {number: "+12025550126", until: tomorrow}
      - {number: "+12025550127", file: numbers/acme.txt}
      - {file: numbers/acme.xlsx}
      - {select: {tags: []}}
      - {nubmer: "+12025550128"}
schedule:
  windows:
    - {days: [mo], from: "9:00", to: "25:00"}
webhook: {register: fix}
"""
BAD_LINES = {1, 2, 4, 7, 8, 10, 13, 14, 15, 16, 17, 18, 19, 22, 23}


def test_a_good_file_has_no_diagnostics(server: Server) -> None:
    assert server.diagnostics("good.yaml", MODELINE + GOOD) == []


def test_a_bad_file_has_them_at_its_lines(server: Server) -> None:
    found = server.diagnostics("bad.yaml", MODELINE + BAD)

    assert {line - 1 for line, _ in found} == BAD_LINES


@pytest.mark.parametrize(
    ("written", "offered"),
    [
        ("", {"telnyx", "pools", "schedule"}),
        ("pools:\n  - name: a\n    ", {"campaign", "numbers", "messaging_profile", "exclude"}),
        ("pools:\n  - name: a\n    numbers:\n      - number: '+12025550123'\n        ", {"note", "until"}),
        ("defaults:\n  policy:\n    mode:\n      ", {"missing", "extra"}),
        ("schedule:\n  windows:\n    - days: [mon]\n      ", {"from", "to"}),
    ],
)
def test_keys_are_offered(server: Server, written: str, offered: set[str]) -> None:
    text = f"{MODELINE}version: 1\n{written}"
    name = f"open-{len(written)}.yaml"
    server.diagnostics(name, text)
    lines = text.split("\n")

    assert offered <= set(server.completions(name, len(lines), len(lines[-1]) + 1))
