/* What nstar tells about a transfer, one line each on standard error, and what that makes of its exit status. */
#ifndef NSTAR_REPORT_H
#define NSTAR_REPORT_H

enum {
	STATUS_OK = 0,
	STATUS_CHANGED = 1, /* all is packed, but a file changed meanwhile */
	STATUS_FAILED = 2,  /* an entry or more are missing */

	STATUS_UNABLE = 1 /* nothing was begun */
};

/* "nstar: entry: text". The name is the container's or the archive's, so what a terminal would obey in it is escaped. */
void report_warning(const char *entry, const char *format, ...) __attribute__((format(printf, 2, 3)));
void report_changed(const char *entry, const char *format, ...) __attribute__((format(printf, 2, 3)));
void report_failure(const char *entry, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* The worst that was reported. */
int report_status(void);

/* An errno in the words that nstar has always used. */
const char *report_reason(int number);

/* Ends nstar before it has begun: "text: reason of errno", without the program's name. */
_Noreturn void unable(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
