"""Windows are opened in one place, before anything is read: a trigger lives three seconds."""

import re
from pathlib import Path

from creneau import bot

OPENS = re.compile(r"\bviews_(?:open|push)\b")


def test_listeners_open_windows_by_the_module_that_opens_them_first():
    folder = Path(bot.__file__).parent
    opening = {str(path.relative_to(folder)) for path in folder.rglob("*.py") if OPENS.search(path.read_text())}

    assert opening == {"modals.py"}
