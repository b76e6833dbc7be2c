// Fields that are asked only when another field says so: `data-show-when="kind=transfer|return"`.
// Without script they all show, and the server decides; hidden fields are not sent.

/** Does the condition hold? `name=a|b` any of the values, `name` something chosen, `!name` nothing chosen. */
export function holds(condition: string, values: (name: string) => string[]): boolean {
  return condition.split("&").every((part) => {
    const [name = "", wanted] = part.trim().split("=");
    if (wanted !== undefined) return wanted.split("|").some((one) => values(name).includes(one));
    if (name.startsWith("!")) return values(name.slice(1)).every((one) => !one);
    return values(name).some(Boolean);
  });
}

export function applyShowWhen(root: ParentNode): void {
  for (const part of root.querySelectorAll<HTMLElement>("[data-show-when]")) {
    const form = part.closest("form");
    if (!form) continue;
    const shown = holds(part.dataset.showWhen!, (name) => new FormData(form).getAll(name).map(String));
    part.hidden = !shown;
    for (const input of part.querySelectorAll<HTMLInputElement>("input, select, textarea")) input.disabled = !shown;
  }
}

export function startShowWhen(): void {
  applyShowWhen(document);
  document.addEventListener("change", (event) => {
    const form = (event.target as HTMLInputElement).form;
    // A field that appears may itself be a condition: twice settles a chain of two.
    if (form?.querySelector("[data-show-when]")) [1, 2].forEach(() => applyShowWhen(form));
  });
  document.addEventListener("htmx:afterSwap", (event) => applyShowWhen(event.target as ParentNode));
}
