"""The OPC UA servers as independent asyncua clients meet them: what they show, and whom they turn away."""

import asyncio
import socket
import struct
import time
from datetime import UTC, datetime

import pytest
from asyncua import Client, ua
from asyncua.crypto.security_policies import SecurityPolicyBasic256Sha256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from bridges.errors import ConnectionFailed
from bridges.opcua import server as opcua
from bridges.opcua.filters import fault_of
from bridges.wire.statefile import Login
from sync.vocabulary.changes import Change
from sync.vocabulary.errors import Refused

START = 1_767_571_200_000
USER = Login("operator", "a-password")
SIGNALS = {
    "lyon": ["lyon.L1.press.state", "lyon.L1.press.count", "lyon.L1.good"],
    "porto": ["porto.L1.press.state", "porto.L1.press.count"],
}
LIMIT_S = 60


def run(coroutine):
    return asyncio.run(asyncio.wait_for(coroutine, LIMIT_S))


async def serving(**kwargs):
    return await opcua.open_servers("net", SIGNALS, first_port=0, users=[USER], start_epoch_ms=START, **kwargs)


async def secured(url: str, folder, login: Login | None = USER) -> Client:
    """A client with a certificate of its own."""
    uri = "urn:plantsync:test-client"
    certificate, key = await asyncio.to_thread(opcua._self_signed, uri)
    (folder / "c.der").write_bytes(certificate.public_bytes(Encoding.DER))
    (folder / "k.pem").write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    client = Client(url, timeout=10)
    client.application_uri = uri
    if login is not None:
        client.set_user(login.username)
        client.set_password(login.password)
    await client.set_security(
        SecurityPolicyBasic256Sha256,
        str(folder / "c.der"),
        str(folder / "k.pem"),
        mode=ua.MessageSecurityMode.SignAndEncrypt,
    )
    return client


async def stop(servers) -> None:
    await asyncio.gather(*(server.stop() for server in servers.values()))


def test_a_client_with_credentials_reads_value_source_time_and_change_id(tmp_path) -> None:
    async def story() -> None:
        servers = await serving()
        try:
            lyon = servers["lyon"]
            await lyon.write(Change("lyon.L1/7", 90_061_001, "lyon.L1.press.state", "Aborted"))
            await lyon.write(Change("lyon.L1/8", 90_061_002, "lyon.L1.press.count", 41))
            async with await secured(lyon.url, tmp_path) as client:
                index = await client.get_namespace_index("urn:plantsync:net")
                path = [f"{index}:{name}" for name in ("lyon", "L1", "press")]
                press = await client.nodes.objects.get_child(path)
                names = {(await child.read_browse_name()).Name for child in await press.get_children()}
                assert names == {"State", "StateChangeId", "Count", "CountChangeId"}
                for name, value, change, source_ms in (
                    ("State", "Aborted", "lyon.L1/7", START + 90_061_001),
                    ("Count", 41, "lyon.L1/8", START + 90_061_002),
                ):
                    shown = await (await press.get_child(f"{index}:{name}")).read_data_value()
                    told = await (await press.get_child(f"{index}:{name}ChangeId")).read_data_value()
                    assert (shown.Value.Value, told.Value.Value) == (value, change)
                    when = datetime.fromtimestamp(source_ms / 1000, UTC)
                    assert shown.SourceTimestamp == told.SourceTimestamp
                    assert abs((shown.SourceTimestamp.replace(tzinfo=UTC) - when).total_seconds()) < 1e-4
                good = await (await client.nodes.objects.get_child([*path[:2], f"{index}:Good"])).read_data_value(
                    raise_on_bad_status=False
                )
                assert good.StatusCode.name == "BadWaitingForInitialData", "no value is not zero"
        finally:
            await stop(servers)

    run(story())


def test_a_subscription_sees_each_change_with_its_id_in_order(tmp_path) -> None:
    async def story() -> None:
        servers = await serving()
        seen: list[tuple[str, object, object]] = []

        class Listener:
            def datachange_notification(self, node, value, data) -> None:
                seen.append((node.nodeid.Identifier, value, data.monitored_item.Value.SourceTimestamp))

        try:
            lyon = servers["lyon"]
            await lyon.write(Change("lyon.L1/0", 0, "lyon.L1.press.count", 0))
            async with await secured(lyon.url, tmp_path) as client:
                subscription = await client.create_subscription(50, Listener())
                nodes = [client.get_node(f"ns=2;s=lyon.L1.press.{name}") for name in ("Count", "CountChangeId")]
                await subscription.subscribe_data_change(nodes, queuesize=100)
                for n in range(1, 11):
                    await lyon.write(Change(f"lyon.L1/{n}", n * 1000, "lyon.L1.press.count", n))
                while len(seen) < 22:
                    await asyncio.sleep(0.02)
                await subscription.delete()
        finally:
            await stop(servers)
        counts = [(value, when) for name, value, when in seen if name.endswith("Count")]
        changes = [(value, when) for name, value, when in seen if name.endswith("ChangeId")]
        assert [value for value, _ in counts] == list(range(11))
        assert [value for value, _ in changes] == [f"lyon.L1/{n}" for n in range(11)]
        assert [when for _, when in counts] == [when for _, when in changes]

    run(story())


@pytest.mark.parametrize(
    ("node", "kind", "band", "status"),
    [
        ("Count", 1, 5, "Good"),
        ("Count", 1, 0, "Good"),
        ("Count", 2, 90, "BadMonitoredItemFilterUnsupported"),
        ("Count", 2, 500, "BadDeadbandFilterInvalid"),
        ("Count", 2, -1, "BadDeadbandFilterInvalid"),
        ("Count", 1, -5, "BadDeadbandFilterInvalid"),
        ("Count", 1, float("nan"), "BadDeadbandFilterInvalid"),
        ("Count", 1, float("inf"), "BadDeadbandFilterInvalid"),
        ("Count", 3, 5, "BadMonitoredItemFilterInvalid"),
        ("State", 1, 5, "BadFilterNotAllowed"),
        ("State", 1, -5, "BadDeadbandFilterInvalid"),
        ("CountChangeId", 2, 5, "BadFilterNotAllowed"),
        ("State", 0, 5, "Good"),  # no deadband: its value means nothing
    ],
)
def test_a_filter_is_judged_as_part_4_says(node, kind, band, status) -> None:
    number = {"Count": 8, "State": 12, "CountChangeId": 12}[node]
    wish = ua.DataChangeFilter(Trigger=ua.DataChangeTrigger.StatusValue, DeadbandType=kind, DeadbandValue=band)
    code = fault_of(ua, number, ua.AttributeIds.Value, wish)
    assert ua.StatusCode(code or 0).name == status
    named = fault_of(ua, number, ua.AttributeIds.DisplayName, wish)
    assert named == ua.StatusCodes.BadFilterNotAllowed
    assert (
        fault_of(ua, number, ua.AttributeIds.Value, ua.EventFilter())
        == ua.StatusCodes.BadMonitoredItemFilterUnsupported
    )


def test_a_deadband_is_refused_over_the_wire_or_holds_against_what_was_told_last(tmp_path) -> None:
    async def story() -> None:
        servers = await serving()
        seen: list[int] = []

        class Listener:
            def datachange_notification(self, node, value, data) -> None:
                seen.append(value)

        try:
            lyon = servers["lyon"]
            await lyon.write(Change("lyon.L1/0", 0, "lyon.L1.press.count", 0))
            async with await secured(lyon.url, tmp_path) as client:
                subscription = await client.create_subscription(50, Listener())
                count, state = (client.get_node(f"ns=2;s=lyon.L1.press.{name}") for name in ("Count", "State"))
                for node, band, kind in ((count, 90, 2), (count, -5, 1), (state, 5, 1)):
                    with pytest.raises(ua.UaStatusCodeError) as refused:
                        await subscription.deadband_monitor(node, band, kind)
                    assert refused.value.code & 0x80000000
                await subscription.deadband_monitor(count, 5, 1, queuesize=100)
                for n in range(1, 21):
                    await lyon.write(Change(f"lyon.L1/{n}", n * 1000, "lyon.L1.press.count", n))
                await asyncio.sleep(0.5)
                await subscription.delete()
        finally:
            await stop(servers)
        assert seen == [0, 6, 12, 18]

    run(story())


def test_anonymous_wrong_password_and_policy_none_are_refused_and_discovery_is_not(tmp_path) -> None:
    async def story() -> None:
        servers = await serving()
        try:
            url = servers["lyon"].url
            offered = await Client(url).connect_and_get_server_endpoints()
            assert [e.SecurityMode for e in offered] == [ua.MessageSecurityMode.SignAndEncrypt]
            assert {t.TokenType for e in offered for t in e.UserIdentityTokens} == {ua.UserTokenType.UserName}
            for login in (None, Login("operator", "wrong"), Login("nobody", "a-password"), Login("operator", "")):
                with pytest.raises(ua.UaError):
                    async with await secured(url, tmp_path, login):
                        pass
            plain = Client(url, timeout=3)
            plain.set_user(USER.username)
            plain.set_password(USER.password)
            with pytest.raises((ua.UaError, ConnectionError, TimeoutError, asyncio.TimeoutError)):
                async with plain:
                    pass
            async with await secured(url, tmp_path) as client:
                assert (await client.read_values([client.nodes.server_state]))[0] == 0, "and it goes on serving"
        finally:
            await stop(servers)

    run(story())


def test_a_client_that_ignores_what_is_offered_gets_no_session_without_security() -> None:
    async def story() -> None:
        servers = await serving()
        bold = Client(servers["lyon"].url, timeout=3)
        try:
            await bold.connect_socket()
            await bold.send_hello()
            await bold.open_secure_channel()
            with pytest.raises(ua.uaerrors.BadSecurityPolicyRejected):
                await bold.uaclient.create_session(ua.CreateSessionParameters())
        finally:
            bold.disconnect_socket()
            await stop(servers)

    run(story())


def test_nobody_may_write_or_add_nodes(tmp_path) -> None:
    async def story() -> None:
        servers = await serving()
        try:
            await servers["lyon"].write(Change("lyon.L1/1", 1, "lyon.L1.press.count", 1))
            async with await secured(servers["lyon"].url, tmp_path) as client:
                node = client.get_node("ns=2;s=lyon.L1.press.Count")
                for value in (7, float("nan")):
                    with pytest.raises(ua.UaError):
                        await node.write_value(value)
                with pytest.raises(ua.UaError):
                    await client.nodes.objects.add_object("ns=2;s=mine", "2:mine")
                assert await node.read_value() == 1
        finally:
            await stop(servers)

    run(story())


def test_an_endless_chunk_is_cut_and_service_continues(tmp_path) -> None:
    async def story() -> None:
        servers = await serving()
        try:
            lyon = servers["lyon"]

            def flood() -> int:
                with socket.create_connection((lyon.host, lyon.port), timeout=5) as victim:
                    victim.sendall(b"HELF" + struct.pack("<I", 0x7FFFFFFF))
                    sent = 0
                    try:
                        while sent < 64 << 20:
                            victim.sendall(b"x" * 65536)
                            sent += 65536
                    except OSError:
                        pass
                    return sent

            assert await asyncio.to_thread(flood) < 32 << 20
            async with await secured(lyon.url, tmp_path) as client:
                assert (await client.read_values([client.nodes.server_state]))[0] == 0
        finally:
            await stop(servers)

    run(story())


def test_insecure_offers_policy_none_and_anonymous_on_loopback_only(tmp_path) -> None:
    async def story() -> None:
        servers = await serving(insecure=True)
        try:
            await servers["porto"].write(Change("porto.L1/1", 5, "porto.L1.press.state", "Idle"))
            async with Client(servers["porto"].url) as client:
                assert await client.get_node("ns=2;s=porto.L1.press.State").read_value() == "Idle"
        finally:
            await stop(servers)

    run(story())
    with pytest.raises(Refused, match="only loopback"):
        opcua.PlantServer("n", "p", [], port=0, users=[], start_epoch_ms=0, host="0.0.0.0", insecure=True)


def test_a_taken_port_is_one_clear_line_and_nothing_stays_open() -> None:
    async def story() -> None:
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))
            taken.listen()
            port = taken.getsockname()[1]
            with pytest.raises(ConnectionFailed, match=rf"^127\.0\.0\.1:{port} for the OPC UA server of lyon"):
                await opcua.open_servers("n", {"lyon": []}, first_port=port, users=[], start_epoch_ms=0)

    run(story())


def test_the_second_server_starts_much_faster_than_the_first_ever_did() -> None:
    async def story() -> float:
        first = await serving()
        begun = time.monotonic()
        second = await serving()
        took = time.monotonic() - begun
        await stop(first)
        await stop(second)
        return took

    print("two further servers took", run(story()), "s")


def test_an_unknown_signal_is_counted_and_harmless() -> None:
    async def story() -> None:
        servers = await serving()
        await servers["lyon"].write(Change("x/1", 0, "lyon.L9.press.state", "Idle"))
        assert (servers["lyon"].refused, servers["lyon"].written) == (1, 0)
        await stop(servers)

    run(story())
