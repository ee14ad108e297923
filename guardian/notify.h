/* Telling systemd how we are: sd_notify(3)'s protocol, without its library. */
#ifndef GUARDIAN_NOTIFY_H
#define GUARDIAN_NOTIFY_H

/* Sends a line such as "READY=1" if somebody listens (NOTIFY_SOCKET); silently nothing else. */
void notify(const char *state);

/* Begins to answer the watchdog at half the time that WATCHDOG_USEC gives, if it is meant for us. */
void notify_watchdog(void);

#endif
