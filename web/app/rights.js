// What a token lets its holder do (docs/contract.md, Who may do what). The chat decides; this says what to offer.

/** `{ moderate, manage }` by the capabilities among the claims of a token, or else by its roles. */
export function rightsBy({ roles = [], capabilities }) {
  const may = (capability, ...granting) =>
    capabilities ? capabilities.includes(capability) : granting.some((role) => roles.includes(role));
  return { moderate: may('moderate', 'moderator', 'host'), manage: may('manage', 'host') };
}
