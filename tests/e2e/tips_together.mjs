// Two of three: a reporter chooses three investigators of the province, two of whom must open her tip together. One alone sees that
// a layer is off and nothing more; he passes it on, and the second reads it on his own device. Another tip lies with the county,
// which hands it up: locked anew in its browser to the province, and from then on closed to the county. Both reporters' words lead
// back to where their tips are now. Pictures are kept in build/shots/tips_together.
import assert from 'node:assert/strict';
import { look, openBrowser, openStage, person, phone, shots, stepper, tipsOn } from './stage.mjs';

const [, , program] = process.argv;
const keep = shots('tips_together');
const stage = await openStage(program, 60, 'tips');
const { root } = stage;
const { keyFile, beat, settled } = tipsOn(stage);
const browser = await openBrowser();
const step = stepper();

// Handed in by a browser of its own; the twelve words.
async function report({ unit, head, to, together, text }) {
  const { page } = await person(browser, root, null, { viewport: phone });
  await page.goto(`${root}/tip`);
  await page.waitForSelector('#tip-unit');
  await page.selectOption('#tip-unit', unit);
  if (head) await page.check('#tip-head');
  for (const one of to) await page.locator('.tip-people .input', { hasText: one }).locator('input').check();
  await page.fill('#tip-together', `${together}`);
  await page.fill('#tip-text', text);
  await page.click('text=下一步：记下口令');
  await page.waitForSelector('.tip-words li');
  const words = (await page.locator('.tip-words li').allTextContents()).join(' ');
  await page.check('#tip-noted');
  await page.click('text=加密并递交');
  await beat(() => page.locator('[data-hour]').count());
  return words;
}
// The newest tip on an investigator's desk.
async function onDesk(login) {
  const { page } = await person(browser, root, login);
  await page.goto(`${root}/desk`);
  const links = page.locator('a[href^="/r/tip/"]');
  return (await links.count()) === 0 ? null : (await links.first().getAttribute('href')).slice(7);
}
async function opened(login, key, tip) {
  const one = await person(browser, root, login);
  await one.page.goto(`${root}/tip/desk/${tip}`);
  await one.page.setInputFiles('#tip-key', keyFile(key));
  await one.page.click('text=登记并开启');
  await one.page.waitForSelector('.tip-message, .told [role=alert]');
  return one.page;
}
async function back(words, options = {}) {
  const { page } = await person(browser, root, null, options);
  await page.goto(`${root}/tip/back`);
  await page.fill('#tip-words', words);
  await page.click(options.locale ? 'button:has-text("Look")' : 'button:has-text("查看")');
  await page.waitForSelector('.told .panel, .told [role=alert]');
  return page;
}

try {
  const first = '两人共同开启：局长在验收中收受礼金';
  let words = '', tip = '';
  await step('two of three are asked for; more than were chosen is refused in the browser', async () => {
    const { page } = await person(browser, root, null);
    await page.goto(`${root}/tip`);
    await page.waitForSelector('#tip-unit');
    await page.selectOption('#tip-unit', 'office/zrzy');
    await page.check('#tip-head');
    await page.locator('.tip-people .input', { hasText: '省举报受理岗一' }).locator('input').check();
    await page.fill('#tip-together', '2');
    await page.fill('#tip-text', '试写');
    await page.click('text=下一步：记下口令');
    assert.match(await page.textContent('.told [role=alert], .error'), /不能多于所选的人数/);
    words = await report({ unit: 'office/zrzy', head: true, to: ['省举报受理岗一', '省举报受理岗二', '省厅举报受理岗'], together: 2, text: first });
    await settled();
    tip = await onDesk('tipprov3');
    assert.ok(tip, 'it stands on the desk of each of the three');
    assert.equal(await onDesk('tipprov1'), tip);
  });
  await step('the first sees that a layer is off, and nothing of what is said', async () => {
    const page = await opened('tipprov3', 5, tip);
    assert.equal(await page.locator('.tip-message .said').count(), 0);
    assert.match(await page.textContent('.tip-message'), /已开启一层/);
    assert.doesNotMatch(await page.textContent('main'), /收受礼金/);
    assert.deepEqual(await look(page), []);
    await keep(page, 'a-layer-off');
    await page.click('text=交给下一位');
    await page.waitForSelector('text=已交给下一位');
  });
  await step('he who took his layer off cannot take off the other with the same key', async () => {
    const page = await opened('tipprov3', 5, tip);
    assert.equal(await page.locator('.tip-message .said').count(), 0);
    assert.doesNotMatch(await page.textContent('main'), /收受礼金/);
  });
  await step('the second reads it on his own device; his signature check and his opening are entered', async () => {
    const page = await opened('tipprov1', 3, tip);
    assert.equal(await page.textContent('.tip-message .said'), first);
    assert.match(await page.textContent('.tip-message'), /签名相符/);
    assert.deepEqual(await look(page), []);
    await keep(page, 'read-by-two');
    const { done } = await stage.ask('doc', { record: `tip/${tip}` });
    assert.ok(JSON.stringify(done).includes('pass-on') && JSON.stringify(done).includes('open'));
  });
  let second = '', handed = '';
  await step('a tip about the centre lies with the county, which opens it', async () => {
    second = await report({ unit: 'office/jyzx', head: false, to: ['闽清县纪委监委'], together: 1, text: '中心有人泄露报名情况' });
    await settled();
    handed = await onDesk('tipcounty');
    assert.ok(handed);
    const page = await opened('tipcounty', 1, handed);
    assert.equal(await page.textContent('.tip-message .said'), '中心有人泄露报名情况');
  });
  await step('handed up it is locked anew in the browser to the level above', async () => {
    const page = await opened('tipcounty', 1, handed);
    await page.waitForSelector('text=移交上一级');
    assert.doesNotMatch(await page.textContent('.tip-part:last-child'), /闽清县/, 'its own level is offered');
    await page.locator('.tip-part .input', { hasText: '省举报受理岗二' }).locator('input').check();
    const sent = page.waitForRequest((request) => request.url().endsWith('/api/commands') && request.postData().includes('hand-up'));
    await keep(page, 'handing-up');
    await page.click('button:text-is("移交")');
    assert.ok(!(await sent).postData().includes('泄露'), 'the text left the browser');
    await page.waitForSelector('text=已移交上一级');
    const doc = await stage.ask('doc', { record: `tip/${handed}` });
    assert.equal(doc.state, 'received');
    assert.equal(doc.fields.region, '350000');
  });
  await step('from then on the county does not see it, and the province reads it', async () => {
    assert.notEqual(await onDesk('tipcounty'), handed);
    const county = await opened('tipcounty', 1, handed);
    assert.equal(await county.locator('.tip-message').count(), 0);
    const page = await opened('tipprov2', 4, handed);
    assert.equal(await page.textContent('.tip-message .said'), '中心有人泄露报名情况');
    await keep(page, 'read-above');
  });
  await step('both reporters find their tips by their words, one of them in English on a phone', async () => {
    assert.match(await (await back(words)).textContent('.told'), /待受理/);
    const page = await back(second, { locale: 'en-GB', viewport: phone, colorScheme: 'dark' });
    assert.match(await page.textContent('.told'), /Received/);
    assert.deepEqual(await look(page), []);
    await keep(page, 'back-in-english');
  });
  assert.ok(!stage.said().includes('礼金') && !stage.said().includes('泄露'));
  console.log(`tips together: ${step.count()} steps, ${keep.kept()} pictures`);
} finally {
  await browser.close();
  await stage.close();
}
