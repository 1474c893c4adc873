import { COORDINATION } from '@errand/queue';

/** Where the doctor's refs live. Workers fetch them and take no notice: they know tasks, workers and keys. */
export const DOCTOR_REFS = `${COORDINATION}doctor/`;

/** So old, a ref of a doctor is nobody's any more; clocks of two machines may differ by a part of that. */
const LEFTOVER_MS = 15 * 60_000;

/** The folder of one doctor's refs: its time, so that another one can tell how old they are, and a random part. */
export function doctorFolder(now: number, random: string): string {
  const time = new Date(now).toISOString().slice(0, 19).replace(/[-:]/g, '').toLowerCase();
  return `${DOCTOR_REFS}${time}-${random}/`;
}

/** Whether a ref was left by a doctor that has ended. One whose name tells no time was made by no doctor, and is not touched. */
export function isLeftover(name: string, now: number): boolean {
  const found = /^(\d{4})(\d\d)(\d\d)t(\d\d)(\d\d)(\d\d)-[0-9a-f]+\//.exec(name.slice(DOCTOR_REFS.length));
  if (!name.startsWith(DOCTOR_REFS) || found === null) return false;
  const [, year, month, day, hour, minute, second] = found;
  const at = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
  return now - at > LEFTOVER_MS;
}
