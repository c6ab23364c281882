"""Secrets at rest: bound to their row, readable by every key, written by the first."""

import base64

import pytest

from creneau.core.secrets import InvalidKey, SecretBox, SecretUnreadable, generate_key

ROW = "calendar_links:1:2"


@pytest.mark.parametrize("secret", ["hunter2", "", "mot de passe très long " * 100, "🗝"])
def test_a_secret_comes_back_as_it_went_in(secret: str):
    box = SecretBox([generate_key()])

    assert box.decrypt(box.encrypt(secret, ROW), ROW) == secret


def test_the_same_secret_is_never_sealed_the_same_and_does_not_show():
    box = SecretBox([generate_key()])

    sealed = {box.encrypt("hunter2", ROW) for _ in range(20)}

    assert len(sealed) == 20
    assert all(b"hunter2" not in one for one in sealed)


def test_after_a_rotation_old_secrets_are_read_and_new_ones_need_the_new_key():
    old, new = generate_key(), generate_key()
    sealed_before = SecretBox([old]).encrypt("before", ROW)
    rotated = SecretBox([new, old])

    assert rotated.decrypt(sealed_before, ROW) == "before"
    sealed_after = rotated.encrypt("after", ROW)
    assert SecretBox([new]).decrypt(sealed_after, ROW) == "after"
    with pytest.raises(SecretUnreadable):
        SecretBox([old]).decrypt(sealed_after, ROW)


def test_a_secret_moved_to_another_row_does_not_open():
    box = SecretBox([generate_key()])

    with pytest.raises(SecretUnreadable):
        box.decrypt(box.encrypt("hunter2", ROW), "calendar_links:1:3")


def test_a_secret_of_a_key_that_is_gone_does_not_open():
    sealed = SecretBox([generate_key()]).encrypt("hunter2", ROW)

    with pytest.raises(SecretUnreadable):
        SecretBox([generate_key()]).decrypt(sealed, ROW)


def test_a_secret_with_any_byte_changed_does_not_open():
    box = SecretBox([generate_key()])
    sealed = box.encrypt("hunter2", ROW)

    for position in range(len(sealed)):
        tampered = sealed[:position] + bytes([sealed[position] ^ 1]) + sealed[position + 1 :]
        with pytest.raises(SecretUnreadable):
            box.decrypt(tampered, ROW)


def test_a_secret_cut_off_anywhere_does_not_open():
    box = SecretBox([generate_key()])
    sealed = box.encrypt("hunter2", ROW)

    for length in range(len(sealed)):
        with pytest.raises(SecretUnreadable):
            box.decrypt(sealed[:length], ROW)


def test_what_does_not_open_says_its_row_and_not_the_secret():
    box = SecretBox([generate_key()])

    with pytest.raises(SecretUnreadable) as unreadable:
        box.decrypt(box.encrypt("hunter2", ROW)[:-1], ROW)

    assert ROW in str(unreadable.value)
    assert "hunter2" not in str(unreadable.value)


@pytest.mark.parametrize(
    "keys",
    [
        [],
        [""],
        ["short"],
        ["not base64 at all!"],
        ["é" * 44],
        [base64.urlsafe_b64encode(bytes(16)).decode()],
        [base64.urlsafe_b64encode(bytes(33)).decode()],
        [base64.urlsafe_b64encode(bytes(32)).decode().rstrip("=")],
        ['"' + base64.urlsafe_b64encode(bytes(32)).decode() + '"'],
        ["!" + base64.urlsafe_b64encode(bytes(32)).decode()],
        [base64.urlsafe_b64encode(bytes(32)).decode(), "short"],
    ],
)
def test_bad_keys_are_refused_without_being_shown(keys: list[str]):
    with pytest.raises(InvalidKey) as refusal:
        SecretBox(keys)

    assert all(key not in str(refusal.value) for key in keys if key)


def test_a_generated_key_is_32_random_bytes():
    keys = {generate_key() for _ in range(50)}

    assert len(keys) == 50
    assert {len(base64.urlsafe_b64decode(key)) for key in keys} == {32}
