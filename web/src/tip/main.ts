// The pages of tips (docs/formats/tips.md): everything that is secret happens on this device. Nothing is kept in its storage.
import { element, say } from '../base/page';
import { back } from './back';
import { desk } from './desk';
import { report } from './report';
import { words } from './words';

const root = document.querySelector<HTMLElement>('[data-tip]');
if (root) {
  const which = root.dataset['tip'];
  if (which !== 'desk') {
    // The library of the lists notes each page's path in the tab; of these pages none may stay.
    const forget = (): void => sessionStorage.clear();
    forget();
    addEventListener('load', forget);
    addEventListener('pagehide', forget);
  }
  if (which === 'report') void report(root).catch(() => root.replaceChildren(element('p', { class: 'error', role: 'alert' }, say(words.failed))));
  if (which === 'back') back(root);
  if (which === 'desk') desk(root, root.dataset['key'] ?? '', root.dataset['csrf'] ?? '');
}
