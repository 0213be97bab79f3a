"""What deploy/ promises: no root, nothing writable but the state, pinned releases, commands that exist."""

import base64
import json
import os
import re
import shlex
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
import yaml
from nacl.signing import SigningKey

PROJECT = Path(__file__).resolve().parents[2]
DEPLOY = PROJECT / "deploy"
EXAMPLE = yaml.safe_load((DEPLOY / "tendlc.example.yaml").read_text())
STATE = "/var/lib/tendlc"

Instruction = tuple[str, str]


def dockerfile() -> list[Instruction]:
    """The Dockerfile's instructions with their arguments, continuation lines joined."""
    lines = [line for line in (DEPLOY / "Dockerfile").read_text().splitlines() if not line.startswith("#")]
    joined = re.sub(r"\\\n\s*", "", "\n".join(lines))
    return [(word, rest) for word, _, rest in (line.partition(" ") for line in joined.splitlines() if line)]


def final_stage() -> dict[str, str]:
    """The last stage's instructions: of those that occur twice, the last one."""
    instructions = dockerfile()
    last = max(at for at, (word, _) in enumerate(instructions) if word == "FROM")
    return dict(instructions[last:])


def directives(file: Path) -> dict[str, str]:
    """A systemd unit's directives; those given twice, joined."""
    found: dict[str, str] = {}
    for line in file.read_text().splitlines():
        if line and line[0] not in "#[":
            name, _, value = line.partition("=")
            found[name] = f"{found[name]} {value}" if name in found else value
    return found


STAGE = final_stage()
COMPOSE = yaml.safe_load((DEPLOY / "compose.yaml").read_text())
SERVICE = COMPOSE["services"]["tendlc"]
UNIT = directives(DEPLOY / "systemd" / "tendlc.service")

IMAGE_COMMAND = [*json.loads(STAGE["ENTRYPOINT"]), *json.loads(STAGE["CMD"])]
UNIT_COMMAND = shlex.split(UNIT["ExecStart"])


@contextmanager
def listener(status: int) -> Iterator[int]:
    """An HTTP server on loopback that answers GET /livez with this status and all else with 404: its port."""

    class Livez(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(status if self.path == "/livez" else 404)
            self.end_headers()

        def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Livez) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_port
        server.shutdown()


@pytest.mark.parametrize("command", [IMAGE_COMMAND, UNIT_COMMAND], ids=["image", "unit"])
def test_the_command_line_is_real(command: list[str]) -> None:
    program = [sys.executable, "-m", "reconciler", *command[1:], "--help"]
    helped = subprocess.run(program, cwd=PROJECT, capture_output=True, text=True, timeout=30, check=False)

    assert Path(command[0]).name == "tendlc"
    assert command[1:] == ["-c", "/etc/tendlc/tendlc.yaml", "serve"]
    assert helped.returncode == 0, helped.stderr
    assert "Usage:" in helped.stdout


def test_the_example_config_is_valid(tmp_path: Path) -> None:
    """With what compose.yaml and the unit give it: a key file and a public key."""
    key_file = tmp_path / "telnyx-api-key"
    key_file.write_text("KEY-of-the-example")
    public_key = base64.b64encode(bytes(SigningKey.generate().verify_key)).decode()
    given = {"TELNYX_API_KEY_FILE": str(key_file), "TELNYX_PUBLIC_KEY": public_key}

    program = [sys.executable, "-m", "reconciler", "-c", str(DEPLOY / "tendlc.example.yaml"), "validate"]
    run = subprocess.run(
        program, cwd=PROJECT, env=os.environ | given, capture_output=True, text=True, timeout=30, check=False
    )

    assert run.returncode == 0, run.stderr
    assert "2 pools with 2 numbers and 1 selection" in run.stdout


def test_the_image_installs_pinned_releases_only() -> None:
    runs = " ".join(rest for word, rest in dockerfile() if word == "RUN")
    installs = re.findall(r"pip install [^&]*", runs)

    assert len(installs) == 3
    assert all("--require-hashes" in line or "--no-deps --no-index" in line for line in installs)


@pytest.mark.parametrize("name", ["build", "dev", "runtime"])
def test_a_requirement_is_pinned_by_hash_and_names_no_address(name: str) -> None:
    text = (PROJECT / "requirements" / f"{name}.txt").read_text()
    requirements = re.findall(r"^[a-z0-9].*(?:\n +--hash=.*)*", text, re.MULTILINE)

    assert requirements
    assert [line for line in requirements if not re.match(r"[\w.-]+==\S+ .*\\\n +--hash=sha256:", line)] == []
    assert "://" not in text
    assert "--index" not in text
    assert "--find-links" not in text


def test_the_image_runs_without_root_and_owns_its_state() -> None:
    assert STAGE["USER"] == "10001:10001"
    assert STAGE["VOLUME"] == STAGE["WORKDIR"] == STATE
    assert f"install --directory --owner=10001 --group=10001 --mode=0700 {STATE}" in STAGE["RUN"]


@pytest.mark.parametrize(("status", "healthy"), [(200, True), (503, False)])
def test_the_image_asks_the_admin_listener_how_it_is(status: int, healthy: bool) -> None:
    _, _, command = STAGE["HEALTHCHECK"].partition("CMD ")
    python, flag, program = json.loads(command)
    with listener(status) as port:
        asked = program.replace(EXAMPLE["web"]["listen"], f"127.0.0.1:{port}")
        run = subprocess.run([sys.executable, flag, asked], capture_output=True, timeout=30, check=False)

    assert python == "python"
    assert asked != program
    assert (run.returncode == 0) is healthy


def test_compose_takes_every_right_away() -> None:
    assert SERVICE["user"] == STAGE["USER"]
    assert SERVICE["read_only"] is True
    assert SERVICE["cap_drop"] == ["ALL"]
    assert SERVICE["security_opt"] == ["no-new-privileges:true"]
    assert "privileged" not in SERVICE
    assert "cap_add" not in SERVICE


def test_compose_mounts_what_the_config_names() -> None:
    key_file = SERVICE["environment"]["TELNYX_API_KEY_FILE"]
    webhook_port = EXAMPLE["webhook"]["listen"].rpartition(":")[2]

    assert SERVICE["volumes"] == ["./config:/etc/tendlc:ro", f"data:{STATE}"]
    assert EXAMPLE["store"]["url"] == f"sqlite:///{STATE}/tendlc.db"
    assert [f"/run/secrets/{name}" for name in SERVICE["secrets"]] == [key_file]
    assert all("file" in secret for secret in COMPOSE["secrets"].values())
    assert SERVICE["ports"] == [f"127.0.0.1:{webhook_port}:{webhook_port}"]
    assert STAGE["EXPOSE"] == webhook_port


def test_the_unit_is_hardened() -> None:
    on = {
        "DynamicUser", "NoNewPrivileges", "PrivateTmp", "PrivateDevices", "PrivateUsers", "PrivateIPC",
        "PrivateMounts", "ProtectHome", "ProtectHostname", "ProtectClock", "ProtectKernelTunables",
        "ProtectKernelModules", "ProtectKernelLogs", "ProtectControlGroups", "RestrictNamespaces",
        "RestrictRealtime", "RestrictSUIDSGID", "LockPersonality", "MemoryDenyWriteExecute",
    }  # fmt: skip

    assert {name for name in on if UNIT.get(name) != "yes"} == set()
    assert UNIT["ProtectSystem"] == "strict"
    assert UNIT["CapabilityBoundingSet"] == UNIT["AmbientCapabilities"] == ""
    assert UNIT["SystemCallFilter"] == "@system-service ~@privileged @resources"


def test_the_unit_gives_what_the_config_names() -> None:
    credential, _, _ = UNIT["LoadCredential"].partition(":")

    assert UNIT["StateDirectory"] == Path(STATE).name
    assert UNIT["WorkingDirectory"] == f"%S/{Path(STATE).name}"
    assert f"TELNYX_API_KEY_FILE=%d/{credential}" in UNIT["Environment"].split()
    assert "EnvironmentFile" in UNIT
    assert EXAMPLE["telnyx"]["api_key_file"].startswith("${TELNYX_API_KEY_FILE:-")
    assert EXAMPLE["telnyx"]["public_key"] == "${TELNYX_PUBLIC_KEY}"


def test_the_unit_starts_again_unless_a_person_is_needed() -> None:
    assert UNIT["Restart"] == "on-failure"
    assert UNIT["RestartPreventExitStatus"] == "64 78"
    assert UNIT["ExecReload"] == "/bin/kill -HUP $MAINPID"
    assert UNIT["TimeoutStopSec"] == SERVICE["stop_grace_period"].removesuffix("s") == "20"
