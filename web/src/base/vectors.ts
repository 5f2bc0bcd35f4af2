// Golden vectors are read out of the documents in docs/formats: the fenced json blocks, in order. For tests only.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../../', import.meta.url));

export const readText = (path: string): string => readFileSync(`${root}${path}`, 'utf8');
export function vectors<T>(name: string): T[] {
  const blocks = [...readText(`docs/formats/${name}`).matchAll(/^```json\n([\s\S]*?)^```$/gm)].map((m) => JSON.parse(m[1]!) as T);
  if (blocks.length === 0) throw new Error(`${name} has no vectors`);
  return blocks;
}
export const shared = `${root}../shared/`;
