// Shows the mail anew while staff write; without it the button does.
const form = document.getElementById("mail_template");
const button = form.querySelector("[data-preview]");
let waiting;
form.addEventListener("input", () => {
  clearTimeout(waiting);
  waiting = setTimeout(() => form.requestSubmit(button), 500);
});
// A form that is sent twice is sent as it was the second time: a preview would undo "Save".
form.addEventListener("submit", (event) => {
  if (event.submitter !== button) {
    clearTimeout(waiting);
  }
});
form.requestSubmit(button);
