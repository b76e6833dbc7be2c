// htmx: Django's token on every request, and a thin line on top while an answer is awaited.
import { csrfToken } from "../lib/net";

const PATIENCE = 250;

export function startHtmx(): void {
  document.addEventListener("htmx:configRequest", (event) => {
    const detail = (event as CustomEvent<{ headers: Record<string, string>; verb: string }>).detail;
    if (detail.verb !== "get") detail.headers["X-CSRFToken"] = csrfToken();
  });
  let waiting = 0;
  let timer = 0;
  document.addEventListener("htmx:beforeRequest", () => {
    waiting += 1;
    if (waiting === 1) timer = window.setTimeout(() => document.body.classList.add("busy"), PATIENCE);
  });
  document.addEventListener("htmx:afterRequest", () => {
    waiting = Math.max(0, waiting - 1);
    if (waiting) return;
    clearTimeout(timer);
    document.body.classList.remove("busy");
  });
}
