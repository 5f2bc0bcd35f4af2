// A small layered drawing of a statechart: ranks by the shortest way from the initial state, two sweeps of the barycentre
// against crossings, edges as curves. Institutions have a dozen states: nothing larger is needed.

export interface State { id: string; title: string; final: boolean }
export interface Transition { from: string; to: string; label: string; kind: 'action' | 'timer' | 'behaviour'; by: string }
export interface Chart { initial: string; states: State[]; transitions: Transition[] }
export interface Node extends State { x: number; y: number; width: number; rank: number; start: boolean }
export interface Edge { path: string; labels: string[]; x: number; y: number; kind: Transition['kind'] }
export interface Drawing { nodes: Node[]; edges: Edge[]; width: number; height: number }

const height = 40;
const gap = 44;
const rise = 118;

export const textWidth = (text: string): number => [...text].reduce((sum, c) => sum + (c.charCodeAt(0) > 0x2e80 ? 13.5 : 7.2), 0);

export function ranks(chart: Chart): Map<string, number> {
  const rank = new Map<string, number>([[chart.initial, 0]]);
  const queue = [chart.initial];
  for (let id = queue.shift(); id !== undefined; id = queue.shift()) {
    for (const t of chart.transitions) {
      if (t.from !== id || rank.has(t.to)) continue;
      rank.set(t.to, rank.get(id)! + 1);
      queue.push(t.to);
    }
  }
  const below = Math.max(0, ...rank.values()) + 1;  // what cannot be reached is drawn last, not hidden
  for (const s of chart.states) if (!rank.has(s.id)) rank.set(s.id, below);
  return rank;
}

export function draw(chart: Chart): Drawing {
  const rank = ranks(chart);
  const rows: string[][] = [];
  for (const s of chart.states) (rows[rank.get(s.id)!] ??= []).push(s.id);
  for (let i = 0; i < rows.length; i += 1) rows[i] ??= [];
  const place = new Map<string, number>();
  const number = (): void => rows.forEach((row) => row.forEach((id, i) => place.set(id, (i + 0.5) / row.length)));
  number();
  for (const up of [true, false, true]) {
    for (const row of rows) {
      const weight = new Map(row.map((id) => {
        const near = chart.transitions.filter((t) => (up ? t.to : t.from) === id).map((t) => (up ? t.from : t.to)).filter((n) => rank.get(n) !== rank.get(id));
        return [id, near.length === 0 ? place.get(id)! : near.reduce((sum, n) => sum + place.get(n)!, 0) / near.length];
      }));
      row.sort((a, b) => weight.get(a)! - weight.get(b)!);
    }
    number();
  }
  const titles = new Map(chart.states.map((s) => [s.id, s]));
  const wide = (id: string): number => Math.max(76, textWidth(titles.get(id)!.title) + 32);
  const rowWidth = (row: string[]): number => row.reduce((sum, id) => sum + wide(id) + gap, -gap);
  const width = Math.max(...rows.map(rowWidth), 320) + 2 * 90;
  const nodes = new Map<string, Node>();
  rows.forEach((row, r) => {
    let x = (width - rowWidth(row)) / 2;
    for (const id of row) {
      nodes.set(id, { ...titles.get(id)!, x, y: 20 + r * rise, width: wide(id), rank: r, start: id === chart.initial });
      x += wide(id) + gap;
    }
  });
  const together = new Map<string, Transition[]>();
  for (const t of chart.transitions) {
    const key = `${t.from}\u0000${t.to}`;
    if (nodes.has(t.from) && nodes.has(t.to)) together.set(key, [...(together.get(key) ?? []), t]);
  }
  let side = 0;
  const edges = [...together.values()].map((all): Edge => {
    const t = all[0]!;
    const [a, b] = [nodes.get(t.from)!, nodes.get(t.to)!];
    const labels = all.map((one) => one.label);
    const [ax, bx] = [a.x + a.width / 2, b.x + b.width / 2];
    if (a.id === b.id) {
      const [x, y] = [a.x + a.width, a.y];
      return { path: `M${x} ${y + 11}c34 -16 34 34 0 18`, labels, x: x + 30 + textWidth(labels[0]!) / 2, y: y + 24, kind: t.kind };
    }
    if (b.rank > a.rank) {
      const [y1, y2] = [a.y + height, b.y];
      const bend = Math.min(46, (y2 - y1) / 2);
      const skip = b.rank - a.rank > 1 ? (bx <= ax ? -1 : 1) * 40 : 0;
      const at = 0.5;
      return { path: `M${ax} ${y1}C${ax + skip} ${y1 + bend} ${bx + skip} ${y2 - bend} ${bx} ${y2}`, labels, x: ax + (bx - ax) * at + skip * 0.75, y: (y1 + y2) / 2 + 4, kind: t.kind };
    }
    if (b.rank === a.rank) {
      const right = bx > ax;
      const [x1, x2] = [right ? a.x + a.width : a.x, right ? b.x : b.x + b.width];
      return { path: `M${x1} ${a.y + 26}L${x2} ${b.y + 26}`, labels, x: (x1 + x2) / 2, y: a.y + 12, kind: t.kind };
    }
    side += 1;  // back to an earlier state: around the outside
    const edge = width - 70 + (side - 1) * 14;
    const [x1, x2, y1, y2] = [a.x + a.width, b.x + b.width, a.y + height / 2, b.y + height / 2];
    return { path: `M${x1} ${y1}C${edge} ${y1} ${edge} ${y2} ${x2} ${y2}`, labels, x: (x1 + x2 + 6 * edge) / 8, y: (y1 + y2) / 2, kind: t.kind };
  });
  return { nodes: [...nodes.values()], edges, width: width + Math.max(0, side - 1) * 14, height: rows.length * rise - rise + height + 40 };
}
