/* For the programs that run while dadoo or nstar is built and print a seccomp filter as a C header, so that libseccomp need not
 * be in what uses it. Whatever fails here ends the program. */
#ifndef COMMON_BASE_FILTER_H
#define COMMON_BASE_FILTER_H

#include <seccomp.h>
#include <stddef.h>
#include <stdint.h>

/* A filter that does otherwise with the calls it does not name. filter_print frees it. */
scmp_filter_ctx filter_begin(uint32_t otherwise);

/* Names calls, and does that with them. What this architecture does not have is ignored. */
void filter_add(scmp_filter_ctx filter, uint32_t action, const int *calls, size_t count);

/* Allows a call where one of its arguments is as given, by SCMP_A0 and its kin. */
void filter_allow_where(scmp_filter_ctx filter, int call, struct scmp_arg_cmp argument);

/* Allows mappings, and changes of them, that are not executable. */
void filter_allow_mappings(scmp_filter_ctx filter);

/* Prints it as `filter`, an array of struct sock_filter. source is the file that made it. */
void filter_print(scmp_filter_ctx filter, const char *source);

#endif
