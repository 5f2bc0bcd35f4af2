// What every page gains by a script: amounts read back in 大写, lists that change in place, errors that are led to.
import htmx from 'htmx.org';
import { readBack } from '../base/amount';
import { readTyped } from '../base/money';
import { checkedForm } from '../forms/watch';
import { keyForm, signedForm } from '../sign/forms';

function money(input: HTMLInputElement): void {
  const upper = input.closest('.input')?.querySelector<HTMLOutputElement>('[data-upper]');
  const show = (): void => {
    const fen = input.value.trim() === '' ? null : readTyped(input.value);
    if (upper) upper.textContent = readBack(fen);
  };
  input.addEventListener('input', show);
  show();
}

// The server reads "218000000.00"; what a person typed with commas or 万 is put so just before it is sent.
function plain(form: HTMLFormElement): void {
  for (const input of form.querySelectorAll<HTMLInputElement>('[data-money]')) {
    const fen = readTyped(input.value);
    if (fen !== null) input.value = `${fen / 100n}.${(fen % 100n).toString().padStart(2, '0')}`;
  }
}

// Digits drawn by lot, here and not by the server that will use them.
function drawn(input: HTMLInputElement): void {
  const draw = (): void => {
    const bytes = crypto.getRandomValues(new Uint8Array(Math.ceil(Number(input.dataset['drawn']) / 2)));
    input.value = [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('').slice(0, Number(input.dataset['drawn']));
    input.dispatchEvent(new Event('change', { bubbles: true }));
  };
  if (input.value === '') draw();
  const again = document.querySelector<HTMLButtonElement>(`[data-draw="${input.id}"]`);
  if (!again) return;
  again.hidden = false;
  again.addEventListener('click', draw);
}

htmx.config.includeIndicatorStyles = false;
htmx.config.allowEval = false;
htmx.config.selfRequestsOnly = true;
for (const form of document.querySelectorAll<HTMLFormElement>('form[data-filter]')) {
  if (!document.getElementById('results')) continue;
  for (const [name, value] of Object.entries({ 'hx-get': form.action, 'hx-target': '#results', 'hx-select': '#results', 'hx-swap': 'outerHTML',
    'hx-push-url': 'true', 'hx-trigger': 'submit, change from:find select, input changed delay:350ms from:find input' })) form.setAttribute(name, value);
  htmx.process(form);
}
for (const input of document.querySelectorAll<HTMLInputElement>('[data-money]')) money(input);
for (const input of document.querySelectorAll<HTMLInputElement>('[data-drawn]')) drawn(input);
for (const form of document.querySelectorAll<HTMLFormElement>('form[data-checks]')) checkedForm(form);
for (const form of document.querySelectorAll<HTMLFormElement>('form.form')) form.addEventListener('submit', () => plain(form));
for (const form of document.querySelectorAll<HTMLFormElement>('form[data-sign]')) signedForm(form, plain);
for (const form of document.querySelectorAll<HTMLFormElement>('form[data-make-key]')) keyForm(form);
document.querySelector<HTMLElement>('[role=alert][tabindex]')?.focus();
if ('serviceWorker' in navigator && location.pathname.startsWith('/verify')) void navigator.serviceWorker.register('/sw.js').catch(() => undefined);

// A key of the keyboard presses its button: for a host who watches the hall, not the screen.
addEventListener('keydown', (event) => {
  const typing = event.target instanceof HTMLInputElement || event.target instanceof HTMLTextAreaElement || event.target instanceof HTMLSelectElement;
  if (typing || event.repeat || event.ctrlKey || event.altKey || event.metaKey) return;
  const button = [...document.querySelectorAll<HTMLButtonElement>('[data-hotkey]')].find((one) => one.dataset['hotkey']?.toLowerCase() === event.key.toLowerCase());
  if (!button) return;
  event.preventDefault();
  button.click();
});
for (const button of document.querySelectorAll<HTMLButtonElement>('[data-print]')) {
  button.hidden = false;
  button.addEventListener('click', () => print());
}
