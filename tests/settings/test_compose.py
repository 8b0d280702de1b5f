"""``config/compose.yaml`` goes with the Procfile, the settings, the Dockerfile and what it says of itself.

Nothing here starts a container: that takes a machine with Docker.
"""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import pytest
import redis
import typer.main
import yaml

from pipeline.cli.commands import app
from pipeline.embedded import process
from pipeline.embedded.valkey import command as embedded_command
from pipeline.embedded.valkey import private_folder
from pipeline.settings import Settings

ROOT: Final = Path(__file__).resolve().parents[2]
CONFIG: Final = ROOT / "config"
TEXT: Final = (CONFIG / "compose.yaml").read_text(encoding="utf-8")
EXAMPLE: Final = (CONFIG / "compose.env.example").read_text(encoding="utf-8")
DOCKERFILE: Final = (CONFIG / "Dockerfile").read_text(encoding="utf-8")
GIVEN: Final = {
    "DATABASE_ADMIN_PASSWORD": "a1",
    "DATABASE_OWNER_PASSWORD": "b2",
    "DATABASE_PASSWORD": "c3",
    "REDIS_PASSWORD": "d4",
    "REDIS_PORTAL_PASSWORD": "e5",
    "PIPELINE_HOME_ID": "register-production",
    "PIPELINE_SMTP_URL": "smtps://u:p@relay.example:465",
    "PIPELINE_JOURNAL_KEY": "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=",
}
VARIABLE: Final = re.compile(r"(?<!\$)\$\{(\w+):([?-])([^}]*)\}")
OURS: Final = "validatiestraat"


def told(text: str, given: Mapping[str, str]) -> str:
    """Put in what is given, as Compose does; what must be given and is not is a ``KeyError``."""

    def value(found: re.Match[str]) -> str:
        name, kind, default = found.groups()
        return given[name] if kind == "?" else given.get(name, default)

    return VARIABLE.sub(value, text).replace("$$", "$")


FOUND: Final[dict[str, Any]] = yaml.safe_load(told(TEXT, GIVEN))
SERVICES: Final[dict[str, dict[str, Any]]] = FOUND["services"]
PROGRAMS: Final = {name: made for name, made in SERVICES.items() if made["image"] == OURS}
services = pytest.mark.parametrize("name", SERVICES)
programs = pytest.mark.parametrize("name", PROGRAMS)


def test_it_runs_what_the_procfile_runs_and_the_migration() -> None:
    lines = (ROOT / "Procfile").read_text(encoding="utf-8").splitlines()
    procfile = dict(line.split(": ", 1) for line in lines)
    assert {name: made["command"] for name, made in PROGRAMS.items()} == {
        **procfile,
        "migrate": "pipeline migrate",
    }
    assert "migrate" in typer.main.get_command(app).list_commands(None)  # type: ignore[attr-defined]


@programs
def test_what_programs_are_told_is_what_settings_are(name: str, tmp_path: Path) -> None:
    environ = {key: str(value) for key, value in PROGRAMS[name]["environment"].items()}
    assert {key.removeprefix("PIPELINE_").lower() for key in environ} <= set(Settings.model_fields)
    found = Settings.from_env({"PIPELINE_HOME": str(tmp_path), **environ})
    assert found.home_id == GIVEN["PIPELINE_HOME_ID"]


def test_only_the_migration_may_change_tables() -> None:
    users = {name: made["environment"]["PIPELINE_DATABASE_URL"] for name, made in PROGRAMS.items()}
    assert [name for name, url in users.items() if "//validatiestraat_owner:b2@" in url] == ["migrate"]
    assert [name for name, url in users.items() if "//validatiestraat:c3@" in url] == [
        "worker",
        "waker",
        "web",
    ]


def test_every_variable_is_explained_and_none_besides() -> None:
    explained = re.findall(r"^#?([A-Z_]+)=", EXAMPLE, re.MULTILINE)
    assert sorted(explained) == sorted({name for name, _, _ in VARIABLE.findall(TEXT)})
    assert TEXT.replace("$$", "").count("$") == len(VARIABLE.findall(TEXT)) + TEXT.count("${…}")


def test_what_may_be_left_out_stands_with_its_default() -> None:
    defaults = {name: default for name, kind, default in VARIABLE.findall(TEXT) if kind == "-"}
    assert dict(re.findall(r"^#([A-Z_]+)=(.*)$", EXAMPLE, re.MULTILINE)) == defaults


def test_no_secret_is_written_down() -> None:
    secrets = [name for name in GIVEN if name != "PIPELINE_HOME_ID"]
    assert {name: f"\n{name}=\n" in EXAMPLE for name in secrets} == dict.fromkeys(secrets, True)
    assert {kind for name, kind, _ in VARIABLE.findall(TEXT) if name in secrets} == {"?"}


@services
def test_service_has_no_more_than_it_needs(name: str) -> None:
    made = SERVICES[name]
    assert (made["read_only"], made["cap_drop"]) == (True, ["ALL"])
    assert made["security_opt"] == ["no-new-privileges:true"]
    assert made["restart"] == ("no" if name == "migrate" else "unless-stopped")
    assert made.get("user", re.findall(r"^USER (\w+)$", DOCKERFILE, re.MULTILINE)[-1]) != "root"
    assert "privileged" not in made


@services
def test_service_has_time_to_end(name: str) -> None:
    grace = re.fullmatch(r"(\d+)s", SERVICES[name]["stop_grace_period"])
    assert grace is not None
    longest = re.search(r"--worker-shutdown-timeout (\d+)", str(SERVICES["worker"]["command"]))
    assert longest is not None
    margin = 15 if name in PROGRAMS else 0
    assert int(grace[1]) >= int(longest[1]) / 1000 + margin


@services
def test_image_is_an_official_one_of_a_version_or_ours(name: str) -> None:
    made = SERVICES[name]
    assert (
        re.fullmatch(r"[a-z]+(/[a-z]+)?:\d+", made["image"])
        or made["build"]["dockerfile"] == "config/Dockerfile"
    )
    assert re.findall(r"^FROM (.+)$", DOCKERFILE, re.MULTILINE) == ["python:3.13-slim"]


@services
def test_whatever_a_service_names_is_there(name: str) -> None:
    made = SERVICES[name]
    sources = [volume.split(":")[0] for volume in made["volumes"]]
    files = [source for source in sources if source.startswith(".")]
    assert [file for file in files if not (CONFIG / file).is_file()] == []
    assert set(sources) - set(files) <= set(FOUND["volumes"])
    assert set(made["networks"]) <= set(FOUND["networks"])
    for other, waits in made.get("depends_on", {}).items():
        wanted = "restart" if waits["condition"] == "service_completed_successfully" else "healthcheck"
        assert wanted in SERVICES[other]


@services
def test_nothing_is_reachable_from_elsewhere(name: str) -> None:
    assert [port for port in SERVICES[name].get("ports", []) if not port.startswith("127.0.0.1:")] == []


def test_pages_are_asked_where_they_are_served() -> None:
    web = SERVICES["web"]
    port = web["environment"]["PIPELINE_WEB_PORT"]
    assert f"http://127.0.0.1:{port}/healthz" in web["healthcheck"]["test"][-1]
    assert [each.rpartition(":")[2] for each in web["ports"]] == [str(port)]


def test_image_gets_all_that_it_copies_and_nothing_else() -> None:
    copied = [
        word for line in re.findall(r"^COPY (.+)$", DOCKERFILE, re.MULTILINE) for word in line.split()[:-1]
    ]
    ignored = (CONFIG / "Dockerfile.dockerignore").read_text(encoding="utf-8").splitlines()
    assert sorted(copied) == sorted(line[1:] for line in ignored if line.startswith("!"))
    assert ignored[1] == "*"
    assert [name for name in copied if not (ROOT / name).exists()] == []


def test_database_is_made_with_the_two_roles() -> None:
    passwords = re.findall(
        r"^\\getenv \w+ (\w+)$", (CONFIG / "roles.sql").read_text(encoding="utf-8"), re.MULTILINE
    )
    assert passwords == ["DATABASE_OWNER_PASSWORD", "DATABASE_PASSWORD"]
    assert set(passwords) <= set(SERVICES["database"]["environment"])


@pytest.fixture(scope="module")
def server() -> Iterator[Path]:
    """The socket of a Valkey that was started as the file says, with paths of its own."""
    with private_folder() as place, _started(place) as socket:
        yield socket


@contextmanager
def _started(place: Path) -> Iterator[Path]:
    binary = embedded_command(place, place / "unused")[0]
    shell, options, script = SERVICES["redis"]["command"]
    script = script.replace("valkey-server", f"{binary} --port 0 --unixsocket {place}/valkey")
    script = script.replace("/tmp/users.acl", f"{place}/users.acl").replace("/data", str(place))
    script = script.replace(" /users.acl", f" {CONFIG / 'valkey.acl.example'}")
    environ = {**os.environ, **SERVICES["redis"]["environment"]}
    running = process.launch([shell, options, script], place / "log", environ=environ)
    try:
        process.wait_ready(running, lambda: (place / "valkey").exists(), place / "log")
        yield place / "valkey"
    finally:
        process.stop(running)


@pytest.mark.parametrize(
    ("user", "password", "ask"),
    [
        ("validatiestraat", "d4", lambda client: client.info()["maxmemory_policy"] == "noeviction"),
        ("validatiestraat", "d4", lambda client: client.info()["aof_enabled"] == 1),
        ("portal", "e5", lambda client: client.rpush("dramatiq:intake", "x") == 1),
        ("health", "none", lambda client: client.ping()),
    ],
)
def test_redis_lets_its_users_in(
    server: Path, user: str, password: str, ask: Callable[[redis.Redis], bool]
) -> None:
    with redis.Redis(unix_socket_path=str(server), username=user, password=password) as client:
        assert ask(client)


@pytest.mark.parametrize(
    ("user", "password"), [("portal", "CHANGE-ME-TOO"), ("validatiestraat", "e5"), (None, None)]
)
def test_redis_lets_nobody_else_in(server: Path, user: str | None, password: str | None) -> None:
    with (
        redis.Redis(unix_socket_path=str(server), username=user, password=password) as client,
        pytest.raises(redis.exceptions.RedisError, match=r"invalid username|authenticated"),
    ):
        client.ping()


def test_nothing_can_be_forgotten() -> None:
    with pytest.raises(KeyError):
        told(TEXT, {name: value for name, value in GIVEN.items() if name != "REDIS_PASSWORD"})


def test_scripts_are_ones_that_a_shell_can_read() -> None:
    done = subprocess.run(["sh", "-n"], input=SERVICES["redis"]["command"][2], text=True, check=False)
    assert done.returncode == 0
