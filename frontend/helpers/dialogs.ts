// Native dialogs: opened by `data-dialog="#id"`, filled by htmx into #dialog, closed by `data-close-dialog`.
import { t } from "../lib/i18n";

/** Show a dialog over the page; focus goes back to where it was when it closes. */
export function openDialog(dialog: HTMLDialogElement): void {
  if (dialog.open) return;
  const before = document.activeElement as HTMLElement | null;
  dialog.addEventListener("close", () => before?.isConnected && before.focus(), { once: true });
  dialog.showModal();
}

/** Ask before something that cannot be taken back; resolves to the answer. */
export function ask(question: string, action = t("Đồng ý"), danger = false): Promise<boolean> {
  const dialog = document.createElement("dialog");
  dialog.className = "dialog";
  dialog.innerHTML = `<p></p><div class="dialog-actions"><button type="button" class="btn" value="no"></button>
    <button type="button" class="btn ${danger ? "btn-danger" : "btn-primary"}" value="yes"></button></div>`;
  const words = dialog.querySelector("p")!;
  const [no, yes] = dialog.querySelectorAll("button");
  words.textContent = question;
  words.id = `ask-${Math.random().toString(36).slice(2)}`;
  dialog.setAttribute("aria-labelledby", words.id);
  no!.textContent = t("Thôi");
  yes!.textContent = action;
  document.body.append(dialog);
  openDialog(dialog);
  return new Promise((resolve) => {
    no!.addEventListener("click", () => dialog.close("no"));
    yes!.addEventListener("click", () => dialog.close("yes"));
    dialog.addEventListener("close", () => {
      dialog.remove();
      resolve(dialog.returnValue === "yes");
    });
  });
}

export function startDialogs(): void {
  document.addEventListener("click", (event) => {
    const target = event.target as Element;
    const opener = target.closest<HTMLElement>("[data-dialog]");
    const dialog = opener && document.querySelector<HTMLDialogElement>(opener.dataset.dialog!);
    if (dialog) openDialog(dialog);
    if (target.closest("[data-close-dialog]")) target.closest("dialog")?.close();
    // A click beside the dialog lands on the dialog itself, outside its box.
    if (target instanceof HTMLDialogElement && isOutside(target, event as MouseEvent)) target.close();
  });
  document.addEventListener("htmx:afterSwap", (event) => {
    const dialog = (event as CustomEvent<{ target: Element }>).detail.target;
    if (!(dialog instanceof HTMLDialogElement)) return;
    if (!dialog.innerHTML.trim()) return dialog.close();
    if (dialog.querySelector("#dialog-title")) dialog.setAttribute("aria-labelledby", "dialog-title");
    openDialog(dialog);
  });
  startConfirm();
}

function startConfirm(): void {
  document.addEventListener(
    "submit",
    (event) => {
      const form = event.target as HTMLFormElement;
      const button = event.submitter as HTMLButtonElement | null;
      const question = button?.dataset.confirm ?? form.dataset.confirm;
      if (!question || form.dataset.confirmed) return;
      event.preventDefault();
      event.stopImmediatePropagation();
      void ask(question, button?.textContent?.trim() || undefined, button?.matches(".btn-danger, .danger")).then((yes) => {
        if (!yes) return;
        form.dataset.confirmed = "yes";
        form.requestSubmit(button);
        delete form.dataset.confirmed;
      });
    },
    true,
  );
  document.addEventListener("htmx:confirm", (event) => {
    const detail = (event as CustomEvent<{ question?: string; issueRequest(skip: boolean): void }>).detail;
    if (!detail.question) return;
    event.preventDefault();
    void ask(detail.question).then((yes) => yes && detail.issueRequest(true));
  });
}

function isOutside(dialog: HTMLDialogElement, event: MouseEvent): boolean {
  const box = dialog.getBoundingClientRect();
  // A key press on a button also makes a click, at 0,0.
  if (event.detail === 0) return false;
  return event.clientX < box.left || event.clientX > box.right || event.clientY < box.top || event.clientY > box.bottom;
}
