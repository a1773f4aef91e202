// The list of words, and what it makes of a text.

import { $, button, element, foreign, optionsOf } from './elements.js';
import { textFor, words } from './words.js';

export class Terms {
  #moderate;
  #notice;
  #rights;
  #list;

  constructor({ chat, rights, notice }) {
    this.#moderate = chat.moderate;
    this.#rights = rights;
    this.#notice = notice;
    $('match').append(...optionsOf(words.termMatches));
    $('term-action').append(...optionsOf(words.termActions));
    for (const id of ['add-term', 'save-lists']) $(id).hidden = !rights.manage;
    for (const id of ['allow', 'link-domains']) $(id).readOnly = !rights.manage;
    this.#on('try', () => this.#try());
    this.#on('add-term', () => this.#add());
    $('save-lists').addEventListener('click', () => this.#put(this.#list.terms));
  }

  async load() {
    this.#list = await this.#moderate.terms();
    const { terms, allow, link_domains: domains } = this.#list;
    $('terms').replaceChildren(...terms.map((term) => this.#row(term)));
    $('terms-empty').hidden = terms.length > 0;
    $('allow').value = allow.join('\n');
    $('link-domains').value = domains.join('\n');
  }

  /** Reads the list anew. Whoever is writing in it learns of somebody else's change on saving, and loses nothing until then. */
  async refresh() {
    const isChanged = (id, lines) => $(id).value !== lines.join('\n');
    const isWriting = this.#list && (isChanged('allow', this.#list.allow) || isChanged('link-domains', this.#list.link_domains));
    if (!isWriting) await this.load();
  }

  #on(id, act) {
    $(id).addEventListener('submit', (event) => {
      event.preventDefault();
      act().catch((error) => this.#notice.fail(error));
    });
  }

  async #try() {
    const text = $('try-text').value;
    if (text === '') return;
    const { matches, links } = await this.#moderate.testTerms(text);
    const results = [
      ...matches.map(({ term, action }) => words.triedMatch(term, textFor(words.termActions, action))),
      ...links.map(({ domain, allowed }) => words.triedLink(domain, allowed)),
    ];
    const texts = results.length > 0 ? [...new Set(results)] : [words.triedNothing];
    $('tried').replaceChildren(...texts.map((result) => foreign('li', '', result)));
  }

  async #add() {
    const term = { term: $('term').value, match: $('match').value, action: $('term-action').value };
    const explanation = $('explanation').value.trim();
    if (term.term.trim() === '') return;
    if (await this.#put([...this.#list.terms, explanation ? { ...term, explanation } : term])) $('term').value = $('explanation').value = '';
  }

  /** Puts a whole list, and resolves with whether it is in force. */
  async #put(terms) {
    const lines = (id) => $(id).value.split('\n').map((line) => line.trim()).filter(Boolean);
    try {
      await this.#moderate.putTerms({ terms, allow: lines('allow'), link_domains: lines('link-domains') }, { etag: this.#list.etag });
      await this.load();
      this.#notice.say(words.savedTerms);
      return true;
    } catch (error) {
      this.#notice.fail(error);
      if (error.code === 'precondition_failed') await this.load();
      return false;
    }
  }

  #row(entry) {
    const { term, match, action, explanation } = entry;
    const row = element('li', '', foreign('code', '', term), ' ');
    row.append(element('span', 'quiet', `${textFor(words.termMatches, match)}, ${textFor(words.termActions, action)}`), ' ');
    if (explanation) row.append(foreign('span', 'quiet', explanation), ' ');
    if (this.#rights.manage) {
      const remove = button(words.removeShort, () => this.#put(this.#list.terms.filter((other) => other !== entry)), 'link');
      remove.setAttribute('aria-label', words.remove(term));
      row.append(remove);
    }
    return row;
  }
}
