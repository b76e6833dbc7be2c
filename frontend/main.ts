// What every page of Sen loads: the styles, htmx, and the small helpers. Islands for one page are entries of their own.
import "./styles/fonts.css";
import "./styles/kit.scss";
import "./styles/tokens.css";
import "./styles/base.css";
import "./styles/shell.css";
import "./styles/components.css";
import "./styles/forms.css";
import "htmx.org";
import { startHtmx } from "./helpers/busy";
import { startDialogs } from "./helpers/dialogs";
import { startMenus } from "./helpers/menus";
import { startShowWhen } from "./helpers/show-when";
import { startCharts, startColumns, startCopy, startGuard, startTables } from "./helpers/small";
import { startTheme } from "./helpers/theme";
import { startToasts } from "./helpers/toast";

document.documentElement.classList.add("js");
for (const start of [startHtmx, startMenus, startDialogs, startShowWhen, startToasts, startTheme, startCopy, startGuard]) {
  start();
}
// What comes later by htmx gets the same treatment; each of these passes over what it has already seen.
const dress = (): void => [startColumns, startCharts, startTables].forEach((start) => start());
dress();
document.addEventListener("htmx:afterSettle", dress);
document.querySelector<HTMLElement>("[data-focus]")?.focus();

// The palette and the progress of long work are fetched when a page has them, or when somebody reaches for them.
const search = document.querySelector("sen-search");
if (search) {
  const open = (event: Event): void => {
    event.preventDefault();
    void import("./islands/search").then(({ SenSearch }) => (search as InstanceType<typeof SenSearch>).open());
  };
  search.addEventListener("click", open);
  document.addEventListener("keydown", (event) => {
    if ((event.ctrlKey || event.metaKey) && !event.altKey && event.key.toLowerCase() === "k") open(event);
  });
}
if (document.querySelector("sen-progress")) void import("./islands/progress");
