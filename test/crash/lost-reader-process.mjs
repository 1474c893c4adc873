// Reads an object while its git is stopped, and says what came of it: node lost-reader-process.mjs <repository>
// It waits for nothing else, as a command of the command line does.
import { execFileSync } from 'node:child_process';
import { ObjectReader } from '../../packages/queue/dist/git/object-reader.js';

const reader = new ObjectReader(process.argv[2], process.env);
const oid = '1'.repeat(40);
await reader.read(oid);
const [git] = execFileSync('ps', ['-A', '-o', 'pid=,ppid=,args='], { encoding: 'utf8' })
  .split('\n')
  .map((line) => line.trim().split(/\s+/))
  .filter(([, ppid, , ...args]) => Number(ppid) === process.pid && args.includes('cat-file'));
process.kill(Number(git[0]), 'SIGSTOP');
const reading = reader.read(oid);
process.stdout.write(`stopped ${git[0]}\n`);
void reading.then((object) => process.stdout.write(`read ${object}\n`));
