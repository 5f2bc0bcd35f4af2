// A household whose land is taken: its slip, its own line read by the code on it however that is typed, and the file that it takes
// along, which says on the page for checking, with the network cut, in the words of the institution's file, whether the values are
// those that were logged. Pictures in build/shots/line.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { desktop, house, look, openBrowser, openStage, phone, shots, stepper, visit } from './stage.mjs';

const [, , program, landglass] = process.argv;
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

  // What the page says of these files: its words once all of them are judged.
  const judged = async (page, given) => {
    await page.setInputFiles('#file', given);
    await page.click('[data-slot=check]');
    await page.waitForFunction((many) => document.querySelectorAll('[data-slot=verdict] h3').length === many, given.length);
    return page.locator('[data-slot=verdict]').innerText();
  };
  const altered = (of, from, to) => ({ ...of, buffer: Buffer.from(of.buffer.toString().replaceAll(from, to)) });
  const amended = files.find((one) => one.buffer.includes('820000.00'));

  await step('the page for checking, its network cut, says in words what each proves, and tells one with another sum apart', async () => {
    for (const [name, viewport] of [['', desktop], ['-phone', phone]]) {
      await as(undefined, async (page, { context }) => {
        await page.goto(`${root}/verify`);
        await page.evaluate(() => navigator.serviceWorker.ready);
        await page.reload();
        await context.setOffline(true);
        await page.reload();
        const genuine = await judged(page, files);
        assert.equal(genuine.match(/回执真实/g)?.length, 2, genuine);
        assert.match(genuine, /分户补偿登记 350124-2025-000001[\s\S]*登记一户[\s\S]*已登记待签约[\s\S]*户主姓名\s+陈某[\s\S]*货币补偿（money）/);
        assert.match(genuine, /更正本户数据[\s\S]*土地补偿和安置补助\s+820,000\.00 元/);
        assert.equal(genuine.match(/名称不在回执里，也不属于所证明的内容/g)?.length, 2);
        await page.locator('.source summary').first().click();
        assert.deepEqual(await look(page), []);
        await keep(page, `genuine${name}`);
        assert.match(await judged(page, [altered(amended, '820000.00', '8200000.00')]), /回执不成立[\s\S]*承诺不符：土地补偿和安置补助[\s\S]*未得到证明/);
        assert.deepEqual(await look(page), []);
        await keep(page, `forged${name}`);
        await context.setOffline(false);
      }, { viewport });
    }
  });

  await step('of a version of the file that the page does not have it shows the keys alone, and says so', async () => {
    await as(undefined, async (page) => {
      await page.route('**/words', async (route) => {
        const words = await (await route.fetch()).text();
        const digest = JSON.parse(JSON.parse(amended.buffer).leaf).change.file;
        await route.fulfill({ contentType: 'application/json', body: words.replace(digest, 'f'.repeat(64)) });
      });
      await page.goto(`${root}/verify`);
      const said = await judged(page, [amended]);
      assert.match(said, /回执真实[\s\S]*household-line\/350124-2025-000001[\s\S]*amend[\s\S]*entered[\s\S]*land_amount\s+820000\.00/);
      assert.match(said, /没有回执所载哈希的那一版制度文件/);
      assert.doesNotMatch(said, /分户补偿登记|更正本户数据/);
      await keep(page, 'other-version');
    }, { serviceWorkers: 'block' });
  });

  await step('the verifier in one file says the same, asking nobody, and so does the program', async () => {
    const [page_file, policy, receipt] = ['verify.html', 'policy', 'receipt.json'].map((name) => join(stage.folder, name));
    for (const [path, to] of [['verify.html', page_file], ['policy', policy]]) writeFileSync(to, await (await fetch(`${root}/${path}`)).text());
    writeFileSync(receipt, amended.buffer);
    const context = await browser.newContext({ offline: true, locale: 'zh-CN', viewport: phone });
    const page = await context.newPage();
    await page.goto(pathToFileURL(page_file).href);
    await page.fill('#trust-text', readFileSync(policy, 'utf8'));
    assert.match(await judged(page, [amended]), /回执真实[\s\S]*分户补偿登记 350124-2025-000001[\s\S]*更正本户数据/);
    assert.deepEqual(await look(page), []);
    await keep(page, 'saved');
    await context.close();
    const said = execFileSync(landglass, ['verify', 'receipt', receipt, '--policy', policy, '--pack', 'packs/cn-land'], { cwd: house, encoding: 'utf8' });
    assert.match(said, /分户补偿登记[\s\S]*更正本户数据 \/ Correct the line \(amend\)[\s\S]*土地补偿和安置补助/);
  });
} finally {
  await browser.close();
  await stage.close();
}
console.log(`line: ${step.count()} steps, ${keep.kept()} pictures`);
