// Puts what Checks finds beside the field where it belongs, while the form is filled in. The server decides: who sends the form
// once more after he was told sends it.
import { type JsonObject, isObject } from '../base/json';
import { element, lang, say } from '../base/page';
import { parseAny } from '../verify/receipt';
import { Checks, type Unmet } from './checks';
import { fieldsOf } from './fields';

const words = { again: { zh: '如仍要提交，请再按一次；是否准予以服务器答复为准。', en: 'Press again to send it all the same: the server decides.' }, warns: { zh: '提示', en: 'Note' } };

export function checkedForm(form: HTMLFormElement): void {
  const json = parseAny(form.dataset['checks'] ?? '') ?? null;
  const checks = Checks.read(json);
  if (!checks || !isObject(json)) return;
  const types = json['types'] as JsonObject;
  const opened = Date.now();
  let told = '';

  const show = (list: Unmet[]): void => {
    for (const note of form.querySelectorAll('.check-note')) note.remove();
    for (const input of form.querySelectorAll('[data-checked]')) { input.removeAttribute('data-checked'); input.removeAttribute('aria-invalid'); }
    for (const one of list) {
      const input = form.elements.namedItem(one.at);
      if (!(input instanceof HTMLElement)) continue;
      const law = one.law ? `（${one.law}）` : '';
      const text = `${one.code} ${say(one.say)}${lang() === 'zh' ? '：' : ': '}${say(one.detail)}${law}`;
      input.closest('.input')?.append(element('p', { class: one.warn ? 'check-note changed' : 'check-note error', role: 'status' }, one.warn ? `${say(words.warns)}: ${text}` : text));
      if (!one.warn) { input.setAttribute('aria-invalid', 'true'); input.setAttribute('data-checked', ''); }
    }
  };
  const find = (touched: boolean): Unmet[] => {
    const { asked, given } = fieldsOf(form, types);
    return checks.unmet(given, asked, Date.now() - opened, touched);
  };
  form.addEventListener('change', () => { told = ''; show(find(true)); });
  // Before the other listeners: what signs and sends comes after this has let it pass.
  form.addEventListener('submit', (event) => {
    const list = find(false);
    show(list);
    const bad = list.filter((one) => !one.warn);
    const what = bad.map((one) => one.code).join(' ');
    if (bad.length === 0 || told === what) return;
    told = what;
    event.preventDefault();
    event.stopImmediatePropagation();
    const first = form.elements.namedItem(bad[0]!.at);
    if (first instanceof HTMLElement) {
      first.closest('.input')?.append(element('p', { class: 'check-note faint' }, say(words.again)));
      first.focus();
    }
  });
}
