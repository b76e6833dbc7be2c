// Figures that follow from marks: averages and levels in the row, the count of missing cells, the chart.
import { number } from "../../lib/i18n";
import type { Cells } from "./cells";
import type { Figures } from "./sync";

/** Write the server's new figures to their places: `[data-out=average]` in a row; `[data-missing]` and `[data-summary=...]` anywhere in the page. */
export function writeFigures(cells: Cells, figures: Figures): void {
  for (const row of figures.rows ?? []) {
    const tr = cells.rowOf(String(row.row));
    for (const [name, value] of Object.entries(row)) {
      const place = tr?.querySelector<HTMLElement>(`[data-out="${CSS.escape(name)}"]`);
      if (place) place.textContent = value === null || value === undefined ? "" : String(value);
    }
  }
  if (figures.missing !== undefined) {
    for (const place of document.querySelectorAll("[data-missing]")) place.textContent = number(figures.missing);
  }
  for (const [name, value] of Object.entries(figures.summary ?? {})) {
    const text = typeof value === "number" ? number(value) : String(value ?? "");
    for (const place of document.querySelectorAll(`[data-summary="${CSS.escape(name)}"]`)) place.textContent = text;
  }
}

/** Count values in classes of width one: 0 up to 1, ... 9 up to 10; the last takes the highest mark too. */
export function countBins(values: number[], bins: number, min = 0, max = 10): number[] {
  const counts = new Array<number>(bins).fill(0);
  for (const value of values) {
    if (value < min || value > max) continue;
    const bin = Math.min(Math.floor(((value - min) / (max - min)) * bins), bins - 1);
    counts[bin] = (counts[bin] ?? 0) + 1;
  }
  return counts;
}

/** Marks to draw: of one column, or the averages as the rows show them (`of` = the name of an output). */
export function valuesOf(grid: HTMLElement, cells: Cells, of: string): number[] {
  const texts = cells.columns.includes(of)
    ? cells.column(of).map((cell) => cell.value ?? "")
    : [...grid.querySelectorAll(`[data-out="${CSS.escape(of)}"]`)].map((place) => place.textContent ?? "");
  return texts.map((text) => Number.parseFloat(text.trim().replace(",", "."))).filter((value) => !Number.isNaN(value));
}

/** Draw the server's distribution chart anew with other counts, and the table behind it. */
export function redraw(chart: HTMLElement, counts: number[]): void {
  const top = Math.max(...counts, 1);
  const cells = chart.querySelectorAll(".chart-data tbody td");
  chart.querySelectorAll<SVGGElement>("[data-bin]").forEach((bin, index) => {
    const count = counts[index] ?? 0;
    const height = (120 * count) / top;
    const bar = bin.querySelector("rect");
    bar?.setAttribute("y", String(140 - height));
    bar?.setAttribute("height", String(height));
    const figure = bin.querySelector(".chart-value");
    figure?.setAttribute("y", String(135 - height));
    if (figure) figure.textContent = count ? number(count) : "";
    if (cells[index]) cells[index].textContent = number(count);
  });
}
