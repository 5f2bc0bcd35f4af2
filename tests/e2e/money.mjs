// The money of an office, seen in Chromium: a budget drafted, approved and published; a large payment refused without minutes and
// contract, then approved by two offices, which makes the order in the very leaf of the approval, and nothing else makes one; the
// bank's statement (camt.053) taken, reconciled, and a line that no order explains shown; and what a custody account owes, its root
// at once, the total after the sale, and a holder who checks with a stranger's program that his balance is part of it. Every page
// by axe, wide in the light and on a phone in the dark. Pictures in build/shots/money.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { act as actOn, fill, house, look, openBrowser, openStage, phone, desktop, send as sendOn, shots, stepper, visit } from './stage.mjs';

const [, , program, landglass = join(house, 'build', 'dev', 'landglass')] = process.argv;
const keep = shots('money');
const [hour, day] = [3_600_000, 86_400_000];
// From a Monday in May: the year of the budget does not end meanwhile, whenever this runs.
const behind = Math.floor((Date.now() - Date.parse('2025-05-12T00:00:00+08:00')) / day);
const stage = await openStage(program, behind, 'spenders');
const { root, ask } = stage;
const browser = await openBrowser();
const step = stepper();
const date = (ms) => new Date(ms + 8 * hour).toISOString().slice(0, 10);
const today = async () => date((await ask('now')).ms);
const who = async (name) => (await ask('who', { name })).actor;
const doc = async (record) => ask('doc', { record });
const find = async (institution, where) => (await ask('find', { institution, where })).record;
const act = (page, record, action, values) => actOn(root, page, record, action, values);
const as = (login, work) => visit(browser, root, login, work);
async function create(page, institution, values) {
  await page.goto(`${root}/new/${institution}`);
  await fill(page, '.form', values);
  await page.click('.form button.button:not([type=button])');
  if (await page.locator('.check-note.error').count() > 0) await page.click('.form button.button:not([type=button])');  // the server decides
}
async function made(page, institution, values) {
  await create(page, institution, values);
  await page.waitForURL(new RegExp(`/r/${institution}/`), { timeout: 15_000 }).catch(async () => assert.fail((await page.textContent('main')).replace(/\s+/g, ' ')));
  return new URL(page.url()).pathname.slice('/r/'.length);
}
async function clean(page, name) {
  for (const [device, viewport, colorScheme] of [['phone-dark', phone, 'dark'], ['wide', desktop, 'light']]) {
    await page.setViewportSize(viewport);
    await page.emulateMedia({ colorScheme });
    assert.deepEqual(await look(page), [], `${name}, ${device}`);
    await keep(page, `${name}-${device}`);
  }
}
const bytes = (text) => Buffer.from(text, 'utf8');
const dialog = (name, kind, buffer) => ({ name, mimeType: kind, buffer });

// A bank's message: opening and closing balance, and entries [amount, whom, his account, reference, bank's reference].
function camt(account, on, opening, entries) {
  const amount = (yuan) => Math.abs(yuan).toFixed(2);
  const side = (yuan) => (yuan < 0 ? 'DBIT' : 'CRDT');
  const balance = (code, yuan) => `<Bal><Tp><CdOrPrtry><Cd>${code}</Cd></CdOrPrtry></Tp><Amt Ccy="CNY">${amount(yuan)}</Amt><CdtDbtInd>${side(yuan)}</CdtDbtInd><Dt><Dt>${on}</Dt></Dt></Bal>`;
  const closing = entries.reduce((sum, [yuan]) => sum + yuan, opening);
  const entry = ([yuan, name, number, reference, bank]) => {
    const [party, its] = yuan < 0 ? ['Cdtr', 'CdtrAcct'] : ['Dbtr', 'DbtrAcct'];
    return `<Ntry><Amt Ccy="CNY">${amount(yuan)}</Amt><CdtDbtInd>${side(yuan)}</CdtDbtInd><Sts><Cd>BOOK</Cd></Sts><BookgDt><Dt>${on}</Dt></BookgDt><ValDt><Dt>${on}</Dt></ValDt><AcctSvcrRef>${bank}</AcctSvcrRef>`
      + `<NtryDtls><TxDtls><RltdPties><${party}><Pty><Nm>${name}</Nm></Pty></${party}><${its}><Id><Othr><Id>${number}</Id></Othr></Id></${its}></RltdPties><RmtInf><Ustrd>${reference}</Ustrd></RmtInf></TxDtls></NtryDtls></Ntry>`;
  };
  return `<?xml version="1.0" encoding="UTF-8"?>\n<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"><BkToCstmrStmt><GrpHdr><MsgId>DEMO-${on}</MsgId><CreDtTm>${on}T20:00:00+08:00</CreDtTm></GrpHdr>`
    + `<Stmt><Id>${on}</Id><Acct><Id><Othr><Id>${account}</Id></Othr></Id><Ccy>CNY</Ccy></Acct>${balance('OPBD', opening)}${balance('CLBD', closing)}${entries.map(entry).join('')}</Stmt></BkToCstmrStmt></Document>`;
}
async function take(page, account, message) {
  await page.goto(`${root}/r/${account}`);
  await page.locator('details:has(#f-take) > summary').click().catch(() => undefined);
  await page.locator('#f-take [name="statement_file"]').setInputFiles(dialog('statement.xml', 'application/xml', bytes(message)));
  await Promise.all([page.waitForEvent('framenavigated', { timeout: 20_000 }), page.click('#f-take button.button')]);
  await page.waitForLoadState('load');
  assert.ok(new URL(page.url()).pathname.startsWith('/r/'), await page.textContent('main'));
}
async function until(fits) {
  for (let i = 0; i < 100; ++i) {
    if (await fits().catch(() => false)) return;
    await new Promise((wait) => { setTimeout(wait, 100); });
  }
  assert.fail('it did not come');
}

try {
  const [office, surveyors, purse] = await Promise.all(['office-zrzy', 'surveyors', 'purse'].map(who));
  const year = Number((await today()).slice(0, 4));
  let budget, request, order;

  await step('an office drafts a line of its budget, the finance office approves it, and a stranger reads it', async () => {
    budget = await as('spender', async (page) => {
      await page.goto(`${root}/new/budget`);
      await clean(page, 'budget-form');
      return made(page, 'budget', { region: '350124', office, year: `${year}`, subject: 'commission', amount: '100万' });
    });
    await as('finance2', (page) => act(page, budget, 'approve'));
    await as('spender', (page) => act(page, budget, 'publish'));
    await as(undefined, async (page) => {
      await page.goto(`${root}/r/${budget}`);
      assert.match(await page.textContent('main'), /100 万元/);
      await clean(page, 'budget');
      await page.goto(`${root}/list/budget`);
      await clean(page, 'budgets');
    });
    await as('bank', (page) => take(page, purse, camt('3501241001', date(Date.now() - behind * day), 3_000_000, [])));
  });

  const asked = { region: '350124', office, budget: undefined, account: purse, payee: surveyors, payee_name: '福州勘测设计有限公司', payee_account: '9001', amount: '30万', purpose: '国土空间规划数据更新' };
  await step('a large payment without minutes and contract is refused, in words; with them it goes to two offices', async () => {
    asked.budget = budget;
    await as('spender', async (page) => {
      await create(page, 'payment-request', asked);
      await page.waitForSelector('[role=alert]');
      const words = await page.textContent('main');
      assert.match(words, /PR-04/);
      assert.match(words, /300,000\.00 元 ≥ 大额资金界限 200,000\.00 元/);
      assert.ok(!/\blarge\b/.test(words), 'a raw name is shown');
      await clean(page, 'request-refused');
      request = await made(page, 'payment-request', { ...asked, minutes: 'file', contract: 'file' });
    });
    await as('bureau-director', async (page) => {
      await page.goto(`${root}/brief`);
      await clean(page, 'director-brief');
      await act(page, request, 'agree');
    });
    assert.equal((await doc(request)).state, 'countersign');
  });

  await step('nothing but its approval makes an order to pay: no form, no program, no other post', async () => {
    await assert.rejects(find('payment', { request }));
    for (const login of ['cashier', 'finance', 'finance2']) {
      await as(login, async (page) => {
        await page.goto(`${root}/r/${request}`);
        const answer = await page.evaluate(async (given) => {
          const csrf = document.querySelector('input[name=csrf]').value;
          const got = await fetch('/api/commands', { method: 'POST', headers: { 'content-type': 'application/json', 'x-csrf-token': csrf, 'idempotency-key': `pay-${Math.random()}` }, body: JSON.stringify(given) });
          return { status: got.status, body: await got.json() };
        }, { institution: 'payment', action: 'create', fields: { request, region: '350124', office, account: purse, budget, payee_name: '某', payee_account: '1', amount: '1.00' } });
        assert.deepEqual([answer.status, answer.body.code], [403, 'EN-04']);
      });
    }
    await as('finance2', async (page) => {
      // Who approves reads to whom and by which contract; the public page says neither.
      await page.goto(`${root}/r/${request}`);
      const read = await page.textContent('section[aria-labelledby=readable]');
      assert.ok(read.includes('福州勘测设计有限公司') && read.includes('9001'), read);
      const contract = await page.evaluate(async (address) => (await fetch(address)).text(), `${root}/files/${request}/contract`);
      assert.match(contract, /^%PDF/);
      await clean(page, 'request-read');
      await act(page, request, 'approve');
      await keep(page, 'approved');
    });
    await as('clerk', async (page) => {
      await page.goto(`${root}/r/${request}`);
      const read = await page.textContent('main');
      assert.ok(!read.includes('福州勘测设计有限公司') && !read.includes('9001'), read);
      const answer = await page.goto(`${root}/files/${request}/contract`);
      assert.equal(answer.status(), 404);
    });
    order = await find('payment', { request });
    const leaf = (await doc(request)).leaves.at(-1);
    assert.deepEqual((await doc(order)).leaves, [leaf]);  // one leaf: the approval and its order
    await as(undefined, async (page) => {
      await page.goto(`${root}/log/${leaf}`);
      const words = await page.textContent('main');
      assert.ok(words.includes(request) && words.includes(order));
      assert.ok(!words.includes('福州勘测设计有限公司') && !words.includes('9001'), 'the payee stands in the leaf');
    });
  });

  await step('the cashier sends it, which reserves the money; the bank\'s statement pays it and shows what no order explains', async () => {
    await as('cashier', async (page) => {
      await page.goto(`${root}/desk`);
      await clean(page, 'cashier-desk');
      await act(page, order, 'send');
    });
    assert.equal((await doc(purse)).fields.free_balance, '2700000.00');
    await stage.advance(day);
    const { order_no } = (await doc(order)).fields;
    const message = camt('3501241001', await today(), 3_000_000, [[-300_000, '福州勘测设计有限公司', '9001', order_no, 'X1'], [-680, '演示银行', '1', '账户管理费', 'X2']]);
    await as('bank', (page) => take(page, purse, message));
    await as('finance', async (page) => {
      await until(async () => (await doc(order)).state === 'paid');
      await page.goto(`${root}/r/${purse}`);
      const { book_balance, unexplained, spent } = (await doc(purse)).fields;
      assert.deepEqual([book_balance, unexplained, spent], ['2699320.00', '680.00', '300000.00']);
      await clean(page, 'account');
      const statement = await find('account-statement', { account: purse, covered: await today() });
      await page.goto(`${root}/r/${statement}`);
      await clean(page, 'statement');
      const line = await find('account-line', { bank_reference: 'X2' });
      await page.goto(`${root}/r/${line}`);
      assert.match(await page.textContent('main'), /付出而无支付令/);
      await clean(page, 'unexplained');
    });
    assert.equal((await doc(request)).state, 'paid');
  });

  let lot, sheet, liability;
  await step('what a custody account owes: the seed is drawn in the browser, the root public at once and no total', async () => {
    ({ lot } = await ask('announce', { location: '梅溪镇梅溪新城', opens_ms: 21 * day, closes_ms: 32 * day }));
    await ask('apply', { lot, bidders: 1 });
    sheet = await as('finance', async (page) => {
      await page.goto(`${root}/new/balance-sheet`);
      const seed = await page.inputValue('[name=seed]');
      assert.match(seed, /^[0-9a-f]{64}$/);
      await page.click('[data-draw]');
      assert.notEqual(await page.inputValue('[name=seed]'), seed);
      await clean(page, 'sheet-form');
      return made(page, 'balance-sheet', { region: '350124', account: await who('custody') });
    });
    liability = await find('liability-root', { period: await today() });
    await as(undefined, async (page) => {
      await page.goto(`${root}/r/${liability}`);
      assert.ok(!(await page.textContent('main')).includes('200 万元'), 'a total before the close');
      await clean(page, 'root');
    });
    await as('finance2', async (page) => {
      await sendOn(root, page, sheet, 'publish');
      assert.match(await page.textContent('main'), /SUM-10/);
    });
  });

  await step('after the sale the total is published, and the holder checks with a stranger\'s program that his balance is in it', async () => {
    await stage.advance(40 * day);
    await as('finance2', (page) => act(page, sheet, 'publish'));
    await until(async () => (await doc(liability)).state === 'published');
    // Sealed: no register lists it for him; from his desk he finds what is his own, and nobody else does.
    const proof = await as('bidder1', async (page) => {
      await page.goto(`${root}/desk`);
      await Promise.all([page.waitForEvent('framenavigated'), page.click('.desks a[href="/own"]')]);
      await clean(page, 'own');
      assert.ok(await page.locator('main a[href^="/r/application/"]').count() > 0, 'his application');
      assert.ok(await page.locator('main a[href^="/receipt/sealed/application/"]').count() > 0, 'with its receipt, the sale being over');
      const link = page.locator('main a[href^="/r/balance-proof/"]').first();
      const found = (await link.getAttribute('href')).slice('/r/'.length);
      assert.equal(await page.locator(`main a[href="/kept/${found}/proof"]`).count(), 1);
      await Promise.all([page.waitForEvent('framenavigated'), link.click()]);
      await clean(page, 'proof');
      const [saved] = await Promise.all([page.waitForEvent('download'), page.click('a[href^="/kept/balance-proof/"]')]);
      const file = join(stage.folder, 'proof.json'), receipt = join(stage.folder, 'receipt.json'), policy = join(stage.folder, 'policy');
      await saved.saveAs(file);
      writeFileSync(policy, await (await fetch(`${root}/policy`)).text());
      writeFileSync(receipt, Buffer.from(await (await fetch(`${root}/receipt/${(await doc(liability)).leaves.at(-1)}`)).arrayBuffer()));
      const said = execFileSync(landglass, ['verify', 'balance', file, '--policy', policy, '--receipt', receipt, '--json']).toString();
      assert.match(said, /"logged"/);
      assert.match(said, /2000000\.00/);
      return found;
    });
    await as('bidder2', async (page) => {
      await page.goto(`${root}/own`);
      assert.equal(await page.locator(`main a[href="/r/${proof}"]`).count(), 0);
      const answer = await page.goto(`${root}/r/${proof}`);
      assert.equal(answer.status(), 404);
      assert.equal((await page.goto(`${root}/kept/${proof}/proof`)).status(), 404);
    });
    await as(undefined, async (page) => {
      await page.goto(`${root}/r/${liability}`);
      assert.ok((await page.textContent('main')).includes('200 万元'));
      await clean(page, 'total');
    });
  });
  console.log(`money: ${step.count()} steps`);
} finally {
  await browser.close();
  await stage.close();
}
