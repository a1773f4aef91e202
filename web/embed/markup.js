// The elements of a chat, without those of its log. Their ids are their names within the shadow root, and their parts the names that a page
// can style.

/** A page whose policy demands trusted types allows this name. */
const policy = globalThis.trustedTypes?.createPolicy('live-chat', { createHTML: (html) => html }) ?? { createHTML: (html) => html };

const HTML = `
<div id="chat">
  <svg class="sprite" aria-hidden="true">
    <symbol id="icon-viewers" viewBox="0 0 24 24"><path d="M12 5C6.5 5 2.6 9.5 1.5 12c1.1 2.5 5 7 10.5 7s9.4-4.5 10.5-7C21.4 9.5 17.5 5 12 5zm0 11.5a4.5 4.5 0 1 1 0-9 4.5 4.5 0 0 1 0 9zm0-2.2a2.3 2.3 0 1 0 0-4.6 2.3 2.3 0 0 0 0 4.6z"/></symbol>
    <symbol id="icon-heart" viewBox="0 0 24 24"><path d="M12 20.7 4.3 13C2 10.7 2 7 4.3 4.9a5.3 5.3 0 0 1 7.5 0l.2.2.2-.2a5.3 5.3 0 0 1 7.5 0c2.3 2.1 2.3 5.8 0 8.1z"/></symbol>
    <symbol id="icon-send" viewBox="0 0 24 24"><path d="M3.2 20.3c-.4.2-.9-.2-.8-.7L4.3 13l9.7-1-9.7-1-1.9-6.6c-.1-.5.4-.9.8-.7l18 7.8c.4.2.4.8 0 1z"/></symbol>
    <symbol id="icon-down" viewBox="0 0 24 24"><path d="M11 4h2v12.2l4.8-4.8 1.4 1.4L12 20l-7.2-7.2 1.4-1.4 4.8 4.8z"/></symbol>
    <symbol id="icon-chat" viewBox="0 0 24 24"><path d="M5 4h14a2 2 0 0 1 2 2v9a2 2 0 0 1-2 2h-7l-5 4v-4H5a2 2 0 0 1-2-2V6a2 2 0 0 1 2-2z"/></symbol>
  </svg>

  <div id="app">
    <div id="header" part="header">
      <svg class="brand" aria-hidden="true"><use href="#icon-chat"></use></svg>
      <div class="title">
        <h2 id="session-name" part="title" dir="auto" data-text="title"></h2>
        <p id="state" part="state" data-state="ended"><span id="state-text"></span> <span id="time-left"></span></p>
      </div>
      <p id="numbers" class="numbers" part="numbers" hidden>
        <span class="number">
          <svg aria-hidden="true"><use href="#icon-viewers"></use></svg>
          <span id="viewer-count">0</span> <span class="visually-hidden" data-text="viewers"></span>
        </span>
        <span class="number heart">
          <svg aria-hidden="true"><use href="#icon-heart"></use></svg>
          <span id="like-count">0</span> <span class="visually-hidden" data-text="likes"></span>
        </span>
      </p>
      <slot name="header"></slot>
    </div>

    <div id="banner" part="banner" role="status" data-kind="none"></div>

    <div id="main">
      <section id="banned" part="banned" hidden></section>
      <slot name="entrance"><p id="why" part="entrance" role="status"></p></slot>
      <div id="room" hidden>
        <div id="log" part="log" role="log" aria-live="off" tabindex="0" data-label="messages" aria-describedby="log-help">
          <p id="earlier"></p>
          <p id="nothing" hidden></p>
          <ol id="messages"></ol>
          <ol id="pending"></ol>
        </div>
        <p id="log-help" class="visually-hidden" data-text="logHelp"></p>
        <div id="hearts" aria-hidden="true"></div>
        <button id="to-end" part="to-end" type="button" hidden>
          <svg aria-hidden="true"><use href="#icon-down"></use></svg>
          <span id="to-end-text"></span>
        </button>
      </div>
    </div>

    <div id="footer">
      <div id="toast" hidden>
        <span id="toast-text"></span>
        <button id="toast-undo" type="button" class="link" data-text="undo"></button>
      </div>
      <form id="composer" part="composer" novalidate hidden>
        <div class="rules">
          <ul id="modes" part="modes" data-label="modes" hidden></ul>
          <button id="muted" type="button" class="link" aria-haspopup="dialog" hidden></button>
        </div>
        <div id="standing" hidden></div>
        <div class="writing">
          <label for="text" class="visually-hidden" data-text="message"></label>
          <textarea id="text" part="input" rows="1" dir="auto" autocomplete="off" enterkeyhint="send" aria-describedby="notice wait counter"
            data-placeholder="saySomething"></textarea>
          <span id="counter"></span>
        </div>
        <button type="submit" id="send" class="round primary" part="send" data-label="send">
          <svg aria-hidden="true"><use href="#icon-send"></use></svg>
        </button>
        <button type="button" id="like" class="round" part="like" data-label="likeSession" aria-pressed="false">
          <svg aria-hidden="true"><use href="#icon-heart"></use></svg>
        </button>
        <p class="notices"><span id="notice" role="alert"></span> <span id="wait" role="timer" aria-live="off"></span></p>
      </form>
      <slot name="footer"></slot>
    </div>
  </div>

  <div id="announcer" class="visually-hidden" aria-live="polite"></div>
</div>

<template id="pending-template">
  <li class="message own waiting" part="message">
    <span class="avatar" part="avatar" aria-hidden="true"></span>
    <div class="body">
      <p class="head"><bdi class="name" part="name"></bdi> <span class="progress"></span></p>
      <p class="text" part="text" dir="auto"></p>
      <button type="button" class="link more" aria-expanded="false" hidden></button>
      <p class="failure" hidden>
        <span class="reason"></span>
        <button type="button" class="link retry" data-text="retry"></button>
        <button type="button" class="link edit" data-text="edit"></button>
        <button type="button" class="link discard" data-text="discard"></button>
      </p>
    </div>
  </li>
</template>`;

let parsed;

/** A copy of the elements. */
export function markup() {
  parsed ??= elementsOf(HTML);
  return parsed.cloneNode(true);
}

/** The elements of a text in HTML, which is the chat's own. */
export function elementsOf(html) {
  const template = document.createElement('template');
  template.innerHTML = policy.createHTML(html);
  return template.content;
}
