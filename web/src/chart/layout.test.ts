import { describe, expect, it } from 'vitest';
import { readText } from '../base/vectors';
import { type Box, type Chart, draw, textWidth, wrapped } from './layout';

const apart = (a: Box, b: Box): boolean => a.x + a.width <= b.x || b.x + b.width <= a.x || a.y + a.height <= b.y || b.y + b.height <= a.y;

// As large as the largest of the pack: a long way, an end that every state has, ways back, and ways that leap.
const large = (): Chart => {
  const ids = Array.from({ length: 18 }, (_, i) => `s${i}`);
  const step = (from: number, to: number, label: string, kind: 'action' | 'timer' = 'action') => ({ from: `s${from}`, to: `s${to}`, label, kind, by: '经办' });
  return { initial: 's0', states: ids.map((id, i) => ({ id, title: `第${i}环节：审查、公告与送达`, final: i > 15 })), transitions: [
    ...ids.slice(0, 15).map((_, i) => step(i, i + 1, '审查通过并送交下一环节，同时告知申请人')), ...ids.slice(0, 12).map((_, i) => step(i, 17, '终止')),
    ...[3, 6, 9].map((i) => step(i, i + 4, 'A long label in English, of several words', 'timer')), ...[4, 8].map((i) => step(i, 1, '退回')), step(2, 2, '补充公告'), step(2, 3, '另一条路'), step(15, 16, '归档')] };
};

describe('the drawing of a statechart', () => {
  const fixture = JSON.parse(readText('web/fixtures/institution.json')) as { institution: { chart: string } };
  for (const [name, chart] of [['of the fixture', JSON.parse(fixture.institution.chart) as Chart], ['of a large one', large()]] as const) {
    it(`${name} lets nothing overlap, and shows every state`, () => {
      const { nodes, labels, width, height } = draw(chart);
      expect(nodes.map((node) => node.id).sort()).toEqual(chart.states.map((s) => s.id).sort());
      const boxes: Box[] = [...nodes, ...labels];
      boxes.forEach((a, i) => {
        for (const b of boxes.slice(i + 1)) expect(apart(a, b), JSON.stringify([a, b])).toBe(true);
        expect(a.x >= 0 && a.y >= 0 && a.x + a.width <= width && a.y + a.height <= height, JSON.stringify(a)).toBe(true);
      });
    });
  }
  it('says in the box what leads back, what stays, and an end that many have', () => {
    const { nodes } = draw(large());
    const notes = (id: string): string => nodes.find((node) => node.id === id)!.notes.join('');
    expect(notes('s4')).toContain('↩ 退回');
    expect(notes('s2')).toContain('↻ 补充公告');
    expect(notes('s5')).toContain('→ 终止');
  });
  it('breaks a label between words and characters', () => {
    expect(wrapped('A long label in English', 60)).toEqual(['A long', 'label in', 'English']);
    for (const line of wrapped('审查通过并送交下一环节，同时告知申请人', 100)) expect(textWidth(line)).toBeLessThanOrEqual(100 + 13.5);
  });
});
