// The page that locks a tip: unit, investigators, text; then the words; then it is handed in.
import { base64url, fromBase64url } from '../base/bytes';
import { type JsonObject, Refused, canonical } from '../base/json';
import { element, say } from '../base/page';
import { lock } from '../lock/locked';
import { hourText, list, quietly, text, why } from './ask';
import { drawWords, keysOf, messageBytes, speak } from './keys';
import { button, failed, field, flag, panel, saves, told, writing } from './parts';
import { mayTake } from './route';
import { words } from './words';

export async function report(place: HTMLElement): Promise<void> {
  const choices = await quietly('/api/tips/choices');
  const units = list(choices, 'units'), openers = list(choices, 'openers');
  const unit = field('tip-unit', words.unit, element('select', {}, element('option', { value: '' }, say(words.choose))));
  for (const place of new Set(units.map((one) => text(one, 'place')))) {
    unit.input.append(element('optgroup', { label: place || '—' }, ...units.filter((one) => text(one, 'place') === place).map((one) => element('option', { value: text(one, 'id') }, text(one, 'name')))));
  }
  const head = flag('tip-head', say(words.head));
  const who = element('fieldset', { class: 'input tip-who' }, element('legend', {}, say(words.to)));
  const people = element('div', { class: 'tip-people' });
  who.append(element('p', { class: 'help' }, say(words.toHow)), people);
  const together = field('tip-together', words.together, element('input', { type: 'number', min: '1', max: '6', value: '1', inputmode: 'numeric' }), words.togetherHow);
  const written = writing('tip-text', words.text, words.textHow);
  const protect = flag('tip-protect', say(words.protect));
  const next = button(words.lock);
  const out = told();

  const chosen = (): JsonObject[] => [...people.querySelectorAll<HTMLInputElement>('input:checked')].map((box) => openers.find((one) => text(one, 'id') === box.value)!);
  const offer = (): void => {
    const about = units.find((one) => text(one, 'id') === unit.input.value);
    const may = about ? openers.filter((one) => mayTake({ id: text(about, 'id'), region: text(about, 'region') }, head.input.checked, { office: text(one, 'office'), region: text(one, 'region') })) : [];
    people.replaceChildren(...may.map((one, i) => {
      const made = flag(`tip-to-${i}`, `${text(one, 'office_name')} · ${text(one, 'post')}`);
      made.input.value = text(one, 'id');
      made.input.addEventListener('change', () => { together.input.max = String(Math.max(1, chosen().length)); });
      return made.box;
    }));
    if (about && may.length === 0) people.replaceChildren(failed(say(words.nobody)));
  };
  unit.input.addEventListener('change', offer);
  head.input.addEventListener('change', offer);

  next.addEventListener('click', () => void (async () => {
    const to = chosen(), k = Number(together.input.value);
    if (to.length === 0) return out.replaceChildren(failed(say(words.to)));
    if (!Number.isInteger(k) || k < 1 || k > to.length) return out.replaceChildren(failed(say(words.togetherWrong)));
    if (written.input.value.trim() === '') return out.replaceChildren(failed(say(words.empty)));
    const value = messageBytes((protect.input.checked ? `${words.protectMark.zh}\n` : '') + written.input.value);
    if (!value) return out.replaceChildren(failed(say(words.long)));
    const drawn = await drawWords(), keys = await keysOf(drawn);
    const noted = flag('tip-noted', say(words.noted));
    const send = button(words.send);
    const answer = told();
    let body: JsonObject | undefined;  // locked once: sent again it is the same document, on which the same promise is given
    send.disabled = true;
    noted.input.addEventListener('change', () => { send.disabled = !noted.input.checked; });
    send.addEventListener('click', () => void (async () => {
      send.disabled = true;
      try {
        if (!body) {
          const document = canonical(await lock(value, k, to.map((one) => fromBase64url(text(one, 'key'))!)));
          const { commitment } = JSON.parse(document) as { commitment: string };
          body = { mailbox: keys.mailbox, document, openers: to.map((one) => text(one, 'id')), subject_office: unit.input.value, about_head: head.input.checked,
            voice: base64url(keys.voice.publicKey), reply_key: base64url(keys.reply.publicKey), sig: speak(keys, commitment) };
        }
        answer.replaceChildren(element('p', {}, say(words.wait)));
        const kept = await quietly('/api/tips', body);
        const clear = button(words.clear, 'button quiet');
        clear.addEventListener('click', () => location.replace('/tip'));
        written.input.value = '';
        place.replaceChildren(panel(words.kept, element('p', {}, say(words.keptHow)), element('p', { class: 'big num', 'data-hour': text(kept, 'hour') }, hourText(text(kept, 'hour'))), listOf(drawn),
          element('p', { class: 'row' }, element('a', { class: 'button', href: '/tip/back' }, say(words.look)), saves(words.promise, 'promise.txt', text(kept, 'promise')), clear)));
      } catch (error) {
        answer.replaceChildren(failed(error instanceof Refused && error.code === 'LK-04' ? say(words.many) : why(error)));
        send.disabled = false;
      }
    })());
    out.replaceChildren(panel(words.yours, element('p', {}, say(words.yoursHow)), listOf(drawn), noted.box, element('p', { class: 'row' }, send), answer));
    out.querySelector<HTMLElement>('h2')?.scrollIntoView();
  })());
  place.replaceChildren(unit.box, head.box, who, together.box, written.box, protect.box, element('p', { class: 'row' }, next), out);
}

const listOf = (drawn: string[]): HTMLElement => element('ol', { class: 'tip-words', lang: 'zh' }, ...drawn.map((word) => element('li', {}, word)));
