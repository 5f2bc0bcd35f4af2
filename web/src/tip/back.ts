// The page that the words lead back to: state and terms, the answers, more from the reporter, the receipt.
import { fromBase64url } from '../base/bytes';
import { type JsonObject, canonical, isObject } from '../base/json';
import { chip, element, lang, say } from '../base/page';
import { lock, peel, unlocked } from '../lock/locked';
import { parsePolicy } from '../verify/policy';
import { parseAny } from '../verify/receipt';
import { both, hourText, list, quietly, text, why } from './ask';
import { type ReporterKeys, keysOf, messageBytes, readWords, speak } from './keys';
import { checkTipReceipt, readMessage, readProof } from './message';
import { button, failed, field, line, panel, saves, told, writing } from './parts';
import { words } from './words';

export function back(place: HTMLElement): void {
  const typed = field('tip-words', words.typed, element('textarea', { rows: '3', autocomplete: 'off', autocapitalize: 'off', spellcheck: 'false', lang: 'zh' }), words.typedHow);
  const look = button(words.look);
  const out = told();
  look.addEventListener('click', () => void (async () => {
    const read = await readWords(typed.input.value);
    if (!('words' in read)) {
      const wrong = read.wrong === 'word' ? words.word[lang()](read.at, read.word, read.like) : read.wrong === 'count' ? `${say(words.count)}${read.count}` : say(words.checksum);
      out.replaceChildren(failed(wrong));
      return typed.input.focus();
    }
    try {
      const keys = await keysOf(read.words);
      out.replaceChildren(...(await shown(keys)));
      typed.input.value = '';
    } catch (error) {
      out.replaceChildren(failed(why(error)));
    }
  })());
  place.replaceChildren(typed.box, element('p', { class: 'row' }, look), out);
}

async function openedBy(keys: ReporterKeys, document: string): Promise<string | null> {
  const doc = parseAny(document);
  if (!isObject(doc ?? undefined)) return null;
  try {
    const found = await unlocked(await peel(doc as JsonObject, keys.reply));
    return found === null ? null : readMessage(found.value);
  } catch {
    return null;
  }
}

async function shown(keys: ReporterKeys): Promise<HTMLElement[]> {
  const answer = await quietly('/api/tips/mailbox', { mailbox: keys.mailbox });
  if (answer['found'] !== true) return [element('p', { class: 'notice tone-warn' }, say(words.none))];
  const tip = answer['tip'];
  if (!isObject(tip)) return [element('p', { class: 'notice tone-info' }, say(words.held), hourText(text(answer, 'held')))];
  const parts: HTMLElement[] = [];
  const state = element('p', {}, chip(both(tip, 'state_title'), text(tip, 'state') === 'answered' ? 'good' : 'info'));
  parts.push(panel(words.state, state, line(words.received, text(tip, 'received')), ...(isObject(tip['outcome']) ? [line(words.outcome, both(tip, 'outcome'))] : []),
    ...list(tip, 'terms').map((term) => line(words.terms, `${text(term, 'on')} ${both(term, 'title')}`))));
  const messages: HTMLElement[] = [];
  for (const one of list(tip, 'messages')) {
    const mine = text(one, 'from') === 'reporter';
    const said = mine ? null : await openedBy(keys, text(one, 'document'));
    messages.push(element('article', { class: `tip-message ${mine ? 'mine' : 'theirs'}` }, element('p', { class: 'label' }, `${text(one, 'on')} · ${say(mine ? words.own : words.answer)}`), ...(mine ? [] : [element('p', { class: 'said' }, said ?? say(words.failed))])));
  }
  parts.push(panel(words.dialogue, ...(messages.length > 0 ? messages : [element('p', { class: 'faint' }, say(words.noMessages))])));
  if (text(tip, 'state') !== 'closed') parts.push(adding(keys, tip));
  parts.push(await receiptOf(answer, tip));
  return parts;
}

function adding(keys: ReporterKeys, tip: JsonObject): HTMLElement {
  const written = writing('tip-more', words.addText);
  const send = button(words.sendMore);
  const out = told();
  send.addEventListener('click', () => void (async () => {
    const value = messageBytes(written.input.value);
    if (written.input.value.trim() === '') return out.replaceChildren(failed(say(words.empty)));
    if (!value) return out.replaceChildren(failed(say(words.long)));
    send.disabled = true;
    try {
      const to = list(tip, 'openers').filter((one) => one['in_force'] === true).map((one) => fromBase64url(text(one, 'key'))!);
      const document = canonical(await lock(value, Math.min(Number(tip['together']), to.length), to));
      const { commitment } = JSON.parse(document) as { commitment: string };
      out.replaceChildren(element('p', {}, say(words.wait)));
      const kept = await quietly('/api/tips/messages', { mailbox: keys.mailbox, document, sig: speak(keys, commitment) });
      written.input.value = '';
      out.replaceChildren(element('p', { class: 'notice tone-good', 'data-hour': text(kept, 'hour') }, say(words.sent), hourText(text(kept, 'hour'))));
    } catch (error) {
      out.replaceChildren(failed(why(error)));
    }
    send.disabled = false;
  })());
  return panel(words.add, written.box, element('p', { class: 'row' }, send), out);
}

// Judged by the log's own key, as it says it; saved, it can be judged anywhere else (docs/formats/tips.md).
async function receiptOf(answer: JsonObject, tip: JsonObject): Promise<HTMLElement> {
  const proof = readProof(tip['proof']);
  const rolls = isObject(answer['rolls']) ? answer['rolls'] : {};
  const roll = proof ? rolls[proof.roll] : undefined;
  const policy = await parsePolicy(text(answer, 'policy'));
  const level = proof && roll !== undefined ? await checkTipReceipt(proof, roll, policy) : 'none';
  const made = { format: 'landglass/tip-receipt/1', proof: proof as unknown as JsonObject, roll: roll ?? null };
  return panel(words.receipt, element('p', { 'data-level': level }, chip(say(level === 'none' ? words.unproved : words.proved), level === 'none' ? 'bad' : 'good')),
    ...(level === 'none' ? [] : [element('p', { class: 'row' }, saves(words.save, 'tip-receipt.json', `${canonical(made)}\n`))]));
}
