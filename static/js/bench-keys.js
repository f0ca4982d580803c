// The keys of the judgment; reading-keys.js has those of reading. Each has a button
// or a hint on the page; the sheet behind "?" lists them.
const single = {
  n: () => bench.root.querySelector("[data-comment] textarea")?.focus(),
  f: () => openDetails("[data-findings]", "input"),
  t: () => bench.root.querySelector("[data-could-tell]")?.click(),
  s: () => openDetails("[data-skip]", "input[type=text]"),
  e: () => openDetails("[data-escalation]", "input[type=text]"),
  z: () => bench.root.querySelector("[data-take-back]")?.requestSubmit(),
  g: () => openDetails("[data-guidelines]", "summary"),
  "?": () => document.getElementById("keys").showModal(),
  ArrowLeft: () => bench.go(-1),
  ArrowRight: () => bench.go(1),
  Enter: () => submitJudgment(),
};

function openDetails(selector, target) {
  const details = bench.root.querySelector(selector);
  if (!details) return;
  details.open = !details.open;
  // Closed, it leaves the keys to the bench: on a summary Enter would open it again.
  if (details.open) details.querySelector(target).focus();
  else document.activeElement?.blur();
}

function submitJudgment() {
  bench.root.querySelector("[data-judgment]")?.requestSubmit();
}

function isTyping(element) {
  return element.matches("textarea, select, input:not([type=radio], [type=checkbox])");
}

// From anywhere; a form of its own, such as that of skipping, goes before.
function submitFrom(element) {
  const form = element.closest("[data-bench] form");
  if (form) form.requestSubmit();
  else submitJudgment();
}

document.addEventListener("keydown", (event) => {
  if (!bench.root || event.defaultPrevented || event.isComposing) return;
  if (document.querySelector("dialog[open]")) return;
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
    event.preventDefault();
    return submitFrom(event.target);
  }
  if (isTyping(event.target)) {
    if (event.key === "Escape") event.target.blur();
    return;
  }
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  // Buttons, links and summaries keep their own Enter.
  if (event.key === "Enter" && event.target.closest("button, a, summary")) return;
  if (/^[1-9]$/.test(event.key)) {
    const offers = event.target.closest("[data-offers]");
    const isTaken = offers ? bench.offer(offers, Number(event.key)) : bench.choose(Number(event.key));
    if (isTaken) event.preventDefault();
    return;
  }
  const act = single[event.key];
  if (!act || event.repeat) return;
  event.preventDefault();
  act();
});

document.addEventListener("click", (event) => {
  const opener = event.target.closest("[data-opens]");
  if (opener) document.getElementById(opener.dataset.opens).showModal();
});
