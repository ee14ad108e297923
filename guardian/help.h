/* What is printed about the command line. */
#ifndef GUARDIAN_HELP_H
#define GUARDIAN_HELP_H

#include "common/base/text.h"
#include "guardian/flags.h"

/* About the flags that stand before the command. program is argv[0]. */
void help_usage(struct text *text, const char *program);

/* About a command and all of its flags that are not hidden. */
void help_command(struct text *text, const char *program, enum command command);

#endif
