"""Reading blocks as a person does: their text, their buttons, the element next to a label."""

from collections.abc import Iterator
from typing import Any

from creneau.demo.slack.blocks import elements_of, options_of
from creneau.demo.slack.workspace import Json


class Readable:
    """A message or a view: anything with blocks in front of a person."""

    blocks: list[Json]

    @property
    def buttons(self) -> list[str]:
        return [element["text"]["text"] for _, element in self.elements() if element["type"] == "button"]

    @property
    def labels(self) -> list[str]:
        return [block["label"]["text"] for block in self.blocks if block["type"] == "input"]

    @property
    def all_text(self) -> str:
        """Join everything there is to read, one piece a line."""
        return "\n".join(_texts(self.blocks))

    def elements(self) -> Iterator[tuple[Json, Json]]:
        """Yield (block, element) in reading order."""
        for block in self.blocks:
            for _, element in elements_of(block):
                yield block, element

    def find_block(self, block_id: str) -> Json | None:
        return next((block for block in self.blocks if block.get("block_id") == block_id), None)

    def options(self, field: str) -> list[str]:
        """List the texts of the options of a field, found by block_id, action_id or label."""
        _, element = self.field(field)
        return [option["text"]["text"] for option in options_of(element)]

    def element(self, block_id: str, action_id: str) -> tuple[Json, Json]:
        """Raises: LookupError when the surface no longer has it."""
        for block, element in self.elements():
            if block["block_id"] == block_id and element["action_id"] == action_id:
                return block, element
        raise LookupError(f"no element {block_id}/{action_id} here any more")

    def field(self, name: str) -> tuple[Json, Json]:
        """Find an element by block_id, action_id, label, placeholder, or the text beside it.

        Raises: LookupError naming what there is instead.
        """
        for match in (_has_id, _has_label, _is_beside):
            found = [(b, e) for b, e in self.elements() if e["type"] != "button" and match(b, e, name)]
            if len(found) == 1:
                return found[0]
            if found:
                raise LookupError(f"{len(found)} fields answer to {name!r}; name one by its block_id")
        known = [f"{_label(b, e)!r} ({b['block_id']}/{e['action_id']})" for b, e in self.elements()]
        raise LookupError(f"no field {name!r}; there are: {', '.join(known) or 'none'}")

    def button(self, name: str, near: str | None = None) -> tuple[Json, Json]:
        """Find a button by its text or action_id; with `near`, the first one from the block with that text or id on.

        Raises: LookupError when there is none, or more than one and no `near`.
        """
        blocks = self.blocks
        if near is not None:
            start = next((i for i, b in enumerate(blocks) if b["block_id"] == near or near in _joined(b)), None)
            if start is None:
                raise LookupError(f"nothing here says {near!r}")
            blocks = blocks[start:]
        found = [
            (block, element)
            for block in blocks
            for _, element in elements_of(block)
            if element["type"] == "button" and name in (element["text"]["text"], element["action_id"])
        ]
        if not found:
            raise LookupError(f"no button {name!r}; there are: {self.buttons}")
        if len(found) > 1 and near is None:
            raise LookupError(f"{len(found)} buttons {name!r}; say near= which text or block_id")
        return found[0]


def _has_id(block: Json, element: Json, name: str) -> bool:
    return name in (block["block_id"], element["action_id"])


def _has_label(block: Json, element: Json, name: str) -> bool:
    return name in (_label(block, element), element.get("placeholder", {}).get("text"))


def _is_beside(block: Json, _: Json, name: str) -> bool:
    return block["type"] == "section" and name in _joined(block)


def _label(block: Json, element: Json) -> str:
    text: str = (block.get("label") or block.get("text") or element.get("placeholder") or {}).get("text", "")
    return text


def _joined(block: Json) -> str:
    return "\n".join(_texts(block))


def _texts(node: Any) -> Iterator[str]:
    if isinstance(node, list):
        for entry in node:
            yield from _texts(entry)
    elif isinstance(node, dict):
        for key, entry in node.items():
            if key == "text" and isinstance(entry, str):
                yield entry
            elif key not in ("confirm", "metadata"):
                yield from _texts(entry)
