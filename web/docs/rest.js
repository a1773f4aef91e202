// Swagger UI for the chat's own document, in the colours that the visitor prefers.

const dark = matchMedia('(prefers-color-scheme: dark)');
/** Swagger UI knows its dark colours by this class. */
const paint = () => document.documentElement.classList.toggle('dark-mode', dark.matches);
dark.addEventListener('change', paint);
paint();

window.SwaggerUIBundle({ url: '/openapi.json', dom_id: '#api', deepLinking: true, persistAuthorization: true });
