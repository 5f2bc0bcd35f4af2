// C2SP signed notes, checkpoints and witnesses' cosignatures (tlog-checkpoint, tlog-cosignature v1).
import { type Bytes, base64, concat, equal, fromBase64, fromHex, sha256, utf8 } from '../base/bytes';

export interface VerifierKey { name: string; id: Bytes; algorithm: number; key: Bytes; text: string }
export interface Signature { name: string; id: Bytes; bytes: Bytes }
export interface Note { text: string; signatures: Signature[] }
export interface Checkpoint { origin: string; size: number; root: Bytes; extensions: string[]; note: Note }

export const ed25519Note = 1;
export const ed25519Cosignature = 4;

// "<name>+<8 hex digits>+<base64 of algorithm byte and key>"
export async function parseVerifierKey(text: string): Promise<VerifierKey | null> {
  const match = /^([^\s+]+)\+([0-9a-f]{8})\+(\S+)$/.exec(text);
  const body = match && fromBase64(match[3]!);
  if (!match || !body || body.length !== 33) return null;
  const id = (await sha256(utf8(`${match[1]!}\n`), body)).slice(0, 4) as Bytes;
  if (base64(id) !== base64(Uint8Array.from(match[2]!.match(/../g)!, (h) => Number.parseInt(h, 16)))) return null;
  return { name: match[1]!, id, algorithm: body[0]!, key: body.slice(1) as Bytes, text };
}

export function parseNote(text: string): Note | null {
  const split = text.lastIndexOf('\n\n');
  if (split < 0 || !text.endsWith('\n') || /[\u0000-\u0009\u000b-\u001f]/.test(text)) return null;
  const lines = text.slice(split + 2, -1).split('\n');
  const signatures: Signature[] = [];
  for (const line of lines) {
    const match = /^\u2014 ([^\s+]+) (\S+)$/.exec(line);
    const body = match && fromBase64(match[2]!);
    if (!match || !body || body.length < 5 || signatures.length >= 100) return null;
    signatures.push({ name: match[1]!, id: body.slice(0, 4) as Bytes, bytes: body.slice(4) as Bytes });
  }
  return { text: text.slice(0, split + 1), signatures };
}

export function parseCheckpoint(text: string): Checkpoint | null {
  const note = parseNote(text);
  if (!note) return null;
  const [origin, size, root, ...extensions] = note.text.slice(0, -1).split('\n');
  const hash = root === undefined ? null : fromBase64(root);
  if (!origin || !/^(0|[1-9][0-9]*)$/.test(size ?? '') || hash?.length !== 32 || extensions.includes('')) return null;
  const count = Number(size);
  return Number.isSafeInteger(count) ? { origin, size: count, root: hash, extensions, note } : null;
}

// false also where this browser has no Ed25519; ask canEd25519 first to tell the two apart.
export async function verifyEd25519(key: Bytes, message: Bytes, signature: Bytes): Promise<boolean> {
  try {
    const imported = await crypto.subtle.importKey('raw', key, { name: 'Ed25519' }, false, ['verify']);
    return await crypto.subtle.verify({ name: 'Ed25519' }, imported, signature, message);
  } catch {
    return false;
  }
}

// RFC 8032 §7.1, test 1: the browser must say yes to a signature known to be good.
export async function canEd25519(): Promise<boolean> {
  const key = fromHex('d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a')!;
  const signature = fromHex('e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b')!;
  return verifyEd25519(key, new Uint8Array(0), signature);
}

// The signature of this key on the note, or its cosignature with the time in seconds that it states.
export async function verifyNoteBy(note: Note, key: VerifierKey): Promise<{ time: number | null } | null> {
  for (const signature of note.signatures) {
    if (signature.name !== key.name || !equal(signature.id, key.id)) continue;
    if (key.algorithm === ed25519Note && signature.bytes.length === 64) {
      if (await verifyEd25519(key.key, utf8(note.text), signature.bytes)) return { time: null };
    } else if (key.algorithm === ed25519Cosignature && signature.bytes.length === 72) {
      const time = Number(new DataView(signature.bytes.buffer, signature.bytes.byteOffset, 8).getBigUint64(0));
      const message = concat(utf8(`cosignature/v1\ntime ${time}\n`), utf8(note.text));
      if (await verifyEd25519(key.key, message, signature.bytes.slice(8) as Bytes)) return { time };
    }
  }
  return null;
}
