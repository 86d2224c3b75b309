"""The process that looks at one file, which is its standard input: `python -m …child document|pdf|sound`.

It writes a Finding as JSON. A file that makes its reader run for ever or eat all memory ends this process alone.
"""

import json
import resource
import sys
from dataclasses import asdict

from integrations.objects.conversion.findings import Finding, Unreadable
from integrations.objects.conversion.pages import document, pdf
from integrations.objects.conversion.sounds import sound

CHECKS = {"document": document, "pdf": pdf, "sound": sound}
CPU_SECONDS = 20
MEMORY = 1024**3


def look(name: str) -> Finding:
    try:
        return CHECKS[name](sys.stdin.buffer)
    except Unreadable as error:
        return Finding(problem=error.problem)
    except MemoryError:
        return Finding(problem="effort")
    except Exception:  # noqa: BLE001 - whatever a reader trips over, it is the file that is wrong
        return Finding(problem="damaged")


def main() -> None:
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    sys.stdout.write(json.dumps(asdict(look(sys.argv[1]))))


if __name__ == "__main__":
    main()
