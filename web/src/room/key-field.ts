// The public key in an application's form: made here, its private half kept on this device, before the form is sent.
import { chip, element, say } from '../base/page';
import { keep, recall } from './cupboard';
import { makeKey } from './key';
import { download, input } from './key-panel';
import { words } from './words';

export function keyField(field: HTMLInputElement): void {
  const { origin, lot } = field.dataset;
  const form = field.form;
  if (!origin || !lot || !form) return;
  const place = `${origin}/${lot}`;
  const note = element('p', { class: 'faint', role: 'status' });
  const box = element('div', { class: 'key-box' });
  field.after(box);
  field.type = 'hidden';
  const label = field.parentElement?.querySelector('label');
  if (label) {  // what it named is hidden now; the box says what it is
    const title = element('p', { class: 'label' }, ...label.childNodes);
    label.replaceWith(title);
  }
  const ready = (publicKey: string): void => {
    field.value = publicKey;
    box.replaceChildren(element('p', {}, chip(say(words.ready), 'good'), ' ', element('code', { class: 'hash' }, publicKey.slice(0, 24), '…')), note);
  };
  const first = input('key-pass', words.passphrase, 'password');
  const second = input('key-pass-again', words.repeat, 'password');
  const button = element('button', { class: 'button quiet', type: 'button' }, say(words.make));
  button.addEventListener('click', () => void (async () => {
    const passphrase = first.field.value;
    note.textContent = '';
    if ([...passphrase].length < 12) { note.textContent = say(words.short); first.field.focus(); return; }
    if (passphrase !== second.field.value) { note.textContent = say(words.differs); second.field.focus(); return; }
    button.disabled = true;
    const { key, backup } = await makeKey(origin, lot, passphrase);
    download(`landglass-key-${lot.replace('/', '-')}.json`, `${JSON.stringify(backup, null, 1)}\n`);
    // Kept before the form leaves: a key the server knows and nobody holds would shut its owner out.
    await keep(place, { ...await recall(place), key });
    ready(key.publicKey);
    note.textContent = say(words.backupSaved);
  })());
  form.addEventListener('submit', (event) => {
    if (field.value !== '') return;
    event.preventDefault();
    note.textContent = say(words.keyFirst);
    first.field.focus();
  });
  void recall(place).then(({ key }) => {
    if (key) return ready(key.publicKey);
    box.append(element('p', { class: 'faint' }, say(words.keyWhy)), first.box, second.box, button, note);
  });
}
