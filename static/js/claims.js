// Claims of an answer, each tied to a passage or to none. They stand in the field
// `spans` of the judgment as JSON:
// [{"field", "start", "end", "text", "passage": number or null, "note"}].
const claims = {
  get box() {
    return document.querySelector("[data-bench]:has([data-judgment]) [data-claims]");
  },

  get text() {
    return this.box?.closest("[data-reading]").querySelector("[data-field]");
  },

  // Made where the form has none, so that an older form keeps working.
  get input() {
    const form = document.querySelector("[data-judgment]");
    if (!form.elements.spans) {
      const made = Object.assign(document.createElement("input"), { type: "hidden", name: "spans" });
      form.append(made);
    }
    return form.elements.spans;
  },

  get all() {
    try {
      return JSON.parse(this.input.value || "[]");
    } catch {
      return [];
    }
  },

  set all(spans) {
    spans.sort((a, b) => a.start - b.start || a.end - b.end);
    this.input.value = spans.length ? JSON.stringify(spans) : "";
    // The draft is saved as for any other field.
    this.input.dispatchEvent(new Event("input", { bubbles: true }));
    this.show();
  },

  tie(span, passage) {
    const former = this.all.find((one) => one.start === span.start && one.end === span.end);
    const others = this.all.filter((one) => one.start !== span.start || one.end !== span.end);
    const field = this.text.dataset.field;
    this.all = [...others, { field, ...span, passage, note: former?.note ?? "" }];
  },

  remove(place) {
    this.all = this.all.filter((_, i) => i !== place);
  },

  note(place, words) {
    const spans = this.all;
    spans[place].note = words;
    this.input.value = JSON.stringify(spans);
  },

  show() {
    if (!this.box) return;
    const spans = this.all;
    paintClaims("claim", spans.filter((one) => one.passage !== null));
    paintClaims("unsupported", spans.filter((one) => one.passage === null));
    this.box.querySelector("[data-claims-list]").replaceChildren(...spans.map(claimRow));
  },
};

function paintClaims(name, spans) {
  const ranges = spans.map((one) => textPlaces.range(claims.text, one.start, one.end));
  if (window.Highlight) CSS.highlights.set(name, new Highlight(...ranges));
}

function make(tag, className, properties) {
  return Object.assign(document.createElement(tag), { className, ...properties });
}

function claimRow(span, place) {
  const row = make("li", span.passage === null ? "claim claim--unsupported" : "claim");
  const support = span.passage === null ? "No passage" : `Passage ${span.passage}`;
  const remove = make("button", "button button--quiet button--small", {
    type: "button",
    textContent: "Remove",
  });
  remove.setAttribute("aria-label", `Remove: ${span.text}`);
  remove.dataset.claimsRemove = place;
  const note = make("input", "input claim__note", { type: "text", value: span.note, maxLength: 500 });
  note.setAttribute("aria-label", `Note: ${span.text}`);
  note.placeholder = "Note";
  note.dataset.claimsNote = place;
  const words = make("p", "");
  words.append(make("span", "claim__support", { textContent: support }), ` \u201c${span.text}\u201d`);
  row.append(words, remove, note);
  return row;
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-claims-remove]");
  if (!button) return;
  claims.remove(Number(button.dataset.claimsRemove));
  claims.box.querySelector("[data-claims-begin]").focus();
});

document.addEventListener("input", ({ target }) => {
  if (target.matches("[data-claims-note]")) claims.note(Number(target.dataset.claimsNote), target.value);
});

// A note is typed outside the form of the judgment: its draft is saved once it is done.
document.addEventListener("change", ({ target }) => {
  if (target.matches("[data-claims-note]")) claims.all = claims.all;
});

function beginItem() {
  for (const name of ["claim", "unsupported", "candidate"]) CSS.highlights?.delete(name);
  if (!claims.box) return;
  claims.box.hidden = false;
  claims.show();
}

document.addEventListener("htmx:afterSwap", beginItem);
beginItem();
