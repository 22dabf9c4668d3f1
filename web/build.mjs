// Builds the page: node build.mjs OUTDIR [--depfile FILE]
//
// What comes out has fixed names, for it is compiled into the program and told apart by ETag. The
// packages are installed first where they are missing or not those of the lock file.

import { execFileSync } from "node:child_process";
import { copyFileSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";

const home = dirname(fileURLToPath(import.meta.url));
const BUDGET_BYTES = 100 * 1024; // of everything the browser loads, compressed
const TARGETS = ["chrome120", "firefox120", "safari17.4"];

function installed() {
  const lock = JSON.parse(readFileSync(join(home, "package-lock.json"), "utf8"));
  return Object.entries(lock.packages).every(([path, wanted]) => {
    if (path === "" || wanted.dev || wanted.optional) return true;
    try {
      const found = JSON.parse(readFileSync(join(home, path, "package.json"), "utf8"));
      return found.version === wanted.version;
    } catch {
      return false;
    }
  });
}

function install() {
  try {
    execFileSync("npm", ["ci", "--omit=dev", "--ignore-scripts", "--no-audit", "--no-fund"], {
      cwd: home,
      stdio: ["ignore", 2, 2], // a build tool may read standard output
    });
  } catch (error) {
    const missing = error.code === "ENOENT";
    console.error(
      missing
        ? "npm not found: install nodejs and npm, or configure with -Dweb=disabled"
        : "npm ci failed: the page needs the packages in web/package-lock.json once; " +
            "configure with -Dweb=disabled to build without the page",
    );
    process.exit(1);
  }
}

async function bundle(outdir) {
  const { build } = await import("esbuild");
  const result = await build({
    absWorkingDir: home,
    entryPoints: { app: "src/main.tsx", "app-style": "styles/index.css" },
    outdir,
    write: false,
    bundle: true,
    minify: true,
    format: "esm",
    target: TARGETS,
    jsx: "automatic",
    jsxImportSource: "preact",
    legalComments: "none",
    metafile: true,
    logLevel: "warning",
  });
  for (const file of result.outputFiles) {
    writeFileSync(file.path.replace("app-style", "app"), file.contents);
  }
  return Object.keys(result.metafile.inputs).map(input => resolve(home, input));
}

function copyStatic(outdir) {
  const from = join(home, "static");
  return readdirSync(from).map(name => {
    copyFileSync(join(from, name), join(outdir, name));
    return join(from, name);
  });
}

function report(outdir) {
  let total = 0;
  for (const name of readdirSync(outdir).filter(name => /\.(html|js|css|svg)$/.test(name))) {
    const bytes = readFileSync(join(outdir, name));
    const packed = gzipSync(bytes, { level: 9 }).length;
    total += packed;
    console.log(`${name.padEnd(14)} ${String(bytes.length).padStart(7)}  gzip ${packed}`);
  }
  console.log(`${"all".padEnd(14)} ${" ".repeat(7)}  gzip ${total} of ${BUDGET_BYTES}`);
  if (total > BUDGET_BYTES) {
    console.error(`the page is ${total - BUDGET_BYTES} bytes over its budget`);
    process.exit(1);
  }
}

function writeDepfile(file, outdir, inputs) {
  const quote = path => path.replaceAll(" ", "\\ ");
  const target = relative(process.cwd(), join(outdir, "index.html"));
  writeFileSync(file, `${quote(target)}: ${inputs.map(quote).join(" ")}\n`);
}

const [outdirArgument, depfileFlag, depfile] = process.argv.slice(2);
if (!outdirArgument || (depfileFlag && (depfileFlag !== "--depfile" || !depfile))) {
  console.error("usage: node build.mjs OUTDIR [--depfile FILE]");
  process.exit(2);
}
const outdir = resolve(outdirArgument);
mkdirSync(outdir, { recursive: true });
if (!installed()) install();
const inputs = [...(await bundle(outdir)), ...copyStatic(outdir)];
report(outdir);
if (depfile) writeDepfile(depfile, outdir, inputs);
