/* An error on its way up: one sentence that grows a prefix at each level, and a kind for callers that must tell cases
 * apart. Functions above base take a struct error as last argument, fill it and return -1. */
#ifndef COMMON_BASE_ERROR_H
#define COMMON_BASE_ERROR_H

enum error_kind {
	ERROR_OTHER,
	ERROR_BAD_INPUT, /* the caller asked for something that cannot be meant */
	ERROR_UNKNOWN_HANDLE,
	ERROR_UNKNOWN_PROCESS,
	ERROR_IN_USE,               /* the handle, id, stream or container is somebody else's now */
	ERROR_EXECUTABLE_NOT_FOUND, /* the program asked for is not in the container */
	ERROR_TIMEOUT,              /* a wait reached its documented limit */
	ERROR_STATUS_LOST,          /* the process ended and nobody could record how */
};

struct error {
	enum error_kind kind;
	char text[8192];
};

/* Each returns -1, so that `return fail(err, ...)` reads. */
int fail(struct error *err, const char *format, ...) __attribute__((format(printf, 2, 3)));
int fail_kind(struct error *err, enum error_kind kind, const char *format, ...) __attribute__((format(printf, 3, 4)));

/* fail with ": " and the text of errno behind: fail_sys(err, "open %s", path). */
int fail_sys(struct error *err, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Puts "prefix: " before the text that is there; the kind stays. */
int wrap(struct error *err, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* The text of an errno as the API's contract words it: lower case, and the GNU words where musl has others. */
const char *errno_text(int number);

#endif
