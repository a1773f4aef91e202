// Announcements: messages of the host that stand out.

const COLORS = ['primary', 'blue', 'green', 'orange', 'purple'];

export const isAnnouncement = (message) => message.message_type === 'announcement';

/** The name of the colour in which a message shows; undefined if it is no announcement. */
export function colorOf(message) {
  if (!isAnnouncement(message)) return undefined;
  return COLORS.includes(message.color) ? message.color : COLORS[0];
}
