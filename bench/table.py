"""The figures of a run: one table on the terminal, and the same in Markdown with the machine it was taken on.

table.py LINES MARKDOWN COMMAND FOLDER SECONDS
"""
import json
import os
import sys
import tempfile
import time
import unicodedata

HEAD = ('work', 'ours', 'p50 / p99 ms', 'rival', 'ratio', 'goal', 'reached')


def figure(value, unit=''):
    text = f'{value:,.0f}' if abs(value) >= 100 else f'{value:.3g}'
    return f'{text} {unit}'.strip()


def wide(text):
    return sum(2 if unicodedata.east_asian_width(c) in 'WF' else 1 for c in text)


def goals(row):
    """Each goal in words, and whether it was reached."""
    if 'goal_ratio' in row:
        yield f"{row['goal_ratio']:g} x", row['ratio'] >= row['goal_ratio'] if 'ratio' in row else None
    if 'goal_p99_ms' in row:
        yield f"p99 {row['goal_p99_ms']:g} ms", row['p99_ms'] <= row['goal_p99_ms'] if 'p99_ms' in row else None
    if 'goal_least' in row:
        yield f">= {row['goal_least']:,.4g}", row['value'] >= row['goal_least']
    if 'goal_most' in row:
        yield f"<= {row['goal_most']:,.4g}", row['value'] <= row['goal_most']


def reached(row):
    said = list(goals(row))
    if not said:
        return ''
    missed = [text for text, ok in said if ok is False]
    unknown = [text for text, ok in said if ok is None]
    return 'NO: ' + ', '.join(missed) if missed else 'no rival here' if unknown else 'yes'


def cells(row):
    latency = f"{row['p50_ms']:.2f} / {row['p99_ms']:.2f}" if row.get('p50_ms') else f"p99 {row['p99_ms']:.2f}" if 'p99_ms' in row else ''
    rival = ''
    if 'rival' in row:
        rival = f"{figure(row['rival_value'], row.get('unit', ''))}, p99 {row['rival_p99_ms']:.1f} ms ({row['rival']})"
    refused = f" ({row['refused']} refused)" if row.get('refused') else ''
    return (row['work'], figure(row['value'], row.get('unit', '')) + refused, latency, rival,
            f"{row['ratio']:.2f}" if 'ratio' in row else '', ', '.join(text for text, _ in goals(row)), reached(row))


def machine(folder):
    model = next((line.split(':', 1)[1].strip() for line in open('/proc/cpuinfo') if line.startswith('model name')), '?')
    memory = int(open('/proc/meminfo').readline().split()[1]) / 1024 / 1024
    times = []
    with tempfile.TemporaryFile(dir=folder) as file:
        os.pwrite(file.fileno(), bytes(1 << 20), 0)
        os.fsync(file.fileno())
        for i in range(400):
            os.pwrite(file.fileno(), b'x' * 8192, i * 8192 % (1 << 20))
            begun = time.perf_counter()
            os.fdatasync(file.fileno())
            times.append((time.perf_counter() - begun) * 1e6)
    times.sort()
    return (f'{os.cpu_count()} x {model}, {memory:.0f} GiB; fdatasync of 8 KiB in {folder}: '
            f'p50 {times[200]:.0f} µs, p99 {times[396]:.0f} µs')


def main(lines, markdown, command, folder, seconds):
    rows = [json.loads(line) for line in open(lines, encoding='utf-8')]
    figures = [row for row in rows if 'failed' not in row]
    layers = {'http', 'log', 'store', 'ladder', 'pdf'}
    main_rows = [cells(row) for row in figures if row['program'] not in layers]
    layer_rows = [cells(row) for row in figures if row['program'] in layers]
    table = [HEAD, *main_rows, *layer_rows]
    widths = [max(wide(row[i]) for row in table) for i in range(len(HEAD))]
    for row in table:
        print('  '.join(cell + ' ' * (widths[i] - wide(cell)) for i, cell in enumerate(row)).rstrip())
    for row in rows:
        if 'failed' in row:
            print('!! ' + row['failed'])
    loads = [row['load'] for row in figures]
    busy = max(loads, default=0)
    said = machine(folder)
    judged = [reached(row) for row in figures if list(goals(row))]
    print(f'\n{said}\n{judged.count("yes")} of {len(judged)} goals reached; the load before a program was at most {busy:.1f}')
    with open(markdown, 'w', encoding='utf-8') as out:
        day = time.strftime('%Y-%m-%d')
        out.write(f'{day}, `{command.strip()}`, {seconds} s; {said}; load of the machine before a program at most {busy:.1f}'
                  + (' (not quiet: take the ratios, not the figures)' if busy > 1.5 else '') + '.\n\n')
        for row in rows:
            if 'failed' in row:
                out.write(f"**{row['failed']}**\n\n")
        for title, part in (('', main_rows), ('Single layers:', [row for row in layer_rows if row])):
            if not part:
                continue
            out.write((title + '\n\n' if title else '') + '| ' + ' | '.join(HEAD) + ' |\n' + '| --- ' * len(HEAD) + '|\n')
            for row in part:
                out.write('| ' + ' | '.join(cell.replace('|', '\\|') for cell in row) + ' |\n')
            out.write('\n')


main(*sys.argv[1:5], int(sys.argv[5]))
