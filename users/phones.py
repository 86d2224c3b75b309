"""Phone numbers in the one form that a dial-in server can compare."""

import re

SEPARATORS = re.compile(r"[\s().\-/]")
E164 = re.compile(r"\+[1-9][0-9]{6,14}")


def e164(text: str) -> str:
    """`+493012345678`; "" for anything that is no international number, for nobody knows whose trunk code a 0 is."""
    number = SEPARATORS.sub("", text.replace("(0)", ""))
    if number.startswith("00"):
        number = f"+{number[2:]}"
    return number if E164.fullmatch(number) else ""
