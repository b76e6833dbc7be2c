// Vietnamese is the source language: the sentence itself is the key. English stands in one dictionary, which only an
// English page fetches.
type Values = Record<string, string | number>;

/** The language of the page, from `<html lang>`. */
export function language(): string {
  return document.documentElement.lang.startsWith("en") ? "en" : "vi";
}

const english: Record<string, string> = language() === "en" ? (await import("./english")).english : {};

/** Return the sentence in the language of the page, with `{name}` replaced by `values.name`. */
export function t(sentence: string, values: Values = {}): string {
  return (english[sentence] ?? sentence).replace(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole));
}

/** Write a number the Vietnamese way: 1.234,5. */
export function number(value: number, decimals?: number): string {
  return value.toLocaleString("vi-VN", { minimumFractionDigits: decimals ?? 0, maximumFractionDigits: decimals ?? 3 });
}
