/* The monotonic clock, for limits and pauses. */
#ifndef COMMON_BASE_CLOCK_H
#define COMMON_BASE_CLOCK_H

/* Milliseconds since some fixed point; never goes back. */
long long clock_ms(void);

/* Sleeps; a signal may end it early. */
void clock_sleep_ms(long long ms);

/* Milliseconds left until deadline (of clock_ms), at least 0, as poll wants them. */
int clock_left_ms(long long deadline);

#endif
