/* --forget: what run, attach and wait do about a process that has ended, if told to. */
#ifndef DEPOTCTL_FORGET_H
#define DEPOTCTL_FORGET_H

#include "depotctl/flags.h"

/* Removes the process's directory if --forget was given. Returns code, the process's own, or EXIT_OURS when it could not. */
int forget_if_asked(const struct options *options, const char *handle, const char *id, int code);

#endif
