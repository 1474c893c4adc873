import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, renameSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

// Joins the worker, its packages and their libraries into one file, `dist/worker-bundle.js`, and its guard into another. A worker
// runs for months, while the checkout is updated and built under it: what it is made of is in memory once it has started, and the
// one program that it starts later, the guard, has a name made of its content, so that a worker finds the guard it was built with.

const dist = fileURLToPath(new URL('./dist/', import.meta.url));
const guardSource = fileURLToPath(new URL('../workspace/dist/guard/guard-main.js', import.meta.url));
const YEAR_MS = 365 * 24 * 60 * 60 * 1000;

const shared = {
  bundle: true,
  minifyWhitespace: true,
  minifySyntax: true,
  write: false,
  platform: 'node',
  target: 'node20',
  logLevel: 'warning',
};

const guard = await buildOne({ ...shared, entryPoints: [guardSource], format: 'esm' });
const guardName = `guard-${createHash('sha256').update(guard).digest('hex').slice(0, 12)}.mjs`;

/** Zod carries its messages in fifty languages, and errand uses none of them. */
const oneLanguage = {
  name: 'one language',
  setup(bundler) {
    bundler.onLoad({ filter: /zod\/v4\/locales\/index\.js$/ }, () => ({ contents: "export { default as en } from './en.js';" }));
  },
};
const itsOwnGuard = {
  name: 'its own guard',
  setup(bundler) {
    bundler.onLoad({ filter: /workspace\/dist\/guard\/guard\.js$/ }, ({ path }) => {
      const contents = readFileSync(path, 'utf8').replaceAll('./guard-main.js', `./${guardName}`);
      if (!contents.includes(guardName)) throw new Error(`${path} does not start ./guard-main.js`);
      return { contents };
    });
  },
};

const worker = await buildOne({
  ...shared,
  entryPoints: [join(dist, 'errand.js')],
  format: 'esm',
  // Libraries in CommonJS ask for Node's modules with `require`.
  banner: { js: "import { createRequire as makeRequire } from 'node:module';\nconst require = makeRequire(import.meta.url);" },
  plugins: [oneLanguage, itsOwnGuard],
});

place(guardName, guard);
place('worker-bundle.js', worker);
for (const name of readdirSync(dist)) {
  if (/^guard-.*\.mjs$/.test(name) && Date.now() - statSync(join(dist, name)).mtimeMs > YEAR_MS)
    rmSync(join(dist, name), { force: true });
}

async function buildOne(options) {
  const { outputFiles } = await build(options);
  // A regular expression with one such letter would have V8 keep the whole text at two bytes a letter.
  return outputFiles[0].text.replace(/[\u0080-\uffff]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

/** A file appears whole. One that says the same keeps its time: a worker that is older than its code is told from that. */
function place(name, contents) {
  const path = join(dist, name);
  if (existsSync(path) && readFileSync(path, 'utf8') === contents) {
    if (name === guardName) utimesSync(path, new Date(), new Date());
    return;
  }
  const draft = `${path}.${process.pid}`;
  try {
    writeFileSync(draft, contents);
    renameSync(draft, path);
  } catch (error) {
    rmSync(draft, { force: true });
    throw error;
  }
}
