// Shows the mail anew while staff write; without it the button does.
const form = document.getElementById("mail_template");
const button = form.querySelector("[data-preview]");
let waiting;
form.addEventListener("input", () => {
  clearTimeout(waiting);
  waiting = setTimeout(() => form.requestSubmit(button), 500);
});
form.requestSubmit(button);
