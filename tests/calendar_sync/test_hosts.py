"""Which addresses a calendar may have."""

import pytest

from creneau.calendar_sync.hosts import Hosts

PRIVATE = [
    "127.0.0.1", "10.1.2.3", "192.168.0.1", "172.16.5.5", "169.254.169.254", "100.64.0.1", "0.0.0.1", "224.0.0.1",
    "255.255.255.255", "::1", "::", "::ffff:127.0.0.1", "fe80::1", "fd00::1", "64:ff9b::7f00:1", "2002:7f00:1::",
    "ff02::1", "192.0.0.8", "192.0.0.170", "192.88.99.1", "198.18.0.1", "240.0.0.1", "::127.0.0.1", "::ffff:10.0.0.1",
    "64:ff9b::a00:1", "64:ff9b:1::a00:1", "2001::1", "2001:0:4136:e378:8000:63bf:80ff:fffe", "2001:db8::1", "fec0::1",
    "100::1", "2002:a00:1::", "::ffff:169.254.169.254",
]  # fmt: skip


@pytest.mark.parametrize("address", PRIVATE)
def test_a_private_address_is_refused_by_default(address: str) -> None:
    assert not Hosts().allow("dav.example.org", address)


@pytest.mark.parametrize("address", ["93.184.216.34", "2606:2800:220:1::1", "64:ff9b::5db8:d822"])
def test_a_public_address_is_allowed(address: str) -> None:
    assert Hosts().allow("dav.example.org", address)


def test_the_operator_allows_hosts_by_name_address_or_network() -> None:
    hosts = Hosts.parse(["Nextcloud.lan ", "10.0.0.0/8", "192.168.7.7", ""])
    assert hosts.allow("nextcloud.lan", "192.168.1.1")
    assert hosts.allow("other.lan", "10.200.0.1")
    assert hosts.allow("other.lan", "192.168.7.7")
    assert not hosts.allow("other.lan", "192.168.7.8")
    assert not hosts.allow("", "127.0.0.1")
