// The line above the grid: what is saved, undo, the next empty cell, the keys; on a phone also which column.
import { html, nothing, render, type TemplateResult } from "lit/html.js";
import { number, t } from "../../lib/i18n";
import type { Phase } from "./sync";

export interface BarState {
  phase: Phase;
  waiting: number;
  savedAt: Date | null;
  refused: number;
  conflicts: number;
  canUndo: boolean;
  canRedo: boolean;
  locked: boolean;
  autoDecimal: boolean;
  hasMarks: boolean;
  /** On a phone: the columns to choose from, with what is missing in each. */
  columns: { col: string; name: string; missing: number }[] | null;
  column: string;
}

export interface BarActions {
  undo(): void;
  redo(): void;
  nextEmpty(): void;
  nextFault(): void;
  retry(): void;
  setAutoDecimal(on: boolean): void;
  setColumn(col: string): void;
}

export function drawBar(place: HTMLElement, state: BarState, act: BarActions): void {
  render(html`${chooser(state, act)}${line(state, act)}${banner(state, act)}`, place);
}

function line(state: BarState, act: BarActions): TemplateResult {
  if (state.locked) return html`<div class="mark-bar"><span class="mark-saved">${t("Sổ đã khóa: chỉ xem và chép.")}</span></div>`;
  const faults = state.refused + state.conflicts;
  return html`<div class="mark-bar">
    <span class="mark-saved" data-phase=${state.phase}>${savedWords(state)}</span>
    ${faults ? html`<button type="button" class="btn btn-sm mark-faults" @click=${act.nextFault}>${t("{n} ô cần xem lại", { n: faults })}</button>` : nothing}
    <span class="mark-tools">
      <button type="button" class="btn btn-sm" ?disabled=${!state.canUndo} title="Ctrl+Z" @click=${act.undo}>${t("Hoàn tác")}</button>
      <button type="button" class="btn btn-sm mark-redo" ?disabled=${!state.canRedo} title="Ctrl+Y" @click=${act.redo}>${t("Làm lại")}</button>
      <button type="button" class="btn btn-sm" @click=${act.nextEmpty}>${t("Ô trống kế tiếp")}</button>
      ${state.hasMarks
        ? html`<label class="form-check mark-auto"><input type="checkbox" class="form-check-input" .checked=${state.autoDecimal}
            @change=${(event: Event) => act.setAutoDecimal((event.target as HTMLInputElement).checked)} />
            <span>${t("Gõ 85 là 8,5")}</span></label>`
        : nothing}
      ${keysHelp()}
    </span></div>`;
}

function savedWords(state: BarState): string {
  if (state.phase === "saving") return t("Đang lưu…");
  if (state.phase !== "idle") return t("Chưa gửi {n} ô", { n: state.waiting });
  if (!state.savedAt) return t("Mỗi ô tự lưu khi rời ô");
  const time = state.savedAt.toLocaleTimeString("vi-VN", { hour: "2-digit", minute: "2-digit" });
  return t("Đã lưu lúc {time}", { time });
}

function banner(state: BarState, act: BarActions): TemplateResult | typeof nothing {
  const n = number(state.waiting);
  const again = html`<button type="button" class="btn btn-sm" @click=${act.retry}>${t("Gửi lại ngay")}</button>`;
  if (state.phase === "offline") {
    return html`<div class="alert alert-warning mark-banner"><div><strong>${t("Đang chờ mạng ({n})", { n })}</strong>
      ${t("Cứ nhập tiếp: điểm được giữ trên máy này và tự gửi khi có mạng.")}</div>${again}</div>`;
  }
  if (state.phase === "stuck") {
    return html`<div class="alert alert-warning mark-banner"><div><strong>${t("Máy chủ chưa nhận ({n})", { n })}</strong>
      ${t("Điểm được giữ trên máy này; hệ thống tự thử lại.")}</div>${again}</div>`;
  }
  if (state.phase === "signed-out") {
    return html`<div class="alert alert-error mark-banner"><div><strong>${t("Phiên làm việc đã hết.")}</strong>
      ${t("Điểm chưa gửi ({n}) được giữ trên máy này. Xin đăng nhập ở thẻ mới rồi bấm gửi lại.", { n })}</div>
      <a class="btn btn-sm" href="/" target="_blank" rel="noopener">${t("Đăng nhập")}</a>${again}</div>`;
  }
  return nothing;
}

function chooser(state: BarState, act: BarActions): TemplateResult | typeof nothing {
  if (!state.columns) return nothing;
  const at = state.columns.findIndex((one) => one.col === state.column);
  const go = (step: number) => () => act.setColumn(state.columns![at + step]!.col);
  return html`<div class="mark-columns">
    <button type="button" class="btn" ?disabled=${at <= 0} aria-label=${t("Cột trước")} @click=${go(-1)}>‹</button>
    <select class="form-select" aria-label=${t("Cột điểm đang nhập")} .value=${state.column}
      @change=${(event: Event) => act.setColumn((event.target as HTMLSelectElement).value)}>
      ${state.columns.map((one) => html`<option value=${one.col} ?selected=${one.col === state.column}>${one.name}${one.missing ? t(" · còn {n}", { n: one.missing }) : " ✓"}</option>`)}
    </select>
    <button type="button" class="btn" ?disabled=${at >= state.columns.length - 1} aria-label=${t("Cột sau")} @click=${go(1)}>›</button></div>`;
}

function keysHelp(): TemplateResult {
  const keys: [string, string][] = [
    ["← ↑ → ↓", t("sang ô bên cạnh; thêm Shift để chọn nhiều ô")],
    ["Enter", t("xuống dưới")],
    ["Tab", t("sang phải")],
    ["F2", t("sửa trong ô")],
    ["Esc", t("bỏ điều vừa gõ")],
    ["Delete", t("xóa các ô đang chọn")],
    ["Ctrl Z, Ctrl Y", t("hoàn tác, làm lại")],
    ["Ctrl D", t("chép ô trên xuống")],
    ["Ctrl C, Ctrl V", t("chép, dán cả khối với Excel")],
    ["Alt ↓", t("câu nhận xét mẫu")],
  ];
  return html`<details class="menu mark-keys"><summary class="btn btn-sm">${t("Phím tắt")}</summary><div class="menu-panel menu-end">
    <dl>${keys.map(([key, words]) => html`<dt><kbd>${key}</kbd></dt><dd>${words}</dd>`)}</dl></div></details>`;
}
