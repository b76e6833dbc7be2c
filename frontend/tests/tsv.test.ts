import { describe, expect, it } from "vitest";
import { readBlock, writeBlock } from "../islands/marks/tsv";

describe("a block from Excel", () => {
  it("has tabs and Windows line ends, and one line end too many", () => {
    expect(readBlock("8,5\t9\r\n7\t\r\n")).toEqual([["8,5", "9"], ["7", ""]]);
  });
  it("keeps an empty row in the middle", () => expect(readBlock("8\n\n9")).toEqual([["8"], [""], ["9"]]));
  it("keeps line ends and tabs inside quotes", () => {
    expect(readBlock('"dòng 1\ndòng 2"\t"a\tb"\n')).toEqual([["dòng 1\ndòng 2", "a\tb"]]);
  });
  it("reads doubled quotes as one", () => expect(readBlock('"nói ""vâng"""')).toEqual([['nói "vâng"']]));
  it("takes a quote inside a cell as it is", () => expect(readBlock('5" \t6')).toEqual([['5" ', "6"]]));
  it("is one cell without separators", () => expect(readBlock("8,5")).toEqual([["8,5"]]));
  it("is nothing when empty", () => expect(readBlock("")).toEqual([]));
  it("reads old Mac line ends", () => expect(readBlock("1\r2")).toEqual([["1"], ["2"]]));
});

describe("a block for Excel", () => {
  it("comes back the same", () => {
    const rows = [["8,5", "Đ", 'nói "vâng"'], ["", "a\tb", "hai\ndòng"]];
    expect(readBlock(writeBlock(rows))).toEqual(rows);
  });
});
