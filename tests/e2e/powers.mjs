// Power held by the institutions, seen in Chromium. In one county an approval is refused at the gate for everything that stands
// in its way and, mended, approved; a reviewer stands aside; the county cannot close a petition against the petitioner's will;
// a sole administrator cannot put a weaker rule in force tonight. In another an inspector goes from a warning by a lead, a case
// and its listing to the public notice. What these are not about is asked of the stage. Pictures in build/shots/powers.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { act as actOn, fill, house, look, openBrowser, openStage, phone, send as sendOn, shots, stepper, visit } from './stage.mjs';

const [, , program] = process.argv;
const keep = shots('powers');
const browser = await openBrowser();
const [hour, day] = [3_600_000, 86_400_000];
// From a Monday before a summer without long holidays: terms in working days come out the same whenever this runs.
const behind = Math.floor((Date.now() - Date.parse('2025-05-12T00:00:00+08:00')) / day);
const file = (n) => String(n).padStart(64, '0');
const date = (ms) => new Date(ms + 8 * hour).toISOString().slice(0, 10);
const step = stepper();

// What a county's journeys are told in.
function county(stage) {
  const { root, ask } = stage;
  const self = {
    ...stage,
    act: (page, record, action, values) => actOn(root, page, record, action, values),
    send: (page, record, action, values) => sendOn(root, page, record, action, values),
    create: async (by, institution, fields) => (await ask('create', { by, institution, fields })).record,
    done: (by, record, action, fields = {}) => ask('act', { by, record, action, fields }),
    find: async (institution, where) => (await ask('find', { institution, where })).record,
    state: async (record) => (await ask('doc', { record })).state,
    today: async () => date((await ask('now')).ms),
    who: async (name) => (await ask('who', { name })).actor,
    as: (login, work, options) => visit(browser, root, login, work, options),
    step,
    // The page says no, with this code and its law, and nothing happened.
    async refused(page, code) {
      await page.waitForSelector('[role=alert], .refusal');
      assert.match(await page.textContent('main'), new RegExp(`${code}\\b`));
      assert.ok(!new URL(page.url()).search.startsWith('?done='), page.url());
    },
    async clean(page) { assert.deepEqual(await look(page), []); },
  };
  return self;
}

// The same by a program, with the session of the page.
const command = (page, body) => page.evaluate(async (given) => {
  const csrf = document.querySelector('input[name=csrf]').value;
  const got = await fetch('/api/commands', { method: 'POST', headers: { 'content-type': 'application/json', 'x-csrf-token': csrf, 'idempotency-key': `${given.action}-${Math.random()}` }, body: JSON.stringify(given) });
  return { status: got.status, body: await got.json() };
}, body);

// Sends a form that the page itself objects to: it says so once, and the server decides.
async function insist(page) {
  await page.click('.form button.button');
  if (await page.locator('.check-note').count() > 0) await page.click('.form button.button');
}

// A taking up for examination, and a construction-land approval on it whose opinions are being asked for.
async function taking(town) {
  const { ask, create, done, find, advance, who } = town;
  const at = { region: '350124', location: '梅城镇新民村' };
  const field = await who('field');
  const standard = await create('land-use', 'compensation-standard', { region: '350124', zone: 'Ⅰ', price: '45000.00', basic_farmland_price: '50000.00', effective: '2022-06-01' });
  await done('governor', standard, 'publish');
  const project = await create('land-use', 'expropriation', { name: '县道新民段', ...at, parcel: field, zone: 'Ⅰ', category: 'farmland', interest: 'infrastructure', area: '20000.00', households: 2 });
  await done('mayor', project, 'announce');
  await advance(18 * day);
  await done('land-use', project, 'survey', { survey: file(1), risk: 'low', households: 2 });
  await done('survey', project, 'confirm-land', { found_zone: 'Ⅰ', found_category: 'farmland', found_area: '20000.00' });
  await done('gov-legal', project, 'assess-risk', { found_risk: 'low', risk_report: file(1) });
  await done('mayor', project, 'publish-plan', { plan: file(2), ways: ['money'], security_due: '200000.00' });
  const line = (line_no, holder, holder_name, land_area, land_amount) => create('townsman', 'household-line', { taking: project, region: '350124', line_no, holder, holder_name, members: 3, land_area, land_amount, attachments_amount: '0.00' });
  const a = await line(1, await who('villager-a'), '陈某', '12000.00', '810000.00');
  const b = await line(2, await who('villager-b'), '黄某', '8000.00', '540000.00');
  await advance(31 * day);
  for (const one of ['townsman', 'gov-legal']) await done(one, project, 'count-opposed', { opposed: 0, members: 6 });
  await done('land-use', project, 'close-notice');
  for (const one of [a, b]) {
    for (const by of ['townsman', 'gov-legal']) await done(by, one, 'agree-on-paper', { agreement: file(3), way: 'money' });
  }
  for (const one of ['finance', 'finance2']) await done(one, project, 'fund', { fund_paid: '1350000.00', fund_proof: file(5) });
  await done('land-use', project, 'submit');
  const review = await create('land-use2', 'joint-review', { name: '县道新民段', ...at, applicant: await who('builder'), taking: project, area: '20000.00', arable: '15000.00', basic_farmland: '0.00', collective: true, materials: file(7) });
  await done('bureau-director', review, 'accept');
  const of = {};
  for (const department of ['planner', 'farmland', 'land-use', 'surveyor', 'legal', 'enforcement']) of[department] = await find('review-opinion', { review, department });
  const found = { surveyor: { found_collective: '20000.00' }, farmland: { found_arable: '15000.00', found_basic: '0.00' } };
  for (const [by, department] of [['planner', 'planner'], ['farmland', 'farmland'], ['land-use', 'land-use'], ['survey', 'surveyor'], ['enforcement', 'enforcement']])
    await done(by, of[department], 'opine', { position: 'agree', opinion: '可以', ...found[department] });
  await ask('now');
  return { project, review, of };
}

async function approvals() {
  const town = county(await openStage(program, behind, 'review'));
  const { root, act, send, done, create, step, as, refused, clean } = town;
  try {
    const { project, review, of } = await taking(town);

    await step('an office is late; its light is computed again in the reader\'s browser from public events, and agrees', async () => {
      await town.advance(9 * day);
      await as(undefined, async (page) => {
        for (let again = 0; ; ++again) {
          await page.goto(`${root}/lights`);
          if (await page.locator('[data-recompute]').count() > 0) break;
          assert.ok(again < 40, 'no card was opened');
          await page.waitForTimeout(250);
        }
        await page.waitForSelector('[data-recomputed]:not([hidden])', { timeout: 30_000 });
        assert.match(await page.textContent('[data-recomputed]'), /重算了 (\d+) 张卡：\1 张一致，0 张/);
        await keep(page, 'lights');
        await clean(page);
        await page.setViewportSize(phone);
        await page.emulateMedia({ colorScheme: 'dark' });
        await clean(page);
        await keep(page, 'lights-phone');
      });
    });

    let attached;
    await step('a material is handed in as a file; the leaf names it by its hash and says what it is', async () => {
      await as('land-use2', async (page) => {
        await page.goto(`${root}/r/${review}`);
        await page.locator('details:has(#f-attach) > summary').click();
        assert.match(await page.textContent('#f-attach'), /公开日志，不能删除/);
        await keep(page, 'attach');
        await clean(page);
        await act(page, review, 'attach', { attachment: '', about: '补充耕地方案' });
        const leaf = new URL(page.url()).searchParams.get('done');
        await page.goto(`${root}/log/${leaf}`);
        const hash = createHash('sha256').update('%PDF-1.4 attachment 演示').digest('hex');
        const said = await page.textContent('main');
        assert.ok(said.includes(hash) && said.includes('补充耕地方案'), said);
        const refused = await command(page, { record: review, action: 'attach', fields: { attachment: '方案.pdf', about: '补充耕地方案' } });
        assert.deepEqual([refused.status, refused.body.code], [422, 'EN-09'], JSON.stringify(refused));
        attached = `/files/${review}/${leaf}/attachment`;
      });
    });

    await step('who reviews the approval opens the material from the timeline; a stranger is told its digest, and that the file is not public', async () => {
      await as('planner', async (page) => {
        await page.goto(`${root}/r/${review}`);
        assert.match(await page.textContent('.timeline'), /补充耕地方案/);
        const waiting = page.waitForEvent('download');
        await page.click(`.timeline a[href="${attached}"]`);
        const got = await waiting;
        assert.equal(readFileSync(await got.path(), 'utf8'), '%PDF-1.4 attachment 演示');
        assert.match(got.suggestedFilename(), /^joint-review-.*-attachment-[0-9a-f]{12}\.pdf$/);
        await keep(page, 'attached');
      });
      // The digest is public: who has not the file does not open it by naming it in an act of his own.
      await as('villager-b', async (page) => {
        await page.goto(`${root}/account`);
        const hash = createHash('sha256').update('%PDF-1.4 attachment 演示').digest('hex');
        const answer = await command(page, { institution: 'petition', action: 'create', fields: { region: '350124', kind: 'compensation', project, statement: '调阅', evidence: hash } });
        assert.deepEqual([answer.status, answer.body.code], [422, 'FILE-02'], JSON.stringify(answer));
      });
      await as(undefined, async (page) => {
        await page.goto(`${root}/r/${review}`);
        assert.match(await page.textContent('.timeline'), /材料：[0-9a-f]{12}…（内容不公开）/);
        assert.equal(await page.locator(`a[href="${attached}"]`).count(), 0);
        await page.goto(root + attached);
        await refused(page, 'FILE-03');
      });
    });

    await step('a reviewer stands aside; from then on every act of his own there is refused, and his deputy gives the opinion', async () => {
      await as('legal', async (page) => {
        await act(page, of.legal, 'recuse', { reason: '近亲属在申请单位任职' });
        await keep(page, 'recused');
        await page.goto(`${root}/r/${of.legal}`);
        await send(page, of.legal, 'opine', { position: 'agree', opinion: '程序合法' });
        await refused(page, '(EN-20|RO-04)');
        await keep(page, 'recused-and-tries');
      });
      await as('gov-legal', (page) => act(page, of.legal, 'opine', { position: 'agree', opinion: '程序合法' }));
      assert.equal(await town.state(of.legal), 'given');
    });

    await done('bureau-director', review, 'convene', { meeting_on: await town.today() });
    for (const member of ['bureau-director', 'vice-director', 'committee3']) await done(member, review, 'conclude', { attended: ['planner', 'farmland', 'legal', 'enforcement'], minutes: file(8) });
    await town.advance(10 * day);
    const petition = await create('villager-a', 'petition', { region: '350124', kind: 'compensation', project, statement: '丈量少算' });

    await step('what the petitioner wrote is read by him and by who handles it, on its page and by a program, and by nobody else', async () => {
      for (const [login, reads] of [['villager-a', true], ['petition-officer', true], ['villager-b', false], ['land-use', false], ['clerk', false], [undefined, false]]) {
        await as(login, async (page) => {
          await page.goto(`${root}/r/${petition}`);
          const told = await page.evaluate(async (address) => (await fetch(address)).json(), `${root}/api/records/${petition}`);
          assert.equal(told.private?.statement, reads ? '丈量少算' : undefined, `${login} by a program`);
          assert.equal((await page.textContent('main')).includes('丈量少算'), reads, `${login}`);
          assert.equal(await page.locator('section[aria-labelledby=readable]').count(), reads ? 1 : 0);
          if (!reads) return;
          assert.match(await page.textContent('section[aria-labelledby=readable]'), /丈量少算/);
          await keep(page, `petition-read-${login}`);
          await clean(page);
        });
      }
      // What names him he finds again, though no public page says that it does.
      for (const [login, his] of [['villager-a', true], ['villager-b', false], ['petition-officer', false]]) {
        await as(login, async (page) => {
          await page.goto(`${root}/own`);
          assert.equal(await page.locator(`a[href="/r/${petition}"]`).count(), his ? 1 : 0, `${login}'s own records`);
          assert.equal(await page.locator('a[href^="/r/household-line/"]').count(), login.startsWith('villager') ? 1 : 0);
          if (!his) return;
          await keep(page, 'own');
          await clean(page);
        }, { viewport: phone });
      }
    });

    await step('the approval is refused at the gate, and the examination says at once everything that stands in its way', async () => {
      await as('governor', async (page) => {
        await send(page, review, 'approve');
        await refused(page, 'JR-08');
        assert.match(await page.textContent('main'), /JR-09/);
        await keep(page, 'approval-refused');
        await clean(page);
      });
      await as('examiner', async (page) => {
        await send(page, project, 'pass');
        await refused(page, 'EX-12');
        const said = await page.textContent('main');
        for (const code of ['EX-13', 'EX-14']) assert.ok(said.includes(code), `${code} is not said`);
        await keep(page, 'gate-refused');
      }, { viewport: phone });
    });

    await step('the county cannot close the petition against the petitioner\'s will, by no page and by no program', async () => {
      for (const login of ['petition-officer', 'mayor', 'land-use']) {
        await as(login, async (page) => {
          await page.goto(`${root}/r/${petition}`);
          assert.match(await page.textContent('.refused'), /信访人了结或撤回[\s\S]*EN-04/);
          assert.equal(await page.locator('#f-close').count(), 0);
          if (login === 'petition-officer') await keep(page, 'petition-not-closed');
          const answer = await command(page, { record: petition, action: 'close', fields: {} });
          assert.deepEqual([answer.status, answer.body.code], [403, 'EN-04']);
        });
      }
      assert.equal(await town.state(petition), 'filed');
      await as(undefined, async (page) => {
        await page.goto(`${root}/r/${petition}`);
        assert.ok(!(await page.textContent('main')).includes('丈量少算'));
      });
    });

    await step('mended one by one, and the petition closed by whose it is, it passes and is approved', async () => {
      await as('mayor', (page) => act(page, project, 'change-ways', { ways: ['money', 'social-security'], reason: '增加安置途径' }));
      for (const one of ['welfare', 'finance'])
        await as(one, (page) => act(page, project, 'secure', { security_required: '20万', security_paid: '20万', security_proof: 'file' }));
      await as('examiner', async (page) => {
        await send(page, project, 'pass');
        await refused(page, 'EX-14');
        assert.ok(!(await page.textContent('main')).includes('EX-13'));
      });
      await as('villager-a', async (page) => {
        await act(page, petition, 'close');
        await keep(page, 'petition-closed');
      }, { viewport: phone });
      await as('examiner', (page) => act(page, project, 'pass'));
      await as('governor', async (page) => {
        await act(page, review, 'approve');
        await keep(page, 'approved');
      });
      assert.equal(await town.state(review), 'approved');
      assert.equal(await town.state(project), 'approved');
    });

    await step('an administrator alone can put no weaker rule in force tonight: not by proposing, not by a date, not by letting it pass', async () => {
      const was = readFileSync(join(house, 'packs/cn-land/public/petition.yaml'), 'utf8');
      const running = ['filed', 'declined', 'handling', 'extended', 'answered', 'review', 'reviewed', 'second_review', 'unreviewed'].map((state) => `${state}: keep`).join(', ');
      const weaker = was.replace(/^version: 1$/m, `version: 2\nrunning: {${running}}`).replace('value: 15日', 'value: 90日');
      assert.notEqual(weaker, was);
      await as('sysadmin', async (page) => {
        await page.goto(`${root}/admin/system`);
        await keep(page, 'administration');
        await clean(page);
        for (const other of ['security', 'audit']) {
          await page.goto(`${root}/admin/${other}`);
          assert.match(await page.textContent('main'), /EN-04/);
        }
        await page.goto(`${root}/new/pack-change`);
        await page.locator('.form [name="file"]').setInputFiles({ name: 'petition.yaml', mimeType: 'text/yaml', buffer: Buffer.from(weaker) });
        await fill(page, '.form', { trial: '自行检查', effective: await town.today(), reason: '今晚施行' });
        await insist(page);
        await refused(page, 'EN-04');
        await keep(page, 'rule-refused');
      });
      let change;
      await as('editor', async (page) => {
        const propose = async (effective) => {
          await page.goto(`${root}/new/pack-change`);
          await page.locator('.form [name="file"]').setInputFiles({ name: 'petition.yaml', mimeType: 'text/yaml', buffer: Buffer.from(weaker) });
          await fill(page, '.form', { trial: '情景全部通过', effective, reason: '放宽受理期限' });
          await insist(page);
        };
        await propose(await town.today());
        await refused(page, 'PC-02');
        await propose(date((await town.ask('now')).ms + 20 * day));
        await page.waitForURL(/\/r\/pack-change\//);
        change = new URL(page.url()).pathname.slice('/r/'.length);
        await page.goto(`${root}/r/${change}`);
        assert.equal(await page.locator('#f-endorse, #f-put-in-force').count(), 0);
      });
      // Which rule is proposed anybody may read as it was handed in.
      const given = await fetch(`${root}/files/${change}/file`);
      assert.equal(await given.text(), weaker);
      assert.equal(given.headers.get('landglass-sha256'), createHash('sha256').update(weaker).digest('hex'));
      assert.match(given.headers.get('content-disposition'), /^attachment/);
      await as('sysadmin', async (page) => {
        await page.goto(`${root}/r/${change}`);
        assert.match(await page.textContent('main'), /公示中/);
        for (const action of ['endorse', 'put-in-force']) {
          assert.equal(await page.locator(`#f-${action}`).count(), 0);
          const answer = await command(page, { record: change, action, fields: {} });
          assert.ok(['EN-02', 'EN-04'].includes(answer.body.code), JSON.stringify(answer));
        }
        await keep(page, 'rule-announced');
      });
      await town.advance(9 * day);
      await as('sysadmin', async (page) => {
        assert.equal(await town.state(change), 'ready');
        await page.goto(`${root}/desk`);
        assert.equal((await command(page, { record: change, action: 'endorse', fields: {} })).body.code, 'EN-04');
      });
      const inForce = await (await fetch(`${root}/i/petition/file`)).text();
      assert.ok(inForce.includes('15日') && !inForce.includes('90日'), 'the weaker rule is in force');
    });
  } finally {
    await town.close();
  }
}

async function inspection() {
  const town = county(await openStage(program, behind, 'oversight'));
  const { root, ask, act, done, create, find, step, as, clean } = town;
  try {
    const { ms } = await ask('now');
    // Saturday at noon: an announcement on a day off, which the watch asks about.
    const saturday = ((6 - new Date(ms + 8 * hour).getUTCDay() + 7) % 7) * day;
    await town.advance(saturday + 12 * hour - ((ms + 8 * hour) % day) + (saturday === 0 ? 7 * day : 0));
    const { lot } = await ask('announce', { location: '坂东镇工业集中区' });
    await ask('parties', { count: 1 });
    const party = 'party/bidder-x0';
    let warning;
    await step('the watch asks about an announcement on a day off; the inspector finds it at his desk by what it is about', async () => {
      await as('disc2', async (page) => {
        for (let again = 0; ; ++again) {
          await page.goto(`${root}/list/warning`);
          const link = page.locator('a', { hasText: '坂东镇工业集中区' }).first();
          if (await link.count() > 0) {
            warning = (await link.getAttribute('href')).slice('/r/'.length);
            break;
          }
          assert.ok(again < 40, 'no warning was raised');
          await page.waitForTimeout(250);
        }
        await keep(page, 'warnings');
        await clean(page);
        await page.goto(`${root}/r/${warning}`);
        assert.match(await page.textContent('h1'), /休息日[\s\S]*坂东镇工业集中区/);
        await keep(page, 'warning');
      });
      await as(undefined, async (page) => {
        const answer = await page.goto(`${root}/r/${warning}`);
        assert.equal(answer.status(), 404);
      });
    });

    let lead;
    await step('the warning becomes a case: a lead is recorded, checked and filed with two handlers', async () => {
      // Confirmed and sent on in one act: the lead that it makes is named on the warning's page.
      await as('disc2', async (page) => {
        await act(page, warning, 'open-case', { becomes: 'lead', kind: 'occupation', reason: '涉嫌未批先建，移交执法' });
        lead = (await town.ask('doc', { record: warning })).fields.lead;
        assert.match(lead, /^case-lead\//);
        await keep(page, 'warning-sent-on');
      });
      for (const one of ['inv1', 'inv2']) await as(one, (page) => act(page, lead, 'check', { finding: '现场核实，未批先建厂房', area: '2000', arable: '2000', basic_farmland: '0', respondent: party, respondent_name: '观察者0号置业有限公司', evidence: 'file' }));
      const found = await as('casehead', async (page) => {
        await page.goto(`${root}/r/${lead}`);
        const address = await page.locator('.timeline a[href$="/evidence"]').first().getAttribute('href');
        const read = await page.evaluate(async (one) => (await fetch(one)).text(), root + address);
        assert.equal(read, '%PDF-1.4 evidence 演示');
        await keep(page, 'lead-with-evidence');
        return address;
      });
      for (const address of [found, `/files/${lead}/evidence`]) {
        for (const login of ['clerk', undefined])
          await as(login, async (page) => assert.equal((await page.goto(root + address)).status(), 404));
      }
      await as('casehead', async (page) => {
        await act(page, lead, 'file', { respondent: party, respondent_name: '观察者0号置业有限公司', 'handlers.0': await town.who('inv1'), 'handlers.1': await town.who('inv2') });
        await keep(page, 'filed');
      });
    });

    let query;
    await step('he looks at the company over all registers: an event with its matter, read that day by him alone', async () => {
      await as('disc2', async (page) => {
        await page.goto(`${root}/r/${party}`);
        await page.click('.title a:has-text("企业全貌查询")');
        await fill(page, '.form', { warning });
        await page.click('.form button.button');
        await page.waitForURL(/\/r\/company-query\//);
        query = new URL(page.url()).pathname.slice('/r/'.length);
        assert.equal(await page.locator('#land-case').count(), 1);
        await keep(page, 'company');
        await clean(page);
      });
      for (const login of ['dischead', 'clerk', undefined]) {
        await as(login, async (page) => {
          await page.goto(`${root}/r/${query}`);
          assert.equal(await page.locator('#land-case').count(), 0);
        });
      }
    });

    await step('what is asked to be opened is on the desk of the heads of discipline, but for the one whose file it is; a series of queries is told to them and to nobody else', async () => {
      const head = await town.who('dischead');
      await create('personnel', 'integrity-file', { region: '350124', person: head, rank: 'deputy', since: await town.today() });
      const asked = await create('disc2', 'file-opening', { region: '350124', person: head, matter: '考察', ground: 'appointment' });
      for (let more = 0; more < 5; more += 1) await create('disc2', 'company-query', { party, warning });
      for (const [login, desk, told] of [['dischead2', 1, 1], ['dischead', 0, 1], ['clerk', 0, 0], [undefined, 0, 0]]) {
        await as(login, async (page) => {
          if (login !== undefined) {
            await page.goto(`${root}/desk`);
            assert.equal(await page.locator(`a[href="/r/${asked}"]`).count() > 0, desk === 1, `${login}'s desk`);
            if (desk === 1) await keep(page, 'desk-of-a-head');
          }
          await page.goto(`${root}/warnings?code=CY-02`);
          assert.equal(await page.locator('.chip:has-text("CY-02")').count() > 0, told === 1, `${login}'s warnings`);
          if (desk === 1) await keep(page, 'told-of-a-series');
        });
      }
    });

    const matter = await find('land-case', { respondent: party });
    const proof = await create('inv1', 'evidence', { region: '350124', case: matter, kind: 'site', about: '勘测定界图', file: file(11), taken_on: await town.today(), taken_at: '坂东镇' });
    await done('inv2', proof, 'countersign');
    for (const by of ['inv1', 'inv2']) await done(by, matter, 'report', { report: file(12) });
    await done('legal', matter, 'pass', { review: '事实清楚，证据充分' });
    await done('inv1', matter, 'tell', { proposed: '拆除并罚款', evidence: file(13) });
    await done(party, matter, 'waive');
    let listing;
    await step('the level above lists the case, by two different people', async () => {
      listing = await as('sup1', async (page) => {
        await page.goto(`${root}/new/listed-supervision?case=${matter}`);
        await fill(page, '.form', { region: '350124', kind: 'farmland', demand: '限期查处到位，报告结果', due: date((await ask('now')).ms + 30 * day) });
        await page.click('.form button.button');
        await page.waitForURL(/\/r\/listed-supervision\//);
        return new URL(page.url()).pathname.slice('/r/'.length);
      });
      await as('sup1', async (page) => {
        await page.goto(`${root}/r/${listing}`);
        assert.match(await page.textContent('.refused'), /批准挂牌[\s\S]*EN-05/);
      });
      await as('sup2', async (page) => {
        await act(page, listing, 'list');
        await keep(page, 'listed');
      });
    });

    await done('bureau-director', matter, 'decide', { measures: ['demolish', 'fine'], decision: '限期拆除，处以罚款', fine: '400000.00', perform_by: date((await ask('now')).ms + 15 * day) });
    await done('inv1', matter, 'deliver', { delivered_on: await town.today(), evidence: file(14) });
    await done('legal', matter, 'publish');
    await step('the notice is published, and a stranger reads it, with the case behind it and its place in the log', async () => {
      const notice = await as('sup1', async (page) => {
        await page.goto(`${root}/new/public-notice?case=${matter}`);
        await fill(page, '.form', { region: '350124', summary: '坂东镇未批先建案', result: '限期拆除，罚款40万元' });
        await page.click('.form button.button');
        await page.waitForURL(/\/r\/public-notice\//);
        return new URL(page.url()).pathname.slice('/r/'.length);
      });
      await as('sup2', (page) => act(page, notice, 'publish'));
      await as(undefined, async (page) => {
        await page.goto(`${root}/list/public-notice`);
        await page.click(`a[href="/r/${notice}"]`);
        const words = await page.textContent('main');
        for (const one of ['坂东镇未批先建案', '限期拆除，罚款40万元', '观察者0号置业有限公司', '已通报']) assert.ok(words.includes(one), one);
        await keep(page, 'notice');
        await clean(page);
        await page.setViewportSize(phone);
        await page.emulateMedia({ colorScheme: 'dark' });
        await clean(page);
        await keep(page, 'notice-phone');
        await page.click('.timeline a[href^="/log/"]');
        assert.match(await page.textContent('main'), /public-notice/);
      });
    });
  } finally {
    await town.close();
  }
}

try {
  const only = process.env['ONLY'];
  await Promise.all([approvals, inspection].filter((one) => !only || one.name === only).map((one) => one()));
  console.log(`powers: ${step.count()} steps`);
} finally {
  await browser.close();
}
