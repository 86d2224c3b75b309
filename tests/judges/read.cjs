// node read.cjs FOLDER ical.js|node-ical: reads [{ics, from, to}] as JSON from stdin, writes what the library of the
// FOLDER's node_modules makes of each: {method, events, starts}, the events in the order of their original starts.
// Times are UTC to the second, days YYYY-MM-DD; `starts` are those of all occurrences from `from` to `to`.
const { createRequire } = require('node:module');
const { readFileSync } = require('node:fs');
const { join } = require('node:path');

const [, , folder, name] = process.argv;
const library = createRequire(join(folder, 'package.json'))(name);

const instant = (date) => date.toISOString().slice(0, 19) + 'Z';
const day = (date) => instant(date).slice(0, 10);

const readers = {
  'ical.js': ({ ics, from, to }) => {
    const ICAL = library.default ?? library;
    const calendar = new ICAL.Component(ICAL.parse(ics));
    ICAL.TimezoneService.reset();
    for (const zone of calendar.getAllSubcomponents('vtimezone')) ICAL.TimezoneService.register(zone);
    const show = (time) => (time === null ? null : time.isDate ? time.toString() : instant(new Date(time.toUnixTime() * 1000)));
    const events = calendar.getAllSubcomponents('vevent').map((part) => new ICAL.Event(part, { strictExceptions: true }));
    return {
      method: calendar.getFirstPropertyValue('method'),
      events: events.map((event) => ({
        uid: event.uid,
        sequence: event.sequence,
        status: event.component.getFirstPropertyValue('status'),
        start: show(event.startDate),
        end: show(event.endDate),
        original: show(event.recurrenceId),
        summary: event.summary,
        organizer: event.organizer,
        attendee: event.attendees[0].getFirstValue(),
        partstat: event.attendees[0].getParameter('partstat'),
      })),
      starts: starts(events, show, Date.parse(from) / 1000, Date.parse(to) / 1000),
    };

    function starts(events, show, after, before) {
      const master = events.find((event) => !event.isRecurrenceException());
      if (!master) return [];
      if (!master.isRecurring()) return [show(master.startDate)];
      for (const event of events) if (event !== master) master.relateException(event);
      const found = [];
      const iterator = master.iterator();
      for (let next = iterator.next(); next && next.toUnixTime() <= before; next = iterator.next()) {
        const start = master.getOccurrenceDetails(next).startDate;
        if (start.toUnixTime() >= after && start.toUnixTime() <= before) found.push(show(start));
      }
      return found.sort();
    }
  },

  'node-ical': ({ ics, from, to }) => {
    const parts = library.sync.parseICS(ics);
    const show = (date) => (date === undefined ? null : date.dateOnly ? day(date) : instant(date));
    const found = Object.values(parts).filter((part) => part.type === 'VEVENT');
    const overrides = found.flatMap((event) => [...new Set(Object.values(event.recurrences ?? {}))]);
    const own = found.filter((event) => event.recurrenceid === undefined);
    // An override is filed by its day and by its instant, and again as the event where there is no master.
    const unique = new Map(overrides.map((event) => [instant(event.recurrenceid), event]));
    const range = { from: new Date(from), to: new Date(to) };
    return {
      method: parts.vcalendar.method,
      events: [...own, ...[...unique.keys()].sort().map((key) => unique.get(key))].map((event) => ({
        uid: event.uid,
        sequence: Number(event.sequence),
        status: event.status,
        start: show(event.start),
        end: show(event.end),
        original: show(event.recurrenceid),
        summary: event.summary,
        organizer: event.organizer.val,
        attendee: event.attendee.val,
        partstat: event.attendee.params.PARTSTAT,
      })),
      starts: own.flatMap((event) =>
        library.expandRecurringEvent(event, range).map((item) => (item.isFullDay ? day(item.start) : instant(item.start))),
      ).sort(),
    };
  },
};

const read = (request) => {
  try {
    return readers[name](request);
  } catch (error) {
    return { error: String(error.stack) };
  }
};
process.stdout.write(JSON.stringify(JSON.parse(readFileSync(0, 'utf8')).map(read)));
