// <sen-search data-url="/search"> – the palette of Ctrl+K: pupils, classes, pages, actions.
import { html, LitElement, nothing, type TemplateResult } from "lit";
import { debounce } from "../lib/debounce";
import { t } from "../lib/i18n";
import { getJson, withParameter } from "../lib/net";
import "../styles/search.css";

export interface Found {
  label: string;
  hint?: string;
  url: string;
  icon?: string;
}

export interface FoundGroup {
  label: string;
  items: Found[];
}

type Phase = "idle" | "searching" | "done" | "failed";

export class SenSearch extends LitElement {
  private dialog: HTMLDialogElement | null = null;
  private groups: FoundGroup[] = [];
  private phase: Phase = "idle";
  private chosen = 0;
  private request: AbortController | null = null;
  private word = "";
  private readonly askSoon = debounce((word: string) => void this.ask(word), 180);

  // The link inside stays as it is: it is the way without script. The palette is a dialog of its own.
  override createRenderRoot(): HTMLElement {
    this.dialog = document.createElement("dialog");
    this.dialog.className = "dialog palette";
    this.dialog.setAttribute("aria-label", t("Tìm nhanh"));
    document.body.append(this.dialog);
    return this.dialog;
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.dialog?.remove();
  }

  open(): void {
    if (!this.dialog || this.dialog.open) return;
    this.dialog.showModal();
    const input = this.dialog.querySelector("input");
    input?.focus();
    input?.select();
    if (this.phase === "idle") void this.ask("");
  }

  override render(): TemplateResult {
    const items = this.items();
    return html`
      <input class="form-control palette-input" type="search" role="combobox" autocomplete="off" spellcheck="false"
        aria-expanded="true" aria-controls="palette-list" aria-label=${t("Tìm học sinh, lớp, trang, việc cần làm")}
        aria-activedescendant=${items.length ? `found-${this.chosen}` : nothing}
        placeholder=${t("Gõ tên học sinh, lớp, trang, việc cần làm…")} @input=${this.typed} @keydown=${this.pressed} />
      <div class="palette-list" id="palette-list" role="listbox" aria-label=${t("Kết quả")}>
        ${this.groups.map((group) => this.groupOf(group, items))}
      </div>
      <p class="palette-words" role="status">${this.words(items.length)}</p>`;
  }

  private groupOf(group: FoundGroup, all: Found[]): TemplateResult | typeof nothing {
    if (!group.items.length) return nothing;
    return html`<div role="group" aria-label=${group.label}><p class="palette-group" aria-hidden="true">${group.label}</p>
      ${group.items.map((item) => {
        const index = all.indexOf(item);
        return html`<a class="palette-item" role="option" id="found-${index}" href=${item.url} tabindex="-1"
          aria-selected=${index === this.chosen ? "true" : "false"} @pointermove=${() => this.choose(index)}>
          <span>${item.label}</span>${item.hint ? html`<small>${item.hint}</small>` : nothing}</a>`;
      })}</div>`;
  }

  private words(count: number): string {
    if (this.phase === "searching") return t("Đang tìm…");
    if (this.phase === "failed") return t("Chưa tìm được: không có mạng hoặc hệ thống đang bận.");
    if (this.phase === "done" && !count && this.word) return t("Không thấy “{word}”. Có thể gõ không dấu.", { word: this.word });
    return t("↑ ↓ để chọn, Enter để mở, Esc để đóng");
  }

  private items(): Found[] {
    return this.groups.flatMap((group) => group.items);
  }

  private readonly typed = (event: Event): void => this.askSoon((event.target as HTMLInputElement).value.trim());

  private readonly pressed = (event: KeyboardEvent): void => {
    const count = this.items().length;
    // While Vietnamese is being composed, Enter ends the word and is not for us.
    if (event.isComposing) return;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      if (count) this.choose((this.chosen + (event.key === "ArrowDown" ? 1 : count - 1)) % count);
      event.preventDefault();
    } else if (event.key === "Enter") {
      const found = this.items()[this.chosen];
      if (found) location.assign(found.url);
      event.preventDefault();
    }
  };

  private choose(index: number): void {
    this.chosen = index;
    this.requestUpdate();
    void this.updateComplete.then(() => this.dialog?.querySelector(`#found-${index}`)?.scrollIntoView({ block: "nearest" }));
  }

  private async ask(word: string): Promise<void> {
    this.request?.abort();
    this.request = new AbortController();
    const { signal } = this.request;
    this.show("searching");
    try {
      const url = withParameter(this.dataset.url ?? "/search", "q", word);
      const found = await getJson<{ groups: FoundGroup[] }>(url, signal);
      this.groups = found.groups;
      this.word = word;
      this.chosen = 0;
      this.show("done");
    } catch {
      if (!signal.aborted) this.show("failed");
    }
  }

  private show(phase: Phase): void {
    this.phase = phase;
    this.requestUpdate();
  }
}

customElements.define("sen-search", SenSearch);
