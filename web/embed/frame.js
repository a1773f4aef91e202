// Starts the page for frames: the page around it hands over the token.

import { FrameEntrance } from './frame-entrance.js';
import { Visit } from '../app/visit.js';
import './frame-links.js';
import './live-chat.js';

// In a frame, the page around it decides who its visitor is. Elsewhere, a link takes over no running chat.
new Visit({ entrance: new FrameEntrance(), mayJoinAs: () => window.parent !== window }).start();
