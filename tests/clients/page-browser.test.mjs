// The page at / in browsers and deployments that give it less than it expects: odd languages, parts of Intl that fail, blocked storage,
// missing settings. It does without.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { isLive, noFaults, open, openFrom, say } from './page.mjs';
import { stubStage, until } from './page-stub.mjs';
import { stubToken } from './stub-chat.mjs';

const on = stubStage();

test('any language of the browser or the address will do', async () => {
  const stub = await on.chat(1);
  const page = await on.come(stub);
  // One tab goes through all of them; it keeps its token.
  await page.addInitScript(() => {
    const list = JSON.parse(window.name || '{}').list ?? undefined;
    Object.defineProperty(navigator, 'languages', { get: () => list });
    Object.defineProperty(navigator, 'language', { get: () => list?.[0] });
  });
  for (const [list, query, lang, dir] of [
    [['en-US@posix'], '', 'en', 'ltr'],
    [['C', 'POSIX', 'x', '*', ''], '', 'en', 'ltr'],
    [['es_MX.UTF-8', 'en'], '', 'es', 'ltr'],
    [['es-419-x-!!'], '', 'es', 'ltr'],
    [[null, 7, {}, 'es'], '', 'es', 'ltr'],
    [undefined, '', 'en', 'ltr'],
    [[], '', 'en', 'ltr'],
    [['ar-EG', 'es'], '?dir=sideways', 'es', 'rtl'],
    [['pa-Arab'], '?lang=%00', 'en', 'rtl'],
    [['he'], '?dir=LTR&lang=', 'en', 'ltr'],
    [['es'], '?lang=constructor&dir', 'es', 'ltr'],
    [['en'], '?lang=ES_ar', 'es', 'ltr'],
    [['es'], '?lang=__proto__', 'es', 'ltr'],
  ]) {
    await page.evaluate((name) => (window.name = name), JSON.stringify({ list }));
    await page.goto(`${stub.url}/${query}`);
    await isLive(page);
    const about = `${JSON.stringify(list)} ${query}`;
    assert.deepEqual(await page.evaluate(() => [document.documentElement.lang, document.documentElement.dir]), [lang, dir], about);
    assert.match(await page.locator('#messages time').textContent(), /\d/, about);
  }
  noFaults(page);
});

test('without a part of Intl, the page is plainer, and nothing else', async () => {
  const stub = await on.chat(1);
  const page = await on.come(stub, { query: '?lang=es&dir=rtl' });
  await page.addInitScript(() => {
    const part = window.name;
    const broken = function () {
      throw new RangeError('Incorrect locale information provided');
    };
    if (part === 'Intl') globalThis.Intl = undefined;
    else globalThis.Intl[part] = broken;
  });
  for (const part of ['Intl', 'DateTimeFormat', 'NumberFormat', 'Segmenter', 'Locale']) {
    await page.evaluate((part) => (window.name = part), part);
    await page.reload();
    await page.locator('#state').getByText('En vivo').waitFor();
    assert.match(await page.locator('#messages time').textContent(), /\d/, part);
    assert.match(await page.locator('#messages .avatar').textContent(), /^U\d$/, part);
    await say(page, 'hola');
    await page.locator('#pending').getByText('hola').waitFor();
  }
  noFaults(page);
});

test('where the browser blocks storage, or it is full or holds nonsense, one enters all the same', async () => {
  const ways = {
    blocked: () =>
      Object.defineProperty(globalThis, 'sessionStorage', {
        get() {
          throw new DOMException('Access is denied for this document.', 'SecurityError');
        },
      }),
    full: () => {
      Storage.prototype.setItem = () => {
        throw new DOMException('The quota has been exceeded.', 'QuotaExceededError');
      };
    },
    missing: () => Object.defineProperty(globalThis, 'sessionStorage', { value: null }),
    'other types': () => {
      sessionStorage.setItem('live-chat-visitor', '{"name":{},"sub":5}');
      sessionStorage.setItem('live-chat-token', '{"a":1}');
    },
    'no JSON': () => {
      sessionStorage.setItem('live-chat-visitor', '{');
      sessionStorage.setItem('live-chat-token', 'x.y.z');
    },
  };
  for (const [how, script] of Object.entries(ways)) {
    const stub = await on.chat(1);
    let issued = 0;
    stub.devToken = () => ({ token: stubToken('dev-1', { jti: ++issued }), user_id: 'dev-1' });
    const prepare = (page) => page.addInitScript(script);
    const page = await open(on.browser, stub.url, { prepare });
    await page.waitForSelector('#enter:not([hidden])');
    assert.equal(await page.inputValue('#name'), '', how);
    const asked = [];
    page.on('request', (request) => request.url().endsWith('/dev/token') && asked.push(request.postDataJSON()));
    await page.fill('#name', 'Ann');
    await page.click('#enter [type=submit]');
    await isLive(page);
    // The tab is the same user, too, when it gets the next token.
    stub.tell({ type: 'error', code: 'token_expired', message: 'The token has expired' });
    await until(page, () => asked.length === 2);
    assert.deepEqual(asked, [{ name: 'Ann' }, { name: 'Ann', sub: 'dev-1' }], how);
    await isLive(page);
    await page.goto(`${stub.url}/?lang=en#token=${stubToken('reader')}`);
    await isLive(page);
    noFaults(page);
    await page.context().close();
  }
});

/** Changes a meta tag before the scripts of a page run, as the window's name says. */
const changeMeta = (target) =>
  target.addInitScript(() => {
    const [name, content] = JSON.parse(window.name || '[]');
    const change = () => {
      const meta = document.querySelector(`meta[name="${name}"]`);
      if (content === null) meta?.remove();
      else if (meta) meta.content = content;
    };
    document.addEventListener('readystatechange', change, { once: true });
  });

test('a setting that is missing or unusable counts as its default', async () => {
  const stub = await on.chat(1);
  const page = await on.come(stub);
  await changeMeta(page);
  for (const content of [null, '', 'many', '-5', '0', '1e999', '12.5']) {
    await page.evaluate((name) => (window.name = name), JSON.stringify(['live-chat-max-message-length', content]));
    await page.reload();
    await isLive(page);
    await page.fill('#text', 'four');
    await page.locator('#counter').getByText('4/1000', { exact: true }).waitFor();
  }
  noFaults(page);

  const foreign = stub.url.replace('localhost', '127.0.0.1');
  const host = await open(on.browser, `${foreign}/icon.svg`);
  await changeMeta(host.context());
  const opened = await openFrom(host, stub.url);
  for (const content of [null, '', '*', 'app.example data: https:// null']) {
    await opened.evaluate((name) => (window.name = name), JSON.stringify(['live-chat-hosts', content]));
    await opened.reload();
    await opened.waitForSelector('#enter:not([hidden])');
  }
  await opened.evaluate((name) => (window.name = name), JSON.stringify(['live-chat-hosts', `%%% app.example,${foreign}/path`]));
  await opened.reload();
  await opened.locator('#loading').getByText('Connecting…').waitFor();
  await host.evaluate((token) => globalThis.chat.postMessage({ type: 'live-chat-token', token }, '*'), stubToken('guest'));
  await isLive(opened);
});
