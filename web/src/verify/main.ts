// The verifier's page: takes files or pasted text, checks them on this device, says the verdict and every reason for it.
import { chip, element, lang, say, slot, type Text } from '../base/page';
import { type Judgement, type Verdict, judgeCertificate, readCertificate } from './certificate';
import { shown } from './labels';
import type { Leaf } from './leaf';
import { type Policy, parsePolicy } from './policy';
import { type Finding, type Reason, checkReceipt, parseAny, readReceipt } from './receipt';

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
  unread: { zh: '不是回执或证书文件，或者内容被改动而无法读取。', en: 'This is no receipt or certificate, or it was altered so that it cannot be read.' },
  logged: { zh: '已记入日志', en: 'Logged' }, witnessed: { zh: '已见证', en: 'Witnessed' },
};

function show(place: HTMLElement, kind: keyof typeof headings, reasons: Reason[], facts: [string, string][], finding?: Finding): void {
  const { tone, text } = headings[kind];
  const title = element('h3', {}, chip(say(text), tone));
  if (finding && finding.level !== 'none') title.append(chip(say(words[finding.level]), finding.level === 'witnessed' ? 'good' : 'info'));
  place.append(title);
  if (facts.length > 0) {
    const list = element('dl', { class: 'fields tight' });
    for (const [name, value] of facts) list.append(element('div', { class: 'field' }, element('dt', {}, name), element('dd', {}, value)));
    place.append(list);
  }
  const list = element('ul');
  for (const one of reasons) list.append(element('li', { class: one.is }, say(one.text)));
  place.append(list);
}

const about = (leaf: Leaf): [string, string][] => (lang() === 'zh'
  ? [['事项', leaf.change.record], ['行为', leaf.change.action], ['状态', leaf.change.state], ['记入时间', leaf.time], ['日志', leaf.origin]]
  : [['Record', leaf.change.record], ['Act', leaf.change.action], ['State', leaf.change.state], ['Logged', leaf.time], ['Log', leaf.origin]]);

export async function verifyTexts(texts: string[], policy: Policy | null, place: HTMLElement): Promise<void> {
  place.replaceChildren();
  // The text of a QR among what is given is the sheet that goes with the certificate.
  const qr = texts.map((text) => text.trim()).find((text) => text.startsWith('LG1 ')) ?? null;
  texts = texts.filter((text) => text.trim() !== qr);
  const values = texts.map(parseAny);
  const receipts = values.map((value) => (value === null ? null : readReceipt(value)));
  const certificates = values.map((value) => (value === null ? null : readCertificate(value)));
  const found = await Promise.all(receipts.map((receipt) => (receipt ? checkReceipt(receipt, policy) : null)));
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
      const facts = [...Object.entries(certificate.fields), ...certificate.openings.map((o) => [o.path, o.value] as const)]
        .map(([name, value]): [string, string] => [name, typeof value === 'string' ? value : JSON.stringify(value)]);
      show(place, judgement.verdict, reasons, shown(facts), finding ?? undefined);
    } else if (found[i]) {
      const finding = found[i]!;
      show(place, finding.broken ? 'broken' : finding.level === 'none' ? 'unproven' : 'receipt', finding.reasons, finding.leaf ? about(finding.leaf) : [], finding);
    } else {
      show(place, 'unread', [{ is: 'no', text: words.unread }], []);
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
    if (texts.length > 0) await verifyTexts(texts, await trust(), verdict);
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
