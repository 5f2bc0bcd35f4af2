// Words to remember, and the keys made of them (docs/formats/tips.md). Eleven words are drawn, nine bits each: 99 bits; the twelfth
// is a checksum that finds a slip. Drawn, not chosen: no stretching is needed, and none is done.
import sodium from 'libsodium-wrappers';
import { type Bytes, base64url, concat, hex, sha256, utf8 } from '../base/bytes';
import { type Opener } from '../lock/locked';
import { wordlist } from './wordlist';

export interface ReporterKeys { mailbox: string; key: string; reply: Opener; voice: { publicKey: Uint8Array; privateKey: Uint8Array } }

const drawn = 11, bits = 9;

async function checksum(words: string[]): Promise<string> {
  const hash = await sha256(utf8(`landglass/tip-words/1\n${words.join('')}`));
  return wordlist[(hash[0]! << 1) | (hash[1]! >> 7)]!;
}

export async function drawWords(): Promise<string[]> {
  const random = crypto.getRandomValues(new Uint16Array(drawn));
  const words = Array.from(random, (value) => wordlist[value & ((1 << bits) - 1)]!);
  return [...words, await checksum(words)];
}

export type Read = { words: string[] } | { wrong: 'checksum' } | { wrong: 'count'; count: number } | { wrong: 'word'; at: number; word: string; like: string[] };

const pairs = (text: string): string[] => [...text].flatMap((_, i, all) => (i % 2 === 0 ? [all.slice(i, i + 2).join('')] : []));

// Words of the list that have a character of this one in its place, or anywhere where only one is there.
function alike(word: string): string[] {
  const [first, second] = [...word];
  return wordlist.filter((one) => one[0] === first || one[1] === (second ?? first)).slice(0, 6);
}

// As people type them: with spaces, commas, numbers before them, or all in one. A character too few moves all that come after it,
// unless what stands between the words says where each begins.
export async function readWords(text: string): Promise<Read> {
  const parts = text.normalize('NFC').split(/[^\p{Script=Han}]+/u).filter((part) => part !== '');
  const whole = pairs(parts.join(''));
  const words = whole.every((word) => wordlist.includes(word)) ? whole : parts.some((part) => [...part].length > 1) ? parts.flatMap(pairs) : whole;
  for (const [at, word] of words.entries()) if (!wordlist.includes(word)) return { wrong: 'word', at: at + 1, word, like: alike(word) };
  if (words.length !== drawn + 1) return { wrong: 'count', count: words.length };
  return (await checksum(words.slice(0, drawn))) === words[drawn] ? { words } : { wrong: 'checksum' };
}

export async function keysOf(words: string[]): Promise<ReporterKeys> {
  await sodium.ready;
  const master = sodium.crypto_generichash(32, utf8(`landglass/tip-keys/1\n${words.join('')}`), null);
  const derived = (id: number): Uint8Array => sodium.crypto_kdf_derive_from_key(32, id, 'LGtipkey', master);
  const secret = derived(1);
  const box = sodium.crypto_box_seed_keypair(derived(2));
  const sign = sodium.crypto_sign_seed_keypair(derived(3));
  const hash = await sha256(utf8('landglass/tip-mailbox/1\n'), secret);
  return { mailbox: base64url(secret), key: hex(hash.subarray(0, 16)), reply: { publicKey: box.publicKey, secretKey: box.privateKey }, voice: { publicKey: sign.publicKey, privateKey: sign.privateKey } };
}

export const voiceBytes = (key: string, commitment: string): Bytes => utf8(`landglass/tip-voice/1\n${key}\n${commitment}`);

export function speak(keys: ReporterKeys, commitment: string): string {
  return base64url(sodium.crypto_sign_detached(voiceBytes(keys.key, commitment), keys.voice.privateKey));
}

export async function isSpoken(voice: Uint8Array, sig: Uint8Array, key: string, commitment: string): Promise<boolean> {
  await sodium.ready;
  try {
    return sodium.crypto_sign_verify_detached(sig, voiceBytes(key, commitment), voice);
  } catch {
    return false;
  }
}

const least = 4096;

// Filled to the one length that every message has; null where it is too long.
export function messageBytes(text: string): Bytes | null {
  const bytes = utf8(`{"format":"landglass/tip-message/1","text":${JSON.stringify(text)}}`);
  return bytes.length > least ? null : concat(bytes, new Uint8Array(least - bytes.length).fill(0x20));
}
