// A layered drawing of a statechart that nothing overlaps: states stand in layers, the words of each edge in a layer of their own between
// two of them, and a long edge keeps a place free in every layer that it passes. What would make a knot is said inside the box instead:
// ways back, ways that stay, and ways to an end that many states have.

export interface State { id: string; title: string; final: boolean }
export interface Transition { from: string; to: string; label: string; kind: 'action' | 'timer' | 'behaviour'; by: string }
export interface Chart { initial: string; states: State[]; transitions: Transition[] }
export interface Box { x: number; y: number; width: number; height: number }
export interface Node extends State, Box { lines: string[]; notes: string[]; start: boolean }
export interface Label extends Box { lines: string[]; kind: Transition['kind'] }
export interface Edge { path: string; kind: Transition['kind']; last: boolean }
export interface Drawing { nodes: Node[]; labels: Label[]; edges: Edge[]; width: number; height: number }

const many = 3;       // sources of an end that are still drawn as edges
const line = 16;      // of text
const longest = 168;  // px of a line of text before it is broken
const between = { node: 22, layer: 16 };
const margin = 14;

export const textWidth = (text: string): number => [...text].reduce((sum, c) => sum + (c.charCodeAt(0) > 0x2e80 ? 13.5 : 7.2), 0);

// Broken after a space or between two Chinese characters.
export function wrapped(text: string, most = longest): string[] {
  const lines: string[] = [];
  let now = '';
  for (const piece of text.match(/[⺀-￯][，。、；：）”]*|\S+\s*|\s+/gu) ?? []) {
    const words = piece.match(/[⺀-￯][，。、；：）”]*|[^⺀-￯]+/gu) ?? [piece];
    for (const word of words) {
      if (now !== '' && textWidth(now + word.trimEnd()) > most) { lines.push(now.trimEnd()); now = ''; }
      now += word;
    }
  }
  if (now.trim() !== '') lines.push(now.trimEnd());
  return lines.length === 0 ? [''] : lines;
}

interface Way { from: string; to: string; labels: string[]; kind: Transition['kind']; unseen?: true }

function waysOf(chart: Chart): Way[] {
  const known = new Set(chart.states.map((s) => s.id));
  const ways = new Map<string, Way>();
  for (const t of chart.transitions) {
    if (!known.has(t.from) || !known.has(t.to)) continue;
    const key = `${t.from}\u0000${t.to}`;
    const way = ways.get(key) ?? { from: t.from, to: t.to, labels: [], kind: t.kind };
    if (!way.labels.includes(t.label)) way.labels.push(t.label);
    ways.set(key, way);
  }
  return [...ways.values()];
}

// Those that lead back to a state one came through.
function back(chart: Chart, ways: Way[]): Set<Way> {
  const out = new Set<Way>();
  const seen = new Map<string, 'on the way' | 'done'>();
  const visit = (id: string): void => {
    seen.set(id, 'on the way');
    for (const way of ways) {
      if (way.from !== id) continue;
      if (seen.get(way.to) === 'on the way') out.add(way);
      else if (!seen.has(way.to)) visit(way.to);
    }
    seen.set(id, 'done');
  };
  for (const id of [chart.initial, ...chart.states.map((s) => s.id)]) if (!seen.has(id)) visit(id);
  return out;
}

// A state that no drawn way leads to (a behaviour or another record takes it there, or words tell of it) stands below the one that the
// file names before it.
function placed(chart: Chart, drawn: Way[]): Way[] {
  const unseen: Way[] = [];
  const reaches = (from: string, to: string): boolean => from === to || [...drawn, ...unseen].some((way) => way.from === from && reaches(way.to, to));
  let before = chart.initial;
  for (const s of chart.states) {
    if (s.id !== chart.initial && !drawn.some((way) => way.to === s.id) && !reaches(s.id, before))
      unseen.push({ from: before, to: s.id, labels: [], kind: 'behaviour', unseen: true });
    if (!s.final) before = s.id;
  }
  return unseen;
}

// The longest way from the start: every way leads down.
function ranksOf(chart: Chart, ways: Way[]): Map<string, number> {
  const rank = new Map(chart.states.map((s) => [s.id, 0]));
  for (let round = 0; round < chart.states.length; round += 1) {
    for (const way of ways) rank.set(way.to, Math.max(rank.get(way.to)!, rank.get(way.from)! + 1));
  }
  return rank;
}

interface Place { width: number; height: number; x: number; above: Place[]; below: Place[] }

// Least moved from where each would like to be, in this order and with room between: pooled from the left (PAV). What a long edge
// passes by weighs most, so that it is straight.
function settle(layer: Place[], wish: (place: Place) => number): void {
  const offset: number[] = [];
  layer.forEach((place, i) => offset.push(i === 0 ? 0 : offset[i - 1]! + (layer[i - 1]!.width + place.width) / 2 + between.node));
  const pools: { sum: number; weight: number; count: number }[] = [];
  layer.forEach((place, i) => {
    const weight = place.height === 0 ? 6 : 1;
    pools.push({ sum: (wish(place) - offset[i]!) * weight, weight, count: 1 });
    for (let last = pools.length - 1; last > 0 && pools[last - 1]!.sum / pools[last - 1]!.weight > pools[last]!.sum / pools[last]!.weight; last -= 1) {
      const { sum, weight: more, count } = pools.pop()!;
      pools[last - 1]!.sum += sum;
      pools[last - 1]!.weight += more;
      pools[last - 1]!.count += count;
    }
  });
  let i = 0;
  for (const { sum, weight, count } of pools) for (let k = 0; k < count; k += 1, i += 1) layer[i]!.x = sum / weight + offset[i]!;
}

const mean = (places: Place[], otherwise: number): number => (places.length === 0 ? otherwise : places.reduce((sum, one) => sum + one.x, 0) / places.length);

function crossings(layers: Place[][]): number {
  let sum = 0;
  for (const layer of layers.slice(1)) {
    const order = new Map(layers[layers.indexOf(layer) - 1]!.map((place, i) => [place, i]));
    const ends = layer.flatMap((place) => place.above.map((one) => order.get(one)!).sort((a, b) => a - b));
    for (let i = 0; i < ends.length; i += 1) for (let k = i + 1; k < ends.length; k += 1) if (ends[i]! > ends[k]!) sum += 1;
  }
  return sum;
}

function arrange(layers: Place[][]): void {
  let best = layers.map((layer) => [...layer]);
  let least = crossings(layers);
  for (let sweep = 0; sweep < 12 && least > 0; sweep += 1) {
    const down = sweep % 2 === 0;
    for (const layer of down ? layers : [...layers].reverse()) {
      const at = new Map(layers.flatMap((one) => one.map((place, i) => [place, (i + 0.5) / one.length] as const)));
      const weight = new Map(layer.map((place) => {
        const near = down ? place.above : place.below;
        return [place, near.length === 0 ? at.get(place)! : near.reduce((sum, one) => sum + at.get(one)!, 0) / near.length];
      }));
      layer.sort((a, b) => weight.get(a)! - weight.get(b)!);
    }
    const now = crossings(layers);
    if (now < least) { least = now; best = layers.map((layer) => [...layer]); }
  }
  best.forEach((layer, i) => layers[i]!.splice(0, layer.length, ...layer));
  for (const layer of layers) settle(layer, () => 0);
  for (let sweep = 0; sweep < 24; sweep += 1) {
    for (const layer of sweep % 2 === 0 ? layers : [...layers].reverse()) settle(layer, (place) => mean([...place.above, ...place.below], place.x));
  }
}

const join = (x1: number, y1: number, x2: number, y2: number): string => {
  const bend = (y2 - y1) / 2;
  return Math.abs(x1 - x2) < 0.5 ? `L${x2} ${y2}` : `C${x1} ${y1 + bend} ${x2} ${y2 - bend} ${x2} ${y2}`;
};

export function draw(chart: Chart): Drawing {
  const titles = new Map(chart.states.map((s) => [s.id, s]));
  const ways = waysOf(chart);
  const returns = back(chart, ways.filter((way) => way.from !== way.to));
  const sources = (id: string): number => ways.filter((way) => way.to === id && !returns.has(way)).length;
  const isTold = (way: Way): boolean => way.from === way.to || returns.has(way) || (titles.get(way.to)!.final && sources(way.to) > many);
  const told = ways.filter(isTold);
  const shown = ways.filter((way) => !isTold(way));
  const drawn = [...shown, ...placed(chart, shown)];
  const rank = ranksOf(chart, drawn);

  const layers: Place[][] = [];
  const put = (layer: number, place: Place): Place => { (layers[layer] ??= []).push(place); return place; };
  const nodes = new Map<string, Place & { node: Node }>();
  for (const s of [...chart.states].sort((a, b) => rank.get(a.id)! - rank.get(b.id)!)) {
    const lines = wrapped(s.title);
    const notes = told.filter((way) => way.from === s.id).flatMap((way) => way.labels.flatMap((label) =>
      wrapped(way.to === s.id ? `↻ ${label}` : `${returns.has(way) ? '↩' : '→'} ${label}${/[⺀-￯]/u.test(label) ? '：' : ': '}${titles.get(way.to)!.title}`, longest + 40)));
    const width = Math.max(76, ...lines.map((one) => textWidth(one) + 28), ...notes.map((one) => textWidth(one) * 0.9 + 24));
    const height = 22 + lines.length * line + (notes.length > 0 ? notes.length * line + 8 : 0);
    const node: Node = { ...s, x: 0, y: 0, width, height, lines, notes, start: s.id === chart.initial };
    const place = { width, height, x: 0, above: [], below: [], node };
    nodes.set(s.id, place);
    put(rank.get(s.id)! * 2, place);
  }
  const tie = (above: Place, below: Place): void => { above.below.push(below); below.above.push(above); };
  const routes: { way: Way; label: Place & { label: Label }; places: Place[] }[] = [];
  for (const way of drawn) {
    const [from, to] = [rank.get(way.from)! * 2, rank.get(way.to)! * 2];
    const lines = way.labels.flatMap((one) => wrapped(one, 120));
    const size = way.unseen ? { width: 4, height: 0 } : { width: Math.max(...lines.map((one) => textWidth(one) * 0.92)) + 8, height: lines.length * 15 + 4 };
    const label = { ...size, x: 0, above: [], below: [], label: { ...size, x: 0, y: 0, lines, kind: way.kind } };
    const places: Place[] = [nodes.get(way.from)!];
    for (let layer = from + 1; layer < to; layer += 1) places.push(put(layer, layer === from + 1 ? label : { width: 4, height: 0, x: 0, above: [], below: [] }));
    places.push(nodes.get(way.to)!);
    places.slice(1).forEach((place, i) => tie(places[i]!, place));
    routes.push({ way, label, places });
  }
  for (let i = 0; i < layers.length; i += 1) layers[i] ??= [];
  arrange(layers);

  const all = layers.flat();
  const left = Math.min(...all.map((place) => place.x - place.width / 2));
  const top = new Map<Place, number>();
  const tall = new Map<Place, number>();
  let y = margin;
  for (const layer of layers) {
    const height = Math.max(0, ...layer.map((place) => place.height));
    for (const place of layer) {
      place.x += margin - left;
      const above = 'node' in place ? 0 : (height - place.height) / 2;
      top.set(place, y + above);
      tall.set(place, place.height);
    }
    y += height + (layer.length === 0 ? 0 : between.layer);
  }
  for (const place of nodes.values()) Object.assign(place.node, { x: place.x - place.width / 2, y: top.get(place)! });
  const edges: Edge[] = [];
  const seen = routes.filter(({ way }) => !way.unseen);
  for (const { way, label, places } of seen) {
    Object.assign(label.label, { x: label.x - label.width / 2, y: top.get(label)! });
    let [px, py] = [places[0]!.x, top.get(places[0]!)! + tall.get(places[0]!)!];
    let path = `M${px} ${py}`;
    places.slice(1).forEach((place, i) => {
      const end = top.get(place)!;
      path += join(px, py, place.x, end);
      [px, py] = [place.x, end + tall.get(place)!];
      const last = i === places.length - 2;
      if (place === label || last) { edges.push({ path, kind: way.kind, last }); path = `M${px} ${py}`; }
    });
  }
  return { nodes: [...nodes.values()].map((place) => place.node), labels: seen.map((one) => one.label.label), edges,
    width: Math.max(...all.map((place) => place.x + place.width / 2)) + margin, height: y - between.layer + margin };
}
