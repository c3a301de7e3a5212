// Small services of the browser.
export async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return false;
  }
}

// A fault does not hide in a closed group.
export function openFaults(form) {
  form?.querySelectorAll("details:not([open]):has(.error)").forEach((group) => group.setAttribute("open", ""));
}

// The first field that shows a fault takes the focus; a closed group around it opens.
export function focusFault(form) {
  const control = form?.querySelector("[data-field]:has(.error)")?.querySelector("input, select, textarea, button:not(:disabled)");
  if (!control) return;
  openFaults(form);
  control.focus();
}
