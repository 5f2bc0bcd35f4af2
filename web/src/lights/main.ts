// The lights of the page, computed again here: each card's matter by its leaves, whose proofs are checked on the way.
import { type Json, isObject } from '../base/json';
import { chip, element, lang, say, type Text } from '../base/page';
import { Calendar, formatDate, parseDate } from '../law/calendar';
import type { Light, Thresholds } from '../law/lights';
import type { Leaf } from '../verify/leaf';
import { checkReceipt, parseAny, readReceipt } from '../verify/receipt';
import { termOf } from './recompute';

const words = {
  none: { zh: '不亮灯', en: 'no light' }, reminder: { zh: '提示', en: 'reminder' }, yellow: { zh: '黄牌', en: 'yellow' }, red: { zh: '红牌', en: 'red' },
  same: { zh: '一致', en: 'agrees' }, other: { zh: '不一致', en: 'differs' }, broken: { zh: '证明不成立', en: 'a proof fails' }, lost: { zh: '取不到事件', en: 'the events cannot be had' },
  due: { zh: '应办结日', en: 'due' }, leaves: { zh: '条事件', en: 'events' }, leaf: { zh: '条事件', en: 'event' },
  sum: (all: number, same: number): Text => ({ zh: `在您的浏览器中重算了 ${all} 张卡：${same} 张一致，${all - same} 张不一致或无法核对。`, en: `${all} cards were computed again in your browser: ${same} agree, ${all - same} differ or cannot be checked.` }),
};

async function get(path: string): Promise<Json | null> {
  for (let again = 0; again < 5; ++again) {
    const answer = await fetch(path, { headers: { accept: 'application/json' } });
    if (answer.ok) return parseAny(await answer.text());
    if (answer.status !== 429) return null;
    await new Promise((wait) => { setTimeout(wait, 1_000 * Number(answer.headers.get('retry-after') ?? '1')); });
  }
  return null;
}

const held = new Map<number, Promise<Leaf | 'broken' | null>>();
const leafAt = (index: number): Promise<Leaf | 'broken' | null> => {
  const found = held.get(index) ?? (async () => {
    const receipt = readReceipt(await get(`/receipt/${index}`));
    if (!receipt) return null;
    const finding = await checkReceipt(receipt, null);
    return finding.broken || !finding.leaf ? 'broken' : finding.leaf;
  })();
  held.set(index, found);
  return found;
};

async function recompute(slot: HTMLElement, today: number, calendar: Calendar, thresholds: Thresholds): Promise<boolean> {
  const { record = '', deadline = '', due = '', light = '' } = slot.dataset;
  const tell = (word: Text, tone: string, more = ''): void => { slot.replaceChildren(chip(say(word), tone), ...(more ? [element('small', {}, more)] : [])); };
  const doc = await get(`/api/records/${record}`);
  const indices = isObject(doc) && Array.isArray(doc['leaves']) ? doc['leaves'].filter((one): one is number => typeof one === 'number') : [];
  const leaves: Leaf[] = [];
  for (const index of indices) {
    const leaf = await leafAt(index);
    if (leaf === 'broken') { tell(words.broken, 'bad'); return false; }
    if (!leaf) { tell(words.lost, 'warn'); return false; }
    leaves.push(leaf);
  }
  const term = termOf(leaves, record, deadline, today, calendar, thresholds);
  if (!term) { tell(words.lost, 'warn'); return false; }
  const same = formatDate(term.due) === due && (term.light === light || (term.finished !== null && term.light === 'none' && light === 'reminder'));
  const colon = lang() === 'zh' ? '：' : ': ';
  const from = `${leaves.length} ${say(leaves.length === 1 ? words.leaf : words.leaves)}`;
  if (same) tell(words.same, 'good', from);
  else tell(words.other, 'bad', `${say(words[term.light as Light])} · ${say(words.due)}${colon}${formatDate(term.due)} · ${from}`);
  return same;
}

const slots = [...document.querySelectorAll<HTMLElement>('[data-recompute]')];
const sum = document.querySelector<HTMLElement>('[data-recomputed]');
const days = await get('/api/calendar');
if (isObject(days) && slots.length > 0) {
  const list = (name: string): number[] => (Array.isArray(days[name]) ? (days[name] as Json[]).map((one) => parseDate(String(one))).filter((one) => one !== null) : []);
  const calendar = new Calendar(list('off'), list('work'));
  const thresholds = { reminder: Number(days['reminder']), red: Number(days['red']) };
  const today = parseDate(String(days['today'])) ?? 0;
  let same = 0;
  for (const slot of slots) if (await recompute(slot, today, calendar, thresholds)) same += 1;
  if (sum) {
    sum.textContent = say(words.sum(slots.length, same));
    sum.classList.add(same === slots.length ? 'tone-good' : 'tone-bad');
    sum.hidden = false;
  }
}
