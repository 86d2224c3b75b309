/* Gives names to what Django's widgets leave without one, for those who hear the page. */
"use strict";

function nameOf(field) {
  const label = field.labels?.[0] || field.closest("fieldset")?.querySelector("legend");
  return field.getAttribute("aria-label") || (label ? label.textContent.trim().replace(/:$/, "") : "");
}

/* A date and a time have one legend, and a word before each that is no label. */
function nameDates() {
  for (const input of document.querySelectorAll(".datetime input:not([aria-label])")) {
    input.setAttribute("aria-label", `${nameOf(input)} ${input.previousSibling.textContent.trim()}`);
  }
}

/* Select2 takes what is chosen as the name of its box, which is nothing at first. */
function nameChoices() {
  for (const select of document.querySelectorAll("select.admin-autocomplete")) {
    for (const part of select.parentElement.querySelectorAll("[role=combobox], [role=textbox]")) {
      part.removeAttribute("aria-labelledby");
      part.setAttribute("aria-label", `${nameOf(select)} ${part.textContent}`.trim());
    }
  }
}

function nameRest() {
  const search = document.getElementById("searchbar");
  search?.setAttribute("aria-label", search.form.querySelector("[type=submit]").value);
  for (const icon of document.querySelectorAll("span.help-tooltip[aria-label]")) {
    icon.setAttribute("role", "img");
  }
  for (const cell of document.querySelectorAll(".tabular th")) {
    if (!cell.textContent.trim()) {
      cell.setAttribute("role", "cell");
    }
  }
}

function nameAll() {
  nameDates();
  nameChoices();
  nameRest();
}

/* The permissions are arranged on load, Select2 when jQuery is ready, which may be later. */
window.addEventListener("load", nameAll);
window.django?.jQuery?.(nameAll);
document.addEventListener("formset:added", () => setTimeout(nameAll));
document.addEventListener("change", nameChoices);
