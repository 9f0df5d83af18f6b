import type { Clock, Timer } from "../contract/clock.ts";
import type { Connection } from "../transport/connection.ts";

/** How long a closed connection goes on reading once its last words have left, so that no RST takes them back. */
const LINGER_MS = 2000;
/** How long the peer has for reading so much that they can leave. */
export const UNREAD_MS = 30_000;

/** After FIN: calls `over`, once, when nothing more is to be waited for but the peer's own FIN. */
export function linger(connection: Connection, clock: Clock, over: () => void): Timer {
  let waitedMs = 0;
  let timer: Timer;
  const wait = (hasLeft: boolean) => {
    timer = clock.timer(LINGER_MS, () => {
      waitedMs += LINGER_MS;
      if (hasLeft || waitedMs >= UNREAD_MS) over();
      else wait(connection.hasLeft);
    });
  };
  wait(connection.hasLeft);
  return { stop: () => timer.stop() };
}
