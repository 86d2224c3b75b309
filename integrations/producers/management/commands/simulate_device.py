"""manage.py simulate_device: reports like real devices, over HTTP, until Ctrl-C."""

import time
import uuid
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from integrations.producers.simulation import Refused, Simulation, Site, rounds


class Command(BaseCommand):
    help = "Reports a box, a sensor, a SIP registration and a conference to a running site, as a service would"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--url", default=settings.BASE_URL, help="the site; by default BASE_URL")
        parser.add_argument("--token", default="", help="an access token of the service")
        parser.add_argument("--client-id", default="", help="instead of a token, with --client-secret")
        parser.add_argument("--client-secret", default="")
        parser.add_argument("--owner", type=uuid.UUID, required=True, help="id of the person who owns the devices")
        parser.add_argument("--room", type=uuid.UUID, help="a room in which people join and talk")
        parser.add_argument("--sip", default="", help="a SIP account, such as alice@sip.example.com")
        parser.add_argument("--interval", type=float, default=5, help="seconds between two rounds")
        parser.add_argument("--rounds", type=int, default=0, help="how many; by default until Ctrl-C")

    def handle(self, *args: Any, **options: Any) -> None:
        site = Site(options["url"], options["token"])
        try:
            if not site.token:
                site = site.signed_in(options["client_id"], options["client_secret"])
            simulation = Simulation(site, options["owner"], options["room"], options["sip"], tell=self.stdout.write)
            simulation.begin()
            self._run(simulation, options["rounds"], options["interval"])
        except Refused as error:
            raise CommandError(str(error)) from None

    def _run(self, simulation: Simulation, most: int, interval: float) -> None:
        try:
            for number in rounds(most):
                simulation.step(number, int(time.time() * 1000))
                if number != most:
                    time.sleep(interval)
        except KeyboardInterrupt:
            self.stdout.write("")
        finally:
            simulation.end()
