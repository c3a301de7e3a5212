// The choice of theme lives in a cookie, so the server's first paint already has it.
const cookie = "lab-theme";

export function current() {
  const match = document.cookie.match(/(?:^|; )lab-theme=(light|dark)/);
  return match ? match[1] : "system";
}

export function choose(choice) {
  document.cookie = `${cookie}=${choice}; path=/; max-age=31536000; samesite=lax`;
  apply(choice);
}

export function apply(choice) {
  document.documentElement.dataset.theme = choice;
  for (const sheet of document.querySelectorAll("[data-theme-sheet]")) {
    const own = sheet.dataset.themeSheet;
    sheet.media = choice === "system" ? `(prefers-color-scheme: ${own})` : choice === own ? "all" : "not all";
  }
  document.dispatchEvent(new CustomEvent("lab-theme"));
}
