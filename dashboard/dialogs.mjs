// Questions before anything is done, and short notes about what was done.

import { h, say } from './dom.mjs';

const noteFor = 6000;
const noteOfFailureFor = 15_000;
const notesMost = 4;

/**
 * Asks before something is done. `fields` are elements of the form that are shown above the
 * buttons; `word` has to be typed first where an action cannot be undone. `act` does it: while it
 * is under way nothing else can be pressed, and its failure is shown in the dialog. Answers whether
 * it was done.
 */
export function confirm({ title, text, action, danger = false, word = null, fields = [], act }) {
  return new Promise((resolve) => {
    const failure = h('p', { class: 'refusal', role: 'alert', hidden: true });
    const go = h('button', { class: danger ? 'button danger' : 'button primary' }, action);
    const back = h('button', { class: 'button', type: 'button' }, 'Cancel');
    const typed = word === null ? null : wordField(word, go);
    const dialog = h('dialog', { class: 'dialog', 'aria-labelledby': 'dialog-title' },
      h('form', { method: 'dialog', onsubmit: (event) => submit(event) },
        h('h2', { id: 'dialog-title' }, title), text && h('p', {}, text), fields, typed, failure,
        h('div', { class: 'dialog-actions' }, back, go)));

    const submit = async (event) => {
      event.preventDefault();
      const form = new FormData(event.target);
      failure.hidden = true;
      go.disabled = true;
      try {
        await act(form);
        close(true);
      } catch (error) {
        failure.textContent = error.message;
        failure.hidden = false;
        go.disabled = false;
      }
    };
    const close = (done) => {
      dialog.remove();
      resolve(done);
    };
    back.addEventListener('click', () => close(false));
    dialog.addEventListener('cancel', () => close(false));
    document.body.append(dialog);
    dialog.showModal();
    (typed?.querySelector('input') ?? dialog.querySelector('[data-first]') ?? go).focus();
  });
}

function wordField(word, go) {
  const input = h('input', {
    class: 'field', autocomplete: 'off', spellcheck: 'false', autocapitalize: 'off',
    oninput: () => { go.disabled = input.value !== word; },
  });
  go.disabled = true;
  return h('label', { class: 'labelled' },
    h('span', {}, 'Type ', h('strong', {}, word), ' to go on'), input);
}

/** A box to be ticked in a dialog, with a sentence that says what it does. */
export function tick(name, label, hint) {
  return h('label', { class: 'tick' }, h('input', { type: 'checkbox', name }),
    h('span', {}, h('span', {}, label), hint && h('span', { class: 'quiet block' }, hint)));
}

/** Shows a short note for some seconds, which screen readers say. */
export function note(text, isFailure = false) {
  const box = document.getElementById('toasts');
  const close = h('button', { class: 'icon-button', 'aria-label': 'Close this note' }, '×');
  const element = h('div', { class: isFailure ? 'toast failure' : 'toast' }, h('span', {}, text),
    close);
  close.addEventListener('click', () => element.remove());
  box.append(element);
  while (box.children.length > notesMost) box.firstChild.remove();
  setTimeout(() => element.remove(), isFailure ? noteOfFailureFor : noteFor);
}

/** Shows what a refused call answered. A session that ended is told of by the sign-in. */
export function noteFailure(error) {
  if (error.name === 'AbortError' || error.status === 401) return;
  note(error.message, true);
}

/** Copies a text, and says so. */
export async function copy(text, what) {
  await navigator.clipboard.writeText(text);
  say(`${what} copied`);
  note(`${what} copied`);
}
