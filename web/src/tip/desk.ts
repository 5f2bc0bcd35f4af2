// The investigators' page: the opening is entered, then the tip is opened here with his key; he answers, passes a layer on, hands
// it to the level above. The server sees ciphertexts alone.
import { fromBase64url } from '../base/bytes';
import { type JsonObject, canonical, isObject } from '../base/json';
import { chip, element, say } from '../base/page';
import { type Opener, lock, openerFrom, peel, unlocked } from '../lock/locked';
import { parseAny } from '../verify/receipt';
import { asPost, list, text, why } from './ask';
import { isSpoken, messageBytes } from './keys';
import { readMessage } from './message';
import { button, failed, field, flag, panel, told, writing } from './parts';
import { within } from './route';
import { words } from './words';

type Opened = { is: 'text'; text: string } | { is: 'layers'; next: string } | { is: 'no' };

async function openWith(key: Opener, document: string): Promise<Opened> {
  const doc = parseAny(document);
  if (!isObject(doc ?? undefined)) return { is: 'no' };
  try {
    let next = doc as JsonObject;
    let found = await unlocked(next);  // the last layer may be off already
    if (found === null) {
      next = await peel(next, key);
      found = await unlocked(next);
    }
    if (found === null) return { is: 'layers', next: canonical(next) };
    const said = readMessage(found.value);
    return said === null ? { is: 'no' } : { is: 'text', text: said };
  } catch {
    return { is: 'no' };
  }
}

export function desk(place: HTMLElement, tipKey: string, csrf: string): void {
  const file = field('tip-key', words.keyFile, element('input', { type: 'file' }));
  const open = button(words.open);
  const out = told();
  open.addEventListener('click', () => void (async () => {
    if (!file.input.files?.length) return out.replaceChildren(failed(say(words.noFile)));
    const secret = fromBase64url((await file.input.files?.[0]?.text() ?? '').trim());
    if (!secret || secret.length !== 32) return out.replaceChildren(failed(say(words.noKey)));
    try {
      const key = await openerFrom(secret);
      await asPost('/api/commands', csrf, { record: `tip/${tipKey}`, action: 'open', fields: {} });
      out.replaceChildren(...(await shown(await asPost(`/api/tips/desk/${tipKey}`, csrf), key, csrf)));
    } catch (error) {
      out.replaceChildren(failed(why(error)));
    }
  })());
  place.replaceChildren(file.box, element('p', { class: 'row' }, open), out);
}

async function message(record: string, of: JsonObject, tip: JsonObject, key: Opener, csrf: string): Promise<{ box: HTMLElement; said: string | null }> {
  const mine = text(of, 'from') === 'investigator';
  const opened = await openWith(key, text(of, 'document'));
  const box = element('article', { class: `tip-message ${mine ? 'mine' : 'theirs'}` }, element('p', { class: 'label' }, `${text(of, 'on') || text(of, 'received')} · ${say(mine ? words.answer : words.reporter)}`));
  const doc = parseAny(text(of, 'document'));
  if (!mine && isObject(doc ?? undefined)) {
    const fits = await isSpoken(fromBase64url(text(tip, 'voice')) ?? new Uint8Array(), fromBase64url(text(of, 'sig')) ?? new Uint8Array(), text(tip, 'key'), text(doc as JsonObject, 'commitment'));
    box.append(element('p', {}, chip(say(fits ? words.true : words.untrue), fits ? 'good' : 'bad')));
  }
  if (opened.is === 'text') box.append(element('p', { class: 'said' }, opened.text));
  if (opened.is === 'no') box.append(failed(say(words.notYours)));
  if (opened.is === 'layers') {
    const pass = button(words.passOn);
    const out = told();
    pass.addEventListener('click', () => void (async () => {
      try {
        await asPost('/api/commands', csrf, { record, action: 'pass-on', fields: { document: opened.next } });
        out.replaceChildren(element('p', {}, chip(say(words.passed), 'good')));
      } catch (error) {
        out.replaceChildren(failed(why(error)));
      }
    })());
    box.append(element('p', {}, say(words.layers)), element('p', { class: 'row' }, pass), out);
  }
  return { box, said: opened.is === 'text' ? opened.text : null };
}

async function shown(tip: JsonObject, key: Opener, csrf: string): Promise<HTMLElement[]> {
  const id = `tip/${text(tip, 'key')}`;
  const first = await message(id, tip, tip, key, csrf);
  const more: HTMLElement[] = [];
  for (const one of list(tip, 'messages')) more.push((await message(text(one, 'id'), one, tip, key, csrf)).box);
  const parts = [panel(words.dialogue, first.box, ...more)];
  if (text(tip, 'state') !== 'closed') parts.push(answering(tip, csrf));
  if (first.said !== null && ['received', 'handling', 'declined'].includes(text(tip, 'state'))) parts.push(await handing(tip, first.said, csrf));
  return parts;
}

function answering(tip: JsonObject, csrf: string): HTMLElement {
  const written = writing('tip-answer', words.reply);
  const send = button(words.sendReply);
  const out = told();
  send.addEventListener('click', () => void (async () => {
    const value = messageBytes(written.input.value);
    if (written.input.value.trim() === '') return out.replaceChildren(failed(say(words.empty)));
    if (!value) return out.replaceChildren(failed(say(words.long)));
    try {
      const to = [...list(tip, 'openers').filter((one) => one['in_force'] === true).map((one) => text(one, 'key')), text(tip, 'reply_key')].map((one) => fromBase64url(one)!);
      await asPost('/api/commands', csrf, { institution: 'tip-message', fields: { tip: `tip/${text(tip, 'key')}`, document: canonical(await lock(value, 1, to)) } });
      written.input.value = '';
      out.replaceChildren(element('p', {}, chip(say(words.replied), 'good')));
    } catch (error) {
      out.replaceChildren(failed(why(error)));
    }
  })());
  return panel(words.answer, written.box, element('p', { class: 'row' }, send), out);
}

async function handing(tip: JsonObject, said: string, csrf: string): Promise<HTMLElement> {
  const here = text(tip, 'region');
  const above = list(await asPost('/api/tips/choices', csrf), 'openers').filter((one) => text(one, 'region') !== here && within(here, text(one, 'region')));
  if (above.length === 0) return panel(words.handUp, element('p', { class: 'faint' }, say(words.nobodyAbove)));
  const boxes = above.map((one, i) => {
    const made = flag(`tip-up-${i}`, `${text(one, 'office_name')} · ${text(one, 'post')}`);
    made.input.value = text(one, 'id');
    return made;
  });
  const go = button(words.handUpGo);
  const out = told();
  go.addEventListener('click', () => void (async () => {
    const to = above.filter((one) => boxes.some(({ input }) => input.checked && input.value === text(one, 'id')));
    const value = messageBytes(said);
    if (to.length === 0 || !value) return out.replaceChildren(failed(say(words.toWrong)));
    try {
      const document = canonical(await lock(value, Math.min(Number(tip['together']), to.length), to.map((one) => fromBase64url(text(one, 'key'))!)));
      await asPost('/api/commands', csrf, { record: `tip/${text(tip, 'key')}`, action: 'hand-up', fields: { openers: to.map((one) => text(one, 'id')), document } });
      out.replaceChildren(element('p', {}, chip(say(words.handedUp), 'good')));
    } catch (error) {
      out.replaceChildren(failed(why(error)));
    }
  })());
  return panel(words.handUp, ...boxes.map(({ box }) => box), element('p', { class: 'row' }, go), out);
}
