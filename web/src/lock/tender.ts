// The value that a tenderer locks (docs/formats/tender.md), signed with the key of his application. Pure.
import { type Bytes, base64url, utf8 } from '../base/bytes';
import { type JsonObject, canonical } from '../base/json';
import { type Fen, moneyText } from '../base/money';

export interface Tender { origin: string; lot: string; rule_sheet: string; plate: number; price: Fen; undertakings: string; volume: string | null }

const format = 'landglass/tender/1';
const plain = ({ origin, lot, rule_sheet, plate, price, undertakings, volume }: Tender): JsonObject =>
  ({ format, origin, lot, rule_sheet, plate, price: moneyText(price), undertakings, volume });

export const tenderBytes = (tender: Tender): Bytes => utf8(`${format}\n${canonical(plain(tender))}`);

export async function signTender(tender: Tender, key: CryptoKey): Promise<string> {
  const signature = new Uint8Array(await crypto.subtle.sign({ name: 'ECDSA', hash: 'SHA-256' }, key, tenderBytes(tender)));
  return canonical({ ...plain(tender), sig: base64url(signature) });
}
