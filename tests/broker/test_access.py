"""What the users of ``config/valkey.acl.example`` may do: their work, and nothing else."""

from __future__ import annotations

import asyncio
import json
import ssl
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import dramatiq
import pytest
import redis
from dramatiq.brokers.redis import RedisBroker

from pipeline import contract
from pipeline.broker import presence, redis_broker
from pipeline.broker.depth import waiting
from pipeline.broker.queues import INTAKE, QUEUES, ring
from pipeline.broker.redis_broker import HintBroker, connect
from pipeline.web import traffic
from tests.broker.conftest import as_user, declare, nobody_keeps, working
from tests.broker.test_consumer import SOON, Seen, becomes
from tests.mail.certificates import self_signed
from tests.serving import in_a_thread


@pytest.fixture
def ours(server: str) -> Iterator[redis.Redis]:
    """A connection with the rights of the pipeline."""
    with connect(server) as client:
        yield client


@pytest.fixture
def portal(owned: str, server: str) -> Iterator[redis.Redis]:
    """A connection with the rights of a program that drops events."""
    with connect(as_user(owned, "portal")) as client:
        yield client


def test_pipeline_may_see_what_doctor_and_pages_show(ours: redis.Redis) -> None:
    assert "maxmemory_policy" in ours.info()
    assert presence.workers(ours) == 0
    assert traffic.look(ours).workers == 0


@pytest.mark.parametrize(
    "command",
    [
        ("FLUSHALL",),
        ("CONFIG", "GET", "*"),
        ("SHUTDOWN",),
        ("ACL", "LIST"),
        ("GET", "dramatiq:intake"),
        ("LLEN", "another:queue"),
    ],
)
def test_pipeline_may_do_nothing_else(owned: str, command: tuple[str, ...], server: str) -> None:
    with connect(server) as client, pytest.raises(redis.exceptions.NoPermissionError):
        client.execute_command(*command)
    with connect(owned) as owner:
        owner.acl_log_reset()  # that was asked for


def test_portal_drops_an_event_that_a_worker_takes(broker: HintBroker, portal: redis.Redis) -> None:
    receive = Seen()
    declare(broker, "receive", receive)
    message: dramatiq.Message[None] = dramatiq.Message(
        INTAKE, "receive", ('{"id": "1"}',), {}, {"redis_message_id": "m1"}
    )
    with portal.pipeline(transaction=True) as pipe:
        pipe.hset(f"{contract.NAMESPACE}:intake.msgs", "m1", message.encode())
        pipe.rpush(f"{contract.NAMESPACE}:intake", "m1")
        pipe.execute()
    with working(broker):
        assert receive.enough.wait(SOON)
    assert json.loads(str(receive.args[0])) == {"id": "1"}


def test_portal_may_use_plain_dramatiq(owned: str, broker: HintBroker) -> None:
    receive = Seen()
    declare(broker, "receive", receive)
    sender = RedisBroker(url=as_user(owned, "portal"), maintenance_chance=0)  # type: ignore[no-untyped-call]
    sender.enqueue(dramatiq.Message(INTAKE, "receive", ({"id": "1"},), {}, {}))
    with working(broker):
        assert receive.enough.wait(SOON)
    sender.client.close()


def test_portal_reads_nothing_and_rings_nobody(portal: redis.Redis) -> None:
    for command in (
        ("HGETALL", "dramatiq:intake.msgs"),
        ("LPOP", "dramatiq:intake"),
        ("RPUSH", "dramatiq:cases", "x"),
        ("HDEL", "dramatiq:intake.msgs", "x"),
        ("EVALSHA", _script(portal, "return redis.call('lpop', KEYS[1])"), "1", "dramatiq:intake"),
    ):
        with pytest.raises(redis.ResponseError, match=r"(?i)no permissions"):
            portal.execute_command(*command)  # type: ignore[no-untyped-call]


def _script(client: redis.Redis, text: str) -> str:
    return str(client.script_load(text))


def test_encrypted_connection_carries_all_of_it(server: str, client: redis.Redis, tmp_path: Path) -> None:
    with encrypted(server, tmp_path) as url, closing(redis_broker.build(url, keep=nobody_keeps)) as broker:
        broker.declare_queue("cases")
        decide = Seen(wanted=2)
        declare(broker, "decide", decide)
        with working(broker):
            for number in range(2):
                ring(broker, "decide", f"c{number}")
            assert decide.enough.wait(SOON)
            assert becomes(lambda: waiting(client, QUEUES) == 0)


def test_server_whose_certificate_nobody_vouches_for_is_not_spoken_to(server: str, tmp_path: Path) -> None:
    with encrypted(server, tmp_path) as url:
        strange = url.partition("?")[0]
        with connect(strange) as client, pytest.raises(redis.ConnectionError, match="certificate"):
            client.ping()


@contextmanager
def encrypted(url: str, folder: Path) -> Iterator[str]:
    """Serve a Redis with TLS, which the package's binary was built without, on a free port of loopback."""
    context, certificate = self_signed(folder)
    place = urlsplit(url)
    loop = asyncio.new_event_loop()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        inner_reader, inner_writer = await asyncio.open_unix_connection(place.path)
        await asyncio.gather(_pump(reader, inner_writer), _pump(inner_reader, writer))

    serving = loop.run_until_complete(asyncio.start_server(serve, "127.0.0.1", 0, ssl=context))
    with in_a_thread(loop, serving) as port:
        user = f"{place.username}:{place.password}"
        yield f"rediss://{user}@127.0.0.1:{port}/0?ssl_ca_certs={certificate}"


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while said := await reader.read(1 << 16):
            writer.write(said)
            await writer.drain()
    except (OSError, ssl.SSLError):
        pass
    finally:
        writer.close()
