"""A lock file is refused when it is stale, unpinned, or says where to look."""

from tools import lock

HASHES = " \\\n".join(f"    --hash=sha256:{digit * 64}" for digit in "01")
PIN = f"msgspec==0.22.0 ; sys_platform != 'win32' \\\n{HASHES}\n"
PROJECT: dict[str, object] = {
    "project": {"requires-python": ">=3.11", "dependencies": ["a"], "optional-dependencies": {}, "name": "x"},
    "dependency-groups": {"dev": ["b"]},
}


def test_pinned_versions_with_hashes_pass() -> None:
    assert lock.faults("all", lock.header("id") + PIN + PIN, "id") == []


def test_a_lock_made_for_other_requirements_is_stale() -> None:
    (fault,) = lock.faults("all", lock.header("old") + PIN, "new")

    assert "make lock" in fault


def test_a_version_without_a_hash_is_refused() -> None:
    (fault,) = lock.faults("all", lock.header("id") + PIN + "rich==15.0.0\n", "id")

    assert "rich==15.0.0" in fault


def test_an_option_line_is_refused() -> None:
    assert lock.faults("all", lock.header("id") + "--find-links somewhere\n" + PIN, "id")


def test_only_requirements_change_the_identity() -> None:
    renamed = PROJECT | {"tool": {}}
    asks_more = PROJECT | {"dependency-groups": {"dev": ["b", "c"]}}

    assert lock.digest(PROJECT) == lock.digest(renamed)
    assert lock.digest(PROJECT) != lock.digest(asks_more)
