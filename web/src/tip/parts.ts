// The pieces that the three pages share.
import { type Text, element, say } from '../base/page';
import { messageBytes } from './keys';
import { words } from './words';

export interface Field<T extends HTMLElement> { box: HTMLElement; input: T }

export function field<T extends HTMLElement>(id: string, label: Text, input: T, help?: Text): Field<T> {
  input.id = id;
  const box = element('div', { class: 'input' }, element('label', { for: id }, say(label)), input);
  if (help) {
    input.setAttribute('aria-describedby', `${id}-help`);
    box.append(element('p', { class: 'help', id: `${id}-help` }, say(help)));
  }
  return { box, input };
}

export function flag(id: string, label: string): Field<HTMLInputElement> {
  const input = element('input', { type: 'checkbox', id });
  return { box: element('div', { class: 'input flag' }, input, element('label', { for: id }, label)), input };
}

// Where a message is written: it says how much room is left, for all messages have one length.
export function writing(id: string, label: Text, help?: Text): Field<HTMLTextAreaElement> {
  const made = field(id, label, element('textarea', { rows: '8', autocomplete: 'off', spellcheck: 'false' }), help);
  const room = element('p', { class: 'faint num', 'aria-live': 'off' });
  const show = (): void => {
    const used = messageBytes(made.input.value) === null ? -1 : new TextEncoder().encode(JSON.stringify(made.input.value)).length + 45;
    room.textContent = used < 0 ? say(words.long) : `${say(words.left)} ${Math.floor((4096 - used) / 3)} ${say(words.letters)}`;
  };
  made.input.addEventListener('input', show);
  show();
  made.box.append(room);
  return made;
}

export const button = (label: Text, kind = 'button'): HTMLButtonElement => element('button', { class: kind, type: 'button' }, say(label));
export const told = (): HTMLElement => element('div', { class: 'told', role: 'status' });
export const failed = (message: string): HTMLElement => element('p', { class: 'error', role: 'alert' }, message);
// What is wrong is said where it is to be mended.
export function wrong(box: HTMLElement, input: HTMLElement, message: Text): void {
  box.append(failed(say(message)));
  input.focus();
}
export const panel = (title: Text, ...children: (Node | string)[]): HTMLElement => element('section', { class: 'panel tip-part' }, element('h2', {}, say(title)), ...children);
export const line = (label: Text, value: string): HTMLElement => element('p', {}, element('span', { class: 'label' }, `${say(label)} `), value);

export function saves(label: Text, name: string, content: string): HTMLElement {
  const save = button(label, 'button quiet small');
  save.addEventListener('click', () => {
    const address = URL.createObjectURL(new Blob([content], { type: 'application/json' }));
    element('a', { href: address, download: name }).click();
    setTimeout(() => URL.revokeObjectURL(address), 10_000);
  });
  return save;
}
