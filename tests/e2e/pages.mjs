// Every kind of page of the real server, for a stranger and at the desk of every post, in both languages, light and dark, on
// a phone and on a desktop: axe-core finds nothing, nothing is wider than the screen, no script complains, what is Chinese on an
// English page says so; and without a script the same words can be read. Pictures are kept in build/shots/pages. ONLY=text looks
// at the views so named.
import assert from 'node:assert/strict';
import { desktop, look, openBrowser, openStage, password, person, phone, picture, shots, visit as sit } from './stage.mjs';
import { crawl, cutOff, rawWords } from './words.mjs';

const [, , program] = process.argv;
const only = process.env['ONLY'];
const { as: shot } = shots('pages');
const stage = await openStage(program, 60, 'sold');
const { root, ask } = stage;
const browser = await openBrowser();
const wrong = [];
let looked = 0;
const hour = 3_600_000;
const winner = '梅溪房地产有限公司';  // the third bidder of worlds/county.yaml has the last word in the stage's sale

const text = async (path) => (await fetch(root + path, { headers: { accept: 'text/html' } })).text();
const first = (page, pattern) => {
  const found = pattern.exec(page);
  assert.ok(found, `no link like ${pattern}`);
  return found[1];
};

// Texts of an English page that are Chinese and do not say so: a screen reader would spell them. What is typed into a field or may
// be chosen counts where Chinese is the most of it.
const unmarked = () => {
  const found = [];
  const chinese = (element) => element.closest('[lang]').lang.startsWith('zh');
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let text = texts.nextNode(); text; text = texts.nextNode()) {
    const within = text.parentElement;
    if (!/\p{Script=Han}/u.test(text.data) || within.closest('script, style, textarea, option') || chinese(within)) continue;
    found.push(`Chinese without lang: ${text.data.trim().slice(0, 60)}`);
  }
  for (const field of document.querySelectorAll('option, textarea, input:not([type=hidden])')) {
    const said = field instanceof HTMLOptionElement ? field.text : field.value;
    const han = (said.match(/\p{Script=Han}/gu) ?? []).length;
    if (han > 0 && 2 * han >= (said.match(/[a-z]/gi) ?? []).length && !chinese(field)) found.push(`Chinese without lang: ${said.slice(0, 60)}`);
  }
  return found;
};

try {
  const { lot: live } = await ask('announce', { location: '坂东镇工业集中区', opens_ms: 21 * 24 * hour, closes_ms: 40 * 24 * hour });
  await ask('apply', { lot: live, bidders: 2 });
  await stage.advance(22 * 24 * hour);
  for (let i = 0; i < 5; i += 1) await ask('offer', { lot: live, bidder: i % 2, yuan: 10_000_000 + i * 200_000 });
  const { lot: notYet } = await ask('announce', { location: '池园镇镇北路南侧' });
  const key = live.split('/')[1];

  // One address of each kind, found as a reader finds it.
  const over = first(await text('/?state=done'), /href="(\/r\/land-listing\/[^"]+)"/);
  const certificate = first(await text('/list/land-certificate'), /href="(\/r\/land-certificate\/[^"]+)"/);
  const contract = first(await text('/list/grant-contract'), /href="(\/r\/grant-contract\/[^"]+)"/);
  const number = first(await text(certificate), /([A-Z]{2}\d{18}[0-9A-Z])/);
  const hash = first(await text('/i/land-listing'), /class="hash">([0-9a-f]{64})</);
  const table = async (page) => {
    await page.fill('#bulk-rows', '行政区,年度,供应总量\n350124,2031,2000000\n350124,第二年,1\n');
    await Promise.all([page.waitForEvent('framenavigated'), page.click('form.wide button')]);
  };
  const ask_for = (holder) => async (page) => {
    await page.fill('input[name=number]', number);
    await page.fill('input[name=holder]', holder);
    await Promise.all([page.waitForLoadState('load'), page.click('form[action="/verify"] button')]);
  };
  const open = [['market', '/'], ['market-none', '/?q=%E6%B2%A1%E6%9C%89'], ['registers', '/list'], ['register', '/list/grant-scheme'], ['register-none', '/list/objection?q=zzz'],
    ['lot-live', `/r/${live}`], ['lot-over', over], ['lot-announced', `/r/${notYet}`], ['certificate', certificate], ['contract', contract],
    ['institution', '/i/land-listing'], ['institution-large', '/i/land-case'], ['institution-small', '/i/office'], ['board', '/board/expropriation'], ['board-none', '/board/land-case?mark=supervised'], ['compare', `/i/land-listing/compare/${hash}/${hash}`], ['lock', '/lock'],
    ['register-sorted', '/list/parcel?sort=-location'], ['log', '/log'], ['leaf', '/log/120'],
    ['verify', '/verify'], ['verify-stranger', '/verify', ask_for('无此人')], ['verify-found', '/verify', ask_for(winner)],
    ['warnings', '/warnings'], ['lights', '/lights'], ['changes', '/changes'], ['open-data', '/open-data'], ['methods', '/methods'], ['login', '/login'], ['join', '/join'], ['no-record', '/r/land-listing/none'], ['no-page', '/nothing/here']];
  const more = {
    bidder1: [['room', `/room/${key}`], ['practice', '/practice'], ['own', '/own'], ['account', '/account'], ['apply', `/new/application?lot=${notYet}`], ['lot', `/r/${notYet}`]],
    bidder4: [['room', `/room/${key}`]],
    clerk: [['lot', `/r/${live}`], ['draft', '/new/land-listing'], ['register', '/list/parcel']],
    finance: [['lot', over], ['statement', '/new/bank-statement']],
    overseer: [['lot', `/r/${live}`]],
    'land-use': [['bulk', '/bulk/supply-plan', table]],
    mayor: [['brief', '/brief']],
    'bureau-director': [['brief', '/brief']],
    registrar: [['certificate', certificate]],
    sysadmin: [['administration', '/admin/system']],
    secadmin: [['administration', '/admin/security']],
    auditadmin: [['administration', '/admin/audit']],
  };
  const others = stage.logins.map(({ login }) => login).filter((login) => !login.startsWith('bidder') && !(login in more));

  // Every rule in the light on a desktop and in the dark on a phone; in English, whose words change no colour, all the others where
  // words have least room. (Templates of every kind are seen in all four of light and width by web/scripts/axe.mjs.)
  const looks = { zh: [['desktop', desktop, 'light'], ['phone', phone, 'dark', { rows: 40 }]], en: [['phone', phone, 'light', { colours: 'not', rows: 40 }]] };
  const visit = async (who, [name, path, then], lang, views) => {
    const view = `${lang}-${who.login ? `${who.login}-` : ''}${name}`;
    if (only && !view.includes(only)) return;
    who.said.length = 0;
    await who.context.addCookies([{ name: 'lang', value: lang, url: root }]);
    await who.page.setViewportSize(views[0][1]);
    await who.page.emulateMedia({ colorScheme: views[0][2] });
    const answer = await who.open(path);
    if (then) await then(who.page);
    await who.page.waitForLoadState('load');
    const expected = name.startsWith('no-') ? 404 : 200;
    const lines = answer.status() === expected ? [] : [`answered ${answer.status()}`];
    if (lang === 'en') lines.push(...await who.page.evaluate(unmarked));
    lines.push(...await rawWords(who.page));
    for (const [device, viewport, colorScheme, by] of views) {
      await who.page.setViewportSize(viewport);
      await who.page.emulateMedia({ colorScheme });
      if ((lang === 'zh') === (device === 'desktop')) await picture(who.page, shot(`${view}-${device}`));
      lines.push(...(await look(who.page, by)).map((line) => `(${device}, ${colorScheme}) ${line}`));
      looked += 1;
    }
    await who.page.setViewportSize({ width: 360, height: 780 });
    lines.push(...await cutOff(who.page));
    lines.push(...who.said.splice(0).filter((line) => expected === 200 || !line.includes('404')));
    for (const line of lines) wrong.push(`${view} ${path}: ${line}`);
  };

  // Every page in both languages; the desk of a post that has no page of its own here once in each width, light and language.
  const jobs = [[undefined, open.slice(0, 11)], [undefined, open.slice(11)], ...Object.entries(more).map(([login, list]) => [login, [['desk', '/desk'], ...list]]),
    ...others.map((login) => [login, null])];
  const work = async () => {
    for (let job = jobs.shift(); job; job = jobs.shift()) {
      const [login, list] = job;
      const names = list?.map(([name]) => name) ?? ['desk'];
      if (only && !names.some((name) => [`zh-${login}-${name}`, `en-${login}-${name}`, `zh-${name}`, `en-${name}`].some((view) => view.includes(only)))) continue;
      await stage.advance(10_000);  // so many sign-ins from one address are a guess of passwords
      await sit(browser, root, login, async (_, who) => {
        if (list) {
          for (const lang of ['zh', 'en']) for (const one of list) await visit(who, one, lang, looks[lang]);
        } else {
          await visit(who, ['desk', '/desk'], 'zh', [looks.zh[0]]);
          await visit(who, ['desk', '/desk'], 'en', looks.en);
        }
      }, { bypassCSP: true });
    }
  };
  await Promise.all([work(), work(), work()]);

  // A check of the law is looked at as the form is filled in; after that the server says the same.
  const drafter = await person(browser, root, 'land-use2', { bypassCSP: true });
  await drafter.open('/new/grant-scheme');
  const parcel = first(await text('/list/parcel'), /href="\/r\/(parcel\/[^"]+)"/);
  const plan = first(await text('/list/supply-plan'), /href="\/r\/(supply-plan\/[^"]+)"/);
  for (const [name, value] of [['parcel', parcel], ['plan', plan], ['term_years', '80'], ['start_price', '1000万'], ['increment', '100000'], ['deposit', '200万']]) await drafter.page.fill(`#create-${name}`, value);
  await drafter.page.selectOption('#create-use', 'residential');
  await drafter.page.selectOption('#create-mode', 'listing');
  const said = await drafter.page.textContent('.check-note').catch(() => '');
  if (!/GS-05[\s\S]*80[\s\S]*70/.test(said)) wrong.push(`the form says nothing of the term: ${said}`);
  await drafter.page.click('form.form .button');
  if (!drafter.page.url().endsWith('/new/grant-scheme') || await drafter.page.locator('.check-note.faint').count() !== 1) wrong.push('a form that would be refused went without a word');
  await picture(drafter.page, shot('zh-form-checked'));
  looked += 1;
  await drafter.context.close();

  // A clerk goes on from the scheme before him: what it says is not typed again, and all that is missing is told at once, each at
  // its field. The form that comes back names records as pages do.
  const clerk = await person(browser, root, 'clerk', { bypassCSP: true });
  await clerk.open(first(await text('/list/grant-scheme'), /href="(\/r\/grant-scheme\/[^"]+)"/));
  await clerk.page.click('a[href^="/new/land-listing?scheme="]');
  await clerk.page.waitForSelector('#create-start_price');
  if (!/^\d+\.\d\d$/.test(await clerk.page.inputValue('#create-start_price'))) wrong.push('the price of the scheme has to be typed again');
  await clerk.page.evaluate(() => { for (const one of document.querySelectorAll('[required]')) one.removeAttribute('required'); });
  await Promise.all([clerk.page.waitForEvent('framenavigated'), clerk.page.click('form.form .button')]);
  await clerk.page.waitForLoadState('load');
  const missing = await clerk.page.$$eval('.input.wrong > .error', (list) => list.map((one) => one.textContent));
  const told = await clerk.page.$$eval('[role=alert] a', (list) => list.map((one) => document.querySelector(one.hash)?.getAttribute('aria-invalid')));
  if (missing.length < 3 || told.length !== missing.length || told.some((one) => one !== 'true')) wrong.push(`of what is missing the form tells: ${missing}; leads to ${told}`);
  if (/\//.test(await clerk.page.inputValue('#create-scheme'))) wrong.push('a number is shown with the name of its register');
  wrong.push(...(await look(clerk.page)).map((line) => `a form with errors: ${line}`));
  await picture(clerk.page, shot('zh-form-errors'));
  looked += 1;
  await clerk.context.close();

  // A citizen types the number of a certificate with the brackets that his keyboard gives.
  const citizen = await person(browser, root, undefined, { viewport: phone });
  await citizen.open('/verify');
  const printed = /闽（\d{4}）[^\s<]+?号/.exec(await text(certificate))[0];
  await citizen.page.fill('input[name=number]', printed.replace('（', '(').replace('）', ') '));
  await citizen.page.fill('input[name=holder]', winner);
  await Promise.all([citizen.page.waitForEvent('framenavigated'), citizen.page.click('form[action="/verify"] button')]);
  const verdict = await citizen.page.textContent('.found');
  if (!/相符[\s\S]*有效/.test(verdict) || await citizen.page.locator('.found a').count() !== 0) wrong.push(`a certificate with ( and ): ${verdict}`);
  await citizen.page.click('a[href^="/list/land-certificate?q="]');
  looked += 1;
  await citizen.context.close();

  // What is overdue says since when, and how long that is; the gravest light stands first.
  const late = await text('/lights');
  const order = [...late.matchAll(/class="chip tone-(bad|warn|info)"/g)].map(([, tone]) => ['bad', 'warn', 'info'].indexOf(tone));
  if (order.some((tone, i) => i > 0 && tone < order[i - 1])) wrong.push(`lights stand in the order ${order}`);

  // By links from page to page, for a stranger in both languages and at the desk of every post: words, and no key of the machine's.
  const reader = await person(browser, root, undefined, { bypassCSP: true });
  let known;  // what a stranger has read; of records the forms are there for officials alone
  for (const [login, lang] of [[undefined, 'zh'], [undefined, 'en'], ...stage.logins.filter(({ login }) => !/^(bidder[2-9]|expert|tender-opener)/.test(login)).map(({ login }) => [login, 'zh'])]) {
    reader.login = login;
    await stage.advance(10_000);
    if (login) await reader.enter();
    await reader.context.addCookies([{ name: 'lang', value: lang, url: root }]);
    await reader.open('/healthz');
    const { looked: pages, wrong: raw, met } = await crawl(reader.page, login ? ['/desk'] : ['/', '/list', '/nothing/here'], login ? { each: 1, known } : {});
    known ??= new Set([...met].filter((path) => !path.startsWith('/r/')));
    wrong.push(...raw.map((line) => `${lang} ${login ?? 'a stranger'} ${line}`));
    looked += pages;
  }
  await reader.context.close();

  // Without a script: what a page says is there, and a form can be sent.
  const plain = await person(browser, root, undefined, { javaScriptEnabled: false, viewport: phone });
  for (const [path, words] of [['/', /当前最高价[\s\S]*万元/], [`/r/${live}`, /报价记录[\s\S]*万元[\s\S]*成交前不公开[\s\S]*出让条件[\s\S]*不公开的内容[\s\S]*办理过程/], [over, new RegExp(`溢价[\\s\\S]*${winner}[\\s\\S]*办理过程`)], ['/list', /登记簿/], ['/i/land-listing', /发布公告[\s\S]*LL-02[\s\S]*第39号/],
    ['/log', /检查点/], ['/log/120', /inclusion|证明/]]) {
    await plain.open(path);
    const body = await plain.page.textContent('main');
    if (!words.test(body)) wrong.push(`without a script ${path} lacks ${words}: ${body.replace(/\s+/g, ' ').slice(0, 300)}`);
    if (/bidder-[a-d]|land-listing\//.test(body.replace(/landglass verify \S+ \S+/, '')) && !path.startsWith('/log/') && !path.startsWith('/i/')) wrong.push(`${path} says a key of the machine's`);
    looked += 1;
  }
  await plain.open('/?q=%E5%9D%82%E4%B8%9C');
  if (!/坂东镇/.test(await plain.page.textContent('main'))) wrong.push('without a script the search finds nothing');
  await plain.open('/login');
  await plain.page.fill('#login-name', 'clerk');
  await plain.page.fill('#login-password', password);
  await plain.page.click('form.form button');
  if (!/办件|待办/.test(await plain.page.textContent('body'))) wrong.push('without a script nobody signs in');
  const who = await plain.page.textContent('.who');
  if (!/某某[\s\S]*交易组织岗/.test(who)) wrong.push(`the heading does not say who is signed in: ${who}`);
  await plain.context.close();
} finally {
  await browser.close();
  await stage.close();
}
for (const line of wrong) console.log(line);
console.log(`pages: ${looked} views, ${wrong.length} wrong`);
process.exit(wrong.length === 0 && looked > 0 ? 0 : 1);
