// Writes the icons named in icons.txt to the Django package as one JSON file (name -> inner SVG).
// `{% icon %}` puts them into the page itself: no request of their own, and a page carries only what it shows.
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const names = readFileSync(here("../icons.txt"), "utf8")
  .split("\n")
  .filter((line) => line && !line.startsWith("#"));
const unknown = [];
const icons = {};
for (const name of [...new Set(names)].sort()) {
  const path = here(`../node_modules/@tabler/icons/icons/outline/${name}.svg`);
  if (!existsSync(path)) {
    unknown.push(name);
    continue;
  }
  const inner = readFileSync(path, "utf8").match(/<svg[^>]*>(.*)<\/svg>/s)[1];
  icons[name] = inner.replace(/<path stroke="none" d="M0 0h24v24H0z" fill="none"\s*\/>/, "").replace(/\s*\n\s*/g, "").replaceAll(" />", "/>").trim();
}
if (unknown.length) {
  console.error(`No such Tabler icon: ${unknown.join(", ")}`);
  process.exit(1);
}
writeFileSync(here("../../src/sen/shared/ui/icons.json"), `${JSON.stringify(icons, null, 1)}\n`);
console.log(`${Object.keys(icons).length} icons written`);
