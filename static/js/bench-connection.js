// A judgment whose request was lost is kept and sent again, and so is a draft, and the
// reason for skipping or escalating, until the server has acknowledged it. The id of the
// assignment makes it count once.
const GIVE_UP_AFTER = 20_000;
const FIRST_PAUSE = 2_000;
const LONGEST_PAUSE = 30_000;
const GATEWAY_ERRORS = [502, 503, 504];
const ACT = /\/bench\/([0-9a-f-]{36})\/(judgment|draft|skip|escalation)\/$/;

const connection = {
  state: null,
  pause: FIRST_PAUSE,
  timer: null,
  // What was stored when a draft was sent: what is typed after that stays.
  draftSent: null,

  // One of lost, waiting, leaving, unsent, signed-out, failed; null: all is well.
  say(state) {
    const isNew = state && state !== this.state;
    this.state = state;
    const banner = document.querySelector("[data-connection]");
    banner.hidden = !state;
    for (const part of banner.children) part.hidden = part.dataset.when !== state;
    const words = banner.querySelector(":scope > :not([hidden]) > p");
    if (isNew) document.dispatchEvent(new CustomEvent("announce", { detail: words.textContent }));
  },

  lost() {
    const due = kept.get(kept.assignment)?.due;
    this.say(due === "judgment" ? "waiting" : due ? "leaving" : "lost");
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.send(), this.pause);
    this.pause = Math.min(2 * this.pause, LONGEST_PAUSE);
  },

  back() {
    clearTimeout(this.timer);
    this.pause = FIRST_PAUSE;
    this.say(null);
  },

  // Once more, as it stands in the form.
  send() {
    const one = kept.get(kept.assignment);
    if (!one) return this.back();
    if (!kept.form) return sendLapsed();
    const form = one.due && kept.formOf(one.due);
    if (form) form.requestSubmit();
    else if (one.fields) kept.form.dispatchEvent(new Event("input", { bubbles: true }));
    else this.back();
  },
};

function actOf(detail) {
  const [, assignment, name] = detail.requestConfig.path.match(ACT) ?? [];
  return name ? { assignment, isDraft: name === "draft" } : null;
}

function acknowledge({ assignment, isDraft }) {
  // What was lost before the draft is still due.
  if (isDraft && kept.get(assignment)?.due) return connection.send();
  if (!isDraft) kept.forget(assignment);
  else if (kept.text(assignment) === connection.draftSent) kept.settle(assignment);
  connection.back();
}

// The token of the form is older than the sign-in: the page loaded anew has another.
function renew({ assignment, isDraft }) {
  if (isDraft || kept.get(assignment)?.isRenewed) return connection.say("signed-out");
  kept.set(assignment, { isRenewed: true });
  location.reload();
}

// The time for the item ran out while there was no connection: a draft, then.
async function sendLapsed() {
  const lapsed = document.querySelector("[data-bench] [data-lapsed]");
  if (!lapsed) return;
  if (!kept.get(kept.assignment).fields) return connection.back();
  const button = lapsed.querySelector("button");
  button.disabled = true;
  const values = kept.values;
  await htmx.ajax("POST", lapsed.dataset.lapsed, { values, swap: "none" }).catch(() => {});
  button.disabled = false;
}

document.addEventListener("htmx:configRequest", ({ detail }) => {
  const [, assignment, name] = detail.path.match(ACT) ?? [];
  detail.timeout = GIVE_UP_AFTER;
  if (name === "judgment") kept.keep(name);
  else if (name === "draft") connection.draftSent = kept.text(assignment);
  else if (name) kept.keepReason(detail.elt, name);
});

document.addEventListener("htmx:beforeOnLoad", (event) => {
  const act = actOf(event.detail);
  const { status } = event.detail.xhr;
  if (!act) return;
  if (status < 300) return acknowledge(act);
  if (GATEWAY_ERRORS.includes(status)) return connection.lost();
  if (status === 403) return renew(act);
  kept.set(act.assignment, { due: null });
  if (status === 422) return connection.back();
  if (status !== 401) return connection.say("failed");
  if (!act.isDraft) return;
  // Nobody is led away while typing.
  event.preventDefault();
  connection.say("signed-out");
});

for (const lost of ["htmx:sendError", "htmx:timeout"]) {
  document.addEventListener(lost, ({ detail }) => {
    if (actOf(detail)) connection.lost();
    else connection.say("unsent");
  });
}

document.addEventListener("input", ({ target }) => {
  const turn = target.closest("[data-bench] [data-turn]");
  if (turn) kept.keepReason(turn, null);
  else if (target.closest("[data-judgment]")) kept.keep(null);
  else return;
  // What is being changed is not sent by itself.
  if (["waiting", "leaving"].includes(connection.state)) connection.say("lost");
});

document.addEventListener("submit", (event) => {
  if (navigator.onLine || !event.target.matches("[data-bench] form:not([hx-post], [method=dialog])")) return;
  event.preventDefault();
  connection.say("unsent");
});

document.addEventListener("click", ({ target }) => {
  if (target.closest("[data-connection-send]")) connection.send();
});

addEventListener("offline", () => connection.state ?? connection.say("lost"));
addEventListener("online", () => connection.send());

function begin() {
  if (!kept.get(kept.assignment)) return;
  if (kept.form) kept.restore();
  connection.send();
}

document.addEventListener("htmx:afterSettle", begin);
// After htmx has read the page.
document.addEventListener("DOMContentLoaded", () => {
  kept.tidy();
  begin();
});
