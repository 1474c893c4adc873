import { expect, test } from 'vitest';
import { explainSsh } from './explain-ssh.ts';
import { buildSshArguments } from './ssh-arguments.ts';

const target = { machine: 'pi', address: 'pi.lan', user: 'me', port: 2222 };

// What OpenSSH 9.2 wrote, one line of it where there were more.
test.each([
  ['ssh: Could not resolve hostname pi.lan: Name or service not known', 'host-unknown', 'machines.pi.address'],
  ['ssh: connect to host pi.lan port 2222: Connection timed out', 'host-away', 'awake'],
  ['ssh: connect to host pi.lan port 2222: No route to host', 'host-away', 'awake'],
  ['Connection timed out during banner exchange\nConnection to 10.0.0.2 port 2222 timed out', 'host-away', 'awake'],
  ['ssh: connect to host pi.lan port 2222: Connection refused', 'connection-refused', 'machines.pi.port'],
  ['me@pi.lan: Permission denied (publickey).', 'key-refused', 'ssh-copy-id -p 2222 me@pi.lan'],
  [
    'No ED25519 host key is known for pi.lan and you have requested strict checking.\nHost key verification failed.',
    'host-key-unknown',
    'ssh -p 2222 me@pi.lan',
  ],
  [
    '@ WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED!     @\nHost key verification failed.',
    'host-key-changed',
    'ssh-keygen -R [pi.lan]:2222',
  ],
  ['muxserver_listen: something new', 'ssh-failed', 'ssh -p 2222 me@pi.lan'],
])('%s is %s', (said, code, hint) => {
  const { failure } = explainSsh(target, `${said}\n`);
  expect(failure).toMatchObject({ kind: 'environment', code });
  expect(failure.message).toContain('pi (me@pi.lan, port 2222)');
  expect(failure.message).toContain(`ssh says: ${said.split('\n').at(-1)}`);
  expect(failure.hint).toContain(hint);
});

test('the command line checks host keys, lends nothing to the host, and ends its options before the address', () => {
  const use = { ssh: ['ssh', '-F', 'x'], target, terminal: false, mayAsk: false, socketFolder: '/run/x', logPath: '/l' };
  const words = buildSshArguments(use);
  expect(words.slice(0, 3)).toEqual(['ssh', '-F', 'x']);
  expect(words.slice(-6)).toEqual(['-p', '2222', '-l', 'me', '--', 'pi.lan']);
  expect(words.join(' ')).not.toContain('StrictHostKeyChecking');
  for (const option of ['BatchMode=yes', 'ForwardAgent=no', 'ClearAllForwardings=yes', 'PermitLocalCommand=no'])
    expect(words).toContain(option);
  expect(words.find((word) => word.startsWith('ControlPath='))).toMatch(/^ControlPath=\/run\/x\/[0-9a-f]{16}$/);
});
