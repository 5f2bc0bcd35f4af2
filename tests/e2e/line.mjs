// A household whose land is taken: its slip, its own line read by the code on it however that is typed, and the file that it takes
// along, which says on the page for checking, with the network cut, whether the values are those that were logged. Pictures in
// build/shots/line.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { look, openBrowser, openStage, phone, shots, stepper, visit } from './stage.mjs';

const [, , program] = process.argv;
const keep = shots('line');
const browser = await openBrowser();
const day = 86_400_000;
const behind = Math.floor((Date.now() - Date.parse('2025-05-12T00:00:00+08:00')) / day);
const stage = await openStage(program, behind, 'review');
const { root, ask, advance } = stage;
const step = stepper();
const as = (login, work, options) => visit(browser, root, login, work, options);
const create = async (by, institution, fields) => (await ask('create', { by, institution, fields })).record;
const done = (by, record, action, fields = {}) => ask('act', { by, record, action, fields });
const who = async (name) => (await ask('who', { name })).actor;
const file = (n) => String(n).padStart(64, '0');
const wide = (text) => [...text].map((one) => String.fromCharCode(one.charCodeAt(0) + 0xfee0)).join('');

// A line of an expropriation whose plan is published.
async function entered() {
  const at = { region: '350124', location: '梅城镇新民村' };
  const standard = await create('land-use', 'compensation-standard', { region: '350124', zone: 'Ⅰ', price: '45000.00', basic_farmland_price: '50000.00', effective: '2022-06-01' });
  await done('governor', standard, 'publish');
  const taking = await create('land-use', 'expropriation', { name: '县道新民段', ...at, parcel: await who('field'), zone: 'Ⅰ', category: 'farmland', interest: 'infrastructure', area: '12000.00', households: 1 });
  await done('mayor', taking, 'announce');
  await advance(18 * day);
  await done('land-use', taking, 'survey', { survey: file(1), risk: 'low', households: 1 });
  await done('survey', taking, 'confirm-land', { found_zone: 'Ⅰ', found_category: 'farmland', found_area: '12000.00' });
  await done('gov-legal', taking, 'assess-risk', { found_risk: 'low', risk_report: file(1) });
  await done('mayor', taking, 'publish-plan', { plan: file(2), ways: ['money'], security_due: '0.00' });
  return create('townsman', 'household-line', { taking, region: '350124', line_no: 1, holder: await who('villager-a'), holder_name: '陈某', members: 3, land_area: '12000.00', land_amount: '810000.00', attachments_amount: '1234.50', way: 'money' });
}

try {
  const line = await entered();
  const number = line.slice(line.indexOf('/') + 1);

  const slip = () => as('townsman', async (page) => {
    await page.goto(`${root}/r/${line}`);
    await page.goto(root + await page.locator('a[href^="/papers/"]').first().getAttribute('href'));
    const code = /Code\s*([0-9A-HJKMNP-TV-Z]{4}(?:-[0-9A-HJKMNP-TV-Z]{4}){2})/.exec(await page.textContent('main'))?.[1];
    assert.ok(code, 'a code stands on the slip');
    return code;
  });
  const query = async (page, typed, code) => {
    await page.goto(`${root}/line`);
    await page.fill('#number', typed);
    await page.fill('#code', code);
    await page.click('form[action="/line"] button');
    await page.waitForSelector('.found');
    return page.textContent('.found');
  };
  let code;
  await step('the town officer hands out a slip; its number and code are understood as a phone types them', async () => {
    code = await slip();
    await as(undefined, async (page) => {
      for (const [typed, as_code] of [[number, code], [wide(number), wide(code)], [number.replaceAll('-', '——'), code.toLowerCase().replaceAll('-', ' ')]])
        assert.match(await query(page, typed, as_code), /陈某[\s\S]*81 万元[\s\S]*811,234\.50 元/, `${typed} ${as_code}`);
      assert.deepEqual(await look(page), []);
      await keep(page, 'found');
    }, { viewport: phone });
  });

  await step('who types another code, or half of one, is told which of both, and nothing of the record', async () => {
    await as(undefined, async (page) => {
      const other = code.slice(0, -1) + (code.endsWith('A') ? 'B' : 'A');
      const [wrong, stranger] = [await query(page, number, other), await query(page, '350124-2025-999999', code)];
      assert.match(wrong, /SLIP-01/);
      assert.equal(stranger, wrong);
      await keep(page, 'refused');
      const half = await query(page, number, code.slice(0, 9));
      assert.match(half, /您输入的有 8 个[\s\S]*SLIP-02/);
      assert.equal(await query(page, '350124-2025-999999', code.slice(0, 9)), half);
      assert.deepEqual(await look(page), []);
    });
  });

  const files = [];
  await step('after a correction two leaves hold the values: a file of each is taken along', async () => {
    await done('townsman', line, 'amend', { land_amount: '820000.00', reason: '丈量更正' });
    assert.equal(await slip(), code, 'the code goes on');
    await as(undefined, async (page) => {
      assert.match(await query(page, number, code), /82 万元/);
      for (const link of await page.locator('.found a[download]').all()) {
        const [download] = await Promise.all([page.waitForEvent('download'), link.click()]);
        files.push({ name: download.suggestedFilename(), mimeType: 'application/json', buffer: readFileSync(await download.path()) });
      }
      await page.locator('.salts summary').click();
      assert.deepEqual(await look(page), []);
      await keep(page, 'corrected');
    });
    assert.equal(files.length, 2);
    assert.ok(files.every((one, i) => one.name.startsWith(`${number}-`) && (i === 0 || one.name !== files[0].name)));
    assert.deepEqual(files.flatMap((one) => JSON.parse(one.buffer).openings.map((opening) => opening.path)).sort(),
      ['attachments_amount', 'holder_name', 'land_amount', 'land_area', 'members', 'total', 'way']);
  });

  await step('the page for checking, its network cut, finds them genuine, and one with another sum not', async () => {
    await as(undefined, async (page, { context }) => {
      await page.goto(`${root}/verify`);
      await page.evaluate(() => navigator.serviceWorker.ready);
      await page.reload();
      await context.setOffline(true);
      await page.reload();
      const judged = async (given) => {
        await page.setInputFiles('#file', given);
        await page.click('[data-slot=check]');
        await page.waitForFunction((many) => document.querySelectorAll('[data-slot=verdict] h3').length === many, given.length);
        return page.locator('[data-slot=verdict]').innerText();
      };
      const genuine = await judged(files);
      assert.equal(genuine.match(/回执真实/g)?.length, 2, genuine);
      await keep(page, 'genuine');
      const amended = files.find((one) => one.buffer.includes('820000.00'));
      assert.match(await judged([{ ...amended, buffer: Buffer.from(amended.buffer.toString().replaceAll('820000.00', '8200000.00')) }]), /回执不成立[\s\S]*承诺不符/);
      await keep(page, 'forged');
      await context.setOffline(false);
    }, { viewport: phone });
  });
} finally {
  await browser.close();
  await stage.close();
}
console.log(`line: ${step.count()} steps, ${keep.kept()} pictures`);
