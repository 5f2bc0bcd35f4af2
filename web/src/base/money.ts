// Money in fen as bigint: no sum is ever a float. The forms are those of src/base/units.hpp, and so are the vectors.

export type Fen = bigint;

// "1800000.00" or "1800000"; what a person types may also have groups of three, full-width digits and a trailing 元 or 万.
export function parseMoney(text: string): Fen | null {
  const match = /^(-?)(0|[1-9][0-9]{0,16})(?:\.([0-9]{1,2}))?$/.exec(text);
  if (!match) return null;
  const fen = BigInt(match[2]!) * 100n + BigInt((match[3] ?? '').padEnd(2, '0'));
  return match[1] ? -fen : fen;
}

export function readTyped(text: string): Fen | null {
  const plain = text.normalize('NFKC').replace(/[\s,]/g, '').replace(/^[¥]/, '').replace(/元$/, '');
  const unit = /^(.*?)(万|亿)$/.exec(plain);
  if (!unit) return parseMoney(plain);
  const match = /^(0|[1-9][0-9]{0,12})(?:\.([0-9]{1,6}))?$/.exec(unit[1]!);
  if (!match) return null;
  const scaled = BigInt(match[1]!) * 1_000_000n + BigInt((match[2] ?? '').padEnd(6, '0'));
  return unit[2] === '万' ? scaled : scaled * 10_000n;
}

export function moneyText(fen: Fen): string {
  const size = fen < 0n ? -fen : fen;
  return `${fen < 0n ? '-' : ''}${size / 100n}.${(size % 100n).toString().padStart(2, '0')}`;
}

const grouped = (whole: bigint): string => whole.toString().replace(/\B(?=(\d{3})+$)/g, ',');

// "1,800,000.00"
export function moneyGrouped(fen: Fen): string {
  const size = fen < 0n ? -fen : fen;
  return `${fen < 0n ? '-' : ''}${grouped(size / 100n)}.${(size % 100n).toString().padStart(2, '0')}`;
}

// "180 万元" where it is exact to 0.0001 万元, else "1,800,000.50 元"; amounts below 1 万元 stay in 元.
export function moneyZh(fen: Fen): string {
  const size = fen < 0n ? -fen : fen;
  if (size < 1_000_000n || size % 100n !== 0n) return `${moneyGrouped(fen)} 元`;
  const rest = (size % 1_000_000n / 100n).toString().padStart(4, '0').replace(/0+$/, '');
  return `${fen < 0n ? '-' : ''}${grouped(size / 1_000_000n)}${rest ? `.${rest}` : ''} 万元`;
}

// "1,800,000 yuan": what an English page says for the same.
export function moneyEn(fen: Fen): string {
  return `${moneyGrouped(fen).replace(/\.00$/, '')} yuan`;
}

const digits = '零壹贰叁肆伍陆柒捌玖';
const places = ['', '拾', '佰', '仟'];
const groups = ['', '万', '亿', '万亿', '亿亿'];

function upperWhole(whole: bigint): string {
  let text = '';
  let zero = false;
  const decimal = whole.toString();
  for (let i = 0; i < decimal.length; i += 1) {
    const place = decimal.length - 1 - i;
    const digit = decimal.charCodeAt(i) - 48;
    if (digit === 0) {
      zero = true;
    } else {
      if (zero && text) text += '零';
      zero = false;
      text += digits[digit]! + places[place % 4]!;
    }
    if (place % 4 === 0 && place > 0) {
      const group = decimal.slice(Math.max(0, i - 3), i + 1);
      if (/[1-9]/.test(group)) {
        text += groups[place / 4]!;
        if (digit === 0) zero = true;
      }
    }
  }
  return text;
}

// 大写, as on a deal's confirmation.
export function moneyUpper(fen: Fen): string {
  const size = fen < 0n ? -fen : fen;
  const whole = size / 100n;
  const jiao = Number(size / 10n % 10n);
  const cents = Number(size % 10n);
  let text = fen < 0n ? '人民币负' : '人民币';
  if (whole > 0n) text += `${upperWhole(whole)}元`;
  if (whole === 0n && size === 0n) return `${text}零元整`;
  if (jiao > 0) text += `${digits[jiao]!}角`;
  else if (whole > 0n && cents > 0) text += '零';
  return text + (cents > 0 ? `${digits[cents]!}分` : '整');
}

const small = ['', 'one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine', 'ten', 'eleven', 'twelve', 'thirteen', 'fourteen', 'fifteen', 'sixteen', 'seventeen', 'eighteen', 'nineteen'];
const tens = ['', '', 'twenty', 'thirty', 'forty', 'fifty', 'sixty', 'seventy', 'eighty', 'ninety'];
const thousands = ['', ' thousand', ' million', ' billion', ' trillion', ' quadrillion'];

function hundreds(part: number): string {
  const head = part >= 100 ? `${small[Math.floor(part / 100)]!} hundred` : '';
  const rest = part % 100;
  if (rest === 0) return head;
  const tail = rest < 20 ? small[rest]! : tens[Math.floor(rest / 10)]! + (rest % 10 === 0 ? '' : `-${small[rest % 10]!}`);
  return head ? `${head} and ${tail}` : tail;
}

// What 大写 guards against, a slipped zero, in English; as src/web/amounts.cpp spells it.
export function moneySpelled(fen: Fen): string {
  const size = fen < 0n ? -fen : fen;
  const parts: string[] = [];
  let whole = size / 100n;
  for (let group = 0; whole > 0n; whole /= 1_000n, group += 1) {
    const part = hundreds(Number(whole % 1_000n));
    if (part) parts.unshift(part + thousands[group]!);
  }
  const cents = Number(size % 100n);
  return `${fen < 0n ? 'minus ' : ''}${parts.join(' ') || 'zero'} yuan${cents > 0 ? ` and ${hundreds(cents)} fen` : ''}`;
}
