// A worker that a test can kill or stop: runs one program contained and guarded, and says what happens, a line of JSON each.
// Arguments: state directory, kind of containment, ttl in milliseconds, program.
import { prepareDirectory, probeContainment, runAttempt, startGuard } from '../src/index.ts';

const [stateDir, kind, ttlMs, program] = process.argv.slice(2);
const say = (line) => process.stdout.write(`${JSON.stringify(line)}\n`);

const guard = startGuard({ ttlMs: Number(ttlMs) });
const { containment } = await probeContainment(kind);
const { workspace } = await prepareDirectory({ stateDir, id: 'stand-in', attempt: 1, nonce: 'stand-in' });
const attempt = runAttempt({
  command: { argv: [program], env: {}, stdin: '' },
  workspace,
  containment,
  nonce: `stand-in-${process.pid}`,
  wallMs: 600_000,
  idleMs: null,
  killGraceMs: 0,
  outputCapBytes: 1_000_000,
  guard,
  freezeable: true,
  onEvent: async (event) => {
    say(event);
    if (event.type === 'output')
      say({
        type: 'unit',
        guard: guard.pid(),
        cwd: workspace.cwd,
        ref: attempt.unit.describe(),
        members: await attempt.unit.members(),
      });
  },
});
setInterval(() => {}, 60_000);
