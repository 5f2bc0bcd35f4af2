// The bidder's room: one amount, read back in capitals, signed on this device, sent until it is answered.
import { amount, readBack, spelled } from '../base/amount';
import { type Fen, moneyGrouped, parseMoney, readTyped } from '../base/money';
import { chip, element, say, slot } from '../base/page';
import { Board } from '../live/board';
import { type LotState, ServerClock, follow } from '../live/stream';
import { type Signed, type Steps, checkPrice, least, signBid } from './bid';
import { keep, recall } from './cupboard';
import { keyField } from './key-field';
import { keyPanel } from './key-panel';
import type { LotKey } from './key';
import { type Answer, send } from './send';
import { words } from './words';

const root = document.querySelector<HTMLElement>('[data-room]');
if (root) room(root);
for (const field of document.querySelectorAll<HTMLInputElement>('[data-key-field]')) keyField(field);

// Without a plate there is nothing to bid with: the page is looked at again once the deposit has arrived.
function awaitPlate(address: string): void {
  let seen = '';
  const look = async (): Promise<void> => {
    try {
      const answer = await fetch(address, { credentials: 'same-origin', headers: { accept: 'application/json' } });
      const now = answer.ok ? await answer.text() : seen;
      if (seen !== '' && now !== seen) location.reload();
      seen = now;
    } catch { /* the cable: asked again */ }
  };
  void look();
  setInterval(() => void look(), 5_000);
}

function room(root: HTMLElement): void {
  const given = root.dataset;
  const money = (text: string | undefined): Fen | null => (text === undefined ? null : parseMoney(text));
  const [origin, lot] = [given['origin']!, given['lot']!];
  const place = `${origin}/${lot}`;
  const plate = Number(given['plate'] ?? 0);
  const steps: Steps = { top: root.querySelector('.ladder tbody tr') ? money(given['price']) : null, start: money(given['start'])!,
    increment: money(given['increment'])!, ceiling: money(given['ceiling']), free: given['free'] !== undefined };
  let counter = Number(given['counter'] ?? 0);
  let key: LotKey | null = null;
  let busy = false;
  let open = true;
  let mine = new Set<string>();
  let last: LotState | null = null;

  const field = element('input', { id: 'amount', class: 'num amount', inputmode: 'decimal', autocomplete: 'off', 'aria-describedby': 'amount-upper amount-note' });
  const upper = element('output', { id: 'amount-upper', class: 'upper', for: 'amount' });
  const note = element('p', { id: 'amount-note', class: 'faint' });
  const quick = element('div', { class: 'quick' });
  const button = element('button', { class: 'button', type: 'submit' }, say(words.bid));
  const guard = element('div', { class: 'guard', hidden: true });
  const told = element('div', { role: 'status', 'aria-live': 'assertive' });
  const form = element('form', { class: 'bid' }, element('label', { for: 'amount', class: 'label' }, say(words.amount)), field, upper, quick, note, guard, button, told);
  slot(root, 'bid')?.replaceChildren(form);
  if (plate < 1 && given['status'] && slot(root, 'key')) awaitPlate(given['status']);

  const typed = (): Fen | null => (field.value.trim() === '' ? null : readTyped(field.value));
  function show(): void {
    const price = typed();
    upper.textContent = readBack(price);
    const check = price === null ? null : checkPrice(price, steps);
    note.textContent = field.value.trim() !== '' && price === null ? say(words.unread) : check && check.is !== 'good' ? say(check.why) : '';
    button.disabled = busy || !open || plate < 1 || key === null || check === null || check.is === 'no';
    if (plate < 1) note.textContent = say(words.noPlate);
    else if (key === null) note.replaceChildren(element('a', { href: '#room-key' }, say(words.noKey)));
    else if (!open) note.textContent = say(words.closed);
  }
  function offer(): void {
    const lowest = least(steps);
    quick.replaceChildren(...[0n, 1n, 4n].map((n) => {
      const price = lowest + n * steps.increment;
      const one = element('button', { class: 'button quiet small', type: 'button' }, amount(price));
      one.addEventListener('click', () => { field.value = moneyGrouped(price); unask(); show(); field.focus(); });
      return one;
    }));
    show();
  }

  function tell(answer: Answer, bid: Signed): void {
    const price = amount(parseMoney(bid.price)!);
    if (answer.is === 'taken') told.replaceChildren(element('p', {}, chip(say(words.taken), 'good'), ` #${bid.counter} ${price}`));
    else if (answer.is === 'refused') told.replaceChildren(element('div', { class: 'refusal' }, element('p', {}, chip(say(words.refused), 'bad'), ` ${price}`), element('p', {}, answer.say),
      ...(answer.detail ? [element('p', { class: 'both-sides' }, answer.detail)] : []), element('p', { class: 'ground' }, element('code', {}, answer.code), answer.law ?? '')));
  }
  async function deliver(bid: Signed): Promise<void> {
    busy = true;
    show();
    told.replaceChildren(element('p', {}, say(words.sending)));
    const slow = setTimeout(() => told.replaceChildren(element('p', { class: 'notice tone-warn' }, say(words.retry))), 2_500);
    // Also after the close: only an answer says whether the last bid counted.
    const answer = await send(given['bids']!, bid, given['csrf'], () => true);
    clearTimeout(slow);
    busy = false;
    if (answer.is !== 'unknown') {
      // Also after a refusal: a counter is used for one price only.
      counter = Math.max(counter, bid.counter, answer.is === 'refused' ? answer.counter ?? 0 : 0);
      if (answer.is === 'taken') mine.add(bid.price);
      const kept = await recall(place);
      delete kept.waiting;
      await keep(place, { ...kept, counter, mine: [...mine].slice(-200) });
      if (answer.is === 'taken') { field.value = ''; post(); }
    }
    tell(answer, bid);
    show();
    // The sheet's own guard is stricter than ours: the server asks whether it is meant.
    if (answer.is === 'refused' && answer.code === 'AU-19') ask(parseMoney(bid.price)!, answer.say);
  }
  async function sign(price: Fen, confirmed: boolean): Promise<void> {
    if (!key || busy) return;
    const bid = await signBid({ origin, lot, rule_sheet: given['ruleSheet']!, plate, counter: counter + 1, price, confirmed }, key);
    await keep(place, { ...await recall(place), waiting: bid });  // before it leaves: a reload sends the same bid, not another
    await deliver(bid);
  }
  // One way to go on at a time: while the amount is asked for again, the form's own button is away.
  function unask(): void { guard.hidden = true; button.hidden = false; }
  function ask(price: Fen, why: string): void {
    const again = element('input', { id: 'amount-again', class: 'num amount', inputmode: 'decimal', autocomplete: 'off' });
    const yes = element('button', { class: 'button danger', type: 'button' }, say(words.bid));
    const no = element('button', { class: 'button quiet', type: 'button' }, say(words.cancel));
    const wrong = element('p', { class: 'error', role: 'alert' });
    guard.replaceChildren(element('p', { class: 'both-sides' }, why), element('label', { for: 'amount-again' }, say(words.again)), again, wrong, element('div', { class: 'row' }, yes, no));
    guard.hidden = false;
    button.hidden = true;
    const confirm = (): void => {
      if (readTyped(again.value) !== price) { wrong.textContent = say(words.differs); return; }
      unask();
      void sign(price, true);
    };
    yes.addEventListener('click', confirm);
    again.addEventListener('keydown', (event) => { if (event.key === 'Enter') { event.preventDefault(); confirm(); } });
    again.addEventListener('paste', (event) => event.preventDefault());  // a pasted amount repeats the slip
    no.addEventListener('click', () => { unask(); field.focus(); });
    again.focus();
  }
  // One more look at the amount, in capitals; Enter again signs, Escape goes back.
  const sum = element('p', { class: 'huge num' });
  const capitals = element('p', { class: 'upper' });
  const yes = element('button', { class: 'button', value: 'yes' }, say(words.confirm));
  const dialog = element('dialog', { class: 'confirm', 'aria-labelledby': 'confirm-title' },
    element('form', { method: 'dialog' }, element('h2', { id: 'confirm-title' }, say(words.confirmTitle)), sum, capitals, element('p', { class: 'faint' }, say(words.binding)),
      element('div', { class: 'row' }, yes, element('button', { class: 'button quiet', value: 'no' }, say(words.cancel)))));
  root.append(dialog);
  let asked: Fen | null = null;
  dialog.addEventListener('close', () => {
    if (dialog.returnValue === 'yes' && asked !== null) void sign(asked, false);
    asked = null;
    field.focus();
  });
  function confirm(price: Fen): void {
    asked = price;
    sum.textContent = amount(price);
    capitals.textContent = spelled(price);
    dialog.returnValue = '';
    dialog.showModal();
    yes.focus();
  }
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    const price = typed();
    if (price === null || busy || button.disabled || !guard.hidden) return;
    const check = checkPrice(price, steps);
    if (check.is === 'guard') ask(price, say(check.why));
    else if (check.is === 'good') confirm(price);
  });
  field.addEventListener('input', () => { unask(); show(); });

  const clock = new ServerClock();
  const board = new Board(root, clock);
  // Of prices no two are equal, so a price says whose bid it is; the answer and the stream may come in either order.
  function post(): void {
    if (last) board.show({ ...last, ladder: last.ladder.map((rung) => (mine.has(rung.price) ? { ...rung, mine: true } : rung)) });
  }
  follow(given['events']!, clock, (state: LotState) => {
    open = ['listing', 'timed', 'calling', 'ceiling'].includes(state.phase.id) && state.frozen === null;
    // What became of it stands on the page: plates, and whose the lot is.
    if (['sold', 'failed', 'withdrawn'].includes(state.phase.id) && !document.querySelector('[data-outcome]') && plate > 0) void (async () => {
      told.replaceChildren(element('p', {}, say(words.over)));
      while (busy) await new Promise((done) => { setTimeout(done, 200); });
      setTimeout(() => location.reload(), 1_200);
    })();
    const wish = slot(root, 'wish');
    if (wish) wish.hidden = state.phase.id !== 'inquiry';
    const before = steps.top;
    steps.top = state.ladder.length > 0 ? parseMoney(state.price) : null;
    if (state.increment) steps.increment = parseMoney(state.increment) ?? steps.increment;
    last = state;
    post();
    if (before !== steps.top) offer(); else show();
  }, (yes) => board.online(yes));

  offer();
  const keyPlace = slot(root, 'key');
  if (keyPlace) keyPanel(keyPlace, { origin, lot, place, registered: given['key'], keys: given['keys']!, csrf: given['csrf'] }, (got) => {
    key = got;
    show();
    void recall(place).then((kept) => {
      mine = new Set(kept.mine ?? []);
      post();
      counter = Math.max(counter, kept.counter ?? 0);
      if (kept.waiting && !busy) void deliver(kept.waiting);  // the cable was pulled or the page closed before the answer came
    });
  });
}
