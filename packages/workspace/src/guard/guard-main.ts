/**
 * The guard: a process of its own that outlives its worker for as long as it takes to end what the worker ran.
 * It reads orders from standard input. Closed (the worker is gone): every unit is killed whole. Silent for 2/3 of the ttl
 * (the worker is stopped, or cut off): units that others may run are frozen; only the worker thaws them.
 */
import { writeSync } from 'node:fs';
import { endAtOnce } from '../containment/create-unit.ts';
import { openGrip } from '../containment/open-unit.ts';
import type { Grip } from '../containment/unit.ts';
import { readElapsedMs } from '../elapsed-time.ts';
import { type GuardOrder, type GuardReport, splitLines } from './guard-lines.ts';

const LOOK_MS = 1_000;

const watched = new Map<string, { grip: Grip; freezeable: boolean; frozen: boolean }>();
/** Elapsed milliseconds at which silence becomes too long. */
let freezeAt = Number.POSITIVE_INFINITY;
let timer: NodeJS.Timeout | undefined;

// The service manager sends TERM to all of a service at once: the worker needs its grace, the guard ends with the worker.
for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP', 'SIGQUIT'] as const) process.on(signal, () => {});

function follow(order: GuardOrder): void {
  switch (order.do) {
    case 'watch': {
      const grip = watched.get(order.unit.id)?.grip ?? openGrip(order.unit, { fresh: true });
      if (grip === null) return;
      grip.refresh();
      watched.set(grip.id, { grip, freezeable: order.freezeable, frozen: false });
      break;
    }
    case 'unwatch':
      watched.delete(order.id);
      break;
    case 'tick':
      freezeAt = readElapsedMs() + (order.ttlMs * 2) / 3 - order.ageMs;
      for (const unit of watched.values()) unit.frozen = false;
      break;
  }
  look();
}

function look(): void {
  clearTimeout(timer);
  if (watched.size === 0) return;
  for (const unit of watched.values()) unit.grip.refresh();
  const leftMs = freezeAt - readElapsedMs();
  if (leftMs <= 0) for (const unit of watched.values()) if (unit.freezeable && !unit.frozen) freeze(unit);
  timer = setTimeout(look, leftMs > 0 ? Math.min(LOOK_MS, leftMs + 1) : LOOK_MS);
}

function freeze(unit: { grip: Grip; frozen: boolean }): void {
  unit.frozen = true;
  void unit.grip.freeze().then(() => report({ did: 'freeze', id: unit.grip.id }));
}

function report(message: GuardReport): void {
  try {
    writeSync(1, `${JSON.stringify(message)}\n`);
  } catch {
    // The worker reads nothing more; what matters is standard input.
  }
}

async function endAll(): Promise<void> {
  clearTimeout(timer);
  await Promise.all([...watched.values()].map(({ grip }) => endAtOnce(grip)));
  process.exit(0);
}

process.stdin.setEncoding('utf8');
process.stdin.on('data', splitLines<GuardOrder>(follow));
process.stdin.on('end', () => void endAll());
process.stdin.on('error', () => void endAll());
