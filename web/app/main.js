// Starts the page.

import { Entrance } from './entrance.js';
import { mayJoinAs } from './join-as.js';
import { Visit } from './visit.js';
import '../embed/live-chat.js';

const entrance = new Entrance({ onToken: (...given) => visit.enterByForm(...given) });
const visit = new Visit({ entrance, mayJoinAs });
visit.start();
