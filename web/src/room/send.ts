// A signed bid on its way: the same bytes again until there is an answer. (lot, plate, counter) makes that harmless: the
// server gives the first answer again.
import type { Signed } from './bid';
import { type Text, lang } from '../base/page';

export type Answer = { is: 'taken'; body: unknown } | { is: 'refused'; code: string; say: string; law?: string; detail?: string; counter?: number } | { is: 'unknown' };

interface Problem { code?: string; say?: Text; title?: string; law?: string; detail?: string; counter?: number }

export async function post(address: string, body: unknown, csrf: string | undefined, fetcher: typeof fetch = fetch): Promise<Answer> {
  let answer: Response;
  try {
    answer = await fetcher(address, { method: 'POST', credentials: 'same-origin', signal: AbortSignal.timeout(8_000), body: JSON.stringify(body),
      headers: { 'content-type': 'application/json', accept: 'application/json, application/problem+json', ...(csrf ? { 'x-csrf-token': csrf } : {}) } });
  } catch {
    return { is: 'unknown' };
  }
  if (answer.status >= 500 || answer.status === 429) return { is: 'unknown' };
  const told: unknown = await answer.json().catch(() => null);
  if (answer.ok) return { is: 'taken', body: told };
  const problem = (told ?? {}) as Problem;
  return { is: 'refused', code: problem.code ?? `${answer.status}`, say: problem.say?.[lang()] ?? problem.title ?? answer.statusText,
    ...(problem.law ? { law: problem.law } : {}), ...(problem.detail ? { detail: problem.detail } : {}), ...(problem.counter === undefined ? {} : { counter: problem.counter }) };
}

// Waits 0.3, 0.6, 1.2 … s, at most 5 s, for as long as `wanted` says.
export async function send(address: string, bid: Signed, csrf: string | undefined, wanted: () => boolean, fetcher: typeof fetch = fetch,
  wait: (ms: number) => Promise<void> = (ms) => new Promise((done) => { setTimeout(done, ms); })): Promise<Answer> {
  for (let pause = 300; ; pause = Math.min(pause * 2, 5_000)) {
    const answer = await post(address, bid, csrf, fetcher);
    if (answer.is !== 'unknown' || !wanted()) return answer;
    await wait(pause);
  }
}
