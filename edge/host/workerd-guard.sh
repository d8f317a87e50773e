#!/bin/sh
# Runs workerd so that it never outlives the Node process that started it, however that one ends.
#
# Descriptor 3 is a socket to that process, which never writes to it: reading it returns only when it closes, and the
# kernel closes it for a killed process too. The shell itself becomes workerd, so its pid is the one its parent knows.
set -u
echo $$ >"$INFERNET_WORKERD_PID_FILE"
(
  read -r _ <&3
  # A crashed workerd is started again under another pid; the guard of the old one must not kill a stranger.
  [ "$(cat "$INFERNET_WORKERD_PID_FILE")" = "$$" ] && kill -9 $$
) </dev/null >/dev/null 2>&1 &
# Ctrl-C reaches the whole process group; stopping in order is the parent's work.
trap '' INT
exec "$INFERNET_WORKERD" "$@"
