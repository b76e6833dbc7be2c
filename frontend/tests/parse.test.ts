import { describe, expect, it } from "vitest";
import { fold, isComplete, parse, type Rule, show } from "../islands/marks/parse";

const base: Rule = { kind: "mark", min: 0, max: 10, decimals: 1, choices: [], maxLength: 0, autoDecimal: true };
const strict: Rule = { ...base, autoDecimal: false };
const pass: Rule = { ...base, kind: "pass", choices: ["Đ", "CĐ"] };
const level: Rule = { ...base, kind: "level", choices: ["T", "H", "C"] };
const test27: Rule = { ...base, kind: "test", min: 1, decimals: 0 };

const value = (text: string, rule: Rule): string | null => {
  const parsed = parse(text, rule);
  if (!parsed.ok) throw new Error(parsed.reason);
  return parsed.value;
};
const reason = (text: string, rule: Rule): string => {
  const parsed = parse(text, rule);
  return parsed.ok ? `taken as ${parsed.value}` : parsed.reason;
};

describe("a mark", () => {
  it.each([
    ["8,5", "8.5"],
    ["8.5", "8.5"],
    [" 8,5 ", "8.5"],
    ["8,50", "8.5"],
    ["8,0", "8"],
    ["8", "8"],
    ["8,", "8"],
    [",5", "0.5"],
    ["0", "0"],
    ["10", "10"],
    ["10,0", "10"],
    ["\u00a07,5", "7.5"],
    ["08", "0.8"],
  ])("%j is read as %s", (text, expected) => expect(value(text, base)).toBe(expected));

  it.each(["", "  ", "\u00a0"])("%j empties the cell", (text) => expect(value(text, base)).toBeNull());

  it.each([
    ["11,5", "Điểm phải từ 0 đến 10."],
    ["10,1", "Điểm phải từ 0 đến 10."],
    ["100", "Điểm phải từ 0 đến 10."],
    ["8,55", "Điểm chỉ lấy 1 chữ số thập phân."],
    ["-1", "“-1” không phải là điểm."],
    ["abc", "“abc” không phải là điểm."],
    ["8,5,5", "“8,5,5” không phải là điểm."],
    [",", "“,” không phải là điểm."],
    ["8đ", "“8đ” không phải là điểm."],
    ["1e1", "“1e1” không phải là điểm."],
  ])("%j is refused: %s", (text, expected) => expect(reason(text, base)).toBe(expected));

  it.each([
    ["85", "8.5"],
    ["75", "7.5"],
    ["99", "9.9"],
    ["05", "0.5"],
    ["50", "5"],
    ["10", "10"],
  ])("typed quickly, %s means %s", (text, expected) => expect(value(text, base)).toBe(expected));

  it("is taken at its word where quick typing is off, as in a pasted block", () => {
    expect(reason("85", strict)).toBe("Điểm phải từ 0 đến 10.");
    expect(value("05", strict)).toBe("5");
  });

  it("obeys other bounds, as on a scale to 100", () => {
    const hundred: Rule = { ...strict, max: 100, decimals: 2 };
    expect(value("85", hundred)).toBe("85");
    expect(value("85,25", hundred)).toBe("85.25");
    expect(reason("100,5", hundred)).toBe("Điểm phải từ 0 đến 100.");
  });
});

describe("a test mark of primary school", () => {
  it("is whole and not zero", () => {
    expect(value("9", test27)).toBe("9");
    expect(value("9,0", test27)).toBe("9");
    expect(reason("9,5", test27)).toBe("Điểm bài kiểm tra này là số nguyên, không có phần thập phân.");
    expect(reason("0", test27)).toBe("Điểm phải từ 1 đến 10.");
    expect(reason("85", test27)).toBe("Điểm phải từ 1 đến 10.");
  });
});

describe("a comment", () => {
  it.each([
    ["Đ", "Đ"],
    ["đ", "Đ"],
    ["d", "Đ"],
    ["D", "Đ"],
    ["Ð", "Đ"],
    ["Đạt", "Đ"],
    ["dat", "Đ"],
    ["CĐ", "CĐ"],
    ["cđ", "CĐ"],
    ["cd", "CĐ"],
    ["Chưa  đạt", "CĐ"],
    ["CHUA DAT", "CĐ"],
  ])("pass or not: %s is %s", (text, expected) => expect(value(text, pass)).toBe(expected));

  it.each([
    ["t", "T"],
    ["H", "H"],
    ["c", "C"],
    ["Hoàn thành tốt", "T"],
    ["hoan thanh", "H"],
    ["Chưa hoàn thành", "C"],
  ])("level: %s is %s", (text, expected) => expect(value(text, level)).toBe(expected));

  it("names the choices when it is none of them", () => {
    expect(reason("x", pass)).toBe("“x” không có trong các mức: Đ, CĐ.");
    expect(reason("Đ", level)).toBe("“Đ” không có trong các mức: T, H, C.");
  });

  it("reads decomposed Vietnamese, as a Mac writes it", () => expect(value("Đạt".normalize("NFD"), pass)).toBe("Đ"));
});

describe("a remark", () => {
  it("is kept as written, less the blanks around it", () => {
    expect(value("  Em có tiến bộ. ", { ...base, kind: "remark" })).toBe("Em có tiến bộ.");
  });
  it("has a longest length", () => {
    expect(reason("abcdef", { ...base, kind: "remark", maxLength: 5 })).toBe("Lời nhận xét dài 6 ký tự, tối đa 5.");
  });
});

describe("going on by itself on a phone", () => {
  it.each([
    ["8", false],
    ["85", true],
    ["8,", false],
    ["8,5", true],
    ["10", true],
    ["1", false],
    ["", false],
    ["99,", false],
  ])("%j complete: %s", (text, expected) => expect(isComplete(text, base)).toBe(expected));

  it("waits after C, which may become CĐ", () => {
    expect(isComplete("c", pass)).toBe(false);
    expect(isComplete("cd", pass)).toBe(true);
    expect(isComplete("đ", pass)).toBe(true);
  });
});

describe("showing", () => {
  it("writes marks with a comma and leaves words alone", () => {
    expect(show("8.5", "mark")).toBe("8,5");
    expect(show(null, "mark")).toBe("");
    expect(show("Em viết 8.5 câu", "remark")).toBe("Em viết 8.5 câu");
  });
  it("folds Vietnamese for search", () => expect(fold("  Nguyễn  Thị ĐÀO ")).toBe("nguyen thi dao"));
});
