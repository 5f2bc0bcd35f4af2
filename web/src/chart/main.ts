// Draws the statechart of an institution into the figure that carries it. The list of states below says the same in words.
import { type Chart, draw } from './layout';

const svg = 'http://www.w3.org/2000/svg';
function make(tag: string, attributes: Record<string, string | number>, text?: string): SVGElement {
  const out = document.createElementNS(svg, tag);
  for (const [name, value] of Object.entries(attributes)) out.setAttribute(name, `${value}`);
  if (text !== undefined) out.textContent = text;
  return out;
}

const figure = document.querySelector<HTMLElement>('[data-chart]');
if (figure) {
  const drawing = draw(JSON.parse(figure.dataset['chart']!) as Chart);
  const root = make('svg', { viewBox: `0 0 ${drawing.width} ${drawing.height}`, width: drawing.width, height: drawing.height, 'aria-hidden': 'true' });
  const arrow = make('marker', { id: 'arrow', viewBox: '0 0 8 8', refX: 7.5, refY: 4, markerWidth: 8, markerHeight: 8, orient: 'auto-start-reverse', markerUnits: 'userSpaceOnUse' });
  arrow.append(make('path', { d: 'M0 0 8 4 0 8z', fill: 'context-stroke' }));
  const defs = make('defs', {});
  defs.append(arrow);
  root.append(defs);
  for (const edge of drawing.edges) root.append(make('path', { d: edge.path, class: `edge ${edge.kind}`, ...(edge.last ? { 'marker-end': 'url(#arrow)' } : {}) }));
  for (const label of drawing.labels) label.lines.forEach((line, i) =>
    root.append(make('text', { x: label.x + label.width / 2, y: label.y + 13 + i * 15, class: `edge-label ${label.kind}` }, line)));
  for (const node of drawing.nodes) {
    const group = make('g', { class: `node${node.final ? ' final' : ''}${node.start ? ' start' : ''}` });
    const middle = node.x + node.width / 2;
    const first = node.y + 11 + 13;
    group.append(make('rect', { x: node.x, y: node.y, width: node.width, height: node.height, rx: node.final ? 14 : 4 }));
    node.lines.forEach((line, i) => group.append(make('text', { x: middle, y: first + i * 16 }, line)));
    const below = first + node.lines.length * 16 + 6;
    if (node.notes.length > 0) group.append(make('path', { d: `M${node.x + 10} ${below - 14}H${node.x + node.width - 10}`, class: 'rule' }));
    node.notes.forEach((line, i) => group.append(make('text', { x: node.x + 12, y: below + 4 + i * 16, class: 'note' }, line)));
    root.append(group);
  }
  figure.append(root);
}
