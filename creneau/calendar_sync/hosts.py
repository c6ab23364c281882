"""Which hosts a consultant's calendar may live on: any public one, and the private ones that the operator allows."""

from collections.abc import Iterable
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

_EMBEDDING = tuple(map(IPv6Network, ("64:ff9b::/96", "::/96")))  # an IPv4 address in the last 32 bits (RFC 6052, 4291)
_SPECIAL = tuple(
    ip_network(network)
    for network in (
        "0.0.0.0/8",
        "100.64.0.0/10",  # carriers' own
        "192.0.0.0/24",  # Python before 3.11.9 takes part of it for public (CVE-2024-4032)
        "192.88.99.0/24",  # relays to IPv6
        "198.18.0.0/15",  # laboratories
        "240.0.0.0/4",
        "64:ff9b:1::/48",  # translated inside somebody's network (RFC 8215)
        "100::/64",  # nowhere
        "2001::/23",  # protocols, Teredo among them: an IPv4 address, turned over
        "2001:db8::/32",
        "3fff::/20",
        "5f00::/16",
        "fc00::/7",
        "fec0::/10",
    )
)
"""What this machine's Python may take for public, or did: named, so that the answer is the same under each."""


@dataclass(frozen=True, slots=True)
class Hosts:
    """The operator's exceptions: host names and networks that may be called although they are private."""

    names: frozenset[str] = frozenset()
    networks: tuple[IPv4Network | IPv6Network, ...] = ()

    @classmethod
    def parse(cls, entries: Iterable[str]) -> "Hosts":
        """Read host names, addresses and CIDR networks, as in `localhost`, `127.0.0.1`, `10.0.0.0/8`."""
        names: set[str] = set()
        networks: list[IPv4Network | IPv6Network] = []
        for entry in (entry.strip().lower() for entry in entries):
            try:
                networks.append(ip_network(entry, strict=False))
            except ValueError:
                names.add(entry)
        return cls(frozenset(names - {""}), tuple(networks))

    def allow(self, host: str, address: str) -> bool:
        """Tell whether a host may be called at one of the addresses it resolves to."""
        return _is_public(address) or self.except_(host, address)

    def except_(self, host: str, address: str) -> bool:
        """Tell whether the operator allowed this host by name, or this address."""
        ip = ip_address(address)
        return host.lower() in self.names or any(ip in network for network in self.networks)


def _is_public(address: str) -> bool:
    ip = _unwrap(ip_address(address))
    return ip.is_global and not ip.is_multicast and not any(ip in network for network in _SPECIAL)


def _unwrap(ip: IPv4Address | IPv6Address) -> IPv4Address | IPv6Address:
    """Return the IPv4 address that an IPv6 address stands for, if it does."""
    if isinstance(ip, IPv4Address):
        return ip
    if any(ip in network for network in _EMBEDDING):
        return IPv4Address(int(ip) & 0xFFFFFFFF)
    return ip.ipv4_mapped or ip.sixtofour or ip
