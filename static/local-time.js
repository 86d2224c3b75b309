// Shows times in the reader's own zone; without it the page keeps those of the meeting's zone.
const here = Intl.DateTimeFormat().resolvedOptions().timeZone;
for (const element of document.querySelectorAll("[data-starts-at]")) {
  if (element.dataset.zone === here) continue; // what stands beside it says it already
  const format = new Intl.DateTimeFormat(document.documentElement.lang, {
    weekday: "long", year: "numeric", month: "long", day: "numeric",
    hour: "2-digit", minute: "2-digit", timeZoneName: "long",
  });
  element.textContent = format.formatRange(
    new Date(element.dataset.startsAt), new Date(element.dataset.endsAt));
}
