"""The environment of a process: ``PIPELINE_…``, with defaults that need nothing set."""

from __future__ import annotations

import base64
import ipaddress
import json
import re
import ssl
from collections.abc import Callable, Iterator, Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Final, Literal, Self
from urllib.parse import unquote, urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError
from redis.connection import parse_url
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError

from pipeline.errors import SettingsError
from pipeline.settings.faults import details, raise_all

PREFIX: Final = "PIPELINE_"
ADDRESSES: Final = "addresses.json"  # written into the home by whoever runs the embedded parts
DRIVERS: Final = {
    "sqlite": "sqlite",
    "sqlite+pysqlite": "sqlite",
    "postgres": "postgresql+psycopg",
    "postgresql": "postgresql+psycopg",
    "postgresql+psycopg": "postgresql+psycopg",
}
KEY_BYTES: Final = 32
SMTP_SCHEMES: Final = ("smtp", "smtps", "smtp+starttls")
_HOME_ID: Final = re.compile(r"[A-Za-z0-9._-]{1,64}")
_CHECKOUT: Final = Path(__file__).resolve().parents[2]


def _database_url(text: str) -> str:
    try:
        url = make_url(text)
    except (ArgumentError, ValueError):
        url = URL.create("")
    driver = DRIVERS.get(url.drivername)
    if driver is None or (driver == "sqlite" and url.database in (None, "", ":memory:")):
        raise ValueError("must be sqlite:///FILE or postgresql://USER:PASSWORD@HOST/DATABASE")
    if driver == "sqlite":  # several processes must mean the same file, wherever each was started
        url = url.set(database=str(_absolute(Path(url.database or ""))))
    return url.set(drivername=driver).render_as_string(hide_password=False)


def _redis_url(text: str) -> str:
    check: Callable[[str], object] = parse_url  # redis has no types for it
    try:
        check(text)
    except ValueError:
        raise ValueError("must be redis://HOST:PORT/0, rediss://HOST:PORT/0 or unix:///SOCKET") from None
    return text


def _smtp_url(text: str) -> str:
    try:
        parts = urlsplit(text)
        known = parts.scheme in SMTP_SCHEMES and parts.hostname and parts.port != 0
    except ValueError:
        known = False
    if not known:
        raise ValueError("must be smtp://, smtps:// or smtp+starttls:// with [USER:PASSWORD@]HOST:PORT")
    return text


def _certificates(path: Path) -> Path:
    try:
        ssl.create_default_context(cafile=_absolute(path))
    except OSError as error:  # also what is no certificate
        raise ValueError(f"must be a file of certificates (PEM): {error.strerror}") from None
    return _absolute(path)


def _journal_key(text: str) -> str:
    try:
        raw = base64.b64decode(text, validate=True)
    except ValueError:
        raw = b""
    if len(raw) != KEY_BYTES:
        raise ValueError(f"must be the base64 of the {KEY_BYTES} bytes of an Ed25519 key")
    return text


def _host(text: str) -> str:
    if text != "localhost":
        try:
            ipaddress.ip_address(text)
        except ValueError:
            raise ValueError("must be localhost or an IP address, such as 127.0.0.1") from None
    return text


def _home_id(text: str) -> str:
    if not _HOME_ID.fullmatch(text):
        raise ValueError(
            "must be 1 to 64 letters, digits, dots, hyphens or underscores, such as production-2026"
        )
    return text


def _absolute(path: Path) -> Path:
    return path.expanduser().absolute()


Place = Annotated[Path, AfterValidator(_absolute)]
DatabaseUrl = Annotated[str, AfterValidator(_database_url)]
RedisUrl = Annotated[str, AfterValidator(_redis_url)]
SmtpUrl = Annotated[str, AfterValidator(_smtp_url)]
Certificates = Annotated[Path, AfterValidator(_certificates)]
Host = Annotated[str, AfterValidator(_host)]
JournalKey = Annotated[str, AfterValidator(_journal_key)]
Port = Annotated[int, Field(ge=0, le=65535)]
Connections = Annotated[int, Field(ge=2, le=200)]
HomeId = Annotated[str, AfterValidator(_home_id)]


class Settings(BaseModel):
    """What one process is told; the attribute ``x_y`` comes from the variable ``PIPELINE_X_Y``.

    Attributes:
        home: folder with all state: database, Valkey's files, ``mail/``, ``logos/``, ``log/``.
        home_id: which database may mail by ``smtp_url``: the one that has this id.
        database_url: SQLite file or PostgreSQL; by default ``pipeline.db`` in the home.
        database_connections: how many to PostgreSQL each process takes at most; more than a worker has threads.
        redis_url: Redis or Valkey, 6.2 or newer; ``None`` when neither set nor running in the home.
        smtp_url: the relay for outgoing mail; ``None`` likewise.
        smtp_ca: certificates that the relay's own must go back to, instead of those the machine trusts.
        mail_is_caught: whether that relay delivers nothing, so that any home may use it; set by whoever
            runs the catcher.
        web_host: address that the pages are served on.
        web_port: port of the pages; 0 lets the system choose.
        bounces: a Maildir into which the mail system puts what comes back; the waker looks into it.
        policy: the register's rules, a TOML file.
        calendar: folder of TOML files with holidays.
        regions: which places lie in which region of the school holidays, a TOML file.
        log_format: lines for people or JSON for a collector.
        address_file: where ``web`` writes the address it got, for whoever started it.
        journal_key: signs the journal's checkpoints; goes before ``journal_key_file``.
        journal_key_file: holds such a key, as systemd's credentials do.
    """

    # Addresses may hold passwords: they show neither in a repr nor with an error.
    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    home: Place
    home_id: HomeId | None = None
    database_url: DatabaseUrl = Field(repr=False)
    database_connections: Connections = 12
    redis_url: RedisUrl | None = Field(None, repr=False)
    smtp_url: SmtpUrl | None = Field(None, repr=False)
    smtp_ca: Certificates | None = None
    mail_is_caught: bool = False
    web_host: Host = "127.0.0.1"
    web_port: Port = 0
    bounces: Place | None = None
    policy: Place
    calendar: Place
    regions: Place
    log_format: Literal["text", "json"] = "text"
    address_file: Place | None = None
    journal_key: JournalKey | None = Field(None, repr=False)
    journal_key_file: Place | None = None

    @classmethod
    def from_env(cls, environ: Mapping[str, str], *, running: bool = True, base: Path | None = None) -> Self:
        """Read the settings; a variable that is empty counts as not set.

        Args:
            environ: such as ``os.environ``.
            running: take addresses that are not set from the embedded parts running in the home;
                whoever starts those parts passes ``False``.
            base: folder of ``config/`` and ``var/``; by default the checkout, else the current folder.

        Raises:
            SettingsError: names every faulty variable and what it may be, one a line.
        """
        given = {name: environ.get(_variable(name), "").strip() for name in cls.model_fields}
        given = {name: value for name, value in given.items() if value}
        values = {**_defaults(base or _base(), given.get("home")), **given}
        found = _running(Path(values["home"])) if running else {}
        if "smtp_url" in found and "smtp_url" not in values:
            found["mail_is_caught"] = "true"  # nothing else runs there
        faults = list(_misspelt(environ))
        try:
            settings = cls.model_validate({**found, **values})
        except ValidationError as error:
            faults += [
                f"{_origin(str(place[0]), given, values['home'])} {what}." for place, what in details(error)
            ]
        raise_all(faults)
        return settings

    @property
    def secrets(self) -> frozenset[str]:
        """The passwords among these settings, as they are written and as they are meant."""
        urls = (self.database_url, self.redis_url, self.smtp_url)
        written = {urlsplit(url).password or "" for url in urls if url is not None}
        return frozenset({*written, *map(unquote, written)} - {""})

    def address(self, part: Literal["redis", "smtp"]) -> str:
        """Return the address of a part that the caller cannot do without.

        Raises:
            SettingsError: it is neither set nor running in this home.
        """
        address = self.redis_url if part == "redis" else self.smtp_url
        if address is None:
            raise SettingsError(
                f"{_variable(part + '_url')} is not set and nothing runs in {self.home}: "
                "set it, or start everything with `pipeline up`."
            )
        return address


def without_password(url: str) -> str:
    """Return an address as people may see it: a password shows as ``***``."""
    parts = urlsplit(url)
    _, at, place = parts.netloc.rpartition("@")
    if not at or parts.password is None:
        return url
    return parts._replace(netloc=f"{parts.username or ''}:***@{place}").geturl()


def is_password_in_the_open(smtp_url: str) -> bool:
    """Say whether a login at the relay leaves this machine without encryption."""
    parts = urlsplit(smtp_url)
    return parts.scheme == "smtp" and parts.password is not None and not _is_here(parts.hostname or "")


def _is_here(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _base() -> Path:
    return _CHECKOUT if (_CHECKOUT / "config" / "policy.toml").is_file() else Path.cwd()


def _defaults(base: Path, home: str | None) -> dict[str, str]:
    home = str(_absolute(Path(home or base / "var")))
    return {
        "home": home,
        "database_url": URL.create("sqlite", database=f"{home}/pipeline.db").render_as_string(),
        "policy": str(base / "config" / "policy.toml"),
        "calendar": str(base / "config" / "calendar"),
        "regions": str(base / "config" / "regions.toml"),
    }


def _running(home: Path) -> dict[str, str]:
    """Addresses of the embedded Redis and mail server, left in the home by who runs them."""
    path = _absolute(home) / ADDRESSES
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
        return {f"{part}_url": str(document[part]) for part in ("redis", "smtp") if document.get(part)}
    except FileNotFoundError:
        return {}
    except OSError as error:
        raise SettingsError(f"{path}: cannot be read: {error.strerror}.") from None
    except (ValueError, AttributeError):
        raise SettingsError(f"{path}: must be a JSON object of addresses; remove it.") from None


def _variable(name: str) -> str:
    return PREFIX + name.upper()


def _origin(name: str, given: Mapping[str, str], home: str) -> str:
    """Say where a value came from: the environment or the embedded parts' file."""
    if name in given or name not in ("redis_url", "smtp_url"):
        return _variable(name)
    return f"{_absolute(Path(home)) / ADDRESSES}: {name.removesuffix('_url')}"


def _misspelt(environ: Mapping[str, str]) -> Iterator[str]:
    """Other programs use the prefix too, so only what looks like one of ours is a fault."""
    known = [_variable(name) for name in Settings.model_fields]
    for key in sorted(environ):
        if key.startswith(PREFIX) and key not in known:
            for meant in get_close_matches(key, known, n=1, cutoff=0.88):
                yield f"{key} is not a setting; {meant} is probably meant."
