"""Whether people can read one colour on another: contrast as WCAG 2.2 defines it. Colours are `#rrggbb`."""

import colorsys

READABLE = 4.5  # WCAG 2.2, 1.4.3


def contrast(first: str, second: str) -> float:
    """1 to 21."""
    lighter, darker = sorted((_luminance(first), _luminance(second)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def turned(colour: str) -> str:
    """As programs that force dark mode show it: light is dark and dark is light, the hue stays."""
    hue, light, depth = colorsys.rgb_to_hls(*_parts(colour))
    return _written(colorsys.hls_to_rgb(hue, 1 - light, depth))


def lightened(colour: str, background: str) -> str:
    """The colour with as much white in it as it needs to be read on a dark background."""
    for white in range(101):
        mixed = _written(tuple(part + (1 - part) * white / 100 for part in _parts(colour)))
        if contrast(mixed, background) >= READABLE:
            break
    return mixed


def _parts(colour: str) -> list[float]:
    return [int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5)]


def _written(parts: tuple[float, ...]) -> str:
    return "#" + "".join(f"{round(part * 255):02x}" for part in parts)


def _luminance(colour: str) -> float:
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in _parts(colour))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
