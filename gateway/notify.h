/*
 * Tells a service manager that the exchange is ready, or stops: the datagram of sd_notify(3) to the
 * socket that NOTIFY_SOCKET names. Without that variable it does nothing.
 *
 * Threads: any.
 */
#ifndef GATEWAY_NOTIFY_H
#define GATEWAY_NOTIFY_H

/* `state` such as "READY=1" or "STOPPING=1". Failing to tell stops nothing; it never waits. */
void notify_manager(const char *state);

#endif
