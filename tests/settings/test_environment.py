"""What a process is told by its environment; nothing needs to be set, and no fault shows a password."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from pipeline.errors import SettingsError
from pipeline.settings import ADDRESSES, Settings, is_password_in_the_open, without_password
from tests.mail.certificates import self_signed


@pytest.fixture
def home(tmp_path: Path) -> Path:
    (tmp_path / "home").mkdir()
    return tmp_path / "home"


def settings(home: Path, **variables: str) -> Settings:
    environ = {"PIPELINE_HOME": str(home)} | {f"PIPELINE_{name}": value for name, value in variables.items()}
    return Settings.from_env(environ)


def faults(home: Path, **variables: str) -> list[str]:
    with pytest.raises(SettingsError) as caught:
        settings(home, **variables)
    return str(caught.value).splitlines()


def running(home: Path, text: str) -> None:
    (home / ADDRESSES).write_text(text, encoding="utf-8")


def test_nothing_needs_to_be_set(tmp_path: Path) -> None:
    found = Settings.from_env({}, base=tmp_path)
    assert found == Settings(
        home=tmp_path / "var",
        database_url=f"sqlite:///{tmp_path}/var/pipeline.db",
        policy=tmp_path / "config" / "policy.toml",
        calendar=tmp_path / "config" / "calendar",
        regions=tmp_path / "config" / "regions.toml",
    )
    assert (found.redis_url, found.smtp_url, found.web_host, found.web_port) == (None, None, "127.0.0.1", 0)


def test_checkout_is_found_wherever_a_process_starts() -> None:
    checkout = Path(__file__).parents[2]
    assert Settings.from_env({}, running=False).policy == checkout / "config" / "policy.toml"


def test_without_a_checkout_the_current_folder_counts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pipeline.settings.environment._CHECKOUT", tmp_path / "site-packages")
    monkeypatch.chdir(tmp_path)
    assert Settings.from_env({}, running=False).home == tmp_path / "var"


def test_empty_variable_counts_as_not_set(home: Path) -> None:
    assert settings(home, REDIS_URL=" ", WEB_PORT="") == settings(home)


@pytest.mark.parametrize(
    ("given", "meant"),
    [
        ("postgres://u:p@host/db", "postgresql+psycopg://u:p@host/db"),
        ("postgresql://host:5433/db", "postgresql+psycopg://host:5433/db"),
        ("sqlite:////data/p.db", "sqlite:////data/p.db"),
        ("sqlite+pysqlite:////data/p.db", "sqlite:////data/p.db"),
    ],
)
def test_database_is_a_file_or_postgresql(home: Path, given: str, meant: str) -> None:
    assert settings(home, DATABASE_URL=given).database_url == meant


def test_relative_file_means_the_same_for_every_process(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert settings(home, DATABASE_URL="sqlite:///p.db").database_url == f"sqlite:///{tmp_path}/p.db"


def test_home_may_be_given_from_the_users_folder() -> None:
    found = Settings.from_env({"PIPELINE_HOME": "~/register"}, running=False)
    assert found.home == Path(os.path.expanduser("~/register"))  # noqa: PTH111 -- what a shell would do


@pytest.mark.parametrize("url", ["redis://host:6379/0", "rediss://u:p@host/1", "unix:///run/valkey.sock"])
def test_redis_may_be_reached_in_any_of_its_ways(home: Path, url: str) -> None:
    assert settings(home, REDIS_URL=url).redis_url == url


@pytest.mark.parametrize("url", ["smtp://host:25", "smtps://u:p@host", "smtp+starttls://u:p@[::1]:587"])
def test_relay_may_be_reached_in_any_of_its_ways(home: Path, url: str) -> None:
    assert settings(home, SMTP_URL=url).smtp_url == url


@pytest.mark.parametrize("host", ["localhost", "0.0.0.0", "::1"])
def test_pages_are_served_on_an_address(home: Path, host: str) -> None:
    assert settings(home, WEB_HOST=host).web_host == host


@pytest.mark.parametrize(
    ("variable", "value", "fault"),
    [
        *(
            ("DATABASE_URL", value, "must be sqlite:///FILE or postgresql://USER:PASSWORD@HOST/DATABASE.")
            for value in (
                "mysql://u:geheim@h/db",
                "sqlite://",
                "sqlite:///:memory:",
                "geheim",
            )
        ),
        *(
            (
                "REDIS_URL",
                value,
                "must be redis://HOST:PORT/0, rediss://HOST:PORT/0 or unix:///SOCKET.",
            )
            for value in ("http://u:geheim@h", "redis://h:geheim", "geheim")
        ),
        *(
            (
                "SMTP_URL",
                value,
                "must be smtp://, smtps:// or smtp+starttls:// with [USER:PASSWORD@]HOST:PORT.",
            )
            for value in ("http://u:geheim@h", "smtp://h:0", "smtp://h:geheim", "smtp://", "smtp://[geheim")
        ),
        ("WEB_HOST", "example.com", "must be localhost or an IP address, such as 127.0.0.1."),
        ("WEB_PORT", "65536", "must be less than or equal to 65535."),
        ("WEB_PORT", "http", "must be a valid integer, unable to parse string as an integer."),
        ("LOG_FORMAT", "xml", "must be 'text' or 'json'."),
    ],
)
def test_wrong_value_names_its_variable_and_never_shows_it(
    home: Path, variable: str, value: str, fault: str
) -> None:
    found = faults(home, **{variable: value})
    assert found == [f"PIPELINE_{variable} {fault}"]
    assert "geheim" not in str(found)


def test_all_faults_are_told_at_once(home: Path) -> None:
    found = faults(home, WEB_PORT="-1", LOG_FORMAT="xml", SMTP_ULR="smtp://h")
    assert [line.split()[0] for line in found] == [
        "PIPELINE_SMTP_ULR",
        "PIPELINE_WEB_PORT",
        "PIPELINE_LOG_FORMAT",
    ]


def test_misspelt_variable_is_a_fault_but_those_of_others_are_not(home: Path) -> None:
    assert faults(home, DATABASE_ULR="x") == [
        "PIPELINE_DATABASE_ULR is not a setting; PIPELINE_DATABASE_URL is probably meant."
    ]
    assert settings(home, BUILD_NUMBER="12") == settings(home)


def test_passwords_show_in_no_repr(home: Path) -> None:
    found = settings(
        home,
        DATABASE_URL="postgres://u:geheim@h/d",
        REDIS_URL="redis://:geheim@h",
        SMTP_URL="smtp://u:geheim@h:25",
    )
    assert "geheim" not in repr(found)


def test_addresses_that_are_not_set_come_from_what_runs_in_the_home(home: Path) -> None:
    running(
        home, json.dumps({"redis": "unix:///tmp/x/valkey.sock", "smtp": "smtp://127.0.0.1:2525", "web": "x"})
    )
    found = settings(home)
    assert (found.redis_url, found.smtp_url) == ("unix:///tmp/x/valkey.sock", "smtp://127.0.0.1:2525")


def test_mail_is_caught_where_the_mail_server_is_the_one_that_runs_in_the_home(home: Path) -> None:
    assert not settings(home).mail_is_caught
    running(home, json.dumps({"smtp": "smtp://127.0.0.1:2525"}))
    assert settings(home).mail_is_caught
    assert not settings(home, SMTP_URL="smtp://relay.example").mail_is_caught


@pytest.mark.parametrize("wrong", ["a b", "x" * 65, "é", "a/b"])
def test_home_id_is_a_short_plain_word(home: Path, wrong: str) -> None:
    assert settings(home, HOME_ID="production-2026").home_id == "production-2026"
    assert faults(home, HOME_ID=wrong) == [
        "PIPELINE_HOME_ID must be 1 to 64 letters, digits, dots, hyphens or underscores,"
        " such as production-2026."
    ]


def test_address_that_is_set_wins_over_what_runs(home: Path) -> None:
    running(home, json.dumps({"redis": "unix:///tmp/x/valkey.sock"}))
    found = settings(home, REDIS_URL="redis://host/0")
    assert (found.redis_url, found.smtp_url) == ("redis://host/0", None)


def test_whoever_starts_the_parts_does_not_read_their_addresses(home: Path) -> None:
    running(home, "{")
    assert Settings.from_env({"PIPELINE_HOME": str(home)}, running=False).redis_url is None


@pytest.mark.parametrize("text", ["{", "[]", '"x"'])
def test_address_file_that_is_broken_says_what_to_do(home: Path, text: str) -> None:
    running(home, text)
    assert faults(home) == [f"{home / ADDRESSES}: must be a JSON object of addresses; remove it."]


def test_address_file_that_cannot_be_read_is_named(home: Path) -> None:
    (home / ADDRESSES).mkdir()
    assert faults(home) == [f"{home / ADDRESSES}: cannot be read: Is a directory."]


def test_wrong_address_in_the_file_names_the_file(home: Path) -> None:
    running(home, json.dumps({"smtp": "gopher://h"}))
    assert faults(home) == [
        f"{home / ADDRESSES}: smtp must be smtp://, smtps:// or smtp+starttls:// with "
        "[USER:PASSWORD@]HOST:PORT."
    ]


def test_address_of_a_part_says_how_to_get_one(home: Path) -> None:
    found = settings(home, SMTP_URL="smtp://host:25")
    assert found.address("smtp") == "smtp://host:25"
    with pytest.raises(SettingsError) as caught:
        found.address("redis")
    assert str(caught.value) == (
        f"PIPELINE_REDIS_URL is not set and nothing runs in {home}: set it, or start everything with `pipeline up`."
    )


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("redis://host:6379/0", "redis://host:6379/0"),
        ("redis://u@host/0", "redis://u@host/0"),
        ("redis://u:geheim@host/0", "redis://u:***@host/0"),
        ("redis://:geheim@host/0", "redis://:***@host/0"),
        ("smtp://u:ge@heim@host:25", "smtp://u:***@host:25"),
        ("unix:///run/valkey.sock", "unix:///run/valkey.sock"),
    ],
)
def test_address_is_shown_without_its_password(url: str, shown: str) -> None:
    assert without_password(url) == shown


def test_trusted_certificates_are_a_file_of_them(home: Path, tmp_path: Path) -> None:
    _, certificate = self_signed(tmp_path)
    assert settings(home, SMTP_CA=str(certificate)).smtp_ca == certificate


@pytest.mark.parametrize("text", ["", "no certificate"])
def test_file_without_certificates_is_refused(home: Path, tmp_path: Path, text: str) -> None:
    (tmp_path / "ca.pem").write_text(text)
    [fault] = faults(home, SMTP_CA=str(tmp_path / "ca.pem"))
    assert "PIPELINE_SMTP_CA must be a file of certificates (PEM)" in fault


def test_absent_file_of_certificates_is_refused(home: Path, tmp_path: Path) -> None:
    [fault] = faults(home, SMTP_CA=str(tmp_path / "absent"))
    assert fault == "PIPELINE_SMTP_CA must be a file of certificates (PEM): No such file or directory."


@pytest.mark.parametrize(
    ("url", "is_open"),
    [
        ("smtp://u:p@mail.example", True),
        ("smtp://u:p@192.0.2.1:25", True),
        ("smtp://u:p@localhost", False),
        ("smtp://u:p@127.0.0.1:2525", False),
        ("smtp://u:p@[::1]:2525", False),
        ("smtp://mail.example", False),
        ("smtps://u:p@mail.example", False),
        ("smtp+starttls://u:p@mail.example", False),
    ],
)
def test_password_is_in_the_open_where_it_leaves_the_machine_unencrypted(url: str, is_open: bool) -> None:
    assert is_password_in_the_open(url) is is_open
