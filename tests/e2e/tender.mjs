// A lot by sealed tender, by its pages: a bidder makes her key, applies, pays, writes a tender that her browser signs and locks, and
// nobody sees that it is there; at the deadline three are laid out, two openers take the layers off with keys that stay in their
// browsers, what is read out is what was locked; experts who were drawn fill their sheets; the director awards the best, and
// the log is verified by the program of a stranger. Pictures are kept in build/shots/tender.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { house, look, openBrowser, openStage, person, shots, stepper, visit } from './stage.mjs';

const [, , program, landglass = join(house, 'build', 'dev', 'landglass')] = process.argv;
const keep = shots('tender');
const stage = await openStage(program);
const { root, ask } = stage;
const browser = await openBrowser();
const [hour, day] = [3_600_000, 86_400_000];
const passphrase = '投标人自己记得住的一句口令';
const step = stepper();
const as = (login, work) => visit(browser, root, login, work);
const fill = async (page, form, values) => { for (const [name, value] of Object.entries(values)) await page.locator(`${form} [name="${name}"]`).fill(value); };
async function sent(page, form) {
  await Promise.all([page.waitForEvent('framenavigated', { timeout: 20_000 }), page.click(`${form} > .row button.button`)]);
  await page.waitForLoadState('load');
  const wrong = page.locator('[role=alert]');
  if (await wrong.count() > 0) throw new Error(`${form}: ${(await wrong.first().textContent()).replace(/\s+/g, ' ')}`);
}
async function act(page, record, action, values = {}) {
  await page.goto(`${root}/r/${record}`);
  await page.locator(`details:has(#f-${action}) > summary`).click();
  await fill(page, `#f-${action}`, values);
  await sent(page, `#f-${action}`);
}
const open = async (path) => (await fetch(root + path, { headers: { accept: 'application/json', 'x-forwarded-for': '203.0.113.7' } })).json();

try {
  const { lot } = await ask('announce', { location: '梅溪镇招标地块', mode: 'tender' });
  const key = lot.split('/')[1];
  await ask('apply', { lot, bidders: 2 });
  let tender;
  const bidder = await person(browser, root, 'bidder3');

  await step('a bidder makes her key and applies; her deposit comes by statement', async () => {
    const { page } = bidder;
    await page.goto(`${root}/r/${lot}`);
    await keep(page, 'lot');
    assert.deepEqual(await look(page), []);
    await page.goto(`${root}/new/application?lot=${lot}`);
    await page.fill('#key-pass', passphrase);
    await page.fill('#key-pass-again', passphrase);
    await page.click('.key-box button');
    await page.waitForSelector('.key-box .chip');
    await page.fill('.form [name=applicant_name]', '梅溪房地产有限公司');
    await page.selectOption('.form [name=kind]', 'organisation');
    await Promise.all([page.waitForURL((url) => !url.pathname.startsWith('/new/')), page.click('.form > .row button.button')]);
    await ask('receive', { lot });
  });

  await step('her tender is written, signed and locked in her browser, and nobody can see that it is there', async () => {
    ({ tender } = await ask('tender', { lot }));
    await stage.advance(21 * day + hour);
    await ask('hand_in', { lot, bidder: 0, yuan: 12_000_000 });
    await ask('hand_in', { lot, bidder: 1, yuan: 13_000_000 });
    const before = (await open(`/api/records/${tender}`)).version;
    const { page } = bidder;
    await bidder.signIn();  // weeks have passed
    await page.goto(`${root}/r/${lot}`);
    await page.click('.take-part a.button');
    await page.waitForSelector('#seal-price');
    await page.fill('#seal-price', '1,250万');
    await page.fill('#seal-undertakings', '配建公租房五千平方米，全装修交付');
    await page.click('form.form button.quiet');
    await page.waitForFunction(() => document.querySelector('textarea[data-locked]').value !== '', null, { timeout: 10_000 }).catch(async () => {
      throw new Error(`${await page.textContent('form.form [role=status]')} ${bidder.said.join('; ')}`);
    });
    await keep(page, 'locked');
    assert.deepEqual(await look(page), []);
    const text = await page.inputValue('textarea[data-locked]');
    assert.ok(!text.includes('12500000') && !text.includes('公租房'));
    assert.equal(JSON.parse(text).k, 2);
    await sent(page, '.form');
    await keep(page, 'handed-in');
    const now = await open(`/api/records/${tender}`);
    assert.equal(now.version, before);
    assert.equal(now.fields.received_count, undefined);
    assert.equal((await fetch(`${root}/api/list/tender`)).status, 404);
  });

  await step('at the deadline three are laid out, and openers take the layers off with keys that stay with them', async () => {
    await stage.advance(11 * day);
    const held = await ask('tender', { lot });
    assert.equal(held.opened.length, 3);
    const publics = (await open(`/api/records/${tender}`)).fields.openers.map((one, i) => ({ login: `tender-opener${i + 1}`, key: Buffer.from(one.key, 'base64url') }));
    const [first, second] = publics.slice(0, 2).sort((a, b) => Buffer.compare(a.key, b.key)).map(({ login }) => login);
    const file = (login) => ({ name: 'opener.key', mimeType: 'text/plain', buffer: Buffer.from(`${held.keys[login]}\n`) });
    for (const record of held.opened) {
      await as(first, async (page) => {
        await page.goto(`${root}/r/${record}`);
        await page.locator('details:has(#f-peel) > summary').click();
        await page.setInputFiles('#f-peel-key', file(first));
        await page.click('#f-peel button.quiet');
        await page.waitForFunction(() => document.querySelector('#f-peel textarea').value !== '');
        if (record === held.opened[0]) { await keep(page, 'peel'); assert.deepEqual(await look(page), []); }
        await sent(page, '#f-peel');
      });
      assert.equal((await open(`/api/records/${record}`)).fields.price, undefined);
      await as(second, async (page) => {
        await page.goto(`${root}/r/${record}`);
        await page.locator('details:has(#f-open) > summary').click();
        await page.setInputFiles('#f-open-key', file(second));
        await page.click('#f-open button.quiet');
        await page.waitForFunction(() => document.querySelector('#f-open [name=value]').value !== '');
        if (record === held.opened[0]) await keep(page, 'open');
        await sent(page, '#f-open');
        if (record === held.opened[0]) await keep(page, 'read-out');
      });
    }
    const prices = [];
    for (const record of held.opened) prices.push((await open(`/api/records/${record}`)).fields.price);
    assert.deepEqual(prices.sort(), ['12000000.00', '12500000.00', '13000000.00']);
  });

  await step('reserve, record of the opening, draw: by their posts', async () => {
    const held = await ask('tender', { lot });
    for (const opener of ['opener', 'opener2'])
      await as(opener, (page) => act(page, tender, 'open-reserve', { reserve_price: held.reserve, reserve_salt: held.reserve_salt }));
    for (const official of ['clerk', 'notary']) await as(official, (page) => act(page, tender, 'close-opening'));
    const { salt, root: logRoot, size } = await ask('tender', { lot });
    for (const official of ['host', 'notary'])
      await as(official, (page) => act(page, tender, 'draw', { draw_salt: salt, draw_root: logRoot, draw_root_size: `${size}` }));
    const shown = await open(`/api/records/${tender}`);
    assert.equal(shown.state, 'evaluating');
    assert.equal(shown.fields.draw_salt, undefined);
    assert.equal((await ask('tender', { lot })).sheets.length, 5);
  });

  await step('each member accepts and scores; until the last one nothing of it is public', async () => {
    const { sheets } = await ask('tender', { lot });
    const login = new Map(stage.logins.map((one) => [one.actor, one.login]));
    for (const [i, sheet] of sheets.entries()) {
      const { fields } = await ask('doc', { record: sheet });
      assert.equal((await open(`/api/records/${tender}`)).fields.evaluation, undefined);
      await as(login.get(fields.member), async (page) => {
        await act(page, sheet, 'accept');
        await page.goto(`${root}/r/${sheet}`);
        await page.locator('details:has(#f-score) > summary').click();
        const cells = page.locator('#f-score [name$=".points"]');
        for (let n = 0; n < fields.scores.length; ++n) await cells.nth(n).fill(fields.scores[n].criterion === 'record' ? '8' : String(70 + (fields.scores[n].plate % 20)));
        if (i === 0) { await keep(page, 'sheet'); assert.deepEqual(await look(page), []); }
        await sent(page, '#f-score');
      });
    }
    await ask('now');
    const { state, fields } = await open(`/api/records/${tender}`);
    assert.equal(state, 'ranked');
    assert.equal(fields.ranking.length, 3);
  });

  await step('the director awards the best, and the lot goes the way of every lot', async () => {
    await as('centre-director', (page) => act(page, tender, 'award'));
    await as('clerk', async (page) => {
      await page.goto(`${root}/r/${tender}`);
      await keep(page, 'tender');
      assert.deepEqual(await look(page), []);
      await page.goto(`${root}/r/${lot}`);
      await keep(page, 'awarded');
    });
    const sold = await open(`/api/records/${lot}`);
    assert.equal(sold.state, 'settled');
    assert.equal(sold.fields.deal_price, (await open(`/api/records/${tender}`)).fields.deal_price);
  });

  await step('a stranger verifies the tender out of the public log', async () => {
    const policy = join(stage.folder, 'policy');
    execFileSync('sh', ['-c', `curl -sf ${root}/policy > ${policy}`]);
    const said = JSON.parse(execFileSync(landglass, ['verify', 'tender', lot, '--log', root, '--policy', policy, '--json']).toString());
    assert.equal(said.verdict, 'fits');
    assert.equal(said.stage, 'awarded');
    assert.deepEqual([said.received, said.opened, said.valid, said.sheets], [3, 3, 3, 5]);
  });
  await bidder.context.close();
  console.log(`tender: ${step.count()} steps, ${keep.kept()} pictures, lot ${key}`);
} finally {
  await browser.close();
  await stage.close();
}
