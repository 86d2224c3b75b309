"""Why a mail was not sent; each class tells send.py what to do."""


class TransportError(Exception):
    """The text is the other side's, `code` the SMTP code where there is one."""

    def __init__(self, text: str, *, code: int | None = None) -> None:
        super().__init__(text)
        self.code = code


class UndeliverableError(TransportError):
    """This mail can never go; the text says why."""


class RefusedForNowError(TransportError):
    """This mail may go later. `is_throttled`: the receiver's whole domain takes none for now."""

    def __init__(self, text: str, *, code: int | None = None, is_throttled: bool = False) -> None:
        super().__init__(text, code=code)
        self.is_throttled = is_throttled


class BrokenLineError(RefusedForNowError):
    """The connection broke during the transfer; the mail may have arrived. `is_hanging`: after a long wait."""

    def __init__(self, text: str, *, is_hanging: bool) -> None:
        super().__init__(text)
        self.is_hanging = is_hanging


class UnreachableError(TransportError):
    """Nothing can go now: the other side is at fault, not the mail. The connection can no longer be used."""
