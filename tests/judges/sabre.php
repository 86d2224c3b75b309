<?php
// php sabre.php FOLDER read|broker: reads [{ics, from, to}] or [{received: [ics], from, to}] as JSON from stdin, writes what
// sabre/vobject makes of each: {method, problems, events, starts}; `starts` are those of all occurrences from `from` to `to`.
//
// "broker" keeps one calendar as sabre's ITip\Broker does (lib/ITip/Broker.php; Nextcloud's invitations go through it): a
// REQUEST replaces all that is there, a CANCEL cancels all that is there, whatever occurrence it names. Debian 12 has
// sabre/vobject 2, which has no broker yet; its reader and its recurrences are the same kind.
//
// "reply" is the attendee's side of that broker: [{ics, partstat}] becomes [{ics}], a REPLY to each event of the REQUEST.
error_reporting(E_ALL & ~E_DEPRECATED);
set_error_handler(function ($level, $text, $file, $line) {
    if (error_reporting() & $level) throw new ErrorException($text, 0, $level, $file, $line);
    return true;
});
require $argv[1] . '/Sabre/VObject/includes.php';

use Sabre\VObject\Component;
use Sabre\VObject\Component\VCalendar;
use Sabre\VObject\Reader;
use Sabre\VObject\RecurrenceIterator;

$utc = new DateTimeZone('UTC');

function shown($property) {
    global $utc;
    if ($property === null) return null;
    $time = clone $property->getDateTime();
    if (!$property->hasTime()) return $time->format('Y-m-d');
    return $time->setTimezone($utc)->format('Y-m-d\TH:i:s\Z');
}

function text($property) {
    return $property === null ? null : (string)$property;
}

function event($event) {
    $attendee = $event->ATTENDEE;
    return [
        'uid' => text($event->UID),
        'sequence' => (int)text($event->SEQUENCE),
        'status' => text($event->STATUS),
        'start' => shown($event->DTSTART),
        'end' => shown($event->DTEND),
        'original' => shown($event->{'RECURRENCE-ID'}),
        'organizer' => text($event->ORGANIZER),
        'attendee' => text($attendee),
        'partstat' => $attendee === null ? null : text($attendee['PARTSTAT']),
    ];
}

function starts(VCalendar $calendar, $from, $to, $isLive) {
    $found = [];
    $masters = [];
    foreach ($calendar->VEVENT as $event) {
        if (!isset($event->{'RECURRENCE-ID'})) $masters[] = $event;
    }
    // An occurrence without its series is all that there is.
    foreach ($masters ?: iterator_to_array($calendar->VEVENT, false) as $event) {
        if ($isLive && text($event->STATUS) === 'CANCELLED') continue;
        if (!isset($event->RRULE)) {
            $found[] = shown($event->DTSTART);
            continue;
        }
        $all = new RecurrenceIterator($calendar, text($event->UID));
        for (; $all->valid() && $all->getDtStart() <= $to; $all->next()) {
            $occurrence = $all->getEventObject();
            if ($isLive && text($occurrence->STATUS) === 'CANCELLED') continue;
            if ($all->getDtStart() >= $from) $found[] = shown($occurrence->DTSTART);
        }
    }
    sort($found);
    return $found;
}

function received(array $objects) {
    $kept = new VCalendar();
    foreach ($objects as $ics) {
        $message = Reader::read($ics);
        if (text($message->METHOD) === 'CANCEL') {
            foreach ($kept->select('VEVENT') as $event) $event->STATUS = 'CANCELLED';
            continue;
        }
        $kept = new VCalendar();
        foreach ($message->getComponents() as $component) $kept->add($component);
    }
    return $kept;
}

function reply($ics, $partstat) {
    $message = Reader::read($ics);
    $reply = new VCalendar();
    $reply->METHOD = 'REPLY';
    foreach ($message->VEVENT as $event) {
        $answer = Component::create('VEVENT');
        $reply->add($answer);
        foreach (['UID', 'SEQUENCE', 'DTSTAMP', 'DTSTART', 'DTEND', 'RECURRENCE-ID', 'SUMMARY', 'ORGANIZER', 'ATTENDEE'] as $name) {
            if (isset($event->$name)) $answer->add(clone $event->$name);
        }
        unset($answer->ATTENDEE['RSVP']);
        $answer->ATTENDEE['PARTSTAT'] = $partstat;
        $answer->add('REQUEST-STATUS', '2.0;Success');
    }
    return $reply->serialize();
}

function answer($request) {
    global $argv;
    if ($argv[2] === 'reply') return ['ics' => reply($request['ics'], $request['partstat'])];
    $from = new DateTime($request['from']);
    $to = new DateTime($request['to']);
    if ($argv[2] === 'broker') return ['starts' => starts(received($request['received']), $from, $to, true)];
    $calendar = Reader::read($request['ics']);
    $problems = array_map(function ($problem) { return $problem['message']; }, $calendar->validate());
    $events = [];
    foreach ($calendar->VEVENT as $event) $events[] = event($event);
    return [
        'method' => text($calendar->METHOD),
        'problems' => $problems,
        'events' => $events,
        'starts' => isset($calendar->VEVENT[0]->{'RECURRENCE-ID'}) ? [] : starts($calendar, $from, $to, false),
    ];
}

echo json_encode(array_map('answer', json_decode(stream_get_contents(STDIN), true)));
