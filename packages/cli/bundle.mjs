import { existsSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

// Joins the built command line, its packages and their libraries into one file beside `dist/errand.js`, and puts `launch.cjs`
// there, which starts it: reading 250 files and compiling them costs more than most commands do. `errand worker` and `errand doctor`
// are started from a bundle of their own (`bundle-worker.mjs`). The bundle stands in `dist` itself, because code finds `package.json`
// and `config/errand.yaml` from where it stands.

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
 * What only a worker and the doctor need stays outside; `errand maintain` imports a little of it when it runs. A module with a
 * `then` is waited for: who imports this one gets that one.
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
place(main, escapeLetters(text.replace(/^#!.*\n/, '')));
// A command that starts at this moment may still want the last bundle; what V8 made of it is of no use any more.
const keep = [main, findMain(), LAUNCHER];
place(LAUNCHER, launcher);
for (const name of readdirSync(dist)) {
  const isWanted = keep.includes(name) || (name.startsWith(`${main}-`) && name.endsWith('.cache'));
  if (name.startsWith('bundle-') && !isWanted) rmSync(join(dist, name), { force: true });
}

/** The bundle that is started until now, or undefined. */
function findMain() {
  if (!existsSync(join(dist, LAUNCHER))) return undefined;
  return /'(bundle-\w+\.cjs)'/.exec(readFileSync(join(dist, LAUNCHER), 'utf8'))?.[1];
}

/**
 * A source without other letters is read and compiled faster, and `launch.cjs` reads it as one. esbuild escapes them everywhere but in
 * regular expressions and in comments, where `\uXXXX`, twice for a letter beyond those, means the same.
 */
function escapeLetters(code) {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: everything that is not ASCII is meant
  return code.replace(/[^\x00-\x7f]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

function place(name, contents) {
  const draft = join(dist, `${name}.${process.pid}`);
  try {
    writeFileSync(draft, contents);
    renameSync(draft, join(dist, name));
  } catch (error) {
    rmSync(draft, { force: true });
    throw error;
  }
}
