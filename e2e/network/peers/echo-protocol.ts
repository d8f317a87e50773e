/** Each message is answered with the same bytes. */
export const ECHO_PROTOCOL = "/infernet/test/echo/1";
