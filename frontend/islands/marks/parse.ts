// What a teacher types in a cell, and what it means. Pure: text in, value or reason out.
import { t } from "../../lib/i18n";

export type Kind = "mark" | "pass" | "level" | "remark" | "test";

/** The rule of one cell. Marks have bounds and decimals; comments (Đ, CĐ, T, H, C) have choices. */
export interface Rule {
  kind: Kind;
  min: number;
  max: number;
  decimals: number;
  choices: string[];
  maxLength: number;
  /** "85" typed quickly means 8,5. Never used for a pasted block: what comes from a file is taken at its word. */
  autoDecimal: boolean;
}

/** `value` is what the server gets: "8.5", "Đ", text, or null for an emptied cell. */
export type Parsed = { ok: true; value: string | null } | { ok: false; reason: string };

export const CHOICES: Record<string, string[]> = { pass: ["Đ", "CĐ"], level: ["T", "H", "C"] };

// The same word in the ways people write it; keys are folded.
const WORDS: Record<string, string> = {
  dat: "Đ",
  "chua dat": "CĐ",
  cdat: "CĐ",
  tot: "T",
  "hoan thanh tot": "T",
  htt: "T",
  "hoan thanh": "H",
  ht: "H",
  "chua hoan thanh": "C",
  cht: "C",
  "can co gang": "C",
  kha: "K",
};

/** Take marks and case off Vietnamese text, and Đ with them, so that "Chưa Đạt" and "chua dat" are the same. */
export function fold(text: string): string {
  const plain = text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
  // ð and Ð (eth) look like đ and come from old fonts.
  return plain.replace(/[đðÐ]/g, "d").replace(/\s+/g, " ").trim();
}

/** Read what was typed or pasted into a cell of this rule. */
export function parse(text: string, rule: Rule): Parsed {
  const trimmed = text.normalize("NFC").replace(/\u00a0/g, " ").trim();
  if (trimmed === "") return { ok: true, value: null };
  if (rule.kind === "remark") return parseRemark(trimmed, rule);
  if (rule.kind === "pass" || rule.kind === "level") return parseChoice(trimmed, rule);
  return parseNumber(trimmed, rule);
}

/** Write a value as the cell shows it: marks with a comma. */
export function show(value: string | null, kind: Kind): string {
  if (value === null) return "";
  return kind === "mark" || kind === "test" ? value.replace(".", ",") : value;
}

/** Is nothing more to be expected after these keys? Then a phone may go on to the next pupil by itself. */
export function isComplete(text: string, rule: Rule): boolean {
  if (rule.kind === "remark" || !text) return false;
  if (rule.kind === "pass" || rule.kind === "level") return parse(text, rule).ok && fold(text) !== "c";
  if (!parse(text, rule).ok) return false;
  const [whole = "", part] = text.replace(".", ",").split(",");
  if (part !== undefined) return part.length >= rule.decimals;
  return whole.length >= 2;
}

function parseRemark(text: string, rule: Rule): Parsed {
  if (rule.maxLength && text.length > rule.maxLength) {
    return { ok: false, reason: t("Lời nhận xét dài {n} ký tự, tối đa {max}.", { n: text.length, max: rule.maxLength }) };
  }
  return { ok: true, value: text };
}

function parseChoice(text: string, rule: Rule): Parsed {
  const folded = fold(text);
  const direct = rule.choices.find((choice) => fold(choice) === folded);
  const worded = WORDS[folded];
  const value = direct ?? (worded && rule.choices.includes(worded) ? worded : undefined);
  if (value !== undefined) return { ok: true, value };
  return { ok: false, reason: t("“{text}” không có trong các mức: {choices}.", { text, choices: rule.choices.join(", ") }) };
}

function parseNumber(text: string, rule: Rule): Parsed {
  const match = /^(\d*)(?:[.,](\d*))?$/.exec(text.replace(/\s+/g, ""));
  if (!match || (!match[1] && !match[2])) return { ok: false, reason: t("“{text}” không phải là điểm.", { text }) };
  let whole = match[1] || "0";
  let part = (match[2] ?? "").replace(/0+$/, "");
  if (rule.autoDecimal && match[2] === undefined && rule.decimals > 0 && meansTenths(whole, rule.max)) {
    part = whole.slice(1).replace(/0+$/, "");
    whole = whole.slice(0, 1);
  }
  if (part.length > rule.decimals) {
    const reason = rule.decimals
      ? t("Điểm chỉ lấy {n} chữ số thập phân.", { n: rule.decimals })
      : t("Điểm bài kiểm tra này là số nguyên, không có phần thập phân.");
    return { ok: false, reason };
  }
  const value = Number(`${whole}.${part || "0"}`);
  if (value < rule.min || value > rule.max) {
    const [min, max] = [show(String(rule.min), "mark"), show(String(rule.max), "mark")];
    return { ok: false, reason: t("Điểm phải từ {min} đến {max}.", { min, max }) };
  }
  return { ok: true, value: String(value) };
}

/** Two digits that can be no mark as they stand ("85", "05"), but are one with a comma between. */
function meansTenths(digits: string, max: number): boolean {
  return digits.length === 2 && (digits.startsWith("0") || Number(digits) > max);
}
