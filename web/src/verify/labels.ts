// What the fields of a certificate are called, in the order in which they are read. A field that is not known here keeps its name.
import { type Text, lang, say } from '../base/page';

const labels: Record<string, Text> = {
  certificate_no: { zh: '证书编号', en: 'Certificate number' },
  holder_name: { zh: '权利人', en: 'Holder' },
  holder: { zh: '登记簿中的权利人标识', en: 'Identifier of the holder in the register' },
  partners: { zh: '共有人及份额', en: 'Co-holders and shares' },
  location: { zh: '坐落', en: 'Location' },
  use: { zh: '用途', en: 'Use' },
  area: { zh: '面积', en: 'Area' },
  term_from: { zh: '使用期限自', en: 'From' },
  term_to: { zh: '使用期限至', en: 'Until' },
  unit_code: { zh: '不动产单元号', en: 'Real-estate unit code' },
  parcel_code: { zh: '宗地代码', en: 'Parcel code' },
  contract: { zh: '出让合同编号', en: 'Number of the contract' },
  parcel: { zh: '宗地', en: 'Parcel' },
  region: { zh: '行政区划代码', en: 'Code of the division' },
  successor: { zh: '新证编号', en: 'Number of the new certificate' },
  document_no: { zh: '文号', en: 'Document number' },
  code: { zh: '核验码', en: 'Verification code' },
};
// packs/cn-land/codes/land-uses.yaml; a test holds one to the other.
export const uses: Record<string, Text> = {
  residential: { zh: '城镇住宅用地', en: 'Urban residential' },
  commercial: { zh: '商服用地', en: 'Commercial and services' },
  tourism: { zh: '旅游用地', en: 'Tourism' },
  entertainment: { zh: '娱乐用地', en: 'Entertainment' },
  industrial: { zh: '工业用地', en: 'Industrial' },
  warehouse: { zh: '仓储用地', en: 'Warehouse' },
  mining: { zh: '采矿用地', en: 'Mining' },
  office: { zh: '机关团体用地', en: 'Government and organisations' },
  education: { zh: '教育用地', en: 'Education' },
  health: { zh: '医疗卫生用地', en: 'Health' },
  public: { zh: '公共设施用地', en: 'Public facilities' },
  transport: { zh: '交通运输用地', en: 'Transport' },
  other: { zh: '其他用地', en: 'Other' },
};
// The states of packs/cn-land/…/land-certificate.yaml, held to it by the same test.
export const states: Record<string, Text> = {
  examining: { zh: '审核中', en: 'Under examination' },
  in_force: { zh: '有效', en: 'In force' },
  changed: { zh: '已换证', en: 'Changed' },
  expired: { zh: '期满', en: 'Expired' },
  cancelled: { zh: '已注销', en: 'Cancelled' },
  refused: { zh: '未予登记', en: 'Refused' },
};
export const stateOf = (state: string): Text => states[state] ?? { zh: state, en: state };

// A person or company is named by what the certificate opens; what only stands for one in the register is told as what it is.
const order = Object.keys(labels);
function place(path: string): number {
  const at = order.indexOf(path.slice(path.lastIndexOf('/') + 1));
  return at < 0 ? order.length : at;
}

// A private field is opened by its path.
export const labelOf = (path: string): Text => labels[path.slice(path.lastIndexOf('/') + 1)] ?? { zh: path, en: path };

// The co-holders of the pack, {party, name, share}: by his name, else by what stands for him in the register.
function sharesOf(value: string): string {
  let list: unknown;
  try { list = JSON.parse(value); } catch { return value; }
  if (!Array.isArray(list)) return value;
  const one = (held: Record<string, string>): string => [held['name'] ?? numberOf(held['party'] ?? ''), held['share'] ?? ''].join(' ').trim();
  return list.map((held) => (typeof held === 'object' && held !== null ? one(held as Record<string, string>) : String(held))).join(lang() === 'zh' ? '；' : '; ');
}

// Of an id the number: the label says of what. A long one that nobody reads aloud, in fours.
export function numberOf(value: string): string {
  const number = value.replace(/^[a-z][a-z-]*\//, '');
  return /^[0-9a-f]{24,}$/.test(number) ? number.match(/.{1,4}/g)!.join(' ') : number;
}

// Areas and sums, with their unit; null what is none.
export function amountText(kind: string, value: string): string | null {
  if (!['area', 'money'].includes(kind) || !/^-?\d+\.\d\d$/.test(value)) return null;
  const unit = kind === 'area' ? { zh: '平方米', en: 'm²' } : { zh: '元', en: 'yuan' };
  return `${value.replace(/\B(?=(\d{3})+\.)/g, ',')} ${say(unit)}`;
}

function valueOf(name: string, value: string): string {
  if (name === 'use' && uses[value]) return say(uses[value]);
  if (name === 'area') return amountText('area', value) ?? value;
  if (name.slice(name.lastIndexOf('/') + 1) === 'partners') return sharesOf(value);
  return numberOf(value);
}

export function shown(facts: [string, string][]): [string, string][] {
  return [...facts].sort(([a], [b]) => place(a) - place(b)).map(([name, value]) => [say(labelOf(name)), valueOf(name, value)]);
}
