import type { Held } from '@errand/planner';
import { type ClaimedRecord, type ParkedRecord, parseResult, type Result, renderResult, resultSubject } from '@errand/task';
import { taskRef } from './names.ts';
import { readBlob, readCommit, readTree } from './objects.ts';
import type { GitPort, RefUpdate } from './port.ts';
import { writeRecord } from './records.ts';

const PARKED_FILE = 'result.md';

/** Stores a finished result in its own record, where nobody contends. Nonce and key are kept until it is folded. */
export async function parkResult(
  port: GitPort,
  held: Held<ClaimedRecord>,
  result: Result,
): Promise<{ oid: string; updates: RefUpdate[]; record: ParkedRecord }> {
  const { value: claim, oid: parent } = held;
  const record: ParkedRecord = {
    schema: 1,
    id: claim.id,
    state: 'parked',
    nonce: claim.nonce,
    task: claim.task,
    attempt: claim.attempt,
    worker: claim.worker,
    boot: claim.boot,
    attempts: [],
    result_state: result.state,
    subject: resultSubject(result),
    finished_at: result.finished_at,
    ...(claim.key && { key: claim.key }),
  };
  const blob = await port.writeBlob(renderResult(result));
  const oid = await writeRecord(port, `parked: ${record.subject}`, record, parent, [
    { mode: '100644', name: PARKED_FILE, oid: blob },
  ]);
  return { oid, record, updates: [{ ref: taskRef(claim.id), to: oid, expect: parent }] };
}

/** The result that a parked record carries, as text, and as data where it can be read as such. */
export async function readParked(
  port: GitPort,
  held: Held<ParkedRecord>,
): Promise<{ text: string; result: Result | null } | null> {
  const { tree } = await readCommit(port, held.oid);
  const file = (await readTree(port, tree)).find((entry) => entry.name === PARKED_FILE);
  const content = file ? await readBlob(port, file.oid) : null;
  if (!content) return null;
  const text = content.toString('utf8');
  const parsed = parseResult(`results/${held.value.id}.md`, text);
  return { text, result: parsed.ok ? parsed.value : null };
}
