// An ntfy server as a process of its own, to be killed: node ntfy-server.mjs <port or 0> <file>. Each message that it takes is a line of the file.
import { appendFileSync } from 'node:fs';
import { startNtfyServer } from '@errand/testing';

const [port, file] = process.argv.slice(2);
const server = await startNtfyServer({
  port: Number(port),
  heard: (event) => appendFileSync(file, `${JSON.stringify(event)}\n`),
});
process.stdout.write(`listening on ${new URL(server.url).port}\n`);
