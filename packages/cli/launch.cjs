'use strict';
// What `scripts/errand` starts. `bundle.mjs` copies this beside the bundle and fills in its name. Node 20 keeps no compiled code between
// runs, and compiling takes longer than most commands do: so each command leaves what V8 made of it in a file beside the bundle. Such
// a file may go at any time; one that is damaged, that V8 does not know, or that cannot be written, costs some time and nothing else.
const { createHash } = require('node:crypto');
const { readFileSync, rmSync, writeFileSync } = require('node:fs');
const { join } = require('node:path');
const { pathToFileURL } = require('node:url');
const { Script } = require('node:vm');

// A command checks few things, and each once: compiling a check first takes longer than the check.
globalThis.__zod_globalConfig = { jitless: true };

const DIGEST_BYTES = 32;
const main = 'MAIN';
const path = join(__dirname, main);
const command = /^[a-z]{1,20}$/.test(process.argv[2] ?? '') ? process.argv[2] : 'any';
const cachePath = join(__dirname, `${main}-${process.version}-${process.arch}-${command}.cache`);
const cachedData = readCompiled();
const source = `(function (require, __filename, __importUrl, __import) {${readFileSync(path, 'latin1')}\n})`;
const script = new Script(source, { filename: path, ...(cachedData && { cachedData }) });
if (cachedData === null || script.cachedDataRejected) {
  process.once('exit', (status) => {
    // Only by then V8 has compiled what the command needs.
    if (status === 0) keep(script.createCachedData());
  });
}
// A script that came out of a cache cannot import for itself.
script.runInThisContext()(require, path, pathToFileURL(path).href, (name) => import(name));

/** Null where there is none, or not what was written. V8 would believe it, and a single wrong bit can end the process. */
function readCompiled() {
  try {
    const kept = readFileSync(cachePath);
    const data = kept.subarray(DIGEST_BYTES);
    return digestOf(data).equals(kept.subarray(0, DIGEST_BYTES)) ? data : null;
  } catch {
    return null;
  }
}

/** In place: whoever reads half of it sees that by the digest. */
function keep(data) {
  try {
    writeFileSync(cachePath, Buffer.concat([digestOf(data), data]));
  } catch {
    // A checkout of somebody else's, or a full disk, which half a file makes no better.
    discard();
  }
}

function discard() {
  try {
    rmSync(cachePath, { force: true });
  } catch {
    // Not ours to remove.
  }
}

function digestOf(data) {
  return createHash('sha256').update(data).digest();
}
