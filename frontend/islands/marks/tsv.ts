// A block of cells as Excel puts it on the clipboard: tabs between cells, line ends between rows, quotes where needed.

/** Read a block. Excel ends it with a line end, which is not one more row. */
export function readBlock(text: string): string[][] {
  const rows: string[][] = [];
  let row: string[] = [];
  let cell = "";
  let quoted = false;
  let fresh = true;
  const endCell = (): void => {
    row.push(cell);
    cell = "";
    fresh = true;
  };
  const endRow = (): void => {
    endCell();
    rows.push(row);
    row = [];
  };
  for (let i = 0; i < text.length; i += 1) {
    const sign = text[i]!;
    if (quoted) {
      if (sign !== '"') cell += sign;
      else if (text[i + 1] === '"') {
        cell += '"';
        i += 1;
      } else quoted = false;
    } else if (sign === '"' && fresh) {
      quoted = true;
      fresh = false;
    } else if (sign === "\t") endCell();
    else if (sign === "\n" || sign === "\r") {
      if (sign === "\r" && text[i + 1] === "\n") i += 1;
      endRow();
    } else {
      cell += sign;
      fresh = false;
    }
  }
  if (cell !== "" || row.length) endRow();
  return rows;
}

/** Write a block so that Excel and Sen read it back the same. */
export function writeBlock(rows: string[][]): string {
  return rows.map((row) => row.map(quote).join("\t")).join("\r\n");
}

function quote(cell: string): string {
  return /["\t\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell;
}
