// Bundles the page into dist/, which the program embeds: one script, one style sheet,
// one font. Nothing is fetched from elsewhere when the page runs.
import { build } from "esbuild";
import { readFile, rm, writeFile } from "node:fs/promises";
import { gzipSync } from "node:zlib";

const mostScript = 250_000; // bytes, gzipped: what a slow laptop may have to read

await rm("dist", { recursive: true, force: true });
const made = await build({
  metafile: true,
  entryPoints: { app: "src/main.tsx" },
  outdir: "dist",
  bundle: true,
  minify: true,
  format: "esm",
  target: ["chrome111", "firefox132", "safari16.2"], // they tell which picture is on the screen: the guide says so
  jsx: "automatic",
  jsxImportSource: "preact",
  legalComments: "eof",
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
// Whose work is in it, for the package that carries their licences.
const others = Object.keys(made.metafile.inputs).flatMap((path) => /node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(path)?.[1] ?? []);
await writeFile("dist/.others", [...new Set(others)].sort().join("\n") + "\n");
console.log(`page: script ${(bytes / 1000).toFixed(0)} kB gzipped`);
