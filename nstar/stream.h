/* The archive as bytes: libarchive's callbacks for what comes in and what goes out. Both end with an error as soon as the
 * container is gone: nstar would otherwise keep its mounts busy for as long as the other side takes. */
#ifndef NSTAR_STREAM_H
#define NSTAR_STREAM_H

#include <archive.h>

#define STREAM_BLOCK (256u << 10)

struct stream {
	int fd;
	int container; /* readable once it is gone */
	char *block;   /* STREAM_BLOCK bytes, for reading */
};

/* As archive_read_callback and archive_write_callback, with a struct stream. */
la_ssize_t stream_read(struct archive *archive, void *stream, const void **block);
la_ssize_t stream_write(struct archive *archive, void *stream, const void *block, size_t len);

/* Reads up to the end and drops it, so that whoever writes does not meet a closed pipe. */
void stream_drain(struct stream *stream);

/* What went wrong last in libarchive, with the reason if the system gave one. */
const char *stream_problem(struct archive *archive);

#endif
