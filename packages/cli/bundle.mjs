import { readdirSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

// Joins the built command line, its packages and their libraries into few files beside `dist/errand.js`: reading 250 files
// costs more than most commands do. Only `errand worker` keeps its own files, since it starts some of them as programs.
// They stand in `dist` itself, because code finds `package.json` and `config/errand.yaml` from where it stands.

const dist = fileURLToPath(new URL('./dist/', import.meta.url));
const DAY_MS = 24 * 60 * 60 * 1000;

/** Zod carries its messages in fifty languages, and errand uses none of them. */
const oneLanguage = {
  name: 'one language',
  setup(bundler) {
    bundler.onLoad({ filter: /zod\/v4\/locales\/index\.js$/ }, () => ({ contents: "export { default as en } from './en.js';" }));
  },
};

// A command that runs at this moment may still want a part of the last bundle.
for (const name of readdirSync(dist)) {
  if (name.startsWith('bundle-') && Date.now() - statSync(join(dist, name)).mtimeMs > DAY_MS) rmSync(join(dist, name));
}
const { outputFiles } = await build({
  entryPoints: [join(dist, 'errand.js')],
  outdir: dist,
  entryNames: 'bundle-[name]',
  chunkNames: 'bundle-[name]-[hash]',
  bundle: true,
  minify: true,
  // A stack still names functions.
  keepNames: true,
  write: false,
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node20',
  external: ['@errand/worker'],
  // Libraries in CommonJS ask for Node's modules with `require`.
  banner: { js: "import { createRequire } from 'node:module';\nconst require = createRequire(import.meta.url);" },
  plugins: [oneLanguage],
  logLevel: 'warning',
});
// A command may start at any instant: every file appears whole, and the entry, which names the others, last.
for (const { path, contents } of outputFiles.sort((a, b) => Number(isEntry(a.path)) - Number(isEntry(b.path)))) {
  writeFileSync(`${path}.${process.pid}`, contents);
  renameSync(`${path}.${process.pid}`, path);
}

function isEntry(path) {
  return path.endsWith('bundle-errand.js');
}
