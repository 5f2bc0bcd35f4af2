// The page that locks a tip: unit, investigators, text; then the words; then it is handed in.
import { base64url, fromBase64url } from '../base/bytes';
import { type JsonObject, Refused, canonical } from '../base/json';
import { type Text, element, say } from '../base/page';
import { lock } from '../lock/locked';
import { Told, hourText, list, quietly, text, why } from './ask';
import { drawWords, keysOf, messageBytes, speak } from './keys';
import { button, failed, field, flag, panel, saves, told, writing, wrong } from './parts';
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

  // While the words are noted and what was written is handed in, nothing of it may change unseen: the form is put away. Words are
  // drawn once, so that whoever goes back to the text finds the same ones again.
  const form = element('div', { class: 'tip' }, unit.box, head.box, who, together.box, written.box, protect.box, element('p', { class: 'row' }, next));
  let drawn: string[] | undefined;
  const said = (): string => (protect.input.checked ? `${words.protectMark.zh}\n` : '') + written.input.value;
  const wrongs: [() => boolean, HTMLElement, () => HTMLElement, Text][] = [
    [() => unit.input.value === '', unit.box, () => unit.input, words.unitWrong],
    [() => chosen().length === 0, who, () => people.querySelector('input') ?? unit.input, words.toWrong],
    [() => !(Number.isInteger(Number(together.input.value)) && Number(together.input.value) >= 1 && Number(together.input.value) <= chosen().length), together.box, () => together.input, words.togetherWrong],
    [() => written.input.value.trim() === '', written.box, () => written.input, words.empty],
    [() => messageBytes(said()) === null, written.box, () => written.input, words.long],
  ];

  next.addEventListener('click', () => void (async () => {
    for (const old of form.querySelectorAll('.error')) old.remove();
    const found = wrongs.find(([is]) => is());
    if (found) return wrong(found[1], found[2](), found[3]);
    const to = chosen(), k = Number(together.input.value), value = messageBytes(said())!;
    const noted = drawn ??= await drawWords(), keys = await keysOf(noted);
    const tick = flag('tip-noted', say(words.noted));
    const send = button(words.send), change = button(words.change, 'button quiet');
    const answer = told();
    let body: JsonObject | undefined;  // locked once: sent again it is the same document, on which the same promise is given
    send.disabled = true;
    tick.input.addEventListener('change', () => { send.disabled = !tick.input.checked; });
    change.addEventListener('click', () => {
      out.replaceChildren();
      form.hidden = false;
      written.input.focus();
    });
    send.addEventListener('click', () => void (async () => {
      send.disabled = change.hidden = true;
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
        place.replaceChildren(panel(words.kept, element('p', {}, say(words.keptHow)), element('p', { class: 'big num', 'data-hour': text(kept, 'hour') }, hourText(text(kept, 'hour'))), listOf(noted),
          element('p', { class: 'row' }, element('a', { class: 'button', href: '/tip/back' }, say(words.look)), saves(words.promise, 'promise.txt', text(kept, 'promise')), clear)));
      } catch (error) {
        answer.replaceChildren(failed(error instanceof Refused && error.code === 'LK-04' ? say(words.many) : why(error)));
        send.disabled = false;
        change.hidden = !(error instanceof Refused || error instanceof Told);  // who got no answer does not know whether it is kept
      }
    })());
    const heading = panel(words.yours, element('p', {}, say(words.yoursHow)), listOf(noted), tick.box, element('p', { class: 'row' }, send, change), answer);
    form.hidden = true;
    out.replaceChildren(heading);
    const title = heading.querySelector<HTMLElement>('h2')!;
    title.tabIndex = -1;
    title.focus();
  })());
  place.replaceChildren(form, out);
}

const listOf = (drawn: string[]): HTMLElement => element('ol', { class: 'tip-words', lang: 'zh' }, ...drawn.map((word) => element('li', {}, word)));
