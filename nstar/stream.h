/* The archive as bytes: libarchive's callbacks for what comes in and what goes out. Both end with an error as soon as the
 * container is gone: nstar would otherwise keep its mounts busy for as long as the other side takes. */
#ifndef NSTAR_STREAM_H
#define NSTAR_STREAM_H

#include <archive.h>
#include <stdbool.h>
#include <stdint.h>

#define STREAM_BLOCK (256u << 10)

/* A file on its way out, from a position on. */
struct source {
	int fd;
	int64_t at;
	bool over; /* it ended early, or with an error */
	int error; /* or 0 */
};

struct stream {
	int fd;
	int container;    /* readable once it is gone */
	char *block;      /* STREAM_BLOCK bytes: what was read, or */
	size_t held;      /* how much of it waits to be written */
	uint64_t written; /* in all */
	struct source
		*source; /* NULL, or what the bytes to be written are taken from, whatever libarchive hands over */
};

/* As archive_read_callback and archive_write_callback, with a struct stream. */
la_ssize_t stream_read(struct archive *archive, void *stream, const void **block);
la_ssize_t stream_write(struct archive *archive, void *stream, const void *block, size_t len);

/* Writes what is held, after zeros up to a multiple of size. */
int stream_finish(struct archive *archive, struct stream *stream, size_t size);

/* Reads up to the end and drops it, so that whoever writes does not meet a closed pipe. */
void stream_drain(struct stream *stream);

/* What went wrong last in libarchive, with the reason if the system gave one. */
const char *stream_problem(struct archive *archive);

#endif
