/* The progress of a list: asked every second, and the page anew when it is done. */
"use strict";

const bar = document.getElementById("progress");
const text = document.getElementById("progress-text");

async function look() {
  try {
    const answer = await fetch("?progress", { headers: { Accept: "application/json" } });
    const progress = await answer.json();
    bar.value = progress.done;
    text.textContent = progress.done;
    if (!progress.is_working) {
      location.reload();
      return;
    }
  } catch {
    /* The next look may succeed. */
  }
  setTimeout(look, 1000);
}

setTimeout(look, 1000);
