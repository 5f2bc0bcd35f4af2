// The draw (docs/formats/auction.md): nobody may steer it and everybody can repeat it.
import { type Bytes, concat, sha256, utf8 } from '../base/bytes';

export const saltHash = (salt: Uint8Array): Promise<Bytes> => sha256(utf8('landglass/draw-salt/1\n'), salt);

export async function draw(root: Uint8Array, salt: Uint8Array, count: number, of: number): Promise<number[]> {
  const seed = await sha256(root, salt);
  const words: bigint[] = [];
  let block = 0n;
  const word = async (): Promise<bigint> => {
    if (words.length === 0) {
      const number = new Uint8Array(8);
      new DataView(number.buffer).setBigUint64(0, block);
      block += 1n;
      const bytes = await sha256(concat(utf8('landglass/draw/1\n'), seed, number));
      const view = new DataView(bytes.buffer);
      for (let i = 0; i < 32; i += 8) words.push(view.getBigUint64(i));
    }
    return words.shift()!;
  };
  const below = async (n: bigint): Promise<number> => {
    const limit = (1n << 64n) / n * n;
    for (;;) {
      const next = await word();
      if (next < limit) return Number(next % n);
    }
  };
  const a = Array.from({ length: of }, (_, i) => i);
  for (let k = 0; k < count; k += 1) {
    const other = k + await below(BigInt(of - k));
    [a[k], a[other]] = [a[other]!, a[k]!];
  }
  return a.slice(0, count);
}
