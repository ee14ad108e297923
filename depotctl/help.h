/* The help texts, made from the tables of verbs and flags. */
#ifndef DEPOTCTL_HELP_H
#define DEPOTCTL_HELP_H

#include "depotctl/verbs.h"

#include <stdio.h>

/* "list [flags]", or "run [flags] HANDLE COMMAND [ARGUMENT...]". */
void help_usage(FILE *out, const struct verb *verb);

/* All about one command, or about all of them if verb is NULL. */
void help_print(const struct verb *verb);

#endif
