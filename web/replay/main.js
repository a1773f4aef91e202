// The page of replays: an export and a recording, from files or from the addresses in `?export=` and `?video=`.

import { ReplayChat } from '../client/src/replay.js';
import { setText } from '../app/dom.js';
import { localeFor, translate } from '../app/locale.js';
import { plainName } from '../app/plain-text.js';
import { pictureHosts } from '../app/settings.js';
import spanishOfChat from '../app/strings.es.js';
import { learnWords } from '../app/words.js';
import { makeLog } from './log.js';
import { Player } from './player.js';
import english from './strings.en.js';
import spanish from './strings.es.js';

const asked = new URLSearchParams(location.search);
const locale = localeFor({ lang: asked.get('lang') });
const words = { en: english, es: spanish }[locale.language];
learnWords('es', spanishOfChat);
Object.assign(document.documentElement, { lang: locale.language, dir: locale.dir });
translate(document, words);
document.title = words.title;

const $ = (id) => document.getElementById(id);
const say = (text, isProblem = false) => {
  $('state').classList.toggle('problem', isProblem);
  setText($('state'), text);
};
const player = new Player({ $, words, onVideoError: () => say(words.noVideo, true) });
const hosts = new Set(pictureHosts.split(',').filter(Boolean));
const making = makeLog($('log-host'), { locale, strings: words.ofLog, pictureHosts: hosts });
let replay;

/** Plays an export. One that cannot be played leaves the one before it. */
async function play(source) {
  say(words.reading);
  const next = new ReplayChat({ source, media: player.media, start: startIn(asked.get('start')) });
  try {
    await next.connect();
  } catch (error) {
    if (!error.code) console.error(error);
    return say(words.failures[error.code] ?? words.failed, true);
  }
  replay?.close();
  replay = next;
  $('offset').value = (replay.startTime - Date.parse(replay.session.start_time)) / 1000;
  replay.addEventListener('event', ({ detail }) => setText($('event'), words.happened(detail.name)));
  replay.addEventListener('seeked', () => setText($('event'), ''));
  const log = await making;
  for (const id of ['log-host', 'offset-field']) $(id).hidden = false;
  log.show(replay);
  player.takeDuration(replay.duration);
  const name = plainName(replay.session.name);
  setText($('title'), name);
  document.title = words.titleOf(name);
  say(replay.isComplete ? words.shown(replay.total, replay.removed) : words.cutOff, !replay.isComplete);
}

function takeVideo(source) {
  player.takeVideo(source);
  replay?.attach(player.media);
}

/** An address of this page's server, or of any other over https; the page's policy allows no more. */
function addressIn(text) {
  try {
    const url = new URL(text, location);
    return url.origin === location.origin || url.protocol === 'https:' ? url.href : undefined;
  } catch {
    return undefined;
  }
}

const startIn = (text) => (text && !Number.isNaN(Date.parse(text)) ? text : undefined);

$('export-file').addEventListener('change', ({ target }) => target.files[0] && play(target.files[0]));
$('video-file').addEventListener('change', ({ target }) => target.files[0] && takeVideo(target.files[0]));
$('offset').addEventListener('change', ({ target }) => {
  if (!replay || !Number.isFinite(target.valueAsNumber)) return;
  replay.startTime = Date.parse(replay.session.start_time) + target.valueAsNumber * 1000;
  player.takeDuration(replay.duration);
});
$('choose').addEventListener('submit', (event) => event.preventDefault());

const [exported, video] = ['export', 'video'].map((name) => asked.has(name) && addressIn(asked.get(name)));
if (video) takeVideo(video);
if (exported) play(new URL(exported));
