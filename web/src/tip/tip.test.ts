import { describe, expect, it } from 'vitest';
import { base64url, fromBase64url } from '../base/bytes';
import { vectors } from '../base/vectors';
import { openerFrom, lock, peel, unlocked } from '../lock/locked';
import { drawWords, isSpoken, keysOf, messageBytes, readWords, speak } from './keys';
import { readMessage } from './message';
import { wordlist } from './wordlist';

describe('the words', () => {
  it('are 512, each once, of two characters', () => {
    expect(wordlist.length).toBe(512);
    expect(new Set(wordlist).size).toBe(512);
    expect(wordlist.every((word) => [...word].length === 2)).toBe(true);
  });
  it('are read as people type them, and a slip is found', async () => {
    const words = await drawWords();
    expect(words.length).toBe(12);
    for (const typed of [words.join(' '), words.join(''), words.map((word, i) => `${i + 1}. ${word}`).join('，\n')]) expect(await readWords(typed)).toEqual({ words });
    expect(await readWords(words.slice(1).join(' '))).toEqual({ wrong: 'count', count: 11 });
    expect(await readWords(words.join(' ').replace(words[2]!, '没有'))).toMatchObject({ wrong: 'word', word: '没有' });
  });
  it('a word that is not among them is named with its place and those that are like it, though it lacks a character', async () => {
    const words = ['岛屿', '海螺', '苹果', '高山', '弓箭', '漆器', '菊花', '鹿角', '报纸', '热茶', '蓬草', '拍子'];
    expect(await readWords(words.with(2, '苹过').join(''))).toMatchObject({ wrong: 'word', at: 3, word: '苹过', like: ['苹果'] });
    expect(await readWords(words.with(3, '山').join(' '))).toMatchObject({ wrong: 'word', at: 4, word: '山', like: expect.arrayContaining(['高山']) as unknown });
    expect(await readWords(words.map((word) => [...word].join(' ')).join('，'))).toEqual({ words });
  });
  it('another word in their place is found but for one time in 512', async () => {
    let missed = 0;
    for (let i = 0; i < 200; ++i) {
      const words = await drawWords();
      const at = i % 11;
      words[at] = wordlist[(wordlist.indexOf(words[at]!) + 1 + i) % 512]!;
      if ('words' in (await readWords(words.join(' ')))) missed += 1;
    }
    expect(missed).toBeLessThan(6);
  });
});

interface Vector { words: string; mailbox: string; key: string; reply_key: string; voice: string; commitment: string; sig: string }
describe('tips.md', () => {
  it.each(vectors<{ tips: Vector[] }>('tips.md').at(-1)!.tips.map((one) => [one.words, one] as const))('%s', async (_, vector) => {
    const read = await readWords(vector.words);
    if (!('words' in read)) throw new Error('the words do not read');
    const keys = await keysOf(read.words);
    expect({ mailbox: keys.mailbox, key: keys.key, reply_key: base64url(keys.reply.publicKey), voice: base64url(keys.voice.publicKey), sig: speak(keys, vector.commitment) })
      .toEqual({ mailbox: vector.mailbox, key: vector.key, reply_key: vector.reply_key, voice: vector.voice, sig: vector.sig });
    expect(await isSpoken(keys.voice.publicKey, fromBase64url(vector.sig)!, vector.key, vector.commitment)).toBe(true);
    expect(await isSpoken(keys.voice.publicKey, fromBase64url(vector.sig)!, vector.key, `${vector.commitment}0`)).toBe(false);
  });
});

describe('a message', () => {
  it('has one length, whatever it says', async () => {
    const opener = await openerFrom(new Uint8Array(32).fill(7));
    const sizes = new Set<number>();
    for (const text of ['', '甲', '举报内容'.repeat(300)]) {
      const doc = await lock(messageBytes(text)!, 1, [opener.publicKey]);
      sizes.add(JSON.stringify(doc).length);
      expect(readMessage((await unlocked(await peel(doc, opener)))!.value)).toBe(text);
    }
    expect(sizes.size).toBe(1);
    expect(messageBytes('长'.repeat(1400))).toBeNull();
  });
});
