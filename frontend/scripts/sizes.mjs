// Weighs what pages ship, gzip, and fails over budget: 40 KB of JavaScript, 120 KB in all without the font.
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";

const build = fileURLToPath(new URL("../../src/sen/shared/ui/static/ui/build/", import.meta.url));
const manifest = JSON.parse(readFileSync(`${build}manifest.json`, "utf8"));
const JS = 40 * 1024;
const ALL = 120 * 1024;
// A full page of HTML, gzip; the pages' own tests hold it.
const HTML = 20 * 1024;

const weigh = (file) => gzipSync(readFileSync(build + file), { level: 9 }).length;

function filesOf(name, seen = new Set()) {
  const chunk = manifest[name];
  seen.add(chunk.file);
  for (const style of chunk.css ?? []) seen.add(style);
  for (const inner of chunk.imports ?? []) filesOf(inner, seen);
  return seen;
}

const lazy = (name) => Object.keys(manifest).find((key) => key.endsWith(name));
const pages = {
  "an ordinary page": ["main.ts"],
  "… with the search palette open": ["main.ts", lazy("islands/search.ts")],
  "… with a long job": ["main.ts", lazy("islands/progress.ts")],
  "a mark sheet": ["main.ts", "islands/mark-grid.ts"],
};

let failed = false;
for (const [page, entries] of Object.entries(pages)) {
  const files = new Set(entries.flatMap((entry) => [...filesOf(entry)]));
  const js = [...files].filter((file) => file.endsWith(".js")).reduce((sum, file) => sum + weigh(file), 0);
  const css = [...files].filter((file) => file.endsWith(".css")).reduce((sum, file) => sum + weigh(file), 0);
  const over = js > JS || js + css + HTML > ALL;
  failed ||= over;
  const kb = (bytes) => `${(bytes / 1024).toFixed(1)} KB`;
  console.log(`${over ? "OVER " : "ok   "}${page}: JavaScript ${kb(js)} of ${kb(JS)}, styles ${kb(css)}, with 20 KB of HTML ${kb(js + css + HTML)} of ${kb(ALL)}`);
}
process.exit(failed ? 1 : 0);
