// Writes a lot's state into the slots that the template left: used by the public page and by the bidder's room.
import { amount, spelled } from '../base/amount';
import { parseMoney } from '../base/money';
import { chip, element, lang, slot } from '../base/page';
import { type LotState, type ServerClock, countdown } from './stream';

export function moneyHere(text: string): string {
  const fen = parseMoney(text);
  return fen === null ? text : amount(fen);
}

const moment = (iso: string): string =>
  new Intl.DateTimeFormat('en-GB', { timeZone: 'Asia/Shanghai', hour: '2-digit', minute: '2-digit', second: '2-digit', fractionalSecondDigits: 3 }).format(new Date(iso));

const tones: Record<string, string> = { timed: 'good', calling: 'good', listing: 'info', frozen: 'bad', withdrawn: 'bad', failed: 'warn', sold: 'info' };
const words = { mine: { zh: '您的报价', en: 'Yours' }, leading: { zh: '领先', en: 'Leading' }, highest: { zh: '最高', en: 'Highest' } };

const over = (state: LotState): boolean => ['sold', 'failed', 'withdrawn'].includes(state.phase.id);

function rows(state: LotState, before: number): HTMLElement[] {
  return state.ladder.map((rung, i) => {
    const next = state.ladder[i + 1];
    const [own, below] = [parseMoney(rung.price), next ? parseMoney(next.price) : null];
    const step = own !== null && below !== null ? `+${moneyHere(`${(own - below) / 100n}`)}` : '–';
    const who = element('td', { class: 'plates' }, rung.plate === undefined ? '–' : element('b', { class: 'plate' }, rung.plate));
    const at = element('td', { class: 'at' }, element('time', { datetime: rung.time }, moment(rung.time)));
    if (rung.leading) at.append(' ', chip((over(state) ? words.highest : words.leading)[lang()], 'good'));
    if (rung.mine) at.append(' ', chip(words.mine[lang()], 'info'));
    const row = element('tr', { class: [rung.leading ? 'leading' : '', rung.count > before ? 'fresh' : ''].join(' ').trim() || undefined },
      element('td', { class: 'n no' }, `${rung.count}`), at, who,
      element('td', { class: 'n price' }, moneyHere(rung.price)), element('td', { class: 'n step' }, step),
      element('td', { class: 'n seq' }, rung.index === undefined ? '–' : element('a', { href: `/log/${rung.index}` }, `${rung.index}`)));
    return row;
  });
}

export class Board {
  private ends: string | null = null;
  private highest = Infinity;
  constructor(private readonly root: HTMLElement, private readonly clock: ServerClock) {
    this.ends = slot<HTMLTimeElement>(root.ownerDocument, 'countdown')?.dateTime ?? null;
    setInterval(() => this.tick(), 200);
  }
  show(state: LotState): void {
    const page = this.root.ownerDocument;
    slot(page, 'price-label')?.replaceChildren(state.price_label[lang()]);
    slot(page, 'ends-label')?.replaceChildren(state.ends_label[lang()]);
    const price = slot(page, 'price');
    const fen = parseMoney(state.price);
    if (price && fen !== null) {
      const [text = '', unit = ''] = moneyHere(state.price).split(' ');
      price.textContent = text;
      price.parentElement?.querySelector('.unit')?.replaceChildren(unit);
      slot(page, 'upper')?.replaceChildren(spelled(fen));
    }
    slot(page, 'phase')?.replaceChildren(chip(state.phase[lang()], tones[state.phase.id] ?? 'neutral'));
    const frozen = slot(page, 'frozen');
    if (frozen) {
      frozen.hidden = state.frozen === null;
      frozen.textContent = state.frozen?.[lang()] ?? '';
    }
    const ladder = slot(page, 'ladder');
    const body = ladder?.querySelector('tbody');
    if (ladder && body) {
      const made = rows(state, this.highest);
      body.replaceChildren(...made);
      const named = state.ladder.some((rung) => rung.plate !== undefined);  // once the sale is over
      body.parentElement?.classList.toggle('unnamed', !named);
      if (named) slot(page, 'unnamed')?.remove();
      if (made.length > 0) ladder.querySelector(':scope > p.faint')?.remove();
      this.highest = state.ladder[0]?.count ?? 0;
    }
    this.ends = state.ends;
    this.tick();
  }
  online(yes: boolean): void {
    const offline = slot(this.root.ownerDocument, 'offline');
    if (offline) offline.hidden = yes;
  }
  private tick(): void {
    const shown = slot<HTMLTimeElement>(this.root.ownerDocument, 'countdown');
    if (!shown) return;
    if (this.ends === null || this.ends === '') { shown.textContent = '–'; return; }
    const left = this.clock.left(this.ends);
    shown.textContent = countdown(left);
    shown.classList.toggle('soon', left < 60_000);
  }
}
