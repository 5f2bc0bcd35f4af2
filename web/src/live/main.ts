// The public page of a lot, kept up to date.
import { Board } from './board';
import { ServerClock, follow } from './stream';

const root = document.querySelector<HTMLElement>('[data-live]');
const events = root?.dataset['events'];
if (root && events) {
  const clock = new ServerClock();
  const board = new Board(root, clock);
  follow(events, clock, (state) => board.show(state), (yes) => board.online(yes));
}
