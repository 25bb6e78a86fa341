// Light or dark: as the system has it, unless somebody chose.

import { h } from './dom.mjs';

const stored = 'varia.theme';
const choices = ['system', 'light', 'dark'];

/** Applies what was chosen before. */
export function applyTheme() {
  const choice = chosen();
  if (choice === 'system') delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = choice;
}

/** The switch: each press goes on to the next of system, light and dark. */
export function themeSwitch() {
  const button = h('button', { type: 'button', class: 'button quiet-button theme' });
  const show = () => {
    button.textContent = `Theme: ${chosen()}`;
  };
  button.addEventListener('click', () => {
    const next = choices[(choices.indexOf(chosen()) + 1) % choices.length];
    keep(next);
    applyTheme();
    show();
    window.dispatchEvent(new Event('themechange'));
  });
  show();
  return button;
}

function chosen() {
  try {
    const choice = localStorage.getItem(stored);
    return choices.includes(choice) ? choice : 'system';
  } catch {
    return 'system';
  }
}

// Without storage the choice is good for this page only.
function keep(choice) {
  try {
    localStorage.setItem(stored, choice);
  } catch {
    document.documentElement.dataset.theme = choice;
  }
}
