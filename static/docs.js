// Swagger UI puts the cursor into the last way in of its dialog, which hides the first one: to sign in.
new MutationObserver(() => {
  const dialog = document.querySelector(".dialog-ux .modal-ux-content:not([data-seen])");
  if (dialog) {
    dialog.dataset.seen = "";
    dialog.scrollTop = 0;
    const signIn = dialog.querySelector("button.authorize");
    signIn?.focus({ preventScroll: true });
    signIn?.scrollIntoView({ block: "nearest" });
  }
}).observe(document.body, { childList: true, subtree: true });
