// What every island needs of the page: its language, its slots, its elements. Nothing is ever set as markup.

export const lang = (): 'zh' | 'en' => (document.documentElement.lang.startsWith('zh') ? 'zh' : 'en');
export interface Text { zh: string; en: string }
export const say = (text: Text): string => text[lang()];

export function slot<T extends HTMLElement = HTMLElement>(root: ParentNode, name: string): T | null {
  return root.querySelector<T>(`[data-slot="${name}"]`);
}

type Attributes = Record<string, string | boolean | undefined>;
export function element<K extends keyof HTMLElementTagNameMap>(tag: K, attributes: Attributes = {}, ...children: (Node | string)[]): HTMLElementTagNameMap[K] {
  const out = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined || value === false) continue;
    out.setAttribute(name, value === true ? '' : value);
  }
  out.append(...children);
  return out;
}

export function chip(text: string, tone: string): HTMLElement {
  return element('span', { class: `chip tone-${tone}` }, text);
}
