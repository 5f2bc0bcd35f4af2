// A whistle-blower reports about the head of a bureau: in her browser it is locked to two investigators of the province, one of whom
// may open it; the county and the bureau itself are not offered. She notes twelve words. The province opens it with a key that
// stays in the browser, each opening an event, admits and answers. She comes back with the words alone, reads, adds, and has her
// receipt verified, by the page and by the program of a stranger. Pictures are kept in build/shots/tips.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { house, look, openBrowser, openStage, person, phone, shots, stepper, tipsOn } from './stage.mjs';

const [, , program, landglass = join(house, 'build', 'dev', 'landglass')] = process.argv;
const keep = shots('tips');
const stage = await openStage(program, 60, 'tips');
const { root } = stage;
const browser = await openBrowser();
const { keyFile, beat, settled } = tipsOn(stage);
const step = stepper();
const secret = 'MIZHU-7f1e 局长在梅溪镇的地块上收了好处';
async function desk(page, tip, action, values = {}) {
  await page.goto(`${root}/r/${tip}`);
  await page.locator(`details:has(#f-${action}) > summary`).click();
  for (const [name, value] of Object.entries(values)) await page.selectOption(`#f-${action} [name="${name}"]`, value);
  await Promise.all([page.waitForEvent('framenavigated', { timeout: 20_000 }), page.click(`#f-${action} > .row button.button`)]);
  await page.waitForLoadState('load');
  const wrong = page.locator('[role=alert]');
  if (await wrong.count() > 0) throw new Error(`${action}: ${(await wrong.first().textContent()).replace(/\s+/g, ' ')}`);
}

try {
  let words = '', tip = '';
  const she = await person(browser, root, null, { viewport: phone });
  await step('without a script the page says plainly what to do instead', async () => {
    const context = await browser.newContext({ javaScriptEnabled: false, locale: 'zh-CN' });
    const page = await context.newPage();
    await page.goto(`${root}/tip`);
    assert.match(await page.textContent('main'), /来电、来信或来访/);
    await keep(page, 'no-script');
    await context.close();
  });
  await step('about the head of the bureau neither the bureau nor the county is offered', async () => {
    const { page } = she;
    await page.goto(`${root}/tip`);
    await page.waitForSelector('#tip-unit');
    assert.deepEqual(await look(page), []);
    await page.selectOption('#tip-unit', 'office/zrzy');
    assert.match(await page.textContent('.tip-people'), /闽清县纪委监委/);
    await page.check('#tip-head');
    const offered = await page.textContent('.tip-people');
    assert.doesNotMatch(offered, /闽清县/);
    assert.match(offered, /福建省纪委监委[\s\S]*省举报受理岗一/);
    await page.locator('.tip-people .input', { hasText: '省举报受理岗一' }).locator('input').check();
    await page.locator('.tip-people .input', { hasText: '省举报受理岗二' }).locator('input').check();
    await page.click('text=下一步：记下口令');
    assert.match(await page.textContent('.input:has(> #tip-text) [role=alert]'), /请填写内容/);
    assert.deepEqual(await look(page), []);
    await page.fill('#tip-text', '未写完');
    await keep(page, 'report');
  });
  await step('while she notes the words nothing can be changed unseen; back at the text she changes it and finds the same words', async () => {
    const { page } = she;
    await page.click('text=下一步：记下口令');
    await page.waitForSelector('.tip-words li');
    const first = (await page.locator('.tip-words li').allTextContents()).join(' ');
    assert.equal(await page.locator('#tip-text').isVisible(), false);
    await page.click('text=返回修改');
    await page.fill('#tip-text', secret);
    await page.click('text=下一步：记下口令');
    await page.waitForSelector('.tip-words li');
    words = (await page.locator('.tip-words li').allTextContents()).join(' ');
    assert.equal(words, first);
  });
  await step('it is locked here; she notes the words and is told the hour', async () => {
    const { page, context } = she;
    assert.equal(words.split(' ').length, 12);
    await page.check('#tip-noted');
    assert.deepEqual(await look(page), []);
    await keep(page, 'words');
    const sent = page.waitForRequest((request) => request.url().endsWith('/api/tips'));
    await page.click('text=加密并递交');
    const request = await sent;
    assert.ok(!request.postData().includes('局长') && !request.postData().includes('MIZHU'), 'the text left the browser');
    assert.equal((await request.allHeaders()).cookie, undefined);
    await beat(() => page.locator('[data-hour]').count());
    assert.match(await page.getAttribute('[data-hour]', 'data-hour'), /^\d{8}-\d{4}$/);
    assert.deepEqual(await look(page), []);
    await keep(page, 'kept');
    assert.deepEqual(await context.cookies(), [], 'a cookie was set');
    assert.equal(await page.evaluate(() => localStorage.length + sessionStorage.length), 0);
  });
  await step('before the hour the words find it held; a slip in them is found', async () => {
    const { page } = she;
    await page.goto(`${root}/tip/back`);
    const two = words.split(' ');
    [two[0], two[1]] = [two[1], two[0]];
    await page.fill('#tip-words', two.join(' '));
    await page.click('button:has-text("查看")');
    await page.waitForSelector('.told [role=alert]');
    await page.fill('#tip-words', words.replace(/\S+$/, '没有'));
    await page.click('button:has-text("查看")');
    assert.match(await page.textContent('.told [role=alert]'), /第 12 个词“没有”不在词表里/);
    await page.fill('#tip-words', words.replaceAll(' ', ''));
    await page.click('button:has-text("查看")');
    await page.waitForSelector('text=已收存，入库后凭这些词');
  });
  await settled();
  await step('the province finds it at its desk; the county does not', async () => {
    const province = await person(browser, root, 'tipprov1');
    await province.page.goto(`${root}/desk`);
    const link = province.page.locator('a[href^="/r/tip/"]').first();
    tip = (await link.getAttribute('href')).slice(3);
    await keep(province.page, 'desk');
    await province.page.goto(`${root}/r/${tip}`);
    assert.deepEqual(await look(province.page), []);
    await keep(province.page, 'record');
    const county = await person(browser, root, 'tipcounty');
    await county.page.goto(`${root}/r/${tip}`);
    assert.doesNotMatch(await county.page.textContent('main'), /待受理/);
    await county.page.goto(`${root}/desk`);
    assert.equal(await county.page.locator('a[href^="/r/tip/"]').count(), 0);
  });
  await step('an investigator enters his opening, opens it in his browser, and admits it', async () => {
    const { page, said } = await person(browser, root, 'tipprov1');
    const before = await page.request.get(`${root}/api/tips/${'desk'}/${tip.slice(4)}`);
    assert.equal(before.status(), 422, 'it is shown before the opening is entered');
    await page.goto(`${root}/tip/desk/${tip.slice(4)}`);
    await page.setInputFiles('#tip-key', keyFile(3));
    await page.click('text=登记并开启');
    await page.waitForSelector('.tip-message .said');
    assert.equal(await page.textContent('.tip-message .said'), secret);
    assert.match(await page.textContent('.tip-message'), /签名相符/);
    assert.deepEqual(await look(page), []);
    await keep(page, 'opened');
    const { done } = await stage.ask('doc', { record: tip });
    assert.ok(JSON.stringify(done).includes('open'));
    await desk(page, tip, 'admit', { kind: 'integrity' });
    assert.deepEqual(said.filter((line) => !/status of 4\d\d/.test(line)), []);
  });
  await step('he answers; the answer is locked to her', async () => {
    const { page } = await person(browser, root, 'tipprov1');
    await page.goto(`${root}/tip/desk/${tip.slice(4)}`);
    await page.setInputFiles('#tip-key', keyFile(3));
    await page.click('text=登记并开启');
    await page.waitForSelector('#tip-answer');
    await page.fill('#tip-answer', '已受理。请补充时间和在场的人。');
    await page.click('text=加密并答复');
    await page.waitForSelector('text=已答复');
  });
  await step('she comes back with the words alone, from another device, reads, and adds', async () => {
    const { page, context, said } = await person(browser, root, null);
    await page.goto(`${root}/tip/back`);
    await page.fill('#tip-words', words);
    await page.click('button:has-text("查看")');
    await page.waitForSelector('.tip-message .said');
    assert.equal(await page.textContent('.tip-message .said'), '已受理。请补充时间和在场的人。');
    const told = await page.textContent('.told');
    assert.match(told, /办理中/);
    assert.match(told, /\d{4}-\d\d-\d\d 举报逾期未办结|\d{4}-\d\d-\d\d/);
    assert.equal(await page.getAttribute('[data-level]', 'data-level'), 'logged');
    assert.deepEqual(await look(page), []);
    await keep(page, 'back');
    const [saved] = await Promise.all([page.waitForEvent('download'), page.click('text=保存回执文件')]);
    await saved.saveAs(join(stage.folder, 'tip-receipt.json'));
    await page.fill('#tip-more', '去年腊月，在场的有两位');
    await page.click('text=加密并补充');
    await beat(() => page.locator('[data-hour]').count());
    assert.deepEqual(await context.cookies(), []);
    assert.deepEqual(said, []);
  });
  await settled();
  await step('the receipt is verified by the program of a stranger, and no other document passes', async () => {
    const receipt = join(stage.folder, 'tip-receipt.json'), policy = join(stage.folder, 'policy');
    writeFileSync(policy, await (await fetch(`${root}/policy`)).text());
    assert.match(execFileSync(landglass, ['verify', 'tip', receipt, '--policy', policy, '--json']).toString(), /"logged"/);
    const read = JSON.parse(readFileSync(receipt, 'utf8'));
    read.proof.document_hash = createHash('sha256').update('another').digest('hex');
    writeFileSync(receipt, JSON.stringify(read));
    assert.throws(() => execFileSync(landglass, ['verify', 'tip', receipt, '--policy', policy], { stdio: 'ignore' }));
  });
  await step('the other investigator reads what she added, concludes and answers', async () => {
    const { page } = await person(browser, root, 'tipprov2');
    await page.goto(`${root}/tip/desk/${tip.slice(4)}`);
    await page.setInputFiles('#tip-key', keyFile(4));
    await page.click('text=登记并开启');
    await page.waitForSelector('text=去年腊月，在场的有两位');
    await keep(page, 'dialogue');
    await desk(page, tip, 'conclude', { outcome: 'verified' });
    await page.goto(`${root}/tip/desk/${tip.slice(4)}`);
    await page.setInputFiles('#tip-key', keyFile(4));
    await page.click('text=登记并开启');
    await page.waitForSelector('#tip-answer');
    await page.fill('#tip-answer', '查证属实，已移交。');
    await page.click('text=加密并答复');
    await page.waitForSelector('text=已答复');
    assert.equal((await stage.ask('doc', { record: tip })).state, 'answered');
  });
  await step('in English, by the same words', async () => {
    const { page } = await person(browser, root, null, { locale: 'en-GB', viewport: phone, colorScheme: 'dark' });
    await page.goto(`${root}/tip/back`);
    await page.fill('#tip-words', words);
    await page.click('button:has-text("Look")');
    await page.waitForSelector('.tip-message .said');
    assert.match(await page.textContent('.told'), /Found so/);
    assert.deepEqual(await look(page), []);
    await keep(page, 'english');
    await page.goto(`${root}/tip`);
    await page.waitForSelector('#tip-unit');
    assert.deepEqual(await look(page), []);
    await keep(page, 'english-report');
  });
  await step('her text stands nowhere in what the platform keeps or says', async () => {
    assert.ok(!stage.said().includes('MIZHU'));
  });
  console.log(`tips: ${step.count()} steps, ${keep.kept()} pictures`);
} finally {
  await browser.close();
  await stage.close();
}
