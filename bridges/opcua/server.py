"""One OPC UA server per plant: machine states and counters, closed by default.

    Objects / <plant> / <line> / <machine> / State, StateChangeId, Count, CountChangeId
    Objects / <plant> / <line> / Good, GoodChangeId, ...

A DataValue has no field for a change id, so each signal has a sibling variable `...ChangeId`, written with the same
source timestamp, which is the change's virtual source time. Node ids are the paths: `ns=2;s=lyon.L1.press.State`.
This is the only module that touches asyncua, and the wrapper that overrides its defaults:

    asyncua's default                           here
    policy None offered, and taken silently     Basic256Sha256, SignAndEncrypt; anything but discovery refused without
    anonymous, any password                     users and passwords made at start, nobody else
    0.0.0.0                                     127.0.0.1
    messages to 100 MB, 1,000 connections,      1 MiB, 32 connections, a chunk never larger than announced,
    30 s without a session, endless buffering   10 s without a session
    every filter of an item taken as Good       judged as Part 4 says (`filters`)
    the standard nodes built for every server   built once, then copied (1.2 s for the first, 0.1 s for the others)

Not yet: companion nodesets (DI, Machinery, PackML), methods, events, a trust list of client certificates.
"""

import asyncio
import copy
import gc
import hmac
import logging
import threading
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from importlib import import_module
from ipaddress import ip_address
from typing import Any

from bridges.errors import ConnectionFailed
from bridges.opcua.filters import judging
from bridges.wire.codec import instant
from bridges.wire.endpoint import LOOPBACK, check_free, is_loopback
from bridges.wire.statefile import Login
from sync.vocabulary.changes import Change, Value
from sync.vocabulary.errors import Refused

MAX_MESSAGE = 1 << 20
MAX_CHUNK = 65_535
MAX_CONNECTIONS = 32
MAX_SUBSCRIPTIONS = 200
SESSIONLESS_S = 10.0
CERTIFICATE_DAYS = 90

_standard: dict[Any, Any] = {}  # the standard address space, built once per process
_building = threading.Lock()


def _asyncua(module: str = "") -> Any:
    """A module of asyncua, imported when it is first needed (0.3 s). Any: its own types contradict its use."""
    return import_module(f"asyncua{module}")


def browse_name(tag: str) -> str:
    """The variable's name of a tag: `state` -> State, `cycle_time` -> CycleTime."""
    return "".join(word[:1].upper() + word[1:] for word in tag.split("_"))


class PlantServer:
    """The server of one plant. `start`, then `write` changes, then `stop`; all on one event loop."""

    def __init__(
        self,
        enterprise: str,
        plant: str,
        signals: Sequence[str],
        *,
        port: int,
        users: Sequence[Login],
        start_epoch_ms: int,
        host: str = LOOPBACK,
        insecure: bool = False,
    ) -> None:
        """port 0: any free one. Raises Refused: another host than loopback is not served in this version."""
        if not is_loopback(host):
            raise Refused(f"OPC UA on {host}: only loopback is served, --insecure or not")
        self.plant, self.host, self.port = plant, host, port
        self.written = self.refused = 0
        self._enterprise, self._signals, self._users = enterprise, list(signals), list(users)
        self._start_epoch_ms, self._insecure = start_epoch_ms, insecure
        self._nodes: dict[str, tuple[Any, Any]] = {}  # signal -> node ids of the value and of its change id
        self._server: Any = None

    @property
    def url(self) -> str:
        return f"opc.tcp://{self.host}:{self.port}/plantsync/{self.plant}"

    async def start(self) -> "PlantServer":
        """Listen. Raises ConnectionFailed when the port is taken."""
        if self.port:
            check_free(self.port, f"the OPC UA server of {self.plant}")
        self._server = await _closed_server(self._uri, self.url, self._users, self._insecure)
        await self._add_nodes()
        try:
            await self._server.start()
        except OSError as fault:
            raise ConnectionFailed(f"{self.url}: {fault.strerror or fault}") from None
        if not self.port:
            self.port = int(self._server.bserver.port)
        return self

    @property
    def _uri(self) -> str:
        return f"urn:plantsync:{self._enterprise}:{self.plant}"

    async def _add_nodes(self) -> None:
        """Folders for plant, line and machine; two read-only variables per signal, waiting for their first value."""
        ua = _asyncua().ua
        index = await self._server.register_namespace(f"urn:plantsync:{self._enterprise}")
        folders: dict[tuple[str, ...], Any] = {(): self._server.nodes.objects}
        for signal in self._signals:
            *place, tag = signal.split(".")
            for depth in range(1, len(place) + 1):
                path = tuple(place[:depth])
                if path not in folders:
                    node_id = ua.NodeId(".".join(path), index)
                    folders[path] = await folders[path[:-1]].add_object(node_id, f"{index}:{path[-1]}")
            parent, name = folders[tuple(place)], browse_name(tag)
            pair = []
            for suffix, blank in (("", "" if tag == "state" else 0), ("ChangeId", "")):
                node_id = ua.NodeId(f"{'.'.join(place)}.{name}{suffix}", index)
                node = await parent.add_variable(node_id, f"{index}:{name}{suffix}", _variant(blank))
                waiting = ua.DataValue(StatusCode=ua.StatusCode(ua.StatusCodes.BadWaitingForInitialData))
                await self._server.write_attribute_value(node.nodeid, waiting)
                pair.append(node.nodeid)
            self._nodes[signal] = (pair[0], pair[1])

    async def write(self, change: Change) -> None:
        """Write the value and its change id with one source timestamp. An unknown signal is counted, not fatal.

        Nothing is awaited between the two that could let a client read in between.
        """
        ua = _asyncua().ua
        nodes = self._nodes.get(change.signal)
        if nodes is None:
            self.refused += 1
            return
        source = instant(self._start_epoch_ms + change.time_ms)
        status = ua.StatusCode(ua.StatusCodes.Good if change.quality == "good" else ua.StatusCodes.Uncertain)
        now = datetime.now(UTC)
        for node, variant in zip(nodes, (_variant(change.value), ua.Variant(change.id)), strict=True):
            value = ua.DataValue(variant, status, SourceTimestamp=source, ServerTimestamp=now)
            await self._server.write_attribute_value(node, value)
        self.written += 1

    async def stop(self) -> None:
        """Close every connection and the socket."""
        if self._server is not None and self._server.bserver is not None:
            clock, self._server.iserver.time_task = self._server.iserver.time_task, None
            if clock is not None:
                clock.cancel()  # it would sleep its second out
            await self._server.stop()


async def open_servers(
    enterprise: str,
    signals: Mapping[str, Sequence[str]],
    *,
    first_port: int,
    users: Sequence[Login],
    start_epoch_ms: int,
    insecure: bool = False,
) -> dict[str, PlantServer]:
    """A server per plant on first_port, first_port + 1, ... in the mapping's order (0: any free ports), started.

    Raises ConnectionFailed when a port is taken; what was started is stopped then.
    """
    servers = {
        plant: PlantServer(
            enterprise,
            plant,
            names,
            port=first_port + n if first_port else 0,
            users=users,
            start_epoch_ms=start_epoch_ms,
            insecure=insecure,
        )
        for n, (plant, names) in enumerate(signals.items())
    }
    results = await asyncio.gather(*(server.start() for server in servers.values()), return_exceptions=True)
    faults = [result for result in results if isinstance(result, BaseException)]
    if faults:
        await asyncio.gather(*(server.stop() for server in servers.values()), return_exceptions=True)
        raise faults[0]
    return servers


# --- the wrapper around asyncua -------------------------------------------------------------------------------------
async def _closed_server(uri: str, url: str, users: Sequence[Login], insecure: bool) -> Any:
    ua, limits = _asyncua().ua, _asyncua(".common.connection").TransportLimits
    logging.getLogger("asyncua").setLevel(logging.CRITICAL)  # it logs each refused client with a traceback
    inner = _make_inner(_make_users(users, insecure))
    server = _asyncua().Server(iserver=inner)
    server.limits = limits(MAX_CHUNK, MAX_CHUNK, -(-MAX_MESSAGE // MAX_CHUNK), MAX_MESSAGE)
    await server.init()
    await server.set_application_uri(uri)
    server.set_server_name("PlantSync")
    server.set_endpoint(url)
    inner.certificate, inner.private_key = await asyncio.to_thread(_self_signed, uri)
    closed = ua.SecurityPolicyType.Basic256Sha256_SignAndEncrypt
    server.set_security_policy([closed, ua.SecurityPolicyType.NoSecurity] if insecure else [closed])
    anonymous = [ua.AnonymousIdentityToken] if insecure else []
    server.set_identity_tokens([ua.UserNameIdentityToken, *anonymous])
    if not insecure:
        _guard(server)
    return server


def _make_users(users: Sequence[Login], insecure: bool) -> Any:
    """A user manager that compares passwords in constant time. Everybody is a plain user: nobody may write or call."""
    rules = _asyncua(".crypto.permission_rules")
    user = rules.UserRole.User

    class Users:
        def get_user(
            self, _server: Any, username: str | None = None, password: str | None = None, certificate: Any = None
        ) -> Any:
            if username is None:
                return rules.User(role=user, name="anonymous") if insecure else None
            given = (password or "").encode()
            for login in users:
                if login.username == username and hmac.compare_digest(login.password.encode(), given):
                    return rules.User(role=user, name=username)
            return None

    return Users()


def _make_inner(users: Any) -> Any:
    """The inner server with our limits, and with the standard nodes copied instead of built anew."""
    base: Any = _asyncua(".server.internal_server").InternalServer

    class Inner(base):  # type: ignore[misc]
        async def load_standard_address_space(self, shelf_file: Any = None) -> None:
            await asyncio.to_thread(_build_standard)
            _copy_nodes(_standard, self.aspace._nodes)

    inner = Inner(user_manager=users)
    judging(inner.subscription_service, _asyncua().ua, _asyncua(".server.monitored_item_service").MonitoredItemService)
    inner.max_connections = MAX_CONNECTIONS
    inner.max_subscriptions = MAX_SUBSCRIPTIONS
    inner.max_pending_activation_seconds = SESSIONLESS_S
    inner.allow_remote_admin = False
    return inner


def _build_standard() -> None:
    """Fill the standard address space from asyncua's generated code, once."""
    with _building:
        if _standard:
            return
        space = _asyncua(".server.address_space")
        nodes = space.AddressSpace()
        collecting = gc.isenabled()
        gc.disable()  # 6,000 nodes that all stay: collecting meanwhile doubles the time
        try:
            standard = _asyncua(".server.standard_address_space.standard_address_space")
            standard.fill_address_space(space.NodeManagementService(nodes))
        finally:
            if collecting:
                gc.enable()
        _standard.update(nodes._nodes)


def _copy_nodes(source: dict[Any, Any], target: dict[Any, Any]) -> None:
    """Copy the standard address space. Node ids, names and references of standard nodes never change and are shared;
    what a server writes (the Value attribute) and the containers are its own."""
    space = _asyncua(".server.address_space")
    value = _asyncua().ua.AttributeIds.Value
    for node_id, node in source.items():
        twin = space.NodeData(node_id)
        for attribute, holder in node.attributes.items():
            content = copy.deepcopy(holder.value) if attribute == value else holder.value
            twin.attributes[attribute] = space.AttributeValue(content)
        twin.references = list(node.references)
        target[node_id] = twin


def _guard(server: Any) -> None:
    """Let a channel without security do discovery only, and never buffer more than one chunk of an unfinished packet.

    asyncua starts every channel with policy None and keeps it when a client asks for it, offered or not; and it
    buffers whatever length a header announces.
    """
    ua, unsecured = _asyncua().ua, _asyncua(".crypto.security_policies").SecurityPolicyNone.URI
    binary: Any = _asyncua(".server.binary_server_asyncio")
    processor: Any = _asyncua(".server.uaprocessor").UaProcessor
    discovery = {
        ua.NodeId(ua.ObjectIds.GetEndpointsRequest_Encoding_DefaultBinary),
        ua.NodeId(ua.ObjectIds.FindServersRequest_Encoding_DefaultBinary),
        ua.NodeId(ua.ObjectIds.CloseSecureChannelRequest_Encoding_DefaultBinary),
    }

    class Processor(processor):  # type: ignore[misc]
        async def _process_message(self, typeid: Any, requesthdr: Any, seqhdr: Any, body: Any) -> Any:
            policy = self._connection.security_policy.URI
            if policy == unsecured and typeid not in discovery:
                raise ua.uaerrors.BadSecurityPolicyRejected
            return await super()._process_message(typeid, requesthdr, seqhdr, body)

    class Connection(binary.OPCUAProtocol):  # type: ignore[misc]
        processor: Any
        _buffer: bytes

        def connection_made(self, transport: Any) -> None:
            super().connection_made(transport)
            if self.processor is not None:
                self.processor = Processor(self.iserver, self.transport, self.limits)
                self.processor.set_policies(self.policies)

        def data_received(self, data: bytes) -> None:
            super().data_received(data)
            if len(self._buffer) > MAX_CHUNK and self.transport is not None:
                self._buffer = b""
                self.transport.abort()

    class Listener(binary.BinaryServer):  # type: ignore[misc]
        def _make_protocol(self) -> Any:
            return Connection(self.iserver, self._policies, self.clients, self.closing_tasks, self.limits)

    async def start() -> None:
        await server._setup_server_nodes()
        await server.iserver.start()
        server.bserver = Listener(server.iserver, server.endpoint.hostname, server.endpoint.port, server.limits)
        server.bserver.set_policies(server._policies)
        try:
            await server.bserver.start()
        except BaseException:
            await server.iserver.stop()
            server.bserver = None
            raise

    server.start = start


def _self_signed(uri: str) -> tuple[Any, Any]:
    """An application certificate of our own and its key (RSA 2048), both in memory alone."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import rsa
    from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "PlantSync")])
    now = datetime.now(UTC)
    names = [x509.UniformResourceIdentifier(uri), x509.DNSName("localhost"), x509.IPAddress(ip_address(LOOPBACK))]
    uses = dict.fromkeys(("content_commitment", "digital_signature", "key_encipherment", "data_encipherment"), True)
    others = dict.fromkeys(("key_agreement", "crl_sign", "encipher_only", "decipher_only"), False)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(days=CERTIFICATE_DAYS))
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.KeyUsage(**uses, **others, key_cert_sign=True), critical=True)
        .add_extension(
            x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH]), critical=False
        )
        .sign(key, hashes.SHA256())
    )
    return certificate, key


def _variant(value: Value) -> Any:
    ua = _asyncua().ua
    if isinstance(value, bool):
        return ua.Variant(value, ua.VariantType.Boolean)
    if isinstance(value, int):
        return ua.Variant(value, ua.VariantType.Int64)
    if isinstance(value, float):
        return ua.Variant(value, ua.VariantType.Double)
    return ua.Variant(value, ua.VariantType.String)
