import { defineConfig } from "vitest/config";

// Built files go into the Django package that serves them; `{% ui_asset %}` reads the manifest to find their names.
export default defineConfig({
  base: "./",
  build: {
    outDir: "../src/sen/shared/ui/static/ui/build",
    emptyOutDir: true,
    manifest: "manifest.json",
    modulePreload: { polyfill: false },
    // Windows 7 ends at Chrome 109, and a school keeps such a PC: light-dark() and nesting are lowered to that.
    target: ["chrome109", "firefox115", "safari15.4"],
    cssTarget: ["chrome109", "firefox115", "safari15.4"],
    assetsInlineLimit: 0,
    reportCompressedSize: false,
    rolldownOptions: {
      input: ["main.ts", "islands/mark-grid.ts", "styles/print.css"],
    },
  },
  css: {
    preprocessorOptions: { scss: { quietDeps: true, loadPaths: ["node_modules"] } },
  },
  test: {
    environment: "happy-dom",
    include: ["tests/**/*.test.ts"],
    setupFiles: ["tests/setup.ts"],
  },
});
