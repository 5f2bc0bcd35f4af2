// The key of one lot: made here, kept here, and carried to another device in a file that only the passphrase opens.
// docs/formats/room-key.md says the file byte by byte.
import { type Bytes, base64url, fromBase64url, utf8 } from '../base/bytes';
import { type Json, canonical, isObject } from '../base/json';

export interface LotKey { privateKey: CryptoKey; publicKey: string }
export interface Backup { format: 'landglass/room-key/1'; origin: string; lot: string; key: string;
  kdf: { name: 'PBKDF2-SHA-256'; iterations: number; salt: string }; cipher: { name: 'AES-256-GCM'; iv: string; bytes: string } }

export const iterations = 600_000;
const curve = { name: 'ECDSA', namedCurve: 'P-256' };
const random = (size: number): Bytes => crypto.getRandomValues(new Uint8Array(size));

async function sealingKey(passphrase: string, salt: Bytes, rounds: number): Promise<CryptoKey> {
  const base = await crypto.subtle.importKey('raw', utf8(passphrase.normalize('NFC')), 'PBKDF2', false, ['deriveKey']);
  return crypto.subtle.deriveKey({ name: 'PBKDF2', hash: 'SHA-256', salt, iterations: rounds }, base, { name: 'AES-GCM', length: 256 }, false, ['encrypt', 'decrypt']);
}

// What is not secret is authenticated with the secret: a file whose lot was changed does not open.
const header = (b: Pick<Backup, 'format' | 'origin' | 'lot' | 'key'>): Bytes => utf8(canonical({ format: b.format, key: b.key, lot: b.lot, origin: b.origin }));

async function locked(pkcs8: Bytes): Promise<CryptoKey> {
  return crypto.subtle.importKey('pkcs8', pkcs8, curve, false, ['sign']);
}

// The private key can be read once, for the backup; what stays in the browser cannot be taken out of it.
export async function makeKey(origin: string, lot: string, passphrase: string, rounds = iterations): Promise<{ key: LotKey; backup: Backup }> {
  const pair = await crypto.subtle.generateKey(curve, true, ['sign', 'verify']);
  const pkcs8 = new Uint8Array(await crypto.subtle.exportKey('pkcs8', pair.privateKey));
  const publicKey = base64url(new Uint8Array(await crypto.subtle.exportKey('raw', pair.publicKey)));
  const [salt, iv] = [random(16), random(12)];
  const open = { format: 'landglass/room-key/1' as const, origin, lot, key: publicKey };
  const bytes = await crypto.subtle.encrypt({ name: 'AES-GCM', iv, additionalData: header(open) }, await sealingKey(passphrase, salt, rounds), pkcs8);
  return { key: { privateKey: await locked(pkcs8), publicKey }, backup: { ...open, kdf: { name: 'PBKDF2-SHA-256', iterations: rounds, salt: base64url(salt) },
    cipher: { name: 'AES-256-GCM', iv: base64url(iv), bytes: base64url(new Uint8Array(bytes)) } } };
}

export function readBackup(value: Json): Backup | null {
  if (!isObject(value) || value['format'] !== 'landglass/room-key/1' || !isObject(value['kdf']) || !isObject(value['cipher'])) return null;
  const { kdf, cipher } = value;
  const rounds = kdf['iterations'];
  const texts = [value['origin'], value['lot'], value['key'], kdf['salt'], cipher['iv'], cipher['bytes']];
  if (texts.some((text) => typeof text !== 'string') || typeof rounds !== 'number' || rounds < 1 || rounds > 10_000_000) return null;
  if (kdf['name'] !== 'PBKDF2-SHA-256' || cipher['name'] !== 'AES-256-GCM') return null;
  return value as unknown as Backup;
}

// null where the passphrase is wrong or the file was changed: the two cannot be told apart.
export async function restoreKey(backup: Backup, passphrase: string): Promise<LotKey | null> {
  const [salt, iv, bytes] = [fromBase64url(backup.kdf.salt), fromBase64url(backup.cipher.iv), fromBase64url(backup.cipher.bytes)];
  if (!salt || !iv || !bytes) return null;
  try {
    const pkcs8 = new Uint8Array(await crypto.subtle.decrypt({ name: 'AES-GCM', iv, additionalData: header(backup) }, await sealingKey(passphrase, salt, backup.kdf.iterations), bytes));
    const privateKey = await locked(pkcs8);
    const probe = utf8('landglass/room-key/1\nprobe');
    const publicKey = await crypto.subtle.importKey('raw', fromBase64url(backup.key)!, curve, false, ['verify']);
    const signature = await crypto.subtle.sign({ name: 'ECDSA', hash: 'SHA-256' }, privateKey, probe);
    return (await crypto.subtle.verify({ name: 'ECDSA', hash: 'SHA-256' }, publicKey, signature, probe)) ? { privateKey, publicKey: backup.key } : null;
  } catch {
    return null;
  }
}
