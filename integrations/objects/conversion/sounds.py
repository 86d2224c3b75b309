"""Checks sounds: WAV by Python's wave, Ogg by its pages (RFC 3533), MP3 by its frames (ISO 11172-3, 13818-3).

Nothing is played: a sound is well if it is whole, from its first block to its last.
"""

import wave
from typing import BinaryIO

from integrations.objects.conversion.findings import Finding, Unreadable

WAV, OGG, MP3 = "audio/wav", "audio/ogg", "audio/mpeg"
OGG_CODECS = (b"\x01vorbis", b"OpusHead", b"\x7fFLAC", b"Speex   ")
FRAMES_AT_ONCE = 65536
ID3, ID3_AT_END, APE = b"ID3", b"TAG", b"APETAGEX"


def sound(file: BinaryIO) -> Finding:
    """Raises Unreadable."""
    file.seek(0)
    start = file.read(12)
    if start[:4] == b"RIFF" and start[8:] == b"WAVE":
        _check_wav(file)
        return Finding(mime_type=WAV)
    if start[:4] == b"OggS":
        _check_ogg(file)
        return Finding(mime_type=OGG)
    if start[:3] == ID3 or _frame_length(start[:4]):
        _check_mp3(file)
        return Finding(mime_type=MP3)
    raise Unreadable("format")


def _check_wav(file: BinaryIO) -> None:
    """PCM, as many frames as the header says."""
    file.seek(0)
    try:
        with wave.open(file) as reader:
            announced, size = reader.getnframes(), reader.getnchannels() * reader.getsampwidth()
            read = 0
            while part := reader.readframes(FRAMES_AT_ONCE):
                read += len(part) // size
    except wave.Error as error:
        raise Unreadable("format" if "unknown format" in str(error) else "damaged") from error
    except EOFError as error:
        raise Unreadable from error
    if not announced or read < announced:
        raise Unreadable


def _check_ogg(file: BinaryIO) -> None:
    """Each page follows the one before; the first one begins a stream of sound, and one ends it."""
    file.seek(0)
    has_ended, count = False, 0
    while header := file.read(27):
        if len(header) < 27 or header[:5] != b"OggS\0":
            raise Unreadable
        segments = file.read(header[26])
        body = file.read(sum(segments))
        if len(segments) < header[26] or len(body) < sum(segments):
            raise Unreadable
        if not count and not (header[5] & 2 and body.startswith(OGG_CODECS)):
            raise Unreadable("format")
        has_ended = bool(header[5] & 4)
        count += 1
    if count < 2 or not has_ended:
        raise Unreadable


def _check_mp3(file: BinaryIO) -> None:
    """Frame behind frame up to the end, or to a tag there; the last one may be cut short, as programs do."""
    file.seek(_id3_size(file))
    count = 0
    while header := file.read(4):
        length = _frame_length(header)
        if not length:
            if count and (header[:3] == ID3_AT_END or header == APE[:4] or not any(header)):
                break
            raise Unreadable
        file.seek(length - 4, 1)
        count += 1
    if count < 2:
        raise Unreadable


def _id3_size(file: BinaryIO) -> int:
    file.seek(0)
    header = file.read(10)
    if header[:3] != ID3:
        return 0
    if len(header) < 10 or any(byte > 127 for byte in header[6:]):
        raise Unreadable
    size = 0
    for byte in header[6:]:
        size = size * 128 + byte
    return 10 + size


_KBITS = {
    True: (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320),  # MPEG 1
    False: (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),  # MPEG 2 and 2.5
}
_RATES = {3: (44100, 48000, 32000), 2: (22050, 24000, 16000), 0: (11025, 12000, 8000)}  # by the version's bits


def _frame_length(header: bytes) -> int:
    """In bytes, with the header; 0 for what is no header of an MP3 frame."""
    if len(header) < 4 or header[0] != 0xFF or header[1] & 0xE0 != 0xE0 or header[1] >> 1 & 3 != 1:
        return 0
    version, rate, bits = header[1] >> 3 & 3, header[2] >> 2 & 3, header[2] >> 4
    if version not in _RATES or rate == 3 or bits in (0, 15):
        return 0
    is_first = version == 3
    return (144 if is_first else 72) * _KBITS[is_first][bits] * 1000 // _RATES[version][rate] + (header[2] >> 1 & 1)
