// Bundles the page into dist/, which the program embeds: one script, one style sheet,
// one font. Nothing is fetched from elsewhere when the page runs.
import { build } from "esbuild";
import { readFile, rm } from "node:fs/promises";
import { gzipSync } from "node:zlib";

const mostScript = 250_000; // bytes, gzipped: what a slow laptop may have to read

await rm("dist", { recursive: true, force: true });
await build({
  entryPoints: { app: "src/main.tsx" },
  outdir: "dist",
  bundle: true,
  minify: true,
  format: "esm",
  target: ["chrome109", "firefox115", "safari16"],
  jsx: "automatic",
  jsxImportSource: "preact",
  legalComments: "linked",
  loader: { ".svg": "text", ".woff2": "file" },
  assetNames: "[name]",
  publicPath: "/ui",
  logLevel: "warning",
});
const bytes = gzipSync(await readFile("dist/app.js"), { level: 9 }).length;
if (bytes > mostScript) {
  console.error(`the page's script is ${bytes} bytes gzipped, more than ${mostScript}`);
  process.exit(1);
}
console.log(`page: script ${(bytes / 1000).toFixed(0)} kB gzipped`);
