// What was typed and the server has not acknowledged yet: the fields of the form, by
// the id of the assignment, in this browser. Of the item it holds nothing: of a claim,
// only where it stands.
const KEPT = "bench:";
const KEPT_DAYS = 2;

const kept = {
  get form() {
    return document.querySelector("[data-bench] [data-judgment]");
  },

  get assignment() {
    return document.querySelector("[data-bench]")?.dataset.assignment;
  },

  // As it is stored: equal texts mean that nothing was typed in between.
  text(assignment) {
    return storage.getItem(KEPT + assignment);
  },

  get(assignment) {
    return JSON.parse(this.text(assignment) ?? "null");
  },

  set(assignment, changes) {
    const former = this.get(assignment) ?? {};
    storage.setItem(KEPT + assignment, JSON.stringify({ ...former, ...changes, at: Date.now() }));
  },

  forget(assignment) {
    storage.removeItem(KEPT + assignment);
  },

  // `due`: what was submitted and has to reach the server, a judgment or a turn.
  keep(due) {
    this.set(this.assignment, { fields: fieldsOf(this.form), due });
  },

  // Why an item is skipped or escalated.
  keepReason(form, due) {
    const turn = { name: form.dataset.turn, reason: form.elements.reason.value };
    this.set(this.assignment, { turn, due });
  },

  formOf(name) {
    if (name === "judgment") return this.form;
    return document.querySelector(`[data-bench] [data-turn="${name}"]`);
  },

  // The draft is with the server; a reason that was typed is not.
  settle(assignment) {
    const { turn } = this.get(assignment) ?? {};
    this.forget(assignment);
    if (turn) this.set(assignment, { turn });
  },

  restore() {
    const { fields, turn } = this.get(this.assignment);
    const form = turn && this.formOf(turn.name);
    if (form) fill(form.elements.reason, [turn.reason]);
    if (!fields) return;
    for (const field of this.form.elements) fill(field, fields[field.name]);
    // Conditions and claims are shown anew.
    this.form.dispatchEvent(new Event("change", { bubbles: true }));
    claims.show();
  },

  // As a form would send them.
  get values() {
    const { fields } = this.get(this.assignment);
    return { ...fields, spans: (fields.spans ?? []).map(withQuotes) };
  },

  // What waited too long for an item that is long gone.
  tidy() {
    for (const key of Object.keys(storage).filter((one) => one.startsWith(KEPT))) {
      const { at } = JSON.parse(storage.getItem(key));
      if (Date.now() - at > KEPT_DAYS * 86_400_000) storage.removeItem(key);
    }
  },
};

function fieldsOf(form) {
  const fields = {};
  for (const [name, value] of new FormData(form)) {
    if (name === "csrfmiddlewaretoken") continue;
    (fields[name] ??= []).push(name === "spans" ? withoutQuotes(value) : value);
  }
  return fields;
}

function fill(field, values = []) {
  if (!field.name || field.type === "submit" || field.name === "csrfmiddlewaretoken") return;
  if (field.matches("[type=radio], [type=checkbox]")) {
    field.checked = values.includes(field.value);
    return;
  }
  const value = values[0] ?? "";
  field.value = field.name === "spans" ? withQuotes(value) : value;
  const details = field.value && field.type !== "hidden" && field.closest("details");
  if (details) details.open = true;
}

function withoutQuotes(spans) {
  if (!spans) return "";
  return JSON.stringify(JSON.parse(spans).map(({ text, ...place }) => place));
}

function withQuotes(places) {
  if (!places) return "";
  const spans = JSON.parse(places).flatMap((span) => {
    const shown = document.querySelector(`[data-bench] [data-field="${CSS.escape(span.field)}"]`);
    if (!shown) return [];
    return [{ ...span, text: textPlaces.range(shown, span.start, span.end).toString() }];
  });
  return spans.length ? JSON.stringify(spans) : "";
}
