// The page of replays: in step with a recording after seeking and while it plays, as its subtitles are; by a clock; by keyboard; on a phone.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { focused, isAccessibleInBoth, open, screenshot, stage, DESKTOP } from './page.mjs';

const LIMIT = { timeout: 120_000 };
/** The recording, in seconds. */
const LENGTH = 10;
/** A replay and its recording are no further apart, in seconds. */
const STEP = 0.5;

const on = stage({ settings: { LIVE_CHAT_MAX_MESSAGES_PER_USER_PER_MINUTE: '0' }, fill });
let hostToken;
let evening;

async function call(token, method, path, body) {
  const response = await fetch(`${on.gateway.url}/live-chat/${path}`, {
    method,
    headers: { Authorization: `Bearer ${token}`, ...(body && { 'Content-Type': 'application/json' }) },
    body: body && JSON.stringify(body),
  });
  const text = await response.text();
  assert.ok(response.ok, text);
  return text;
}

/** Records a canvas for some seconds; resolves with the bytes, as base64, and when it began. Its picture is a number that counts up. */
function record(seconds) {
  const canvas = Object.assign(document.createElement('canvas'), { width: 320, height: 180 });
  const context = canvas.getContext('2d');
  const draw = () => {
    context.fillStyle = '#123';
    context.fillRect(0, 0, 320, 180);
    context.fillStyle = '#fff';
    context.font = '48px sans-serif';
    context.fillText((performance.now() / 1000).toFixed(1), 90, 110);
  };
  const drawing = setInterval(draw, 50);
  const recorder = new MediaRecorder(canvas.captureStream(20), { mimeType: 'video/webm;codecs=vp8' });
  const pieces = [];
  let began;
  recorder.addEventListener('dataavailable', ({ data }) => pieces.push(data));
  recorder.addEventListener('start', () => (began = Date.now()));
  const done = new Promise((resolve) => {
    recorder.addEventListener('stop', () => {
      clearInterval(drawing);
      const reader = new FileReader();
      reader.addEventListener('load', () => resolve({ began, base64: reader.result.split(',').at(-1) }));
      reader.readAsDataURL(new Blob(pieces, { type: 'video/webm' }));
    });
  });
  draw();
  recorder.start(500);
  setTimeout(() => recorder.stop(), seconds * 1000);
  return done;
}

/** An evening: a recording, and what was said meanwhile; one message was taken back. */
async function fill() {
  hostToken = await on.gateway.tokenWith('--sub', 'hans', '--name', 'Hans', '--role', 'host');
  const people = await Promise.all(['Ann', 'Bob', 'Cleo'].map((name) => on.gateway.token(name.toLowerCase(), name)));
  const page = await on.browser.newPage();
  await page.goto(`${on.gateway.url}/replay/`);
  const recording = page.evaluate(record, LENGTH);
  const end = Date.now() + LENGTH * 1000;
  for (let nth = 0; Date.now() < end - 600; nth += 1) {
    const said = JSON.parse(await call(people[nth % 3], 'POST', 'send-message', { message: `message ${nth}${nth % 5 === 4 ? ' <b>& more</b>' : ''}` }));
    if (nth === 3) await call(hostToken, 'DELETE', `messages/${said.message_id}`);
    if (nth === 6) await call(hostToken, 'POST', 'events', { name: 'goal', attributes: {} });
    // A recording takes the time that it takes.
    await new Promise((resolve) => setTimeout(resolve, 350));
  }
  const { began, base64 } = await recording;
  await page.close();
  const start = new Date(began).toISOString();
  const [lines, vtt] = await Promise.all([call(hostToken, 'GET', 'sessions/1/export?include_deleted=true'), call(hostToken, 'GET', `sessions/1/export?format=vtt&start=${start}`)]);
  const records = lines.trim().split('\n').map((line) => JSON.parse(line));
  const messages = records.filter(({ type }) => type === 'message').map(({ at, message }) => ({ at: (Date.parse(at) - began) / 1000, text: message.message }));
  assert.ok(messages.length >= 10, `${messages.length} messages`);
  evening = { start, lines, vtt, messages, video: Buffer.from(base64, 'base64') };
}

const log = (page) => page.locator('#log-host');
/** The texts that the log shows now. */
const shown = (page) => page.evaluate(() => [...document.querySelector('#log-host').shadowRoot.querySelectorAll('#messages .text')].map(({ textContent }) => textContent));
const file = (name, mimeType, content) => ({ name, mimeType, buffer: Buffer.from(content) });

/** A page that plays the evening, beside its recording. */
async function withRecording(options) {
  const page = await open(on.browser, `${on.gateway.url}/replay/?start=${evening.start}`, { viewport: DESKTOP, ...options });
  await page.setInputFiles('#video-file', file('evening.webm', 'video/webm', evening.video));
  await page.setInputFiles('#export-file', file('evening.jsonl', 'application/jsonl', evening.lines));
  await log(page).waitFor();
  // What MediaRecorder makes has no length until it was read to its end.
  await page.evaluate(async () => {
    const video = document.querySelector('video');
    video.muted = true;
    if (video.readyState === 0) await new Promise((resolve) => video.addEventListener('loadedmetadata', resolve, { once: true }));
    const sought = new Promise((resolve) => video.addEventListener('seeked', resolve, { once: true }));
    video.currentTime = 1e6;
    await sought;
  });
  return page;
}

/** Seeks; resolves with what shows half a second later at most, as soon as it is as many messages as are expected. */
async function seek(page, position, count) {
  const reached = await page.evaluate(async ([position, count, most]) => {
    const video = document.querySelector('video');
    const sought = new Promise((resolve) => video.addEventListener('seeked', resolve, { once: true }));
    video.currentTime = position;
    await sought;
    const begun = performance.now();
    const root = document.querySelector('#log-host').shadowRoot;
    while (root.querySelectorAll('#messages .text').length !== count) {
      if (performance.now() - begun > most * 1000) break;
      await new Promise((resolve) => requestAnimationFrame(resolve));
    }
    return { took: (performance.now() - begun) / 1000, cues: [...(video.textTracks[0]?.activeCues ?? [])].map(({ id, startTime, text }) => ({ id, startTime, text })) };
  }, [position, count, STEP]);
  return { ...reached, texts: await shown(page) };
}

test('after seeking, the chat and the subtitles are in step with the recording within half a second', LIMIT, async () => {
  const page = await withRecording();
  // The server's subtitles, as a page would have them.
  await page.evaluate(async (vtt) => {
    const track = document.createElement('track');
    Object.assign(track, { kind: 'captions', src: URL.createObjectURL(new Blob([vtt], { type: 'text/vtt' })), default: true });
    const loaded = new Promise((resolve, reject) => {
      track.addEventListener('load', resolve);
      track.addEventListener('error', () => reject(new Error('no subtitles')));
    });
    document.querySelector('video').append(track);
    track.track.mode = 'showing';
    await loaded;
  }, evening.vtt);
  for (const position of [7.5, 2.1, 9.2, 0.4, 5.05]) {
    const expected = evening.messages.filter(({ at }) => at <= position);
    // No message is at the very moment.
    if (evening.messages.some(({ at }) => Math.abs(at - position) < 0.05)) continue;
    const { took, texts, cues } = await seek(page, position, expected.length);
    assert.deepEqual(texts, expected.map(({ text }) => text), `at ${position}`);
    assert.ok(took <= STEP, `${took} s`);
    // On a busy machine the first message may come before the recording, which has no subtitle for it.
    const active = expected.filter(({ at, text }) => at >= 0 && position < at + Math.min(10, 4 + 0.06 * [...text].length));
    assert.deepEqual(cues.map(({ text }) => text.replace(/^<v [^>]*>/, '').replace('&lt;', '<').replace('&gt;', '>')).map(plain), active.map(({ text }) => plain(text)), `subtitles at ${position}`);
    for (const [nth, { startTime }] of cues.entries()) assert.ok(Math.abs(startTime - active[nth].at) < 0.002);
  }
  assert.deepEqual(page.faults, []);
  assert.equal(evening.messages.some(({ text }) => text === 'message 3'), false);
});

/** Entities and tags stay out of the comparison: browsers give cues' texts as they were written. */
const plain = (text) => text.replace(/&(?:lt|gt|amp);|[<>&]/g, '');

test('while it plays, messages come when they were sent', LIMIT, async () => {
  const page = await withRecording();
  await seek(page, 0, evening.messages.filter(({ at }) => at <= 0).length);
  const heard = await page.evaluate(async () => {
    const video = document.querySelector('video');
    const list = document.querySelector('#log-host').shadowRoot.querySelector('#messages');
    const heard = [];
    new MutationObserver((changes) => {
      for (const { addedNodes } of changes) for (const row of addedNodes) heard.push([video.currentTime, row.querySelector('.text').textContent]);
    }).observe(list, { childList: true });
    await video.play();
    while (video.currentTime < 4) await new Promise((resolve) => video.addEventListener('timeupdate', resolve, { once: true }));
    video.pause();
    return heard;
  });
  const due = evening.messages.filter(({ at }) => at > 0.05 && at < 3.5);
  assert.ok(due.length >= 3);
  for (const { at, text } of due) {
    const [position] = heard.find(([, said]) => said === text) ?? [];
    assert.ok(Math.abs(position - at) <= STEP, `${text} of ${at} came at ${position}`);
  }
  await screenshot(page, 'replay-recording');
});

test('without a recording, a clock plays it, by keyboard as well', LIMIT, async () => {
  const page = await open(on.browser, `${on.gateway.url}/replay/`, { viewport: DESKTOP });
  assert.equal(await page.title(), 'Replay');
  await isAccessibleInBoth(page, 'replay-choose');
  await page.setInputFiles('#export-file', file('evening.jsonl', 'application/jsonl', evening.lines));
  await page.locator('#clock').waitFor();
  await page.locator('#state', { hasText: `${evening.messages.length} messages, 1 removed` }).waitFor();
  // From the session's start on, the evening is as far away as the page took to be opened: the end has all of it.
  await page.focus('#position');
  await page.keyboard.press('End');
  await page.waitForFunction((count) => document.querySelector('#log-host').shadowRoot.querySelectorAll('#messages .text').length === count, evening.messages.length);
  await page.keyboard.press('Home');
  await page.waitForFunction(() => document.querySelector('#log-host').shadowRoot.querySelectorAll('#messages .text').length === 0);
  assert.equal(await page.locator('#time').textContent().then((text) => text.split(' ')[0]), '0:00');
  await page.focus('#play');
  await page.keyboard.press('Enter');
  assert.equal(await page.textContent('#play'), 'Pause');
  await page.keyboard.press('Enter');
  assert.equal(await page.textContent('#play'), 'Play');
  await page.focus('#position');
  await page.keyboard.press('End');
  await page.waitForFunction((count) => document.querySelector('#log-host').shadowRoot.querySelectorAll('#messages .text').length === count, evening.messages.length);
  await page.focus('#replay #log-host').catch(() => {});
  await page.evaluate(() => document.querySelector('#log-host').shadowRoot.querySelector('#log').focus());
  await page.keyboard.press('ArrowUp');
  assert.equal(await page.evaluate(() => document.querySelector('#log-host').shadowRoot.activeElement?.classList.contains('message')), true);
  // The keyboard gets out of it: there is no field to go to.
  await page.keyboard.press('Escape');
  await page.keyboard.press('Enter');
  assert.deepEqual(page.faults, []);
  await isAccessibleInBoth(page, 'replay-clock');
  assert.ok(await focused(page));
  const texts = await shown(page);
  assert.ok(texts.every((text) => !text.includes('message 3')) && texts.some((text) => text.includes('<b>& more</b>')), 'what was removed never shows, and texts are texts');
});

test('addresses name an export and a recording, in Spanish and on a phone', LIMIT, async () => {
  // A page of this server that has both, as a host would put them there.
  const prepare = async (page) => {
    await page.route('**/kept/evening.jsonl', (route) => route.fulfill({ contentType: 'application/jsonl', body: evening.lines }));
    await page.route('**/kept/evening.webm', (route) => route.fulfill({ contentType: 'video/webm', body: evening.video }));
  };
  const url = `${on.gateway.url}/replay/?lang=es&export=/kept/evening.jsonl&video=/kept/evening.webm&start=${evening.start}`;
  const page = await open(on.browser, url, { prepare });
  await log(page).waitFor();
  await page.locator('#state', { hasText: '1 retirado' }).waitFor();
  assert.equal(await page.locator('video').isVisible(), true);
  assert.equal(await page.locator('#clock').isVisible(), false);
  await isAccessibleInBoth(page, 'replay-phone');
  assert.deepEqual(page.faults, []);
});

test('what is no export is said to be none, and what was there before goes on', LIMIT, async () => {
  const page = await open(on.browser, `${on.gateway.url}/replay/?export=javascript:alert(1)`, { viewport: DESKTOP });
  await page.setInputFiles('#export-file', file('holiday.jpg', 'image/jpeg', 'no export'));
  await page.locator('#state.problem', { hasText: 'This is no export of a session.' }).waitFor();
  await page.setInputFiles('#export-file', file('cut.jsonl', 'application/jsonl', evening.lines.split('\n').slice(0, 5).join('\n')));
  await page.locator('#state.problem', { hasText: 'some of it is missing' }).waitFor();
  await page.setInputFiles('#export-file', file('holiday.jpg', 'image/jpeg', 'no export'));
  await page.locator('#state.problem', { hasText: 'This is no export of a session.' }).waitFor();
  assert.equal(await log(page).isVisible(), true);
  await page.setInputFiles('#video-file', file('none.webm', 'video/webm', 'no recording'));
  await page.locator('#state.problem', { hasText: 'cannot be played' }).waitFor();
  assert.deepEqual(page.faults, []);
});
