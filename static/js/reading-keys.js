// A key presses the button of the item that shows it: no button, no key.
document.addEventListener("keydown", (event) => {
  if (event.defaultPrevented || event.isComposing || event.repeat) return;
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (document.querySelector("dialog[open]")) return;
  if (event.target.matches("textarea, select, input:not([type=radio], [type=checkbox])")) return;
  const shown = CSS.escape(event.key);
  const button = document.querySelector(`[data-reading] [data-key="${shown}"]`);
  if (!button?.checkVisibility()) return;
  event.preventDefault();
  button.click();
});
