// Amounts in the language of the page.
import { type Fen, moneyEn, moneySpelled, moneyUpper, moneyZh } from './money';
import { lang } from './page';

export const amount = (fen: Fen): string => (lang() === 'zh' ? moneyZh(fen) : moneyEn(fen));
// 大写, or the words: what a slipped zero cannot hide in.
export const spelled = (fen: Fen): string => (lang() === 'zh' ? moneyUpper(fen) : moneySpelled(fen));
// Both, as they stand below a field that an amount is typed into.
export const readBack = (fen: Fen | null): string => (fen === null ? '' : lang() === 'zh' ? `${spelled(fen)}（${amount(fen)}）` : `${spelled(fen)} (${amount(fen)})`);
