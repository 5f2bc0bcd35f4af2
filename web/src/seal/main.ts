// Forms of what is locked: a tender is written, signed and locked here, and an opener takes his layers off here; the server gets
// the ciphertext, and what was in it only once enough openers have come together. Without a script the document is pasted, as
// `landglass lock` and `landglass open` print it.
import { fromBase64url, fromUtf8, hex, sha256, utf8 } from '../base/bytes';
import { type JsonObject, Refused, canonical } from '../base/json';
import { amount, readBack, spelled } from '../base/amount';
import { readTyped } from '../base/money';
import { type Text, element, say } from '../base/page';
import { lock, openerFrom, peel, unlocked } from '../lock/locked';
import { signTender } from '../lock/tender';
import { recall } from '../room/cupboard';
import { parseAny } from '../verify/receipt';

const words = {
  price: { zh: '投标报价（元）', en: 'Price (yuan)' },
  undertakings: { zh: '承诺事项（可不填，至多 3000 字节）', en: 'What you undertake (may be empty, 3,000 bytes at most)' },
  volume: { zh: '投标文件正本（只取其摘要，文件不上传）', en: 'The bound volume (its hash only, the file stays here)' },
  lock: { zh: '在本机签名并加密', en: 'Sign and lock on this device' },
  key: { zh: '此浏览器没有本标的的报价密钥：请在竞买人房间取用备份', en: 'The key for this lot is not in this browser: bring it from its backup in the bidder\'s room' },
  other: { zh: '此密钥不是申请时登记的', en: 'This key is not the one of the application' },
  amount: { zh: '请填写报价', en: 'Type the price' },
  absent: { zh: '读不到招标文件或竞买申请，请先登录并取得号牌', en: 'Tender documents or application cannot be read: sign in, and have a plate' },
  long: { zh: '承诺事项过长', en: 'What you undertake is too long' },
  locked: { zh: '已签名并加密，可以提交：', en: 'Signed and locked, ready to be sent: ' },
  opener: { zh: '开标密钥文件（不上传）', en: 'File of your opener\'s key (it stays here)' },
  open: { zh: '在本机开启', en: 'Open on this device' },
  unreadable: { zh: '不是开标密钥文件', en: 'This is no opener\'s key' },
  turn: { zh: '此密钥不是开标人的，或尚未轮到', en: 'No opener\'s key, or not its turn' },
  broken: { zh: '密文已损坏或与承诺不符', en: 'The document is damaged, or is not what was committed' },
  passed: { zh: '已开启一层，请提交，由下一名开标人继续', en: 'A layer is off: send it, and the next opener goes on' },
  ready: { zh: '已全部开启，请到“开启并唱标”提交', en: 'Open altogether: go to "Open and read out"' },
  others: { zh: '尚须另一名开标人先开启一层', en: 'Another opener must take off a layer first' },
  read: { zh: '已开启，请核对后提交唱标：', en: 'Opened; look at it and send it to be read out: ' },
} satisfies Record<string, Text>;

async function record(id: string): Promise<JsonObject | null> {
  const answer = await fetch(`/api/records/${id}`, { credentials: 'same-origin', headers: { accept: 'application/json' } }).catch(() => null);
  if (!answer?.ok) return null;
  const read = parseAny(await answer.text());
  return read && typeof read === 'object' && !Array.isArray(read) ? read : null;
}
const fieldsOf = async (id: string): Promise<JsonObject> => {
  const found = (await record(id))?.['fields'];
  return found && typeof found === 'object' && !Array.isArray(found) ? found : {};
};
const text = (of: JsonObject, name: string): string => (typeof of[name] === 'string' ? of[name] : '');
const typed = (form: HTMLFormElement, name: string): string => form.querySelector<HTMLInputElement>(`[name="${name}"]`)?.value ?? '';

function labelled(id: string, label: Text, input: HTMLElement): HTMLElement {
  input.id = id;
  return element('div', { class: 'input' }, element('label', { for: id }, say(label)), input);
}

// A tender, written here: new, or in the place of one that stands.
function writing(form: HTMLFormElement, target: HTMLTextAreaElement): void {
  const price = element('input', { class: 'num', inputmode: 'decimal', autocomplete: 'off' });
  const undertakings = element('textarea', { rows: '4' });
  const volume = element('input', { type: 'file' });
  const upper = element('output', { class: 'upper' });
  const button = element('button', { class: 'button quiet', type: 'button' }, say(words.lock));
  const note = element('p', { class: 'faint', role: 'status' });
  const held = target.closest<HTMLElement>('.input');
  price.addEventListener('input', () => {
    const fen = readTyped(price.value);
    upper.textContent = price.value.trim() === '' ? '' : readBack(fen);
    target.value = '';
  });
  const replaced = /^\/act\/tender\/([^/]+)\/replace$/.exec(form.getAttribute('action') ?? '');
  const lockIt = async (): Promise<Text | string> => {
    const fen = readTyped(price.value);
    if (price.value.trim() === '' || fen === null) return words.amount;
    const of = replaced ? await fieldsOf(`tender/${replaced[1]}`) : { lot: typed(form, 'lot'), tender: typed(form, 'tender'), application: typed(form, 'application') };
    const lot = text(of, 'lot');
    const [documents, application] = [await fieldsOf(text(of, 'tender')), await fieldsOf(text(of, 'application'))];
    const openers = documents['openers'], plate = application['plate'], together = documents['together'];
    if (!Array.isArray(openers) || typeof plate !== 'number' || typeof together !== 'number') return words.absent;
    const { key } = await recall(`${target.dataset['locked']}/${lot}`);
    if (!key) return words.key;
    if (key.publicKey !== text(application, 'bid_key')) return words.other;
    const file = volume.files?.[0];
    const value = await signTender({ origin: target.dataset['locked'] ?? '', lot, rule_sheet: text(documents, 'rule_sheet_hash'), plate, price: fen,
      undertakings: undertakings.value.trim().normalize('NFC'), volume: file ? hex(await sha256(new Uint8Array(await file.arrayBuffer()))) : null }, key.privateKey);
    if (utf8(value).length > 4096) return words.long;
    const keys = openers.map((one) => fromBase64url(text(one as JsonObject, 'key')) ?? new Uint8Array());
    const document = await lock(utf8(value), together, keys);
    target.value = canonical(document);
    return `${say(words.locked)}${amount(fen)}，${spelled(fen)}；${text(document, 'commitment').slice(0, 16)}…`;
  };
  button.addEventListener('click', () => void (async () => {
    button.disabled = true;
    const said = await lockIt().catch((error: unknown) => (error instanceof Refused ? words.absent : Promise.reject(error)));
    note.textContent = typeof said === 'string' ? said : say(said);
    button.disabled = false;
  })());
  form.addEventListener('submit', (event) => {
    if (target.value !== '') return;
    event.preventDefault();
    event.stopImmediatePropagation();
    note.textContent = say(words.amount);
    price.focus();
  }, { capture: true });
  held?.before(element('div', { class: 'panel' }, labelled('seal-price', words.price, price), upper, labelled('seal-undertakings', words.undertakings, undertakings),
    labelled('seal-volume', words.volume, volume), button, note));
}

// An opener's part of a tender that is laid out: his layers off (`peel`), or, where they were the last, what was in it (`open`).
function opening(form: HTMLFormElement, id: string, last: boolean): void {
  const file = element('input', { type: 'file' });
  const button = element('button', { class: 'button quiet', type: 'button' }, say(words.open));
  const note = element('p', { class: 'faint', role: 'status' });
  const put = (name: string, value: string): void => { form.querySelector<HTMLInputElement>(`[name="${name}"]`)!.value = value; };
  const openIt = async (): Promise<string> => {
    const secret = fromBase64url((await file.files?.[0]?.text() ?? '').trim());
    if (secret?.length !== 32) return say(words.unreadable);
    const document = parseAny(text(await fieldsOf(id), 'document')) ?? null;
    if (!document || typeof document !== 'object' || Array.isArray(document)) return say(words.broken);
    const next = await peel(document, await openerFrom(secret));
    const found = await unlocked(next);
    if (!last) {
      if (found) return say(words.ready);
      put('document', canonical(next));
      return say(words.passed);
    }
    if (!found) return say(words.others);
    const value = fromUtf8(found.value);
    if (value === null) return say(words.broken);
    put('salt', hex(found.salt));
    put('value', value);
    return `${say(words.read)}${value}`;
  };
  button.addEventListener('click', () => void (async () => {
    button.disabled = true;
    note.textContent = await openIt().catch((error: unknown) => (error instanceof Refused ? say(error.code === 'LK-02' ? words.turn : words.broken) : Promise.reject(error)));
    button.disabled = false;
  })());
  form.querySelector('.input')?.before(element('div', { class: 'panel' }, labelled(`${form.id}-key`, words.opener, file), button, note));
}

for (const form of document.querySelectorAll<HTMLFormElement>('form[data-seal]')) {
  const laid = /^\/act\/(opened-tender)\/([^/]+)\/(peel|open)$/.exec(form.getAttribute('action') ?? '');
  const target = form.querySelector<HTMLTextAreaElement>('textarea[data-locked]');
  if (laid) opening(form, `${laid[1]}/${laid[2]}`, laid[3] === 'open');
  else if (target) writing(form, target);
}
