// The dashboard: signs in, and shows the page that the address names.

import { currentSession, onSession, resume } from './api.mjs';
import { h, replace } from './dom.mjs';
import { keepMoments } from './moments.mjs';
import { pageOf } from './pages.mjs';
import { readPlace } from './router.mjs';
import { Shell } from './shell.mjs';
import { showSignIn } from './sign_in.mjs';
import { applyTheme } from './theme.mjs';
import { Visit } from './visit.mjs';

const app = document.getElementById('app');
let shell = null;
let visit = null;
let placeBefore = [];

function sessionChanged(session, hasEnded) {
  visit?.leave();
  visit = null;
  if (session === null) {
    shell = null;
    showSignIn(app, hasEnded);
    return;
  }
  shell = new Shell(session);
  replace(app, shell.element);
  show();
}

async function show() {
  if (currentSession() === null) return;
  visit?.leave();
  document.querySelector('dialog')?.remove();
  const place = readPlace(location.hash);
  const staysOnPage = samePage(place.parts, placeBefore);
  placeBefore = place.parts;
  visit = new Visit(place, shell);
  shell.goTo(place.parts[0] ?? '');
  const box = shell.emptyPage();
  pageOf(place.parts)(visit, box);
  visit.followAnyway();
  settle(box, staysOnPage);
}

// Two parts of one page have the same first words, up to the name of the part.
function samePage(now, before) {
  const words = now[0] === 'variant' ? 5 : now[0] === 'sync' ? 4 : 2;
  return now.length > 0 && before.length > 0
    && now.slice(0, words).join('/') === before.slice(0, words).join('/');
}

// Whoever hears the page or walks through it with the keyboard goes on at its head.
function settle(box, staysOnPage) {
  const target = staysOnPage ? box.querySelector('.tabs [aria-current]') : box.querySelector('h1');
  (target ?? box).focus({ preventScroll: true });
  if (!staysOnPage) window.scrollTo({ top: 0, behavior: 'instant' });
}

function keyPressed(event) {
  const isTyping = event.target.closest?.('input, textarea, select, dialog');
  if (event.key !== '/' || isTyping || event.ctrlKey || event.metaKey || event.altKey) return;
  const field = document.querySelector('[data-search]');
  if (!field) return;
  event.preventDefault();
  field.focus();
}

async function begin() {
  applyTheme();
  keepMoments();
  onSession(sessionChanged);
  window.addEventListener('hashchange', show);
  document.addEventListener('keydown', keyPressed);
  try {
    await resume();
  } catch (error) {
    replace(app, h('main', { class: 'alone' }, h('h1', {}, 'Varia'),
      h('p', { class: 'refusal', role: 'alert' }, error.message),
      h('button', { class: 'button', onclick: () => location.reload() }, 'Try again')));
  }
}

begin();
