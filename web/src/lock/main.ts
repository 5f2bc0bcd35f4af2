// The page that locks a reserve to its openers and opens it again: all of it on this device.
import { base64url, fromBase64url } from '../base/bytes';
import { type Json, type JsonObject, Refused, canonical, isObject, parseJson } from '../base/json';
import { amount, readBack } from '../base/amount';
import { parseMoney, readTyped } from '../base/money';
import { chip, element, say, slot } from '../base/page';
import { openerFrom, peel, read, unlocked } from './locked';
import { lockReserve, readKeys, readReserve, reserveCommitment } from './reserve';
import { words } from './words';

interface Field { box: HTMLElement; input: HTMLInputElement | HTMLTextAreaElement }

function field(id: string, label: { zh: string; en: string }, kind: 'text' | 'number' | 'file' | 'long', help?: { zh: string; en: string }): Field {
  const input = kind === 'long' ? element('textarea', { id, rows: '4', spellcheck: 'false', class: 'mono' }) : element('input', { id, type: kind, ...(kind === 'number' ? { min: '1', max: '7', value: '2' } : {}) });
  const box = element('div', { class: 'input' }, element('label', { for: id }, say(label)), input);
  if (help) { input.setAttribute('aria-describedby', `${id}-help`); box.append(element('p', { class: 'help', id: `${id}-help` }, say(help))); }
  return { box, input };
}
const button = (label: { zh: string; en: string }): HTMLButtonElement => element('button', { class: 'button', type: 'button' }, say(label));

function save(name: string, text: string): HTMLElement {
  const link = element('button', { class: 'button quiet small', type: 'button' }, say(words.save));
  link.addEventListener('click', () => {
    const address = URL.createObjectURL(new Blob([`${text}\n`], { type: 'application/json' }));
    element('a', { href: address, download: name }).click();
    setTimeout(() => URL.revokeObjectURL(address), 10_000);
  });
  return link;
}
function shown(label: { zh: string; en: string }, text: string, name?: string): HTMLElement {
  const copy = element('button', { class: 'button quiet small', type: 'button' }, say(words.copy));
  copy.addEventListener('click', () => void navigator.clipboard.writeText(text).then(() => { copy.textContent = say(words.copied); }));
  return element('div', { class: 'made' }, element('p', { class: 'label' }, say(label)), element('code', { class: 'hash' }, text.length > 400 ? `${text.slice(0, 160)}…` : text),
    element('p', { class: 'row' }, copy, ...(name ? [save(name, text)] : [])));
}
const why = (error: unknown): string => (error instanceof Refused ? `${error.code} ${say(words.refusals[error.code as keyof typeof words.refusals] ?? words.failed)}` : say(words.failed));
const told = (): HTMLElement => element('div', { class: 'told', role: 'status' });
const failed = (text: string): HTMLElement => element('p', { class: 'error' }, text);

function makePart(place: HTMLElement): void {
  const price = field('lock-price', words.price, 'text');
  price.input.setAttribute('inputmode', 'decimal');
  const upper = element('output', { class: 'upper', for: 'lock-price' });
  price.input.after(upper);
  price.input.addEventListener('input', () => {
    const fen = readTyped(price.input.value);
    upper.textContent = readBack(fen);
  });
  const openers = field('lock-openers', words.openers, 'long', words.openersHow);
  const k = field('lock-k', words.together, 'number');
  const go = button(words.lock);
  const out = told();
  go.addEventListener('click', () => void (async () => {
    const fen = readTyped(price.input.value);
    const keys = readKeys(openers.input.value);
    if (fen === null || fen <= 0n) return out.replaceChildren(failed(say(words.noPrice)));
    if (!keys || keys.length === 0) return out.replaceChildren(failed(say(words.noKeys)));
    try {
      const { document: made, commitment } = await lockReserve(fen, Number(k.input.value), keys);
      const text = canonical(made);
      out.replaceChildren(element('p', {}, chip(say(words.locked), 'good')), shown(words.commitment, commitment), shown(words.document, text, 'reserve-locked.json'));
      price.input.value = '';
      upper.textContent = '';
    } catch (error) {
      out.replaceChildren(failed(why(error)));
    }
  })());
  place.replaceChildren(price.box, openers.box, k.box, element('p', { class: 'row' }, go), out);
}

function openPart(place: HTMLElement, from: string | undefined, against: string | undefined): void {
  const text = field('open-document', words.document, 'long');
  const key = field('open-key', words.keyFile, 'file');
  const go = button(words.open);
  const out = told();
  if (from) void fetch(from, { credentials: 'same-origin', headers: { accept: 'application/json' } }).then(async (answer) => { if (answer.ok) text.input.value = await answer.text(); }).catch(() => undefined);
  go.addEventListener('click', () => void (async () => {
    let doc: Json = null;
    try { doc = parseJson(text.input.value); } catch { /* said below */ }
    if (!isObject(doc)) return out.replaceChildren(failed(say(words.noDocument)));
    const secret = fromBase64url((await (key.input as HTMLInputElement).files?.[0]?.text() ?? '').trim());
    if (!secret || secret.length !== 32) return out.replaceChildren(failed(say(words.noKey)));
    try {
      const next: JsonObject = await peel(doc, await openerFrom(secret));
      const found = await unlocked(next);
      if (!found) {
        const left = Math.min(...read(next).boxes.map((box) => box.left.length));
        return out.replaceChildren(element('p', {}, chip(say(words.peeled), 'info'), ` ${say({ zh: `还须 ${left} 位开启人`, en: `${left} more to open` })}`), shown(words.next, canonical(next), 'reserve-locked-next.json'));
      }
      const reserve = readReserve(found.value);
      if (!reserve) return out.replaceChildren(element('p', {}, chip(say(words.opened), 'good')), shown(words.value, new TextDecoder().decode(found.value)));
      const commitment = await reserveCommitment(reserve);
      const fits = !against || commitment === against;
      out.replaceChildren(element('p', {}, chip(say(words.opened), 'good'), ' ', chip(say(fits ? (against ? words.fits : words.compare) : words.fitsNot), fits ? (against ? 'good' : 'info') : 'bad')),
        element('p', { class: 'big num' }, amount(parseMoney(reserve.price)!)), shown(words.price, reserve.price), shown(words.salt, reserve.salt), shown(words.commitment, commitment));
    } catch (error) {
      out.replaceChildren(failed(why(error)));
    }
  })());
  place.replaceChildren(text.box, key.box, element('p', { class: 'row' }, go), out);
}

function keyPart(place: HTMLElement): void {
  const go = button(words.makeKey);
  const out = told();
  go.addEventListener('click', () => void (async () => {
    const opener = await openerFrom(crypto.getRandomValues(new Uint8Array(32)));
    out.replaceChildren(shown(words.publicKey, base64url(opener.publicKey)), element('p', { class: 'row' }, element('span', {}, say(words.secretKey)), save('landglass-opener.key', base64url(opener.secretKey))));
  })());
  place.replaceChildren(element('p', { class: 'row' }, go), out);
}

const root = document.querySelector<HTMLElement>('[data-lock]');
if (root) {
  makePart(slot(root, 'make')!);
  openPart(slot(root, 'open')!, root.dataset['from'], root.dataset['against']);
  keyPart(slot(root, 'key')!);
}
