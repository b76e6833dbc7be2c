// Small things that many pages want.
import { t } from "../lib/i18n";
import { toast } from "./toast";

/** `data-copy="#id"` or `data-copy-text="..."`: put text on the clipboard and say so. */
export function startCopy(): void {
  document.addEventListener("click", (event) => {
    const button = (event.target as Element).closest<HTMLElement>("[data-copy], [data-copy-text]");
    if (!button) return;
    const source = button.dataset.copy ? document.querySelector<HTMLInputElement>(button.dataset.copy) : null;
    const text = button.dataset.copyText ?? source?.value ?? source?.textContent?.trim() ?? "";
    navigator.clipboard.writeText(text).then(
      () => toast(t("Đã chép."), "success"),
      () => toast(t("Trình duyệt không cho chép. Xin chọn và nhấn Ctrl+C."), "warning"),
    );
  });
}

/** `<form data-guard>`: warn before leaving a form whose changes were not sent. */
export function startGuard(): void {
  const changed = new Set<HTMLFormElement>();
  const note = (event: Event): void => {
    const form = (event.target as HTMLInputElement).form;
    if (form?.matches("[data-guard]")) changed.add(form);
  };
  document.addEventListener("input", note);
  document.addEventListener("change", note);
  document.addEventListener("submit", (event) => changed.delete(event.target as HTMLFormElement));
  window.addEventListener("beforeunload", (event) => {
    if ([...changed].some((form) => form.isConnected)) event.preventDefault();
  });
}

/** `<details data-columns-of="table id">`: let the reader hide columns; the choice stays on this device. */
export function startColumns(): void {
  for (const menu of document.querySelectorAll<HTMLElement>("[data-columns-of]")) {
    const table = document.getElementById(menu.dataset.columnsOf!) as HTMLTableElement | null;
    const panel = menu.querySelector(".menu-panel");
    if (!table || !panel || panel.childElementCount) continue;
    const key = `columns:${location.pathname}:${table.id}`;
    const hidden = new Set<string>(JSON.parse(localStorage.getItem(key) ?? "[]") as string[]);
    [...(table.tHead?.rows[0]?.cells ?? [])].slice(1).forEach((head, index) => {
      const name = head.textContent?.trim() ?? "";
      const show = (): void => showColumn(table, index + 1, !hidden.has(name));
      const label = document.createElement("label");
      label.className = "menu-item";
      const box = document.createElement("input");
      box.type = "checkbox";
      box.className = "form-check-input";
      box.checked = !hidden.has(name);
      box.addEventListener("change", () => {
        if (box.checked) hidden.delete(name);
        else hidden.add(name);
        localStorage.setItem(key, JSON.stringify([...hidden]));
        show();
      });
      label.append(name, box);
      panel.append(label);
      show();
    });
  }
}

function showColumn(table: HTMLTableElement, index: number, shown: boolean): void {
  for (const row of table.rows) {
    const cell = row.cells[index];
    if (cell) cell.hidden = !shown;
  }
}

/** A table that scrolls sideways must be reachable by keys, even when nothing in it can be focused. */
export function startTables(): void {
  for (const wrap of document.querySelectorAll<HTMLElement>(".table-wrap:not([tabindex])")) {
    if (!wrap.querySelector("a, button, input, select, textarea")) wrap.tabIndex = 0;
  }
}

/** Charts can be taken along as SVG or PNG. The page's styles are written into the picture. */
export function startCharts(): void {
  for (const chart of document.querySelectorAll<HTMLElement>("figure.chart:not(:has(.chart-tools))")) {
    const tools = document.createElement("div");
    tools.className = "chart-tools";
    for (const kind of ["svg", "png"] as const) {
      const button = document.createElement("button");
      button.type = "button";
      button.className = "btn btn-sm";
      button.textContent = t("Tải hình {kind}", { kind: kind.toUpperCase() });
      button.addEventListener("click", () => void download(chart, kind));
      tools.append(button);
    }
    chart.querySelector(".chart-data")?.append(tools);
  }
}

async function download(chart: HTMLElement, kind: "svg" | "png"): Promise<void> {
  const drawn = chart.querySelector("svg")!;
  const copy = drawn.cloneNode(true) as SVGSVGElement;
  const from = drawn.querySelectorAll<SVGElement>("*");
  copy.querySelectorAll<SVGElement>("*").forEach((part, index) => {
    const style = getComputedStyle(from[index]!);
    for (const name of ["fill", "stroke", "stroke-width", "font-size", "font-family", "font-weight"]) {
      part.setAttribute(name, style.getPropertyValue(name));
    }
  });
  const { width, height } = drawn.viewBox.baseVal;
  copy.setAttribute("xmlns", "http://www.w3.org/2000/svg");
  copy.setAttribute("width", String(width * 2));
  copy.setAttribute("height", String(height * 2));
  const svg = new Blob([new XMLSerializer().serializeToString(copy)], { type: "image/svg+xml" });
  const name = chart.querySelector("figcaption")?.textContent?.trim() || "bieu-do";
  save(kind === "svg" ? svg : await toPng(svg, width * 2, height * 2), `${name}.${kind}`);
}

async function toPng(svg: Blob, width: number, height: number): Promise<Blob> {
  const image = new Image();
  image.src = URL.createObjectURL(svg);
  await image.decode();
  const canvas = document.createElement("canvas");
  canvas.width = width;
  canvas.height = height;
  const pen = canvas.getContext("2d")!;
  pen.fillStyle = getComputedStyle(document.body).backgroundColor;
  pen.fillRect(0, 0, width, height);
  pen.drawImage(image, 0, 0);
  URL.revokeObjectURL(image.src);
  return new Promise((resolve) => canvas.toBlob((blob) => resolve(blob!), "image/png"));
}

function save(blob: Blob, name: string): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  URL.revokeObjectURL(link.href);
}
