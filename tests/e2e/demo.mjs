// `landglass demo` as whoever looks at it ends it: stopped while its bidders act, it ends in order and says nothing of a fault.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const [, , , landglass] = process.argv;
const folder = mkdtempSync(join(tmpdir(), 'landglass-demo-'));
const words = ['demo', '--lots', '4', '--months', '1', '--port', '0'];
let steps = 0;
try {
  // A bidder acts every half to two seconds: so he often is about to when it ends.
  for (const after of [300, 1500]) {
    const child = spawn(landglass, [...words, '--folder', join(folder, String(after))]);
    let said = '';
    const ready = new Promise((resolve, reject) => {
      const hear = (bytes) => { said += bytes; if (said.includes('Ctrl-C')) resolve(); };
      child.stdout.on('data', hear);
      child.stderr.on('data', hear);
      child.on('exit', (code) => reject(new Error(`it ended by itself, ${code}: ${said.slice(-800)}`)));
    });
    const ended = new Promise((resolve) => child.on('exit', (code, signal) => resolve(`${code} ${signal}`)));
    await ready;
    const port = /http:\/\/127\.0\.0\.1:(\d+)/.exec(said)[1];
    assert.equal((await fetch(`http://127.0.0.1:${port}/healthz`)).status, 200);
    await new Promise((resolve) => setTimeout(resolve, after));
    const before = said.length;
    child.kill('SIGTERM');
    assert.equal(await ended, '0 null', said.slice(-800));
    assert.equal(said.slice(before), '', 'nothing is said of a fault while it stops');
    steps += 1;
    console.log(`  stopped ${after} ms after it was ready`);
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
console.log(`${steps} passed, 0 failed`);
