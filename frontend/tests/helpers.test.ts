import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { afterEach, describe, expect, it, vi } from "vitest";
import { ask } from "../helpers/dialogs";
import { applyShowWhen, holds } from "../helpers/show-when";
import { failure, toast } from "../helpers/toast";
import { chooseTheme, chosenTheme } from "../helpers/theme";
import { timeLeft } from "../islands/progress";
import { countBins, redraw } from "../islands/marks/figures";
import { debounce } from "../lib/debounce";
import { english } from "../lib/english";
import { number, t } from "../lib/i18n";
import { withParameter } from "../lib/net";

afterEach(() => {
  document.body.innerHTML = "";
  document.documentElement.lang = "vi";
});

describe("words", () => {
  it("are Vietnamese unless the page is English", async () => {
    expect(t("Đã chọn {n} ô.", { n: 3 })).toBe("Đã chọn 3 ô.");
    document.documentElement.lang = "en";
    vi.resetModules();
    const page = await import("../lib/i18n");
    expect(page.t("Đã chọn {n} ô.", { n: 3 })).toBe("3 cells chosen.");
  });

  it("are all translated", () => {
    const root = join(import.meta.dirname, "..");
    const files = ["helpers", "islands", "islands/marks", "lib"].flatMap((folder) =>
      readdirSync(join(root, folder)).map((name) => join(root, folder, name)),
    );
    const sources = files.filter((file) => statSync(file).isFile()).map((file) => readFileSync(file, "utf8"));
    const used = sources.flatMap((source) => [...source.matchAll(/\bt\(\s*"((?:[^"\\]|\\.)*)"/g)].map((match) => match[1]!));
    expect(used.length).toBeGreaterThan(60);
    expect(used.filter((sentence) => !(sentence in english))).toEqual([]);
    expect(Object.keys(english).filter((sentence) => !used.includes(sentence))).toEqual([]);
  });

  it("write numbers as in Vietnam", () => {
    expect(number(1234.5)).toBe("1.234,5");
    expect(number(7, 1)).toBe("7,0");
  });
});

describe("conditional fields", () => {
  const values = (data: Record<string, string[]>) => (name: string) => data[name] ?? [];

  it.each([
    ["kind=move", { kind: ["move"] }, true],
    ["kind=move", { kind: ["leave"] }, false],
    ["kind=move|return", { kind: ["return"] }, true],
    ["kind=move&far", { kind: ["move"], far: ["on"] }, true],
    ["kind=move&far", { kind: ["move"] }, false],
    ["far", { far: [""] }, false],
    ["!far", {}, true],
    ["!far", { far: ["on"] }, false],
    ["papers=hb", { papers: ["ks", "hb"] }, true],
  ])("%s with %j shows: %s", (condition, data, shown) => expect(holds(condition, values(data))).toBe(shown));

  it("are hidden and not sent while their condition does not hold", () => {
    document.body.innerHTML = `<form><select name="kind"><option value="leave" selected></option><option value="move"></option></select>
      <div data-show-when="kind=move"><input name="school" value="x"></div></form>`;
    const form = document.querySelector("form")!;
    applyShowWhen(document);
    expect(document.querySelector<HTMLElement>("[data-show-when]")!.hidden).toBe(true);
    expect(new FormData(form).has("school")).toBe(false);
    form.querySelector("select")!.value = "move";
    applyShowWhen(form);
    expect(new FormData(form).get("school")).toBe("x");
  });
});

describe("helpers", () => {
  it("ask and hear the answer", async () => {
    const yes = ask("Khóa sổ?");
    document.querySelector<HTMLElement>("dialog [value=yes]")!.click();
    expect(await yes).toBe(true);
    const no = ask("Khóa sổ?");
    document.querySelector<HTMLElement>("dialog [value=no]")!.click();
    expect(await no).toBe(false);
    expect(document.querySelector("dialog")).toBeNull();
  });

  it("say words as text, never as markup", () => {
    document.body.innerHTML = '<div id="toasts"></div>';
    toast("<img src=x onerror=alert(1)>", "error");
    expect(document.querySelector("#toasts img")).toBeNull();
    expect(document.querySelector("#toasts")!.textContent).toContain("<img");
  });

  it("prefer the server's own words about a failure", () => {
    expect(failure(409, "Sổ điểm đã khóa.")).toBe("Sổ điểm đã khóa.");
    expect(failure(500)).toContain("Hệ thống gặp lỗi");
  });

  it("keep the chosen theme in a cookie for the server", () => {
    chooseTheme("dark");
    expect(document.documentElement.dataset.theme).toBe("dark");
    expect(document.cookie).toContain("sen_theme=dark");
    chooseTheme("auto");
    expect(chosenTheme()).toBe("auto");
    expect(document.cookie).not.toContain("sen_theme=dark");
  });

  it("wait for a pause in typing", () => {
    vi.useFakeTimers();
    const act = vi.fn();
    const soon = debounce(act, 100);
    soon("n");
    soon("ng");
    vi.advanceTimersByTime(99);
    expect(act).not.toHaveBeenCalled();
    vi.advanceTimersByTime(1);
    expect(act.mock.calls).toEqual([["ng"]]);
    vi.useRealTimers();
  });

  it("add a parameter to an address", () => {
    expect(withParameter("/a", "q", "Đào & Lê")).toBe("/a?q=%C4%90%C3%A0o%20%26%20L%C3%AA");
    expect(withParameter("/a?b=1", "q", "x")).toBe("/a?b=1&q=x");
  });

  it.each([
    [5, "sắp xong"],
    [44, "còn khoảng 40 giây"],
    [600, "còn khoảng 10 phút"],
    [9000, "còn khoảng 2,5 giờ"],
  ])("say a time left of %i seconds as people do", (seconds, words) => expect(timeLeft(seconds)).toBe(words));
});

describe("the distribution of marks", () => {
  it("counts each mark once, the highest with the last class", () => {
    expect(countBins([0, 0.9, 5, 5.5, 9.9, 10], 10)).toEqual([2, 0, 0, 0, 0, 2, 0, 0, 0, 2]);
    expect(countBins([11, -1], 10)).toEqual(new Array(10).fill(0));
  });
  it("draws the bars and the table behind them anew", () => {
    document.body.innerHTML = `<figure><svg><g data-bin="0"><rect/><text class="chart-value"></text></g><g data-bin="1"><rect/><text class="chart-value"></text></g></svg>
      <div class="chart-data"><table><tbody><tr><td></td></tr><tr><td></td></tr></tbody></table></div></figure>`;
    redraw(document.querySelector("figure")!, [2, 0]);
    const [first, second] = document.querySelectorAll("rect");
    expect([first!.getAttribute("height"), second!.getAttribute("height")]).toEqual(["120", "0"]);
    expect([...document.querySelectorAll("td")].map((cell) => cell.textContent)).toEqual(["2", "0"]);
  });
});
