// Light, dark, or as the device says. The choice is a cookie, so that the server paints the first page right.
const YEAR = 365 * 24 * 3600;

export type Theme = "light" | "dark" | "auto";

export function chosenTheme(): Theme {
  const theme = document.documentElement.dataset.theme;
  return theme === "light" || theme === "dark" ? theme : "auto";
}

export function chooseTheme(theme: Theme): void {
  if (theme === "auto") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme;
  document.cookie = `sen_theme=${theme}; path=/; max-age=${theme === "auto" ? 0 : YEAR}; samesite=lax`;
  mark();
}

function mark(): void {
  for (const button of document.querySelectorAll<HTMLButtonElement>("[data-theme-choice] button")) {
    button.setAttribute("aria-pressed", String(button.value === chosenTheme()));
  }
}

export function startTheme(): void {
  mark();
  document.addEventListener("click", (event) => {
    const button = (event.target as Element).closest<HTMLButtonElement>("[data-theme-choice] button");
    if (button) chooseTheme(button.value as Theme);
  });
}
