// `<details class="menu">` works by itself; this adds what a menu is expected to do: one at a time, Escape, arrows.

/** Close every open menu but the one that holds `kept`. */
export function closeMenus(kept?: Node | null): void {
  for (const menu of document.querySelectorAll<HTMLDetailsElement>("details.menu[open], details.bottom-more[open]")) {
    if (!kept || !menu.contains(kept)) menu.open = false;
  }
}

export function startMenus(): void {
  document.addEventListener("click", (event) => closeMenus(event.target as Node));
  document.addEventListener("focusin", (event) => closeMenus(event.target as Node));
  document.addEventListener("keydown", (event) => {
    const menu = (event.target as Element).closest<HTMLDetailsElement>("details.menu, details.bottom-more");
    if (!menu) return;
    if (event.key === "Escape" && menu.open) {
      menu.open = false;
      menu.querySelector("summary")?.focus();
      event.preventDefault();
    } else if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      if ((event.target as Element).matches("input, select, textarea")) return;
      event.preventDefault();
      menu.open = true;
      move(menu, event.key === "ArrowDown" ? 1 : -1);
    }
  });
}

function move(menu: HTMLDetailsElement, step: number): void {
  const items = [...menu.querySelectorAll<HTMLElement>(":scope > div a[href], :scope > div button, :scope > div input")];
  const now = items.indexOf(document.activeElement as HTMLElement);
  const next = now < 0 ? (step > 0 ? 0 : items.length - 1) : (now + step + items.length) % items.length;
  items[next]?.focus();
}
