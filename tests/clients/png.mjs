// Makes the PNG of a screenshot smaller: at most 256 colours instead of thousands, most of which are edges of letters. Its pixels change
// by less than an eye sees, its size by more than half.

import { deflateSync, inflateSync } from 'node:zlib';

const SIGNATURE = Buffer.from([137, 80, 78, 71, 13, 10, 26, 10]);
const MOST_COLOURS = 256;
/** So many of the most frequent ones stay as they are: areas and soft shadows. */
const KEPT_COLOURS = 128;

/** The same picture with a palette. `png` is as Chromium writes it: 8 bits a channel, not interlaced. */
export function withPalette(png) {
  const { header, width, height, pixels } = decoded(png);
  const counts = new Map();
  for (const colour of pixels) counts.set(colour, (counts.get(colour) ?? 0) + 1);
  const colours = [...counts.keys()].sort((a, b) => counts.get(b) - counts.get(a));
  const palette = paletteOf(colours);
  const indexOf = new Map(colours.map((colour) => [colour, nearest(palette, colour)]));
  const rows = Buffer.alloc((width + 1) * height);
  pixels.forEach((colour, i) => (rows[i + Math.floor(i / width) + 1] = indexOf.get(colour)));
  const entries = Buffer.from(palette.flatMap(channels));
  // 8 bits a pixel, each of them an index.
  const newHeader = Buffer.concat([header.subarray(0, 8), Buffer.from([8, 3, 0, 0, 0])]);
  const parts = { IHDR: newHeader, PLTE: entries, IDAT: deflateSync(rows, { level: 9, memLevel: 9 }), IEND: Buffer.alloc(0) };
  return Buffer.concat([SIGNATURE, ...Object.entries(parts).map(([type, data]) => chunk(type, data))]);
}

const channels = (colour) => [colour >> 16, (colour >> 8) & 255, colour & 255];

function distance(one, other) {
  const [a, b] = [channels(one), channels(other)];
  return Math.max(...a.map((value, i) => Math.abs(value - b[i])));
}

const nearest = (palette, colour) => palette.reduce((best, entry, i) => (distance(entry, colour) < distance(palette[best], colour) ? i : best), 0);

/** The most frequent colours, and of the others so many that each is as near to one of them as possible. */
function paletteOf(colours) {
  for (let apart = 0; ; apart += 1) {
    const palette = colours.slice(0, KEPT_COLOURS);
    for (const colour of colours.slice(KEPT_COLOURS)) {
      if (!palette.some((entry) => distance(entry, colour) <= apart)) palette.push(colour);
      if (palette.length > MOST_COLOURS) break;
    }
    if (palette.length <= MOST_COLOURS) return palette;
  }
}

function decoded(png) {
  const parts = {};
  for (let at = SIGNATURE.length; at < png.length; at += png.readUInt32BE(at) + 12) {
    const type = png.toString('latin1', at + 4, at + 8);
    parts[type] = Buffer.concat([parts[type] ?? Buffer.alloc(0), png.subarray(at + 8, at + 8 + png.readUInt32BE(at))]);
  }
  const header = parts.IHDR;
  const [width, height, samples] = [header.readUInt32BE(0), header.readUInt32BE(4), { 2: 3, 6: 4 }[header[9]]];
  const bytes = unfiltered(inflateSync(parts.IDAT), width * samples, height, samples);
  const pixels = Array.from({ length: width * height }, (_, i) => bytes.readUIntBE(i * samples, 3));
  return { header, width, height, pixels };
}

/** Undoes the filter of each row (PNG, 9.2). */
function unfiltered(data, row, height, samples) {
  const bytes = Buffer.alloc(row * height);
  const at = (x, y) => (x < 0 || y < 0 ? 0 : bytes[y * row + x]);
  for (let y = 0; y < height; y += 1) {
    const filter = data[y * (row + 1)];
    for (let x = 0; x < row; x += 1) {
      const [left, up, corner] = [at(x - samples, y), at(x, y - 1), x < samples ? 0 : at(x - samples, y - 1)];
      const guess = [0, left, up, (left + up) >> 1, paeth(left, up, corner)][filter];
      bytes[y * row + x] = data[y * (row + 1) + 1 + x] + guess;
    }
  }
  return bytes;
}

function paeth(left, up, corner) {
  const [toLeft, toUp, toCorner] = [left, up, corner].map((value) => Math.abs(left + up - corner - value));
  if (toLeft <= toUp && toLeft <= toCorner) return left;
  return toUp <= toCorner ? up : corner;
}

function chunk(type, data) {
  const named = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const [length, sum] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(data.length);
  sum.writeUInt32BE(crc(named));
  return Buffer.concat([length, named, sum]);
}

function crc(data) {
  let sum = 0xffffffff;
  for (const byte of data) {
    sum ^= byte;
    for (let bit = 0; bit < 8; bit += 1) sum = sum & 1 ? (sum >>> 1) ^ 0xedb88320 : sum >>> 1;
  }
  return (sum ^ 0xffffffff) >>> 0;
}
