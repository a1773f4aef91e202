// Shows the socket's protocol from the AsyncAPI document: each frame with its fields and examples.

const main = document.getElementById('events');

/** An element with text or children. */
function make(tag, ...children) {
  const element = document.createElement(tag);
  element.append(...children);
  return element;
}

/** Descriptions use only `code`, **strong** text and paragraphs of Markdown. */
function prose(tag, text) {
  const inline = (paragraph) =>
    paragraph.split(/(`[^`]*`|\*\*[^*]*\*\*)/).map((part) => {
      if (part.startsWith('`')) return make('code', part.slice(1, -1));
      return part.startsWith('**') ? make('strong', part.slice(2, -2)) : part;
    });
  const paragraphs = String(text ?? '').trim().split(/\n\s*\n/);
  if (paragraphs.length === 1) return make(tag, ...inline(paragraphs[0]));
  return make('div', ...paragraphs.map((paragraph) => make('p', ...inline(paragraph))));
}

/** The target of a reference; references into the other document are fetched with it. */
function resolver(documents) {
  const resolve = (value, home) => {
    if (!value?.$ref) return { value, home };
    const [file, path] = value.$ref.split('#');
    const next = file.includes('openapi') ? documents.openapi : home;
    const found = path.split('/').slice(1).reduce((at, name) => at?.[name.replaceAll('~1', '/').replaceAll('~0', '~')], next);
    return resolve(found, next);
  };
  return resolve;
}

function kind(schema) {
  if (!schema) return 'any';
  if ('const' in schema) return JSON.stringify(schema.const);
  if (schema.enum) return schema.enum.map((one) => JSON.stringify(one)).join(' | ');
  if (schema.oneOf ?? schema.anyOf) return (schema.oneOf ?? schema.anyOf).map(kind).join(' or ');
  const type = [schema.type ?? 'object'].flat().join(' or ');
  return schema.format ? `${type} (${schema.format})` : type;
}

function fields(schema, home, resolve) {
  const rows = Object.entries(schema?.properties ?? {}).map(([name, reference]) => {
    const { value } = resolve(reference, home);
    const needed = schema.required?.includes(name) ? '' : ' (may be absent)';
    return make('tr', make('td', make('code', name), needed), make('td', kind(value)), prose('td', reference.description ?? value?.description));
  });
  if (rows.length === 0) return [];
  const head = make('tr', ...['Field', 'Type', 'Meaning'].map((title) => Object.assign(make('th', title), { scope: 'col' })));
  return [make('table', make('thead', head), make('tbody', ...rows))];
}

function frame(name, reference, home, resolve) {
  const { value: message, home: at } = resolve(reference, home);
  const { value: schema, home: where } = resolve(message.payload, at);
  const article = make('article', make('h3', make('code', name)), prose('p', message.summary ?? message.title));
  if (message.description) article.append(prose('p', message.description));
  article.append(...fields(schema, where, resolve));
  for (const example of message.examples ?? []) {
    const shown = make('pre', JSON.stringify(example.payload, null, 2));
    shown.tabIndex = 0;
    shown.setAttribute('aria-label', `Example of ${name}${example.name ? `: ${example.name}` : ''}`);
    article.append(shown);
  }
  article.id = name;
  return article;
}

async function show() {
  const [openapi, asyncapi] = await Promise.all(
    ['/openapi.json', '/asyncapi.json'].map(async (url) => (await fetch(url)).json()),
  );
  const resolve = resolver({ openapi });
  const [channel] = Object.values(asyncapi.channels);
  main.replaceChildren(make('h1', asyncapi.info.title), prose('p', asyncapi.info.description), make('p', make('code', channel.address)), prose('p', channel.description));
  const shown = new Set();
  for (const operation of Object.values(asyncapi.operations)) {
    const own = operation.messages.map((message) => message.$ref);
    const answers = (operation.reply?.messages ?? []).map((message) => message.$ref);
    const references = [...own, ...answers].filter((reference) => !shown.has(reference));
    main.append(prose('h2', operation.summary));
    for (const reference of references) {
      shown.add(reference);
      main.append(frame(reference.split('/').at(-1), { $ref: reference }, asyncapi, resolve));
    }
  }
}

show().catch((error) => main.replaceChildren(make('p', `The document could not be shown: ${error.message}`)));
