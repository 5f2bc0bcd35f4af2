// One lot by its pages, from scheme to certificate: a typo in the announcement corrected for all to see, three bidders of whom
// one is joint, a timed extension, an answer lost on the way, a cable pulled three seconds before the end, the deal, its papers,
// and a citizen who verifies with the network cut. The clock of the stage is moved; no notice day is cut short.
// Pictures are kept in build/shots/journey.
import assert from 'node:assert/strict';
import { createHmac, randomBytes } from 'node:crypto';
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { act as actOn, fill, openBrowser, openStage, person, phone, picture, shots, stepper, visit } from './stage.mjs';

const [, , program, landglass] = process.argv;
const keep = shots('journey');
const stage = await openStage(program);
const { root, ask } = stage;
const browser = await openBrowser();
const [second, minute, day] = [1_000, 60_000, 86_400_000];
const passphrase = '三家竞买人都记得住的口令';
const step = stepper();
const local = (ms) => new Date(ms + 8 * 3_600_000).toISOString().slice(0, 19);
const now = async () => (await ask('now')).ms;

const act = (page, record, action, values) => actOn(root, page, record, action, values);
const recordOf = (page) => new URL(page.url()).pathname.slice('/r/'.length);
const as = (login, work, options) => visit(browser, root, login, work, options);

const errors = [];
const bidders = [];
let scheme;
let lot;
let key;
const salt = randomBytes(32);
const reserve = '10000000.00';
const commitment = createHmac('sha256', salt).update(JSON.stringify(['landglass/reserve/1', reserve])).digest('hex');

try {
  const { parcel, plan } = await ask('ground', { location: '梅溪镇樟洋路东侧地块', code: '350124001001GB00901' });

  await step('the scheme is drafted, decided by three and approved by the government', async () => {
    scheme = await as('land-use2', async (page) => {
      await page.goto(`${root}/new/grant-scheme`);
      assert.equal(await page.inputValue('[name=region]'), '350124');
      await fill(page, '.form', { parcel, plan, use: 'residential', mode: 'listing', term_years: '70', start_price: '1,000万', increment: '10万', deposit: '200万' });
      await keep(page, 'scheme-form');
      await Promise.all([page.waitForURL(/\/r\/grant-scheme\//), page.click('.form button.button')]);
      await keep(page, 'scheme');
      return recordOf(page);
    });
    for (const member of ['bureau-director', 'vice-director', 'committee3'])
      await as(member, (page) => act(page, scheme, 'decide', { minutes: 'file', reserve_commitment: commitment }));
    await as('mayor', async (page) => {
      await page.goto(`${root}/desk`);
      await keep(page, 'mayor-desk');
      await act(page, scheme, 'approve');
    });
  });

  await step('a draft that breaks the law comes back with the error at its field, and what was typed', async () => {
    lot = await as('clerk', async (page) => {
      const t = await now();
      await page.goto(`${root}/new/land-listing`);
      const values = { scheme, parcel, location: '梅溪镇樟羊路东侧地块', use: 'residential', area: '20000', term_years: '70', mode: 'listing', start_price: '1000万', increment: '10万', deposit: '200万',
        apply_until: local(t + 25 * day), opens: local(t + 21 * day), closes: local(t + 32 * day), variant: 'custom', trigger_seconds: '86400', trigger_bidders: '2', inquiry_seconds: '14', timed_join: 'wished', prep_seconds: '4', window_seconds: '12', guard_factor: '3' };
      await fill(page, '.form', { ...values, term_years: '71' });
      // The browser's own checks are no law: the server's answer is what is looked at.
      await page.click('.form button.button');
      await page.waitForSelector('.form [role=alert]');
      assert.match(await page.textContent('.wrong .error'), /上限/);
      assert.equal(await page.inputValue('[name=location]'), '梅溪镇樟羊路东侧地块');
      await keep(page, 'draft-refused');
      await fill(page, '.form', { term_years: '70' });
      await Promise.all([page.waitForURL(/\/r\/land-listing\//), page.click('.form button.button')]);
      return recordOf(page);
    });
    key = lot.split('/')[1];
  });

  await step('who drafted may not announce, and the page says why; another organiser does', async () => {
    await as('clerk', async (page) => {
      await page.goto(`${root}/r/${lot}`);
      assert.match(await page.textContent('.refused'), /发布公告[\s\S]*EN-0\d/);
      await keep(page, 'draft-own');
    });
    await as('clerk2', (page) => act(page, lot, 'announce'));
  });

  await step('a typo in the conditions is corrected by a supplementary notice; both stay visible', async () => {
    await stage.advance(2 * day);
    await as('clerk', async (page) => {
      await act(page, lot, 'correct', { conditions_text: '竞买人须具有房地产开发资质；坐落应为“樟洋路”，原公告误作“樟羊路”。', reason: '坐落名称笔误' });
      assert.match(await page.textContent('.timeline'), /补充公告/);
      await keep(page, 'corrected');
    });
    const stranger = await person(browser, root);
    await stranger.open(`/r/${lot}`);
    const words = await stranger.page.textContent('main');
    assert.match(words, /樟羊路/);
    assert.match(words, /原公告误作/);
    await stranger.context.close();
  });

  await step('three bidders apply from the lot\'s page, one of them jointly; each key is made in the browser', async () => {
    await stage.advance(3 * day);
    for (const [login, extra] of [['bidder1', {}], ['bidder2', { kind: 'joint' }], ['bidder4', { kind: 'person' }]]) {
      const one = await person(browser, root, undefined, login === 'bidder4' ? { viewport: phone } : {});
      one.login = login;
      bidders.push(one);
      const { page } = one;
      await page.goto(`${root}/r/${lot}`);
      await page.click('.rail a.button');
      await page.waitForURL(/\/login\?next=/);
      await page.fill('#login-name', login);
      await page.fill('#login-password', 'landglass-demo');
      await Promise.all([page.waitForURL(/\/new\/application\?lot=/), page.click('form.form button')]);
      await fill(page, '.form', { kind: extra.kind ?? 'organisation' });
      if (extra.kind === 'joint') {
        await fill(page, '.form', { 'partners.0.party': 'party/bidder-b', 'partners.1.party': 'party/bidder-c', joint_agreement: '', 'partners.0.name': '闽江城投开发有限公司', 'partners.0.share': '60', 'partners.1.name': '梅溪建设有限公司', 'partners.1.share': '40%', project_company: '闽溪置业有限公司' });
      }
      await page.fill('#key-pass', passphrase);
      await page.fill('#key-pass-again', passphrase);
      const [download] = await Promise.all([page.waitForEvent('download'), page.click('.key-box button')]);
      one.backup = await download.path();
      await page.waitForSelector('.key-box .chip.tone-good');
      await keep(page, `apply-${login}`);
      await Promise.all([page.waitForURL(/\/room\//), page.click('.form > .row button.button')]);
      assert.match(await page.textContent('.way'), /待缴保证金/);
      await page.click('a[href$="/slip"]');
      const slip = await page.textContent('.slip');
      assert.match(slip, /人民币贰佰万元整/);
      assert.match(slip, /DP\d+/);
      await keep(page, `slip-${login}`);
      await page.goto(`${root}/room/${key}`);
    }
  });

  await step('nothing of it shows to a stranger', async () => {
    const stranger = await person(browser, root);
    for (const path of [`/r/${lot}`, `/api/records/${lot}`, '/log', '/feed.json', '/list/application', '/r/application/x']) {
      await stranger.open(path);
      assert.doesNotMatch(await stranger.page.textContent('body'), /闽江城投|榕建|林某|DP3501/, path);
    }
    await stranger.context.close();
  });

  await step('the bank\'s statement brings the deposits, and the rooms, left open, see the plates come', async () => {
    assert.equal((await ask('receive', { lot })).arrived, 3);
    for (const one of bidders) {
      await one.page.waitForSelector('.plate', { timeout: 20_000 });
      one.plate = await one.page.textContent('.facts .plate');
    }
    assert.equal(new Set(bidders.map((one) => one.plate)).size, 3);
    await keep(bidders[1].page, 'admitted');
  });

  const [first, joint, natural] = bidders;
  const enter = async (one) => {
    await one.signIn();
    await one.page.goto(`${root}/room/${key}`);
    await one.page.waitForSelector('.key-box .chip.tone-good');
  };
  const bid = async (one, amount) => {
    await one.page.fill('#amount', amount);
    await one.page.press('#amount', 'Enter');
    await one.page.waitForSelector('dialog.confirm[open]');
    assert.match(await one.page.textContent('dialog.confirm .upper'), /^人民币.*整$/);
    await one.page.keyboard.press('Enter');
  };
  const stands = async (one, price) => {
    await one.page.waitForFunction((text) => document.querySelector('.bid .chip.tone-good') !== null && document.querySelector('[data-slot=price]').textContent === text, price, { timeout: 20_000 });
  };

  await step('offers of the listing; a slipped zero must be typed twice; a refusal shows both sides', async () => {
    const t = await now();
    const doc = await ask('doc', { record: lot });
    await stage.advance(Date.parse(doc.fields.closes) - t - 3 * 3_600_000);
    for (const one of bidders) await enter(one);
    await bid(first, '1000万');
    await stands(first, '1,000');
    await bid(joint, '1020万');
    await stands(joint, '1,020');
    await natural.page.fill('#amount', '103000000');
    await natural.page.press('#amount', 'Enter');
    await natural.page.waitForSelector('.guard:not([hidden])');
    await keep(natural.page, 'guard-phone');
    await natural.page.fill('#amount-again', '10300000');
    await natural.page.press('#amount-again', 'Enter');
    assert.match(await natural.page.textContent('.guard [role=alert]'), /不一致/);
    await natural.page.click('.guard .quiet');
    await bid(natural, '1030万');
    await stands(natural, '1,030');
    await keep(first.page, 'room-listing');
  });

  await step('the key comes back on a second device from its backup, and bids there', async () => {
    const tablet = await person(browser, root, joint.login, { viewport: { width: 820, height: 1180 } });
    await tablet.page.goto(`${root}/room/${key}`);
    await tablet.page.setInputFiles('#room-file', joint.backup);
    await tablet.page.fill('#room-pass-old', passphrase);
    await tablet.page.click('.key-box button:has-text("恢复")');
    await tablet.page.waitForSelector('.key-box .chip.tone-good');
    assert.match(await tablet.page.textContent('.own'), /1,020/);
    await bid(tablet, '1050万');
    await stands(tablet, '1,050');
    await keep(tablet.page, 'second-device');
    await tablet.context.close();
  });

  await step('in the inquiry who wishes to go on says so; the rooms and the public page keep it to themselves', async () => {
    const doc = await ask('doc', { record: lot });
    await stage.advance(Date.parse(doc.fields.closes) - await now() - 60 * second);
    for (const one of bidders) await enter(one);
    await stage.advance(Date.parse(doc.fields.closes) - await now() - second);
    const open = async () => JSON.stringify((await (await fetch(`${root}/api/records/${lot}`)).json()).behaviour);
    await first.page.waitForSelector('form.wish:not([hidden])', { timeout: 30_000 });
    const before = await open();
    assert.match(before, /inquiry/);
    for (const one of [first, natural]) {
      await one.page.waitForSelector('form.wish:not([hidden])', { timeout: 30_000 });
      await keep(one.page, `inquiry-${one.login}`);
      await one.page.click('form.wish button');
      await one.page.waitForSelector('.notice.tone-good:has-text("已表示愿意参加")');
    }
    assert.equal(await open(), before, 'a stranger sees that somebody wished');
  });

  let ends;
  await step('the listing closes into timed bidding, and each offer begins the window anew', async () => {
    for (const one of [first, joint, natural])
      await one.page.waitForFunction(() => /限时竞价/.test(document.querySelector('[data-slot=phase]').textContent), undefined, { timeout: 30_000 });
    await bid(first, '1080万');
    await stands(first, '1,080');
    ends = Date.parse((await (await fetch(`${root}/api/records/${lot}`)).json()).behaviour.head.due);
    await keep(first.page, 'room-timed');
  });

  await step('an answer lost on the way: the bid counted, and the room says so after asking again', async () => {
    let lost = 0;
    await joint.context.route('**/bids/**', async (route) => {
      if (lost++ > 0) return route.continue();
      await route.fetch();  // it arrives; its answer does not
      return route.abort('connectionreset');
    });
    await enter(joint);  // its other device has used a counter meanwhile
    await bid(joint, '1100万');
    await stands(joint, '1,100');
    assert.ok(lost >= 2);
    await joint.context.unroute('**/bids/**');
    const later = Date.parse((await (await fetch(`${root}/api/records/${lot}`)).json()).behaviour.head.due);
    assert.ok(later > ends, 'the window was not begun anew');
    ends = later;
  });

  await step('the cable is pulled three seconds before the end: the last bid of that page did not count, and its page says so', async () => {
    const left = ends - await now() - 3 * second;
    assert.ok(left > 0, `only ${left} ms left`);
    await new Promise((wait) => { setTimeout(wait, left); });
    await natural.context.setOffline(true);
    await bid(natural, '1120万');
    await natural.page.waitForSelector('.bid .tone-warn', { timeout: 10_000 });
    await keep(natural.page, 'cable-pulled');
    // Nobody has won yet: the reserve is still locked.
    for (let i = 0; i < 300 && (await ask('doc', { record: lot })).state !== 'opening'; ++i) await new Promise((wait) => { setTimeout(wait, 200); });
    assert.equal((await ask('doc', { record: lot })).state, 'opening');
    await natural.context.setOffline(false);
    await natural.page.waitForSelector('.bid .chip.tone-bad', { timeout: 30_000 });
    await keep(natural.page, 'cable-back');
    const doc = await ask('doc', { record: lot });
    const prices = doc.behaviour.shown.map((one) => one.price);
    assert.equal(prices[0], '11000000.00');
    assert.ok(!prices.includes('11200000.00'), 'the bid of the cut page stands in the ladder after all');
  });

  await step('two open the reserve, and the ladder shows every plate', async () => {
    for (const opener of ['opener', 'opener2'])
      await as(opener, (page) => act(page, lot, 'open-reserve', { reserve_price: reserve, reserve_salt: salt.toString('hex') }));
    for (let i = 0; i < 50 && (await ask('doc', { record: lot })).state !== 'settled'; ++i) await new Promise((wait) => { setTimeout(wait, 200); });
    assert.equal((await ask('doc', { record: lot })).state, 'settled');
    const stranger = await person(browser, root);
    await stranger.open(`/r/${lot}`);
    const rungs = await stranger.page.textContent('.ladder tbody');
    for (const one of bidders) assert.ok(rungs.includes(one.plate), `plate ${one.plate} is not shown`);
    await keep(stranger.page, 'lot-sold');
    await stranger.context.close();
    // The room that stayed open loads itself anew, now that there is an outcome.
    await joint.page.waitForFunction(() => document.querySelector('[data-outcome]')?.textContent.includes('您已竞得'), undefined, { timeout: 30_000 });
    await joint.page.waitForLoadState('load');
    await keep(joint.page, 'won');
    await first.signIn();
    await first.page.goto(`${root}/room/${key}`);
    assert.match(await first.page.textContent('[data-outcome]'), /未竞得[\s\S]*退回/);
    await keep(first.page, 'not-won');
  });

  let certificate;
  let holder;
  await step('confirmation, review, result, contract, payments, tax, handover and certificate', async () => {
    await as('clerk', (page) => act(page, lot, 'confirm'));
    await as('reviewer', (page) => act(page, lot, 'pass-review'));
    await as('clerk', (page) => act(page, lot, 'publish-result'));
    const today = (ms) => local(ms).slice(0, 10);
    const t = await now();
    const { record: company } = await ask('party', { key: 'minxi', name: '闽溪置业有限公司' });
    const contract = await as('bureau-director', async (page) => {
      await page.goto(`${root}/new/grant-contract?lot=${lot}`);
      await fill(page, '.form', { price: '1100万', signer: company, signer_name: '闽溪置业有限公司', first_amount: '550万', first_due: today(t + 28 * day), rest_due: today(t + 180 * day), handover_due: today(t + 240 * day), start_due: today(t + 420 * day), finish_due: today(t + 1500 * day) });
      await Promise.all([page.waitForURL(/\/r\/grant-contract\//), page.click('.form button.button')]);
      await keep(page, 'contract');
      return recordOf(page);
    });
    await ask('pay', { record: contract });
    await as('tax', (page) => act(page, contract, 'deed-tax', { amount: '33万', bank_reference: 'STAGE-TAX' }));
    await as('land-use', (page) => act(page, contract, 'hand-over-land'));
    certificate = await as('registrar', async (page) => {
      await page.goto(`${root}/new/land-certificate?contract=${contract}`);
      await fill(page, '.form', { unit_code: '350124001001GB00901W00000000', location: '梅溪镇樟洋路东侧地块' });
      await Promise.all([page.waitForURL(/\/r\/land-certificate\//), page.click('.form button.button')]);
      return recordOf(page);
    });
    await as('registrar2', async (page) => {
      await act(page, certificate, 'issue', { term_from: today(t), term_to: today(t + 25_567 * day) });
      await keep(page, 'certificate');
    });
    holder = (await ask('doc', { record: certificate })).fields.holder_name;
    assert.equal(holder, '闽溪置业有限公司');  // the company declared beforehand signs and holds
  });

  await step('its papers, its certificate and its whole file are checked by the program that trusts no server', async () => {
    const folder = join(stage.folder, 'papers');
    mkdirSync(folder);
    const official = await person(browser, root, 'registrar');
    const fetched = async (path, name) => {
      const answer = await official.context.request.get(root + path);
      assert.equal(answer.status(), 200, path);
      writeFileSync(join(folder, name), await answer.body());
      return join(folder, name);
    };
    const policy = join(folder, 'policy.txt');
    writeFileSync(policy, await (await fetch(`${root}/policy`)).text());
    const verify = (...words) => {
      const { status, stdout, stderr } = spawnSync(resolve(landglass), ['verify', ...words, '--policy', policy, '--json'], { encoding: 'utf8', cwd: stage.folder });
      return { status, said: stdout + stderr };
    };
    await official.page.goto(`${root}/r/${certificate}`);
    const paper = await official.page.locator('a[href^="/papers/"][href$="/certificate"]').getAttribute('href');
    const sheet = await fetched(`${paper}.pdf`, 'certificate.pdf');
    assert.equal(readFileSync(sheet).subarray(0, 5).toString(), '%PDF-');
    const file = await fetched(`${paper}.json`, 'certificate.json');
    for (const [what, words] of [['certificate', [file, '--log', root]], ['case', [await fetched(`/case/${certificate}`, 'case.zip')]], ['case', [await fetched(`/case/${lot}`, 'lot.zip')]]]) {
      const { status, said } = verify(what, ...words);
      assert.equal(status, 0, `${what}: ${said}`);
    }
    const forged = join(folder, 'forged.json');
    writeFileSync(forged, readFileSync(file, 'utf8').replace('闽溪置业', '闽江置业'));
    assert.notEqual(verify('certificate', forged).status, 0, 'a forged certificate passed');
    const sale = verify('auction', lot, '--log', root);
    assert.equal(sale.status, 0, sale.said);
    await official.context.close();
  });

  await step('a citizen finds the certificate by its number, and checks a receipt with the network cut', async () => {
    const citizen = await person(browser, root, undefined, { viewport: phone });
    const { page } = citizen;
    const doc = await (await fetch(`${root}/api/records/${certificate}`)).json();
    const ask_for = async (holder) => {
      await page.goto(`${root}/verify`);
      await page.fill('#number', doc.fields.certificate_no);
      await page.fill('#holder', holder);
      await Promise.all([page.waitForLoadState('load'), page.click('form.filter button')]);
      return page.textContent('main');
    };
    assert.match(await ask_for('张三'), /不符|未查到|不一致/);
    assert.match(await ask_for(holder), /有效/);
    await keep(page, 'certificate-found');
    const receipt = await (await fetch(`${root}/receipt/${doc.last_leaf}`)).text();
    await page.goto(`${root}/verify`);
    await page.evaluate(() => navigator.serviceWorker.ready.then(() => undefined));
    await page.reload();
    await citizen.context.setOffline(true);
    await page.goto(`${root}/verify`);
    await page.fill('#pasted', receipt);
    await page.click('[data-slot=check]');
    await page.waitForSelector('.verdict h3');
    assert.match(await page.textContent('.verdict h3'), /回执真实/);
    await keep(page, 'verified-offline');
    await page.fill('#pasted', receipt.replace('土', '士').replace('issue', 'issuE'));
    await page.click('[data-slot=check]');
    await page.waitForFunction(() => document.querySelector('.verdict h3').textContent.includes('不成立'));
    await keep(page, 'forged-offline');
    await citizen.context.close();
  });

  for (const one of bidders) errors.push(...one.said.filter((line) => !/ERR_INTERNET_DISCONNECTED|Failed to load resource|net::ERR|ERR_CONNECTION_RESET/.test(line)));
  assert.deepEqual(errors, []);
  console.log(`journey: ${step.count()} steps, ${keep.kept()} pictures in build/shots/journey`);
} catch (error) {
  for (const one of bidders) await picture(one.page, keep.as(`failed-${one.login}`)).catch(() => undefined);
  throw error;
} finally {
  await browser.close();
  await stage.close();
}
