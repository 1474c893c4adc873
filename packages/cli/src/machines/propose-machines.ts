import type { ListedMachine } from '@errand/config';
import { plainAddress } from './find-remarks.ts';
import type { Peer } from './tailscale-status.ts';

/** What the tailnet says beside the queue's file. Names and addresses are of the shapes that the file demands. */
export type Proposal =
  /** Not listed: its line is to be added. */
  | { kind: 'new'; name: string; address: string; os: string; online: boolean }
  /** Listed with an address that leads to it. */
  | { kind: 'listed'; name: string; address: string; online: boolean }
  /** Listed by this name with another address, or with none. */
  | { kind: 'changed'; name: string; address: string; was: string | null; online: boolean }
  /** Listed with an address on the tailnet that nobody has there. */
  | { kind: 'gone'; name: string; was: string }
  | { kind: 'left-out'; hostName: string; why: string };

interface Wanted {
  peers: readonly Peer[];
  listed: { readonly [name: string]: ListedMachine };
  /** This machine's name in the queue, which need not be its host name. */
  me: string;
}

const MACHINE_NAME = /^(?!any$)[a-z0-9][a-z0-9-]{0,62}$/;
const HOST_NAME = /^[A-Za-z0-9](?:[A-Za-z0-9._-]{0,251}[A-Za-z0-9])?$/;
const IPV4 = /^\d{1,3}(?:\.\d{1,3}){3}$/;
const RUNS_ERRAND = new Set(['linux', 'macos']);
/** Servers of Mullvad that a tailnet may use as its way out. */
const NOT_OURS = /\.mullvad\.ts\.net$/i;

/** Holds the machines of the tailnet against those that the queue's file lists. */
export function proposeMachines({ peers, listed, me }: Wanted): Proposal[] {
  const proposals: Proposal[] = [];
  const taken = new Map<string, Proposal>();
  for (const peer of peers) {
    if (NOT_OURS.test(peer.dnsName)) continue;
    const proposal = propose(peer, listed, me);
    if (proposal.kind !== 'left-out') {
      const other = taken.get(proposal.name);
      // Two machines of one name: the first has it, and the other has to be named by somebody.
      if (other) {
        proposals.push({ kind: 'left-out', hostName: peer.hostName, why: `there is another ${proposal.name}` });
        continue;
      }
      taken.set(proposal.name, proposal);
    }
    proposals.push(proposal);
  }
  for (const [name, { address }] of Object.entries(listed)) {
    if (address !== undefined && !taken.has(name) && isOnTailnet(address)) proposals.push({ kind: 'gone', name, was: address });
  }
  return proposals;
}

function propose(peer: Peer, listed: Wanted['listed'], me: string): Proposal {
  const { hostName, os, online } = peer;
  const address = [peer.dnsName].find((name) => HOST_NAME.test(name)) ?? peer.ips.find((ip) => IPV4.test(ip));
  if (address === undefined) return { kind: 'left-out', hostName, why: 'it has no address that ssh could take' };
  const known = Object.entries(listed).find(([, machine]) => machine.address !== undefined && leadsTo(machine.address, peer));
  if (known) return { kind: 'listed', name: known[0], address: known[1].address ?? address, online };
  const name = peer.isSelf ? me : nameOf(peer);
  const entry = Object.hasOwn(listed, name) ? listed[name] : undefined;
  if (entry) return { kind: 'changed', name, address, was: entry.address ?? null, online };
  if (!RUNS_ERRAND.has(os.toLowerCase())) return { kind: 'left-out', hostName, why: os === '' ? 'its system is unknown' : os };
  if (!MACHINE_NAME.test(name)) return { kind: 'left-out', hostName, why: 'its name is none that a machine of a queue may have' };
  return { kind: 'new', name, address, os, online };
}

/** Its name on the tailnet is unique there, which a host name is not. */
function nameOf({ dnsName, hostName }: Peer): string {
  const label = dnsName.split('.')[0] ?? '';
  const name = label === '' ? hostName : label;
  return name
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '');
}

function leadsTo(address: string, { dnsName, ips }: Peer): boolean {
  const wanted = plainAddress(address);
  const own = plainAddress(dnsName);
  return ips.includes(wanted) || (own !== '' && (wanted === own || wanted === own.split('.')[0]));
}

/** In a tailnet's own name, or in the range of addresses that tailnets have (100.64.0.0/10, fd7a:115c:a1e0::/48). */
function isOnTailnet(address: string): boolean {
  const wanted = plainAddress(address);
  const [, second] = /^100\.(\d{1,3})\.\d{1,3}\.\d{1,3}$/.exec(wanted) ?? [];
  return wanted.endsWith('.ts.net') || wanted.startsWith('fd7a:115c:a1e0:') || (Number(second) >= 64 && Number(second) < 128);
}

/** The lines for `config/errand.yaml`; empty where there is nothing to add. */
export function renderLines(proposals: readonly Proposal[]): string {
  const lines = proposals.flatMap((proposal) => {
    if (proposal.kind !== 'new') return [];
    const { name, address, os, online } = proposal;
    const plain = /^[a-z][a-z0-9-]*(?:\.[a-z0-9-]+)+$/i.test(address) ? address : JSON.stringify(address);
    const key = /^[a-z](?!$)/.test(name) && !/^(?:true|false|null|yes|no|on|off)$/.test(name) ? name : JSON.stringify(name);
    return `  ${key}: { address: ${plain} } # ${os === 'macOS' ? 'macOS' : 'linux'}, ${online ? 'online' : 'offline'}\n`;
  });
  return lines.length === 0 ? '' : `machines:\n${lines.join('')}`;
}

/** What else a person should know, a remark each. */
export function describeProposals(proposals: readonly Proposal[]): string[] {
  const names = proposals.flatMap((proposal) => (proposal.kind === 'listed' ? [proposal.name] : []));
  const leftOut = proposals.flatMap((proposal) =>
    proposal.kind === 'left-out' ? [`${proposal.hostName} (${proposal.why})`] : [],
  );
  const changes = proposals.flatMap((proposal) => {
    if (proposal.kind === 'gone')
      return [`Nobody on the tailnet has the address of ${proposal.name} any more, ${proposal.was}: correct or remove it.`];
    if (proposal.kind !== 'changed') return [];
    const { name, address, was } = proposal;
    return [`${name} is ${address} on the tailnet; config/errand.yaml has ${was ?? 'no address for it'}.`];
  });
  return [
    ...changes,
    ...(names.length === 0 ? [] : [`Listed already: ${names.join(', ')}.`]),
    ...(leftOut.length === 0 ? [] : [`Left out: ${leftOut.join(', ')}.`]),
  ];
}
