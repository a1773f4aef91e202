// A chat as it may be on an evening: what the README's pictures show.

import { DESKTOP, PHONE, call, write } from './page.mjs';

/** Those who come one after the other, each with another window and a line of their own. */
export const VISITS = [
  { name: 'phone', who: 'Ann Brown', text: 'Hello from Vienna!', viewport: PHONE },
  { name: 'narrow', who: 'Luis', text: 'Watching from Bogotá, it is raining.', viewport: { width: 320, height: 568 } },
  { name: 'desktop', who: 'Mei Tanaka', text: 'Good morning from Osaka ☀', viewport: DESKTOP },
  { name: 'dark', who: 'Tom', text: 'Fingers crossed!', viewport: PHONE, colorScheme: 'dark' },
  { name: 'desktop-dark', who: 'Ines Duarte', text: 'Same here in Porto, with the whole family', viewport: DESKTOP, colorScheme: 'dark' },
];

/** Who writes and likes what, so that every badge and several scripts are there. */
export async function fillEvening(gateway) {
  const people = {
    host: ['--sub', 'host-1', '--name', 'Marta Keller', '--role', 'host'],
    gold: ['--sub', 'w-1', '--name', 'Jonas', '--badge', 'gold'],
    silver: ['--sub', 'w-2', '--name', 'María José Fernández', '--badge', 'silver'],
    bronze: ['--sub', 'w-3', '--name', 'Noor', '--badge', 'bronze'],
    arabic: ['--sub', 'p-4', '--name', 'سارة'],
    hebrew: ['--sub', 'p-5', '--name', 'דניאל'],
    long: ['--sub', 'p-6', '--name', 'Somebody with quite a long name who types a lot'],
    eve: ['--sub', 'p-7', '--name', 'Eve'],
  };
  const tokens = {};
  for (const [who, options] of Object.entries(people)) tokens[who] = await gateway.tokenWith(...options);
  const lines = [
    ['host', 'Good evening and welcome! The draw starts at 8 pm sharp.'],
    ['eve', 'First time here, hello from Lisbon'],
    ['gold', 'I still cannot believe last week…'],
    ['arabic', 'مرحبا بالجميع، حظا موفقا!'],
    ['silver', 'Good luck everybody!'],
    ['hebrew', 'בהצלחה לכולם!'],
    ['long', 'So here is the whole story: I bought the ticket on the way to work, forgot it in my coat, and found it at the cleaners.'],
    ['bronze', 'Third time lucky'],
    ['eve', 'averyveryverylongwordwithoutanyspaces/averyveryverylongwordwithoutanyspaces/averyveryverylongword'],
    ['host', 'Ten minutes to go.\nTell us where you watch from!'],
  ];
  const ids = [];
  for (const [who, text] of lines) ids.push((await write(gateway.url, tokens[who], text)).message_id);
  for (const who of ['gold', 'eve', 'silver']) await call(gateway.url, tokens[who], 'POST', `like-message/${ids[0]}`);
  await call(gateway.url, tokens.eve, 'POST', `like-message/${ids[2]}`);
  for (const who of ['gold', 'eve', 'arabic']) await call(gateway.url, tokens[who], 'POST', 'like');
}
