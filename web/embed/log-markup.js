// The elements of messages, which come with the code of the log.

const HTML = `
<svg class="sprite" aria-hidden="true">
  <symbol id="icon-delete" viewBox="0 0 24 24"><path d="M9 3h6l1 2h4v2H4V5h4zM6 9h12l-.8 10.2A2 2 0 0 1 15.2 21H8.8a2 2 0 0 1-2-1.8zm3.5 2v7h1.5v-7zm3.5 0v7h1.5v-7z"/></symbol>
  <symbol id="icon-menu" viewBox="0 0 24 24"><path d="M12 7a2 2 0 1 1 0-4 2 2 0 0 1 0 4zm0 7a2 2 0 1 1 0-4 2 2 0 0 1 0 4zm0 7a2 2 0 1 1 0-4 2 2 0 0 1 0 4z"/></symbol>
</svg>

<dialog id="confirm" part="dialog" aria-labelledby="confirm-title" aria-describedby="confirm-author confirm-text">
  <form method="dialog">
    <h2 id="confirm-title" data-text="deleteTitle"></h2>
    <p id="confirm-author" dir="auto"></p>
    <p id="confirm-text" dir="auto"></p>
    <div class="choices">
      <button type="submit" value="no" data-text="keep" autofocus></button>
      <button type="submit" value="yes" class="danger" data-text="delete"></button>
    </div>
  </form>
</dialog>

<template id="message-template">
  <li class="message" part="message" tabindex="-1">
    <p class="day"></p>
    <p class="new" data-text="newSince"></p>
    <span class="avatar" part="avatar" aria-hidden="true"></span>
    <div class="body">
      <p class="head"><bdi class="name" part="name"></bdi> <span class="badges"></span> <time dir="auto"></time></p>
      <p class="text" part="text" dir="auto"></p>
      <button type="button" class="link more" tabindex="-1" aria-expanded="false" hidden></button>
    </div>
    <div class="actions">
      <button type="button" class="like-message" tabindex="-1" aria-pressed="false">
        <svg aria-hidden="true"><use href="#icon-heart"></use></svg><span class="likes"></span>
      </button>
      <button type="button" class="delete-message" tabindex="-1" hidden>
        <svg aria-hidden="true"><use href="#icon-delete"></use></svg>
      </button>
      <button type="button" class="menu-button" tabindex="-1" aria-haspopup="menu" aria-expanded="false" hidden>
        <svg aria-hidden="true"><use href="#icon-menu"></use></svg>
      </button>
    </div>
  </li>
</template>`;

/** Adds them to a view, once. */
export function addMarkup(view) {
  if (!view.$('confirm')) view.add(HTML);
}
