/* How the values of flags are read: each function checks the text, and puts what it means where it belongs. */
#ifndef DEPOTCTL_VALUES_H
#define DEPOTCTL_VALUES_H

#include "common/base/error.h"

/* where is a bool, which becomes true; there is no value. */
int take_yes(void *where, const char *value, struct error *err);

/* char *, a copy, which may be empty; and one that may not, and is made absolute. */
int take_text(void *where, const char *value, struct error *err);
int take_path(void *where, const char *value, struct error *err);

/* struct strings, to which the value is added; the second wants NAME=VALUE. */
int take_list(void *where, const char *value, struct error *err);
int take_env(void *where, const char *value, struct error *err);

/* int, from 0 or from 1 on, up to what fits milliseconds in an int. */
int take_seconds(void *where, const char *value, struct error *err);
int take_limit_seconds(void *where, const char *value, struct error *err);

/* uint32_t; uint64_t; and uint64_t bytes, with a K, M, G or T behind the number for powers of 1024. */
int take_u32(void *where, const char *value, struct error *err);
int take_u64(void *where, const char *value, struct error *err);
int take_size(void *where, const char *value, struct error *err);

/* struct container_spec: SOURCE:DESTINATION[:ro|:rw]. */
int take_bind_mount(void *where, const char *value, struct error *err);

/* struct process_spec: COLUMNSxROWS; NAME=NUMBER or NAME=unlimited. */
int take_window(void *where, const char *value, struct error *err);
int take_rlimit(void *where, const char *value, struct error *err);

/* value without a leading slash gets the working directory before it; the caller frees it. */
char *absolute_path(const char *value);

#endif
