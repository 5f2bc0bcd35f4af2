"""The figures of a run as one table; a star says that a goal is missed."""
import json
import sys
import unicodedata


def figure(value, unit):
    if value is None:
        return ''
    text = f'{value:,.0f}' if abs(value) >= 100 else f'{value:.3g}'
    return f'{text} {unit}'.strip()


def wide(text):
    return sum(2 if unicodedata.east_asian_width(c) in 'WF' else 1 for c in text)


def faults(row):
    value, p99 = row.get('value'), row.get('p99_ms')
    if 'goal_ratio' in row and 'ratio' in row and row['ratio'] < row['goal_ratio']:
        yield f"ratio >= {row['goal_ratio']:g}"
    if 'goal_p99_ms' in row and p99 is not None and p99 > row['goal_p99_ms']:
        yield f"p99 <= {row['goal_p99_ms']:g} ms"
    if 'goal_least' in row and value < row['goal_least']:
        yield f">= {row['goal_least']:,.3g}"
    if 'goal_most' in row and value > row['goal_most']:
        yield f"<= {row['goal_most']:,.3g}"


def goal(row):
    parts = []
    if 'goal_ratio' in row:
        parts.append(f"{row['goal_ratio']:g} x")
    if 'goal_p99_ms' in row:
        parts.append(f"p99 {row['goal_p99_ms']:g} ms")
    if 'goal_least' in row:
        parts.append(f">= {row['goal_least']:,.4g}")
    if 'goal_most' in row:
        parts.append(f"<= {row['goal_most']:,.4g}")
    return ', '.join(parts)


rows = [('work', 'ours', 'p50/p99 ms', 'rival', 'ratio', 'goal', '')]
for line in open(sys.argv[1], encoding='utf-8'):
    row = json.loads(line)
    latency = f"{row['p50_ms']:.2f}/{row['p99_ms']:.2f}" if 'p99_ms' in row else ''
    rival = ''
    if 'rival' in row:
        rival = f"{figure(row['rival_value'], row.get('unit', ''))} ({row['rival']}; p99 {row['rival_p99_ms']:.2f} ms)"
    missed = ', '.join(faults(row))
    mark = f'* missed: {missed}' if missed else ''
    if row.get('refused'):
        mark += f" [{row['refused']} refused]"
    rows.append((row['work'], figure(row['value'], row.get('unit', '')), latency, rival,
                 f"{row['ratio']:.2f}" if 'ratio' in row else '', goal(row), mark.strip()))
widths = [max(wide(row[i]) for row in rows) for i in range(7)]
for row in rows:
    print('  '.join(cell + ' ' * (widths[i] - wide(cell)) for i, cell in enumerate(row)).rstrip())
