from __future__ import annotations

import json
import os
import signal
import smtplib
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.error import HTTPError
from urllib.parse import urlsplit
from urllib.request import urlopen

import pytest
import redis

from pipeline.embedded import Running, supervised
from pipeline.embedded.births import born
from pipeline.embedded.home import end_orphans
from pipeline.embedded.process import wait_until
from pipeline.errors import HomeError
from pipeline.settings import Settings
from tests.embedded.standins import BROKEN, PROGRAMS, settings

SOON = 10.0

KILLED = """
import signal, sys
from pathlib import Path
from pipeline.embedded import supervised
from tests.embedded.standins import PROGRAMS, settings
with supervised(settings(Path(sys.argv[1])), programs=PROGRAMS):
    print("running", flush=True)
    signal.pause()
"""


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("running") / "var"


@pytest.fixture(scope="module")
def running(home: Path) -> Iterator[Running]:
    with supervised(settings(home), programs=PROGRAMS) as running:
        yield running


def pids(home: Path) -> dict[str, int]:
    document = json.loads((home / "processes.json").read_text(encoding="utf-8"))
    return {name: each["pid"] for name, each in document.items()}


def test_all_parts_answer_when_it_begins(running: Running) -> None:
    web, smtp = running.addresses["web"], urlsplit(running.addresses["smtp"])

    with redis.Redis.from_url(running.addresses["redis"]) as client:
        assert client.config_get("appendonly") == {"appendonly": "yes"}
        assert client.config_get("maxmemory-policy") == {"maxmemory-policy": "noeviction"}
    with smtplib.SMTP(smtp.hostname or "", smtp.port or 0) as client_of_mail:
        assert client_of_mail.noop()[0] == 250
    with pytest.raises(HTTPError, match="501"):  # the stand-in knows no more
        urlopen(web)
    assert running.ours
    assert running.deaths == []


def test_other_programs_find_the_parts_through_the_home(running: Running, home: Path) -> None:
    found = Settings.from_env({"PIPELINE_HOME": str(home)})

    assert found.redis_url == running.settings.redis_url == running.addresses["redis"]
    assert found.smtp_url == running.settings.smtp_url == running.addresses["smtp"]


def test_nobody_else_may_look_into_the_home(running: Running, home: Path) -> None:
    assert (home.stat().st_mode & 0o777) == 0o700
    assert ((home / "addresses.json").stat().st_mode & 0o777) == 0o600
    assert (Path(urlsplit(running.addresses["redis"]).path).parent.stat().st_mode & 0o777) == 0o700


def test_a_home_that_runs_already_is_used_and_left_alone(running: Running, home: Path) -> None:
    before = pids(home)

    with supervised(settings(home), programs=PROGRAMS) as second:
        assert not second.ours
        assert second.addresses == running.addresses
        assert second.settings == running.settings

    assert pids(home) == before
    assert all(born(pid) for pid in before.values())


def test_two_homes_run_beside_each_other(running: Running, tmp_path: Path) -> None:
    with supervised(settings(tmp_path), programs=PROGRAMS) as other:
        assert other.ours
        assert not set(other.addresses.values()) & set(running.addresses.values())


def test_a_part_that_dies_is_told_and_started_again_at_the_same_address(running: Running, home: Path) -> None:
    before = pids(home)
    for name in ("mail", "web"):
        os.kill(before[name], signal.SIGKILL)

    assert wait_until(lambda: len(set(pids(home).items()) - set(before.items())) == 2, SOON)
    assert sorted(running.deaths) == ["mail (signal 9)", "web (signal 9)"]
    mail = urlsplit(running.addresses["smtp"])
    with smtplib.SMTP(mail.hostname or "", mail.port or 0) as client:
        assert client.noop()[0] == 250
    assert wait_until(lambda: answers(running.addresses["web"]), SOON)


def answers(url: str) -> bool:
    try:
        urlopen(url)
    except HTTPError:
        return True
    except OSError:
        return False
    return True


def test_nothing_is_left_when_it_ends(tmp_path: Path) -> None:
    with supervised(settings(tmp_path), programs=PROGRAMS) as running:
        started = pids(tmp_path)
        socket = Path(urlsplit(running.addresses["redis"]).path)

    assert list(started) == ["valkey", "mail", "worker", "waker", "web"]
    assert [born(pid) for pid in started.values()] == [None] * 5
    assert not socket.parent.exists()
    assert not (tmp_path / "addresses.json").exists()
    assert not (tmp_path / "processes.json").exists()
    assert running.deaths == []


def test_a_redis_and_mail_server_of_ones_own_are_used(running: Running, tmp_path: Path) -> None:
    own = settings(tmp_path, redis_url=running.addresses["redis"], smtp_url="smtp://mail.example:25")

    with supervised(own, programs=PROGRAMS) as with_own:
        assert list(pids(tmp_path)) == ["worker", "waker", "web"]
        assert list(with_own.addresses) == ["web"]
        assert with_own.settings.smtp_url == "smtp://mail.example:25"


def test_a_part_that_cannot_start_says_why_and_takes_the_others_along(tmp_path: Path) -> None:
    broken = {**PROGRAMS, "worker": [sys.executable, "-S", "-c", BROKEN]}

    with pytest.raises(HomeError) as caught, supervised(settings(tmp_path), programs=broken):
        pytest.fail("it must not begin")

    log = tmp_path / "log" / "worker.log"
    assert str(caught.value) == (
        f"worker ended when it was started; see {log}. PIPELINE_POLICY: there is no such file."
    )
    assert not (tmp_path / "processes.json").exists()


def test_a_home_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")

    with (
        pytest.raises(HomeError, match=r"var cannot be used: Not a directory\.$"),
        supervised(settings(tmp_path / "file" / "var"), programs=PROGRAMS),
    ):
        pytest.fail("it must not begin")


def test_what_a_killed_run_left_is_ended_and_what_it_kept_is_kept(tmp_path: Path) -> None:
    command = [sys.executable, "-c", KILLED, str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, cwd=Path(__file__).parents[2]) as killed:
        assert killed.stdout
        assert killed.stdout.readline() == b"running\n"
        orphans = pids(tmp_path)
        url = json.loads((tmp_path / "addresses.json").read_text())["redis"]
        with redis.Redis.from_url(url) as client:
            client.set("kept", "1")
        killed.kill()

    assert all(born(pid) for pid in orphans.values())
    with (
        supervised(settings(tmp_path), programs=PROGRAMS) as running,
        redis.Redis.from_url(running.addresses["redis"]) as client,
    ):
        assert client.get("kept") == b"1"
        assert [born(pid) for pid in orphans.values()] == [None] * 5
        assert not Path(urlsplit(url).path).parent.exists()


def test_a_process_that_only_got_the_number_of_one_of_ours_is_left_alone(tmp_path: Path) -> None:
    with subprocess.Popen([sys.executable, "-S", "-c", "input()"], stdin=subprocess.PIPE) as stranger:
        record = {"worker": {"pid": stranger.pid, "born": "another boot 17"}}
        (tmp_path / "processes.json").write_text(json.dumps(record))

        assert end_orphans(tmp_path) == []
        assert stranger.poll() is None

        stranger.communicate(b"\n")


def test_an_orphan_that_does_not_end_when_asked_is_forced(tmp_path: Path) -> None:
    stubborn = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('deaf', flush=True); signal.pause()"
    command = [sys.executable, "-S", "-c", stubborn]
    with subprocess.Popen(command, stdout=subprocess.PIPE, start_new_session=True) as orphan:
        assert orphan.stdout
        assert orphan.stdout.readline() == b"deaf\n"
        (tmp_path / "processes.json").write_text(
            json.dumps({"web": {"pid": orphan.pid, "born": born(orphan.pid)}})
        )

        assert end_orphans(tmp_path, seconds=0.05) == ["web"]
        assert orphan.wait(SOON) == -signal.SIGKILL
