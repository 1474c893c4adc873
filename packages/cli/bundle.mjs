import { existsSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

// Joins the built command line, its packages and their libraries into one file beside `dist/errand.js`, and puts `launch.cjs`
// there, which starts it: reading 250 files and compiling them costs more than most commands do. Only `errand worker` keeps its own files,
// since it starts some of them as programs. The bundle stands in `dist` itself, because code finds `package.json` and
// `config/errand.yaml` from where it stands.

const dist = fileURLToPath(new URL('./dist/', import.meta.url));
const LAUNCHER = 'bundle-errand.cjs';

/** Zod carries its messages in fifty languages, and errand uses none of them. */
const oneLanguage = {
  name: 'one language',
  setup(bundler) {
    bundler.onLoad({ filter: /zod\/v4\/locales\/index\.js$/ }, () => ({ contents: "export { default as en } from './en.js';" }));
  },
};

/**
 * The worker has its own files, and the doctor starts the same programs. Both are imported lazily. A module with a `then` is
 * waited for: who imports this one gets that one.
 */
const apart = {
  name: 'apart',
  setup(bundler) {
    bundler.onResolve({ filter: /^@errand\/(worker|doctor)$/ }, ({ path }) => ({ path, namespace: 'apart' }));
    bundler.onLoad({ filter: /.*/, namespace: 'apart' }, ({ path }) => ({
      contents: `export const then = (...on) => __import(${JSON.stringify(path)}).then(...on);`,
    }));
  },
};

const { outputFiles } = await build({
  entryPoints: [join(dist, 'errand.js')],
  outdir: dist,
  entryNames: 'bundle-[hash]',
  outExtension: { '.js': '.cjs' },
  bundle: true,
  // Names stay, for the sake of stacks: they cost nothing once the code is compiled.
  minifySyntax: true,
  minifyWhitespace: true,
  write: false,
  // What V8 compiled can be kept for scripts only, not for modules. Parts that are imported lazily still run when they are needed.
  format: 'cjs',
  platform: 'node',
  target: 'node20',
  // A script whose compiled form was kept cannot import.
  supported: { 'dynamic-import': false },
  define: { 'import.meta.url': '__importUrl' },
  plugins: [oneLanguage, apart],
  logLevel: 'warning',
});
// A command may start at any instant: every file appears whole, and the one that names the other, last.
const [{ path, text }] = outputFiles;
const main = basename(path);
const launcher = readFileSync(new URL('./launch.cjs', import.meta.url), 'utf8').replace("'MAIN'", `'${main}'`);
place(main, text.replace(/^#!.*\n/, ''));
// A command that starts at this moment may still want the last bundle; what V8 made of it is of no use any more.
const keep = [main, findMain(), LAUNCHER];
place(LAUNCHER, launcher);
for (const name of readdirSync(dist)) {
  const isWanted = keep.includes(name) || name.startsWith(`${main}-`);
  if (name.startsWith('bundle-') && !isWanted) rmSync(join(dist, name), { force: true });
}

/** The bundle that is started until now, or undefined. */
function findMain() {
  if (!existsSync(join(dist, LAUNCHER))) return undefined;
  return /'(bundle-\w+\.cjs)'/.exec(readFileSync(join(dist, LAUNCHER), 'utf8'))?.[1];
}

function place(name, contents) {
  writeFileSync(join(dist, `${name}.${process.pid}`), contents);
  renameSync(join(dist, `${name}.${process.pid}`), join(dist, name));
}
