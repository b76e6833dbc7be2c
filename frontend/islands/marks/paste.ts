// Pasting a block: first a plan of what would happen to every cell, then - if something is wrong - a look at it.
import { html, nothing, render } from "lit/html.js";
import { openDialog } from "../../helpers/dialogs";
import { t } from "../../lib/i18n";
import type { Cell, Cells } from "./cells";
import { parse } from "./parse";
import type { Selection } from "./selection";

export interface Refusal {
  row: string;
  col: string;
  raw: string;
  reason: string;
}

export interface Plan {
  accepted: { cell: Cell; value: string | null }[];
  refused: Refusal[];
  /** Filled cells that get another value. */
  replaced: number;
}

/** Work out what a block does when it is pasted at a selection. One value fills the whole selection, as in Excel. */
export function planPaste(block: string[][], selection: Selection, cells: Cells): Plan {
  const plan: Plan = { accepted: [], refused: [], replaced: 0 };
  const isOne = block.length === 1 && block[0]?.length === 1;
  const height = isOne ? selection.bottom - selection.top + 1 : block.length;
  const width = isOne ? selection.right - selection.left + 1 : Math.max(...block.map((row) => row.length));
  for (let r = 0; r < height; r += 1) {
    for (let c = 0; c < width; c += 1) {
      const raw = isOne ? block[0]![0]! : block[r]?.[c];
      if (raw !== undefined) planOne(plan, raw, selection.top + r, selection.left + c, cells);
    }
  }
  return plan;
}

function planOne(plan: Plan, raw: string, r: number, c: number, cells: Cells): void {
  const cell = cells.at({ r, c });
  if (!cell) {
    // Empty cells beyond the edge are what Excel adds around a block, not something lost.
    if (!raw.trim()) return;
    const [row, col] = [cells.rows[r], cells.columns[c]];
    const reason = row && col ? t("Ô này không nhập được.") : t("Nằm ngoài bảng điểm.");
    plan.refused.push({ row: row ? cells.rowName(row) : "–", col: col ? cells.columnName(col) : "–", raw, reason });
    return;
  }
  const parsed = parse(raw, { ...cell.rule, autoDecimal: false });
  if (!parsed.ok) {
    plan.refused.push({ row: cells.rowName(cell.row), col: cells.columnName(cell.col), raw, reason: parsed.reason });
    return;
  }
  if (cell.value !== null && cell.value !== parsed.value) plan.replaced += 1;
  plan.accepted.push({ cell, value: parsed.value });
}

/** Show what cannot be pasted, and ask whether the rest shall be. */
export function preview(plan: Plan): Promise<boolean> {
  const dialog = document.createElement("dialog");
  dialog.className = "dialog wide";
  dialog.setAttribute("aria-labelledby", "paste-title");
  const close = (answer: string) => () => dialog.close(answer);
  render(
    html`<h2 id="paste-title">${t("Có {n} ô không dán được", { n: plan.refused.length })}</h2>
      <p>${t("{n} ô đúng, trong đó {m} ô thay điểm đã có.", { n: plan.accepted.length, m: plan.replaced })}</p>
      <div class="table-wrap" tabindex="0"><table class="table sen-table">
        <thead><tr><th scope="col">${t("Học sinh")}</th><th scope="col">${t("Cột")}</th><th scope="col">${t("Giá trị")}</th>
          <th scope="col">${t("Vì sao")}</th></tr></thead>
        <tbody>${plan.refused.map((one) => html`<tr><th scope="row">${one.row}</th><td>${one.col}</td><td>${one.raw}</td><td>${one.reason}</td></tr>`)}</tbody>
      </table></div>
      <div class="dialog-actions"><button type="button" class="btn" @click=${close("no")}>${t("Không dán")}</button>
        ${plan.accepted.length
          ? html`<button type="button" class="btn btn-primary" @click=${close("yes")}>${t("Dán {n} ô đúng", { n: plan.accepted.length })}</button>`
          : nothing}</div>`,
    dialog,
  );
  document.body.append(dialog);
  openDialog(dialog);
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => {
      dialog.remove();
      resolve(dialog.returnValue === "yes");
    });
  });
}
