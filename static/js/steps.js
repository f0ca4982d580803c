// Moving among the steps of a trace, by buttons and by the keys that press them.
const stepMoves = {
  on: (steps, place) => Math.min(place + 1, steps.length - 1),
  back: (steps, place) => Math.max(place - 1, 0),
  error: (steps, place) => {
    const errors = steps.flatMap((step, i) => (step.matches(".step--error") ? [i] : []));
    return errors.find((error) => error > place) ?? errors[0];
  },
};

function goToStep(section, move) {
  const steps = [...section.querySelectorAll("[data-step]")];
  const step = steps[stepMoves[move](steps, Number(section.dataset.place ?? -1))];
  if (move === "error") step.open = true;
  step.querySelector("summary").focus({ preventScroll: true });
  step.scrollIntoView({ block: step.offsetHeight < innerHeight / 2 ? "center" : "start" });
}

function toggleAll(section, button) {
  const isOpen = button.getAttribute("aria-pressed") !== "true";
  for (const step of section.querySelectorAll("[data-step]")) step.open = isOpen;
  button.setAttribute("aria-pressed", isOpen);
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-step-move], [data-step-all]");
  const section = button?.closest("[data-steps]");
  if (!section) return;
  if (button.matches("[data-step-all]")) toggleAll(section, button);
  else goToStep(section, button.dataset.stepMove);
});

// Where a reader is: the step that had the focus last.
document.addEventListener("focusin", (event) => {
  const step = event.target.closest("[data-step]");
  if (step) step.closest("[data-steps]").dataset.place = Number(step.dataset.step) - 1;
});
