// The verifier's page: takes files or pasted text, checks them on this device, says the verdict and every reason for it.
import { type Json, canonical } from '../base/json';
import { chip, element, say, slot, type Text } from '../base/page';
import { type Judgement, type Verdict, judgeCertificate, readCertificate } from './certificate';
import { numberOf, shown } from './labels';
import { type Change, type Leaf, type Opening, changeAt, nameAt } from './leaf';
import { type Policy, parsePolicy } from './policy';
import { type Finding, type Reason, checkReceipt, parseAny, readReceipt } from './receipt';
import { type Words, actOf, fieldOf, fileOf, noWords, readWords, stateOf, titleOf, valueOf } from './words';

const headings: Record<Verdict | 'receipt' | 'broken' | 'unread', { tone: string; text: Text }> = {
  genuine: { tone: 'good', text: { zh: '真实', en: 'Genuine' } },
  outdated: { tone: 'warn', text: { zh: '真实，但已过时', en: 'Genuine, but outdated' } },
  forged: { tone: 'bad', text: { zh: '伪造或被改动', en: 'Forged or altered' } },
  unproven: { tone: 'warn', text: { zh: '无法证明', en: 'Not proven' } },
  receipt: { tone: 'good', text: { zh: '回执真实', en: 'The receipt is genuine' } },
  broken: { tone: 'bad', text: { zh: '回执不成立', en: 'The receipt does not hold' } },
  unread: { tone: 'warn', text: { zh: '无法识别', en: 'Not recognised' } },
};
const words = {
  later: { zh: '只核验了所给的文件：此检查点之后如有变更，本页无从得知。加上较新的回执，可以一并核验。', en: 'Only the files given were checked: what came after this checkpoint is not known here. Add newer receipts to have them checked too.' },
  burdens: { zh: '有无抵押、查封不写在证书上，也不在公开日志里：请凭编号和权利人在网站的核验页查询。', en: 'Whether a mortgage or a seizure stands is neither on a certificate nor in the public log: ask by number and holder on the site’s page for checking.' },
  unread: { zh: '不是回执或证书文件，或者内容被改动而无法读取。', en: 'This is no receipt or certificate, or it was altered so that it cannot be read.' },
  logged: { zh: '已记入日志', en: 'Logged' }, witnessed: { zh: '已见证', en: 'Witnessed' },
  policy: { zh: '所填的日志公钥读不出：须是整份信任文件，从“log”一行到“quorum”一行。', en: 'The keys that were typed cannot be read: they are a whole trust file, from its line “log” to its line “quorum”.' },
  said: { zh: '文件上写的（未得到证明）', en: 'What the file says (not proven)' },
  record: { zh: '事项', en: 'Record' }, act: { zh: '行为', en: 'Act' }, state: { zh: '状态', en: 'State' }, time: { zh: '记入时间', en: 'Logged' }, log: { zh: '日志', en: 'Log' },
  also: { zh: '同一条目一并改变', en: 'Changed by the same leaf' },
  source: { zh: '回执里的原文（核验的是这些）', en: 'As the receipt has it (this is what was checked)' },
  itself: { zh: '名称不在回执里，也不属于所证明的内容：本页按回执所载的哈希，取那一版制度文件中的称呼；代码的含义取自代码表。', en: 'The names are not in the receipt and no part of the proof: they are those of the version of the file whose digest the receipt states, as this page has it; what a code means is of a table of codes.' },
  none: { zh: '本页没有回执所载哈希的那一版制度文件，不知道各项的称呼：以上是回执里的原文。', en: 'This page does not have the version of the file whose digest the receipt states, and cannot say what it calls these: they stand as the receipt has them.' },
  ruled: { zh: '制度文件原文', en: 'The file itself' },
};

function listed(facts: [string, string][]): HTMLElement {
  const list = element('dl', { class: 'fields tight' });
  for (const [name, value] of facts) list.append(element('div', { class: 'field' }, element('dt', {}, name), element('dd', {}, value)));
  return list;
}

interface Shown { kind: keyof typeof headings; reasons: Reason[]; facts?: [string, string][]; finding?: Finding | undefined; more?: HTMLElement[] }

// What is proven stands first and its reasons behind; of what is not, the reasons, and then what the file claims.
function show(place: HTMLElement, { kind, reasons, facts = [], finding, more = [] }: Shown): void {
  const { tone, text } = headings[kind];
  const holds = ['genuine', 'outdated', 'receipt'].includes(kind);
  const title = element('h3', {}, chip(say(text), tone));
  if (holds && finding && finding.level !== 'none') title.append(chip(say(words[finding.level]), finding.level === 'witnessed' ? 'good' : 'info'));
  const list = element('ul');
  for (const one of reasons) list.append(element('li', { class: one.is }, say(one.text)));
  const stated = facts.length === 0 ? [] : [...(holds ? [] : [element('p', { class: 'label' }, say(words.said))]), listed(facts), ...more];
  place.append(title, ...(holds ? [...stated, list] : [list, ...stated]));
}

// In local time, as papers have it.
const moment = (time: string): string => `${new Date(new Date(time).getTime() + 8 * 3_600_000).toISOString().slice(0, 19).replace('T', ' ')} ${say({ zh: '（北京时间）', en: '(Beijing)' })}`;

// What a change is of, in words where this page has them.
function told(known: Words, change: Change): { record: string; act: string; state: string } {
  const file = fileOf(known, change);
  const [act, state] = file ? [actOf(file, change.action), stateOf(file, change.state)] : [null, null];
  return { record: file ? `${say(titleOf(file))} ${numberOf(change.record)}` : change.record, act: act ? say(act) : change.action, state: state ? say(state) : change.state };
}

function calledIn(known: Words, leaf: Leaf, path: string): Text {
  const change = changeAt(leaf, path);
  return (change && fieldOf(fileOf(known, change), nameAt(path))) ?? { zh: path, en: path };
}

function about(leaf: Leaf, openings: Opening[], known: Words): { facts: [string, string][]; more: HTMLElement[] } {
  const { change } = leaf;
  const file = fileOf(known, change);
  const { record, act, state } = told(known, change);
  const facts: [string, string][] = [[say(words.record), record], [say(words.act), act], [say(words.state), state], [say(words.time), moment(leaf.time)], [say(words.log), leaf.origin]];
  for (const [name, value] of Object.entries(change.set)) facts.push([say(fieldOf(file, name) ?? { zh: name, en: name }), valueOf(known, file, name, value)]);
  for (const { path, value } of openings) {
    const of = changeAt(leaf, path);
    facts.push([say(calledIn(known, leaf, path)), valueOf(known, of ? fileOf(known, of) : null, nameAt(path), value)]);
  }
  for (const effect of leaf.effects) {
    const also = told(known, effect);
    facts.push([say(words.also), `${also.record} · ${also.act} · ${also.state}`]);
  }
  const plain = (value: Json): string => canonical(value);
  const source = element('details', { class: 'source' }, element('summary', {}, say(words.source)), listed([['record', change.record], ['action', change.action], ['state', change.state],
    ['time', leaf.time], ['institution', change.institution], ['file', change.file], ...Object.entries(change.set).map(([name, value]): [string, string] => [name, plain(value)]),
    ...openings.map(({ path, value }): [string, string] => [path, plain(value)])]));
  const help = element('p', { class: 'help' }, say(file ? words.itself : words.none));
  // To be read by whoever asks what a name stands for; a page that was saved has nobody to ask.
  if (file && document.querySelector('[data-verify][data-words]')) help.append(' ', element('a', { href: `/i/${encodeURIComponent(change.institution)}/file/${change.file}` }, say(words.ruled)));
  return { facts, more: [help, source] };
}

export async function verifyTexts(texts: string[], policy: Policy | null, place: HTMLElement, known: Words = noWords): Promise<void> {
  place.replaceChildren();
  // The text of a QR among what is given is the sheet that goes with the certificate.
  const qr = texts.map((text) => text.trim()).find((text) => text.startsWith('LG1 ')) ?? null;
  texts = texts.filter((text) => text.trim() !== qr);
  const values = texts.map(parseAny);
  const receipts = values.map((value) => (value === null ? null : readReceipt(value)));
  const certificates = values.map((value) => (value === null ? null : readCertificate(value)));
  const called = (leaf: Leaf, path: string): Text => calledIn(known, leaf, path);
  const found = await Promise.all(receipts.map((receipt) => (receipt ? checkReceipt(receipt, policy, called) : null)));
  const proven = found.filter((one): one is Finding => one !== null && one.level !== 'none').map((one) => one.leaf!);
  for (let i = 0; i < texts.length; i += 1) {
    const certificate = certificates[i];
    if (certificate) {
      const enclosed = certificate.receipt === null ? null : readReceipt(certificate.receipt);
      const finding = enclosed ? await checkReceipt(enclosed, policy) : null;
      const issued = finding && finding.level !== 'none' && finding.leaf ? { leaf: finding.leaf, hash: finding.hash } : null;
      let judgement: Judgement = await judgeCertificate(certificate, issued, proven, qr);
      if (certificate.receipt !== null && (finding === null || finding.broken)) judgement = { verdict: 'forged', why: judgement.verdict === 'forged' ? judgement.why : [] };
      const is = judgement.verdict === 'forged' ? 'no' : 'maybe';
      const reasons: Reason[] = [...judgement.why.map((text) => ({ is, text }) as Reason), ...finding?.reasons ?? []];
      if (judgement.verdict === 'genuine') reasons.push({ is: 'maybe', text: words.later });
      if (judgement.verdict === 'genuine' && certificate.id.startsWith('land-certificate/')) reasons.push({ is: 'maybe', text: words.burdens });
      const facts = [...Object.entries(certificate.fields), ...certificate.openings.map((o) => [o.path, o.value] as const)]
        .map(([name, value]): [string, string] => [name, typeof value === 'string' ? value : JSON.stringify(value)]);
      show(place, { kind: judgement.verdict, reasons, facts: shown(facts), finding: finding ?? undefined });
    } else if (found[i]) {
      const finding = found[i]!;
      const stated = finding.leaf ? about(finding.leaf, finding.openings, known) : {};
      show(place, { kind: finding.broken ? 'broken' : finding.level === 'none' ? 'unproven' : 'receipt', reasons: finding.reasons, finding, ...stated });
    } else {
      show(place, { kind: 'unread', reasons: [{ is: 'no', text: words.unread }] });
    }
  }
}

const root = typeof document === 'undefined' ? null : document.querySelector<HTMLElement>('[data-verify]');
if (root) {
  const files = root.querySelector<HTMLInputElement>('#file')!;
  const pasted = root.querySelector<HTMLTextAreaElement>('#pasted')!;
  const typedTrust = root.querySelector<HTMLTextAreaElement>('#trust-text');
  const drop = slot(root, 'drop')!;
  const verdict = slot(root, 'verdict')!;
  files.multiple = true;
  // The page that was saved is in no language of a reader's choice: it answers in that of his browser.
  if (!root.dataset['trust'] && !navigator.language.startsWith('zh')) document.documentElement.lang = 'en';
  let known: Words | undefined;
  const names = async (): Promise<Words> => {
    const within = document.getElementById('institution-words')?.textContent;
    const address = root.dataset['words'];
    try {
      known ??= readWords(within ? JSON.parse(within) : address ? await (await fetch(address)).json() : {});
    } catch {
      return noWords;  // without them the source is shown
    }
    return known;
  };
  const trust = async (): Promise<Policy | null> => {
    const typed = typedTrust?.value.trim();
    if (typed) return parsePolicy(`${typed}\n`);
    const address = root.dataset['trust'];
    if (!address) return null;
    try {
      const answer = await fetch(address);
      return answer.ok ? await parsePolicy(await answer.text()) : null;
    } catch {
      return null;
    }
  };
  const run = async (given: File[]): Promise<void> => {
    const texts = await Promise.all(given.map((file) => (file.size > 4 * 1024 * 1024 ? '' : file.text())));
    // A QR's text may stand on a line of its own beside what was pasted.
    for (const part of pasted.value.trim().split(/\n(?=LG1 |\{)/)) if (part.trim() !== '') texts.push(part.trim());
    if (texts.length === 0) return;
    const policy = await trust();
    await verifyTexts(texts, policy, verdict, await names());
    if (policy === null && typedTrust?.value.trim()) verdict.prepend(element('p', { class: 'error' }, say(words.policy)));
  };
  const chosen = (): File[] => [...files.files ?? []];
  slot(root, 'check')?.addEventListener('click', () => void run(chosen()));
  files.addEventListener('change', () => void run(chosen()));
  drop.addEventListener('dragover', (event) => { event.preventDefault(); drop.classList.add('over'); });
  drop.addEventListener('dragleave', () => drop.classList.remove('over'));
  drop.addEventListener('drop', (event) => {
    event.preventDefault();
    drop.classList.remove('over');
    void run([...event.dataTransfer?.files ?? []]);
  });
}
