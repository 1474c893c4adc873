// Closes a reader of objects while an answer is due, and says what came of it: node closing-reader-process.mjs <repository>
// It waits for nothing else, as a command of the command line does.
import { ObjectReader } from '../../packages/queue/dist/git/object-reader.js';

const reader = new ObjectReader(process.argv[2], process.env);
const reading = reader.read('1'.repeat(40));
const closing = reader.close();
process.stdout.write(`read ${await reading}\n`);
await closing;
process.stdout.write('closed\n');
