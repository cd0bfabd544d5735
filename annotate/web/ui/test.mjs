// Runs the tests of what needs no browser, src/**/*.test.ts, with Node's own runner.
import { build } from "esbuild";
import { spawnSync } from "node:child_process";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

const tests = (await readdir("src", { recursive: true })).filter((f) => f.endsWith(".test.ts"));
const out = await mkdtemp(join(tmpdir(), "dyade-page-"));
try {
  await build({
    entryPoints: tests.map((f) => join("src", f)),
    outdir: out,
    outExtension: { ".js": ".mjs" },
    bundle: true,
    platform: "node",
    format: "esm",
    jsx: "automatic",
    jsxImportSource: "preact",
    loader: { ".svg": "text" },
    logLevel: "warning",
  });
  const built = (await readdir(out, { recursive: true })).filter((f) => f.endsWith(".test.mjs")).map((f) => join(out, f));
  process.exitCode = spawnSync(process.execPath, ["--test", ...built], { stdio: "inherit" }).status ?? 1;
} finally {
  await rm(out, { recursive: true, force: true });
}
