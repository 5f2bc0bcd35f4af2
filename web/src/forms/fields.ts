// What a form says, as the server will read it (src/web/portal_form.cpp, value_of): amounts with two decimals, shares with %,
// times of Beijing; what is empty is absent.
import type { Json, JsonObject } from '../base/json';
import { readTyped } from '../base/money';

function typed(input: HTMLInputElement | HTMLSelectElement | HTMLTextAreaElement, type: Json | undefined): Json | undefined {
  if (input instanceof HTMLInputElement && input.type === 'checkbox') return input.checked ? true : undefined;
  const text = input.value.trim().normalize('NFC');
  if (text === '') return undefined;
  switch (type) {
    case 'money': case 'area': {
      const read = type === 'money' ? readTyped(text) : readTyped(text.replace(/,/g, ''));
      return read === null ? text : `${read / 100n}.${(read % 100n).toString().padStart(2, '0')}`;
    }
    case 'ratio': return /^[\d.]+$/.test(text.replace(/[\s％%]/g, '')) ? `${text.replace(/[\s％%]/g, '')}%` : text;
    case 'integer': return /^-?\d+$/.test(text) ? Number(text) : text;
    case 'time': return `${text.length === 16 ? `${text}:00` : text}+08:00`;
    default: return text;
  }
}

// The fields that were asked, and of these what was given.
export function fieldsOf(form: HTMLFormElement, types: JsonObject): { asked: Set<string>; given: JsonObject } {
  const asked = new Set<string>();
  const given: JsonObject = {};
  for (const one of form.elements) {
    if (!(one instanceof HTMLInputElement || one instanceof HTMLSelectElement || one instanceof HTMLTextAreaElement) || !(one.name in types)) continue;
    asked.add(one.name);
    const value = typed(one, types[one.name]);
    if (value !== undefined) given[one.name] = value;
  }
  return { asked, given };
}
