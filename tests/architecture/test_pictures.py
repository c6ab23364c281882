"""Every picture that the documentation shows is there, in both languages, and none lies around that nothing shows."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "docs" / "slack"
MOST_BYTES = 60_000
MOST_BYTES_TOGETHER = 3_000_000
PAGES = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]


def shown() -> set[Path]:
    found = set()
    for page in PAGES:
        for address in re.findall(r"!\[[^\]]+\]\(([^)]+)\)", page.read_text()):
            if "://" not in address:
                found.add((page.parent / address).resolve())
    return found


def test_every_picture_that_is_shown_exists():
    assert [path for path in sorted(shown()) if not path.is_file()] == []


def test_every_picture_is_shown_somewhere():
    assert sorted(set(FOLDER.glob("*")) - shown()) == []


def test_every_flow_is_shown_in_both_languages():
    names = {path.name for path in FOLDER.glob("*-fr.png")} | {path.name for path in FOLDER.glob("*-en.png")}

    assert len(names) > 100
    assert [name for name in sorted(names) if re.sub(r"-(fr|en)\.png", "", name) not in both(names)] == []


def both(names: set[str]) -> set[str]:
    french, english = (
        {name.removesuffix(end) for name in names if name.endswith(end)} for end in ("-fr.png", "-en.png")
    )
    return french & english


def test_pictures_are_small():
    sizes = {path.name: path.stat().st_size for path in FOLDER.glob("*.png")}

    assert {name: size for name, size in sizes.items() if size > MOST_BYTES and name != "desk.png"} == {}
    assert sum(sizes.values()) <= MOST_BYTES_TOGETHER
