// The panel in which a bidder makes the lot's key, or brings it over from another device.
import { type Text, chip, element, say } from '../base/page';
import { parseAny } from '../verify/receipt';
import { keep, recall } from './cupboard';
import { type Backup, type LotKey, makeKey, readBackup, restoreKey } from './key';
import { post } from './send';
import { words } from './words';

export interface Lot { origin: string; lot: string; place: string; registered: string | undefined; keys: string; csrf: string | undefined }

export function download(name: string, text: string): void {
  const address = URL.createObjectURL(new Blob([text], { type: 'application/json' }));
  const link = element('a', { href: address, download: name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(address), 10_000);
}

export function input(id: string, label: Text, type: string): { box: HTMLElement; field: HTMLInputElement } {
  const field = element('input', { id, type, autocomplete: type === 'password' ? 'new-password' : undefined, accept: type === 'file' ? '.json,application/json' : undefined });
  return { box: element('div', { class: 'input' }, element('label', { for: id }, say(label)), field), field };
}

export function keyPanel(place: HTMLElement, lot: Lot, got: (key: LotKey) => void): void {
  const note = element('p', { class: 'faint', role: 'status' });
  const title = element('h2', { id: 'room-key' }, say(words.keyTitle));
  const box = element('section', { class: 'panel key-box', 'aria-labelledby': 'room-key' }, title);
  place.replaceChildren(box);
  const tell = (text: Text | string): void => { note.textContent = typeof text === 'string' ? text : say(text); };
  const ready = (key: LotKey, text: Text): void => {
    box.replaceChildren(title, element('p', {}, chip(say(words.ready), 'good')), element('p', {}, element('code', { class: 'hash' }, key.publicKey.slice(0, 24), '…')), note);
    tell(text);
    got(key);
  };
  const register = async (key: LotKey): Promise<boolean> => {
    if (lot.registered === key.publicKey) return true;
    const answer = await post(lot.keys, { lot: lot.lot, key: key.publicKey }, lot.csrf);
    if (answer.is === 'taken') return true;
    tell(answer.is === 'refused' ? `${answer.code} ${answer.say}` : words.retry);
    return false;
  };

  const makeForm = (): HTMLElement => {
    const [first, second] = [input('room-pass', words.passphrase, 'password'), input('room-pass-again', words.repeat, 'password')];
    const button = element('button', { class: 'button', type: 'button' }, say(words.make));
    button.addEventListener('click', () => void (async () => {
      const passphrase = first.field.value;
      if ([...passphrase].length < 12) return tell(words.short);
      if (passphrase !== second.field.value) return tell(words.differs);
      button.disabled = true;
      const { key, backup } = await makeKey(lot.origin, lot.lot, passphrase);
      download(`landglass-key-${lot.lot.replace('/', '-')}.json`, `${JSON.stringify(backup, null, 1)}\n`);
      // Kept before it is registered: a key the server knows and nobody holds would shut its owner out.
      await keep(lot.place, { ...await recall(lot.place), key });
      if (await register(key)) ready(key, words.backupSaved);
      else button.disabled = false;
    })());
    return element('form', { class: 'form' }, first.box, second.box, button);
  };
  const restoreForm = (): HTMLElement => {
    const [file, pass] = [input('room-file', words.file, 'file'), input('room-pass-old', words.passphrase, 'password')];
    const button = element('button', { class: 'button quiet', type: 'button' }, say(words.restore));
    button.addEventListener('click', () => void (async () => {
      const chosen = file.field.files?.[0];
      const value = chosen && chosen.size < 100_000 ? parseAny(await chosen.text()) : null;
      const backup: Backup | null = value === null ? null : readBackup(value);
      if (!backup) return tell(words.wrongPass);
      if (backup.lot !== lot.lot || backup.origin !== lot.origin) return tell(words.wrongLot);
      if (lot.registered !== undefined && backup.key !== lot.registered) return tell(words.otherKey);
      button.disabled = true;
      const key = await restoreKey(backup, pass.field.value);
      button.disabled = false;
      if (!key) return tell(words.wrongPass);
      await keep(lot.place, { ...await recall(lot.place), key });
      if (await register(key)) ready(key, words.ready);
    })());
    return element('form', { class: 'form' }, file.box, pass.box, button);
  };

  void recall(lot.place).then(async ({ key }) => {
    if (key && (lot.registered === undefined || lot.registered === key.publicKey) && await register(key)) return ready(key, words.ready);
    box.append(element('p', { class: 'faint' }, say(lot.registered === undefined ? words.keyWhy : words.needRestore)));
    if (lot.registered === undefined) box.append(makeForm(), element('details', {}, element('summary', {}, say(words.restore)), restoreForm()));
    else box.append(restoreForm());
    for (const form of box.querySelectorAll('form')) form.addEventListener('submit', (event) => event.preventDefault());
    box.append(note);
  });
}
