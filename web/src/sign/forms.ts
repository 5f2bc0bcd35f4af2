// Forms whose act must be signed: the server says what the act would be in the leaf, the key of the post in this browser
// signs that, and the form goes with the signature. Without a script the form goes as it is, and the server says whether the
// word of a session does.
import { type Text, element, say } from '../base/page';
import { parseAny } from '../verify/receipt';
import { keep, recall } from '../room/cupboard';
import { makeKey, readBackup, restoreKey } from '../room/key';
import { isOf, readStatement, signAct } from './act';

const words = {
  absent: { zh: '此浏览器没有该岗位的密钥：请取用备份文件', en: 'The key of this post is not in this browser: bring it from its backup file' },
  other: { zh: '服务器所给内容与表单不符，未签署', en: 'What the server asks to sign is not what the form says: nothing was signed' },
  file: { zh: '密钥备份文件', en: 'Backup file of the key' },
  pass: { zh: '备份口令', en: 'Passphrase of the backup' },
  again: { zh: '再输入一次口令', en: 'The passphrase again' },
  short: { zh: '口令至少十二个字', en: 'At least twelve characters' },
  differs: { zh: '两次输入不同', en: 'The two differ' },
  wrong: { zh: '口令不对，或不是该岗位的密钥', en: 'Wrong passphrase, or not the key of this post' },
  take: { zh: '取用', en: 'Bring it' },
  make: { zh: '在此浏览器生成密钥', en: 'Make a key in this browser' },
  made: { zh: '已生成，备份文件已下载；请提交登记，并请安全管理员当面核对指纹', en: 'Made, and its backup is downloaded; send the form, and have the security administrator compare the fingerprint' },
  post: { zh: '请先选定岗位', en: 'Choose the post first' },
} satisfies Record<string, Text>;

const place = (origin: string, post: string): string => `${origin.replace(/\/sealed$/, '')}/${post}`;
const value = (form: HTMLFormElement, name: string): string => String(new FormData(form).get(name) ?? '');

function field(id: string, label: Text, type: string): { box: HTMLElement; input: HTMLInputElement } {
  const input = element('input', { id, type, autocomplete: type === 'password' ? 'new-password' : undefined });
  return { box: element('div', { class: 'input' }, element('label', { for: id }, say(label)), input), input };
}

function note(form: HTMLFormElement, ...children: (Node | string)[]): void {
  form.querySelector('.sign-note')?.remove();
  form.append(element('div', { class: 'sign-note notice', role: 'alert' }, ...children));
}

async function statementFor(form: HTMLFormElement): Promise<{ key: string; salts: unknown; session?: boolean; statement: unknown } | null> {
  // A file goes along: its hash is a field of what is signed.
  const sent = new FormData(form);
  sent.delete('signed');
  const body = form.enctype === 'multipart/form-data' ? sent : new URLSearchParams([...sent].filter((one): one is [string, string] => typeof one[1] === 'string'));
  const answer = await fetch(form.dataset['sign']!, { method: 'POST', credentials: 'same-origin', body, headers: { accept: 'application/json, application/problem+json' } }).catch(() => null);
  // No key, or a field that does not read: the form is sent as it is, and the page that comes says why.
  return answer?.ok ? await answer.json() as { key: string; salts: unknown; session?: boolean; statement: unknown } : null;
}

// True: go on and send the form.
async function sign(form: HTMLFormElement): Promise<boolean> {
  const told = await statementFor(form);
  if (!told) return true;
  const statement = readStatement(parseAny(JSON.stringify(told.statement)) ?? null);
  const names = [...form.elements].map((one) => (one as HTMLInputElement).name);
  if (!statement || !isOf(statement, form.getAttribute('action') ?? '', names)) {
    note(form, say(words.other));
    return false;
  }
  const at = place(statement.origin, statement.post);
  const { key } = await recall(at);
  if (!key || key.publicKey !== told.key) {
    if (told.session) return true;  // an installation that takes the word of the session
    const [file, pass] = [field('post-key-file', words.file, 'file'), field('post-key-pass', words.pass, 'password')];
    const [button, why] = [element('button', { class: 'button quiet', type: 'button' }, say(words.take)), element('p', {}, say(words.absent))];
    button.addEventListener('click', () => void (async () => {
      const backup = readBackup(parseAny(await file.input.files?.[0]?.text() ?? '') ?? null);
      const found = backup && backup.key === told.key && backup.lot === statement.post ? await restoreKey(backup, pass.input.value) : null;
      if (!found) { why.textContent = say(words.wrong); return; }
      await keep(at, { key: found });
      form.querySelector('.sign-note')?.remove();
      form.requestSubmit();
    })());
    note(form, why, file.box, pass.box, button);
    return false;
  }
  const signed = await signAct(statement, parseAny(JSON.stringify(told.salts)) ?? null, key);
  let input = form.querySelector<HTMLInputElement>('input[name=signed]');
  if (!input) form.append(input = element('input', { type: 'hidden', name: 'signed' }));
  input.value = JSON.stringify(signed);
  return true;
}

// `before`: what puts typed amounts into the server's form; it must come before the statement is asked for.
export function signedForm(form: HTMLFormElement, before: (form: HTMLFormElement) => void): void {
  let ready = false;
  form.addEventListener('submit', (event) => {
    if (ready) return;
    event.preventDefault();
    before(form);
    const by = (event as SubmitEvent).submitter as HTMLButtonElement | null;
    if (by) by.disabled = true;
    void sign(form).then((go) => {
      if (by) by.disabled = false;
      if (!go) return;
      ready = true;
      form.requestSubmit(by);
    });
  });
}

// The form that registers a public key: the private half is made here, kept here, and its backup is downloaded.
export function keyForm(form: HTMLFormElement): void {
  const target = form.querySelector<HTMLInputElement>('[name=key]');
  const origin = form.dataset['makeKey'];
  if (!target || !origin) return;
  const [first, second] = [field('post-key-new', words.pass, 'password'), field('post-key-again', words.again, 'password')];
  const [button, why] = [element('button', { class: 'button quiet', type: 'button' }, say(words.make)), element('p', { class: 'faint', role: 'status' })];
  button.addEventListener('click', () => void (async () => {
    const post = value(form, 'post');
    if (post === '') { why.textContent = say(words.post); return; }
    if ([...first.input.value].length < 12) { why.textContent = say(words.short); return; }
    if (first.input.value !== second.input.value) { why.textContent = say(words.differs); return; }
    button.disabled = true;
    const { key, backup } = await makeKey(origin, post, first.input.value);
    const address = URL.createObjectURL(new Blob([`${JSON.stringify(backup, null, 1)}\n`], { type: 'application/json' }));
    element('a', { href: address, download: `landglass-key-${post.replace('/', '-')}.json` }).click();
    setTimeout(() => URL.revokeObjectURL(address), 10_000);
    await keep(place(origin, post), { key });
    target.value = key.publicKey;
    first.input.value = second.input.value = '';
    why.textContent = say(words.made);
    button.disabled = false;
  })());
  target.closest('.input')?.after(element('div', { class: 'panel' }, first.box, second.box, button, why));
}
