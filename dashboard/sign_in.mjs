// The page for those who have not signed in.

import { signIn } from './api.mjs';
import { h, replace } from './dom.mjs';

/** Shows the sign-in in a box; `hasEnded` says that there was a session, which is over. */
export function showSignIn(box, hasEnded) {
  document.title = 'Sign in · Varia';
  const key = h('input', {
    class: 'field', type: 'password', name: 'key', id: 'key', required: true, spellcheck: 'false',
    autocomplete: 'current-password', autocapitalize: 'off', 'aria-describedby': 'key-hint',
  });
  const refusal = h('p', { class: 'refusal', role: 'alert', hidden: true });
  const go = h('button', { class: 'button primary wide' }, 'Sign in');
  const submit = async (event) => {
    event.preventDefault();
    refusal.hidden = true;
    go.disabled = true;
    try {
      await signIn(key.value.trim());
    } catch (error) {
      refusal.textContent = sentenceFor(error);
      refusal.hidden = false;
      go.disabled = false;
      key.focus();
      key.select();
    }
  };
  replace(box, h('main', { class: 'alone' },
    h('form', { class: 'sign-in', onsubmit: submit },
      h('img', { src: '/assets/icon.svg', alt: '', width: 40, height: 40 }),
      h('h1', {}, 'Sign in to Varia'),
      hasEnded && h('p', { class: 'notice', role: 'status' }, 'Your session has ended.'),
      h('label', { class: 'labelled', for: 'key' }, h('span', {}, 'API key')), key,
      h('p', { class: 'quiet', id: 'key-hint' },
        'The browser keeps no key, only a cookie of the session that scripts cannot read.'),
      refusal, go)));
  key.focus();
}

function sentenceFor(error) {
  if (error.status === 401) return 'That is no key of this installation, or it was revoked.';
  if (error.status === 429) return 'Too many tries. Wait a minute, then try again.';
  return error.message;
}
