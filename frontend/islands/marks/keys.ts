// Which key does what, as in Excel. Pure: a key and a mode in, an action out; null leaves the key to the browser.

/** ready: a cell is chosen; enter: a new value is being typed over it; edit: the caret moves inside the value. */
export type Mode = "ready" | "enter" | "edit";

export type Action =
  | { do: "move"; dr: number; dc: number; extend: boolean; far: boolean }
  | { do: "page"; dr: number; extend: boolean }
  | { do: "rowEdge"; dc: number; extend: boolean; corner: boolean }
  | { do: "enter"; dr: number }
  | { do: "tab"; dc: number }
  | { do: "edit" | "revert" | "clear" | "undo" | "redo" | "fillDown" | "all" | "phrases" };

export interface Key {
  key: string;
  ctrlKey: boolean;
  metaKey: boolean;
  shiftKey: boolean;
  altKey: boolean;
}

const ARROWS: Record<string, [number, number]> = {
  ArrowUp: [-1, 0],
  ArrowDown: [1, 0],
  ArrowLeft: [0, -1],
  ArrowRight: [0, 1],
};

export function actionOf(event: Key, mode: Mode, isText: boolean): Action | null {
  const { key, shiftKey, altKey } = event;
  const ctrl = event.ctrlKey || event.metaKey;
  if (altKey) return key === "ArrowDown" && isText ? { do: "phrases" } : null;
  const arrow = ARROWS[key];
  if (arrow) {
    // In a text being edited the arrows belong to the caret.
    if (mode === "edit") return null;
    return { do: "move", dr: arrow[0], dc: arrow[1], extend: shiftKey && mode === "ready", far: ctrl };
  }
  if (ctrl) return withCtrl(key.toLowerCase(), shiftKey, mode);
  if (key === "Enter") return { do: "enter", dr: shiftKey ? -1 : 1 };
  if (key === "Tab") return { do: "tab", dc: shiftKey ? -1 : 1 };
  if (key === "Escape") return { do: "revert" };
  if (key === "F2") return { do: "edit" };
  if (mode !== "ready") return null;
  if (key === "Delete" || key === "Backspace") return { do: "clear" };
  if (key === "PageUp" || key === "PageDown") return { do: "page", dr: key === "PageDown" ? 1 : -1, extend: shiftKey };
  if (key === "Home" || key === "End") return { do: "rowEdge", dc: key === "End" ? 1 : -1, extend: shiftKey, corner: false };
  return null;
}

function withCtrl(key: string, shift: boolean, mode: Mode): Action | null {
  // While a value is being typed, undo and select-all belong to the text.
  if (mode !== "ready") return key === "d" ? { do: "fillDown" } : null;
  if (key === "z") return { do: shift ? "redo" : "undo" };
  if (key === "y") return { do: "redo" };
  if (key === "d") return { do: "fillDown" };
  if (key === "a") return { do: "all" };
  if (key === "home" || key === "end") return { do: "rowEdge", dc: key === "end" ? 1 : -1, extend: shift, corner: true };
  return null;
}
