"""The refusal of a Web API call."""


class ApiError(Exception):
    """Raised by a method; answered as `{"ok": false, "error": code}` with Slack's explanations."""

    def __init__(self, code: str, messages: list[str] | None = None) -> None:
        super().__init__(code)
        self.code = code
        self.messages = messages or []
