/* Text in double quotes, with Go's escapes: values may be written so on the command line and in the configuration file, and
 * error messages show them so. */
#ifndef GUARDIAN_QUOTE_H
#define GUARDIAN_QUOTE_H

#include "common/base/error.h"

/* The value in quotes; the caller frees it. */
char *quote(const char *value);

/* What a text that begins with a quote stands for; the caller frees it. NULL with err when it is not quoted to its very end,
 * or holds a NUL. */
char *unquote(const char *quoted, struct error *err);

#endif
