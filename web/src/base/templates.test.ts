import { describe, expect, it } from 'vitest';
import { fixtures, flatten, render, templates, texts } from '../../scripts/render.mjs';
import { readText } from './vectors';

type Page = Record<string, unknown>;
const pages = fixtures() as { name: string; template: string; page: Page }[];
const names = Object.keys(templates as Record<string, string>);
const model = [...readText('docs/formats/page-model.md').matchAll(/^```ts\n([\s\S]*?)^```$/gm)].map((m) => m[1]).join('\n');
const known = new Set(model.match(/[A-Za-z_]\w*(?=\??:)/g));

function walk(value: unknown, path: string, visit: (path: string, key: string, value: unknown) => void): void {
  if (typeof value !== 'object' || value === null) return;
  for (const [key, inner] of Object.entries(value)) {
    visit(path, key, inner);
    walk(inner, `${path}.${key}`, visit);
  }
}

describe('templates', () => {
  it('use no name that page-model.md does not list, and render nothing unescaped', () => {
    for (const name of names) {
      const source = (templates as Record<string, string>)[name]!;
      expect(source, name).not.toMatch(/\{\{\{|\{\{&/);
      for (const [, , tag] of source.matchAll(/\{\{([#^/]?)\s*([\w.]+)\s*\}\}/g)) {
        const [first, ...rest] = tag!.split('.');
        if (first === 't') expect(texts, `${name}: ${tag}`).toHaveProperty(rest[0]!);
        else for (const part of [first!, ...rest]) expect(known.has(part), `${name}: {{${tag}}}`).toBe(true);
      }
    }
  });
  it('have every fixed word in both languages, and no word that none uses', () => {
    const used = new Set(names.flatMap((name) => [...(templates as Record<string, string>)[name]!.matchAll(/\{\{[#^]?t\.(\w+)\}\}/g)].map((m) => m[1])));
    const also = readText('web/scripts/verifier-files.mjs');
    for (const [key, text] of Object.entries(texts as Record<string, { zh: string; en: string }>)) {
      expect(text.zh && text.en, key).toBeTruthy();
      expect(used.has(key) || also.includes(key), `${key} is used nowhere`).toBe(true);
    }
  });
  it('each have a fixture', () => {
    for (const name of names.filter((n) => !n.startsWith('_'))) expect(pages.some((page) => page.template === name), name).toBe(true);
  });
});

describe('fixtures', () => {
  it.each(pages.map((page) => [page.name, page] as const))('%s keeps to the model and leaves nothing empty', (_, { page, template }) => {
    walk(page, '', (path, key, value) => {
      if (path.startsWith('.t')) return;
      if (!path.includes('.options.') || key !== 'value') expect(value === '' || value === null || (Array.isArray(value) && value.length === 0), `${path}.${key} is empty`).toBe(false);
      if (!/^\d+$/.test(key)) expect(known.has(key), `${path}.${key}`).toBe(true);
    });
    const html = render(template, page) as string;
    expect(html.match(/<h1[ >]/g)?.length).toBe(1);
    const ids = [...html.matchAll(/ id="([^"]+)"/g)].map((m) => m[1]);
    expect(new Set(ids).size, 'an id stands twice').toBe(ids.length);
  });
  it('escape what a person typed', () => {
    const { template, page } = pages.find((one) => one.name === 'message-404')!;
    expect(render(template, { ...page, title: '<script>"\'' })).toContain('<h1>&lt;script&gt;&quot;&apos;</h1>');
  });
  it('have no partial left after pasting', () => expect(flatten('room')).not.toContain('{{>'));
});
