// What a token lets its holder do (docs/contract.md, Who may do what), as its claims say. The chat decides; this says what to offer.

/** By the capabilities among the claims, or else by the roles. */
const may = ({ roles = [], capabilities }, capability, granting) =>
  capabilities ? capabilities.includes(capability) : granting.some((role) => roles.includes(role));

export const mayModerate = (claims) => may(claims, 'moderate', ['moderator', 'host']);
export const mayManage = (claims) => may(claims, 'manage', ['host']);
