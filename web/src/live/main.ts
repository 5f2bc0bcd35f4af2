// The public page of a lot, kept up to date.
import { Board } from './board';
import { ServerClock, follow } from './stream';

const root = document.querySelector<HTMLElement>('[data-live]');
const events = root?.dataset['events'];
if (root && events) {
  const clock = new ServerClock();
  const board = new Board(root, clock);
  follow(events, clock, (state) => { board.show(state); calls(state.calls ?? 0); }, (yes) => board.online(yes));
}

// Of the host's three calls the next one stands out; an offer begins them anew.
function calls(made: number): void {
  for (const button of document.querySelectorAll<HTMLButtonElement>('[data-host] [data-hotkey]')) {
    const number = Number(button.dataset['hotkey']);
    if (number >= 1) button.classList.toggle('quiet', number !== made + 1);
    if (button.dataset['hotkey'] === 'H') button.classList.toggle('quiet', made < 3);
  }
}
