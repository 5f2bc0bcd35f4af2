// Whom to believe: logs, witnesses, and how many of them (C2SP tlog-policy, docs/formats/witness.md).
import { type Checkpoint, type VerifierKey, ed25519Cosignature, ed25519Note, parseVerifierKey, verifyNoteBy } from './note';

export interface Policy { logs: VerifierKey[]; witnesses: { name: string; key: VerifierKey }[]; groups: Map<string, { least: number; members: string[] }>; quorum: string }
export interface Witnessed { log: VerifierKey | null; witnesses: string[]; latest: number | null; quorum: boolean }

// null where any line is wrong: a policy that is half understood is none.
export async function parsePolicy(text: string): Promise<Policy | null> {
  const policy: Policy = { logs: [], witnesses: [], groups: new Map(), quorum: '' };
  const names = new Set(['none']);
  const members = new Set<string>();
  const define = (name: string): boolean => !names.has(name) && names.add(name).has(name);
  for (const line of text.split('\n')) {
    if (/[\u0000-\u0008\u000b-\u001f\u007f]/.test(line)) return null;
    const words = line.split(/[ \t]+/).filter((word) => word !== '');
    const [kind, one, two] = words;
    if (kind === undefined || kind.startsWith('#')) continue;
    if (kind === 'log' && (words.length === 2 || words.length === 3)) {
      const key = await parseVerifierKey(one!);
      if (key?.algorithm !== ed25519Note || policy.logs.some((known) => known.text === key.text)) return null;
      policy.logs.push(key);
    } else if (kind === 'witness' && (words.length === 3 || words.length === 4)) {
      const key = await parseVerifierKey(two!);
      if (key?.algorithm !== ed25519Cosignature || policy.witnesses.some((known) => known.key.text === key.text) || !define(one!)) return null;
      policy.witnesses.push({ name: one!, key });
    } else if (kind === 'group' && words.length >= 4) {
      const group = words.slice(3);
      const least = two === 'all' ? group.length : two === 'any' ? 1 : /^[1-9][0-9]*$/.test(two!) ? Number(two) : 0;
      if (least < 1 || least > group.length) return null;
      for (const member of group) {
        if (member === 'none' || !names.has(member) || members.has(member)) return null;
        members.add(member);
      }
      if (!define(one!)) return null;
      policy.groups.set(one!, { least, members: group });
    } else if (kind === 'quorum' && words.length === 2) {
      if (policy.quorum !== '' || !names.has(one!)) return null;
      policy.quorum = one!;
    } else {
      return null;
    }
  }
  return policy.quorum === '' ? null : policy;
}

function stands(policy: Policy, name: string, seen: string[]): boolean {
  const group = policy.groups.get(name);
  return group ? group.members.filter((member) => stands(policy, member, seen)).length >= group.least : seen.includes(name);
}

export async function judge(policy: Policy, checkpoint: Checkpoint): Promise<Witnessed> {
  const found: Witnessed = { log: null, witnesses: [], latest: null, quorum: false };
  // A log's sealed tree is signed by the log's own key.
  for (const key of policy.logs) if ((key.name === checkpoint.origin || `${key.name}/sealed` === checkpoint.origin) && await verifyNoteBy(checkpoint.note, key)) found.log = key;
  for (const { name, key } of policy.witnesses) {
    const seen = await verifyNoteBy(checkpoint.note, key);
    if (!seen) continue;
    found.witnesses.push(name);
    if (seen.time !== null) found.latest = Math.max(found.latest ?? 0, seen.time);
  }
  found.quorum = found.log !== null && (policy.quorum === 'none' || stands(policy, policy.quorum, found.witnesses));
  return found;
}
