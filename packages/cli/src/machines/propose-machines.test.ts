import { parseQueueConfig } from '@errand/config';
import { expect, test } from 'vitest';
import { describeProposals, proposeMachines, renderLines } from './propose-machines.ts';
import { type Peer, readStatus } from './tailscale-status.ts';

/** As https://pkg.go.dev/tailscale.com/ipn/ipnstate#Status has it, cut to what tells machines apart. */
const STATUS = {
  Version: '1.92.2-t0',
  TUN: true,
  BackendState: 'Running',
  AuthURL: '',
  TailscaleIPs: ['100.64.0.1', 'fd7a:115c:a1e0::1'],
  Self: peer('Adas-MacBook', 'adas-macbook', '100.64.0.1', { OS: 'macOS' }),
  MagicDNSSuffix: 'tail1234.ts.net',
  Peer: {
    'nodekey:1': peer('raspberrypi', 'pi', '100.64.0.2', { Online: true }),
    'nodekey:2': peer('build', 'build-2', '100.64.0.3'),
    'nodekey:3': peer('localhost', 'pixel-8', '100.64.0.4', { OS: 'android' }),
    'nodekey:4': peer('nyc-wg-301', 'x', '100.64.0.5', { DNSName: 'us-nyc-wg-301.mullvad.ts.net.' }),
    'nodekey:5': peer('theirs', 'theirs', '100.64.0.6', { ShareeNode: true }),
    'nodekey:6': { HostName: 7 },
    'nodekey:7': peer('nas', 'nas', '100.64.0.7', { DNSName: '', Online: true }),
    'nodekey:8': peer('-oProxyCommand=id', '', '-oProxyCommand=id', { DNSName: '-oProxyCommand=id.' }),
  },
};

function peer(HostName: string, label: string, ip: string, more: object = {}): object {
  const dns = `${label}.tail1234.ts.net.`;
  return { ID: 'n1', HostName, DNSName: dns, OS: 'linux', TailscaleIPs: [ip], Tags: null, Relay: 'fra', Online: false, ...more };
}

function peersOf(status: object): Peer[] {
  const read = readStatus(JSON.stringify(status));
  if (!read.ok) throw new Error(read.failure.message);
  return read.peers;
}

function propose(listed: string) {
  const parsed = parseQueueConfig('config/errand.yaml', listed);
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
  return proposeMachines({ peers: peersOf(STATUS), listed: parsed.value.machines, me: 'laptop' });
}

test('machines that errand runs on are proposed, this one by its own name, and the lines are what the file takes', () => {
  const proposals = propose('');
  expect(renderLines(proposals)).toBe(`machines:
  laptop: { address: adas-macbook.tail1234.ts.net } # macOS, online
  pi: { address: pi.tail1234.ts.net } # linux, online
  build-2: { address: build-2.tail1234.ts.net } # linux, offline
  nas: { address: "100.64.0.7" } # linux, online
`);
  expect(parseQueueConfig('config/errand.yaml', renderLines(proposals))).toMatchObject({ ok: true });
  expect(describeProposals(proposals)).toEqual([
    'Left out: localhost (android), -oProxyCommand=id (it has no address that ssh could take).',
  ]);
});

test('what is listed is told apart by name and address: right, changed, or gone from the tailnet', () => {
  const proposals = propose(`machines:
  mac: { address: adas-macbook }
  nas: { address: 100.64.0.7 }
  pi: { address: pi.old-tailnet.ts.net }
  build-2: { worker: true }
  attic: { address: 100.99.1.2 }
  server: { address: server.example.net }
`);
  expect(renderLines(proposals)).toBe('');
  expect(describeProposals(proposals)).toEqual([
    'pi is pi.tail1234.ts.net on the tailnet; config/errand.yaml has pi.old-tailnet.ts.net.',
    'build-2 is build-2.tail1234.ts.net on the tailnet; config/errand.yaml has no address for it.',
    'Nobody on the tailnet has the address of attic any more, 100.99.1.2: correct or remove it.',
    'Listed already: mac, nas.',
    expect.stringContaining('Left out: '),
  ]);
});

test('a tailnet of one has no peers', () => {
  expect(peersOf({ ...STATUS, Peer: null }).map(({ isSelf }) => isSelf)).toEqual([true]);
});

test.each([
  ['{"BackendState":"NeedsLogin","Self":{},"Peer":null}', 'tailscale-not-connected', 'not logged in'],
  ['{"BackendState":"Stopped"}', 'tailscale-not-connected', 'switched off'],
  ['{"BackendState":"NeedsMachineAuth"}', 'tailscale-not-connected', 'admitted'],
  ['{"BackendState":"Starting"}', 'tailscale-not-connected', 'Starting'],
  ['{"Peers":[]}', 'tailscale-unreadable', 'cannot be read'],
  ['# Health check:', 'tailscale-unreadable', 'cannot be read'],
])('%s is %s', (text, code, message) => {
  expect(readStatus(text)).toMatchObject({ ok: false, failure: { code, message: expect.stringContaining(message) } });
});
