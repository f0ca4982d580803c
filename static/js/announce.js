// Says things in the page's status region: a view's HX-Trigger
// {"announce": "Saved"}, a script's `announce` event, and failed requests.
function announce(text) {
  document.getElementById("status").textContent = text;
}

document.addEventListener("announce", (event) => {
  announce(event.detail?.value ?? event.detail);
});

document.addEventListener("htmx:responseError", () => {
  announce("The server answered with an error. Nothing was saved.");
});

document.addEventListener("htmx:sendError", () => {
  announce("The server cannot be reached.");
});
