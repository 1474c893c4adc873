// A git server over smart HTTP as a process of its own, to be killed: node http-server.mjs <port or 0> <folder of repositories> [<uid> <gid>]
import { serveFolder } from '@errand/testing';

const [port, root, uid, gid] = process.argv.slice(2);
const as = uid === undefined ? {} : { as: { uid: Number(uid), gid: Number(gid) } };
const server = await serveFolder({ root, env: process.env, ...as }, Number(port));
process.stdout.write(`listening on ${server.port}\n`);
